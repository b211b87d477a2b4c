import pytest
import torch

from qdm_utils.qubits import (
    density_matrix,
    haar_states,
)
from qdm_utils.qubits.portraits import (
    modulus_correlation,
    modulus_spread,
    phase_error,
)


def test_moduli_and_phases_are_told_apart():
    psi = haar_states(1, 4, seed=13)[0]
    angles = torch.linspace(0, 3, 16, dtype=torch.float64)
    turned = psi * torch.polar(torch.ones(16, dtype=torch.float64), angles)
    rho, other = density_matrix(turned), density_matrix(psi)
    assert modulus_correlation(rho, other).item() == pytest.approx(1.0)
    i, j = torch.triu_indices(16, 16, 1)
    expected = (angles[i] - angles[j]).abs()
    assert phase_error(rho, other).item() == pytest.approx(expected.mean().item())
    weight = (psi[i] * psi[j]).abs().square()
    assert phase_error(rho, other, weighted=True).item() == pytest.approx(
        (expected * weight).sum().item() / weight.sum().item()
    )
    flat = psi / psi.abs() / 4
    assert modulus_spread(density_matrix(flat)).item() == pytest.approx(0.0, abs=1e-12)
    assert phase_error(density_matrix(flat), other).item() == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: modulus_correlation(torch.eye(2) + 0j, torch.eye(4) + 0j),
            "`original` must have shape (..., 2, 2)",
        ),
        (
            lambda: modulus_correlation(torch.eye(2) + 0j, torch.eye(2) * torch.nan + 0j),
            "`original` must be finite",
        ),
        (lambda: phase_error(torch.ones(2, 4) + 0j, torch.eye(4) + 0j), "`rho` must have shape"),
        (lambda: modulus_spread(torch.eye(2) * torch.nan + 0j), "`rho` must be finite"),
        (lambda: modulus_spread(torch.empty(0, 2, 2) + 0j), "`rho` must hold at least one matrix"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match="Argument") as refused:
        call()
    assert message in str(refused.value)
