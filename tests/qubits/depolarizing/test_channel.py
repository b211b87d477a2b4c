"""The depolarizing channel and its closed forms, against Pauli strings and Qiskit."""

import numpy as np
import pytest
import torch
from qiskit.quantum_info import PTM, DensityMatrix, Kraus, SuperOp, state_fidelity

from qdm_utils.diffusion import survival
from qdm_utils.qubits import (
    density_matrix,
    entropy,
    haar_unitaries,
    purity,
)
from qdm_utils.qubits.depolarizing import (
    apply_kraus,
    depolarize,
    depolarized,
    depolarizing_kraus,
    depolarizing_path,
    holevo_information,
    path_fidelity,
    path_holevo,
    path_purity,
    postselection_law,
    reset_fidelity,
    swap_test_law,
)
from qdm_utils.qubits.depolarizing.qiskit_channels import (
    depolarize_by_qiskit,
    depolarizing_to_qiskit,
    fidelity_by_qiskit,
)
from qdm_utils.qubits.states import (
    fidelity,
    trace_distance,
    uhlmann_fidelity,
)
from tests.qubits.depolarizing.draws import EXACT, MIXED, PSI, RHO, SCHEDULE, overlap, wishart


def test_the_numbers_of_the_specification():
    assert path_fidelity(0.5, 16).item() == 0.53125
    assert reset_fidelity(0.5, 4).item() == 0.625
    assert [x.item() for x in postselection_law(0.5, 16, 4)] == pytest.approx(
        [0.85, 0.625], abs=1e-14
    )
    assert swap_test_law(0.5, 16)[0].item() == pytest.approx(0.6273, abs=5e-5)


@pytest.mark.parametrize("p", [0.0, 0.07, 0.5, 1.0])
def test_one_step_is_the_pauli_channel_and_qiskits(p):
    kraus = depolarizing_kraus(4, p)
    assert (torch.einsum("kji,kjl->il", kraus.conj(), kraus) - torch.eye(16)).abs().max() < 1e-12
    ours = depolarize(RHO, p)
    assert (apply_kraus(kraus, RHO) - ours).abs().max() < 1e-12
    channel = depolarizing_to_qiskit(4, p)
    assert channel.is_cptp()
    for before, after in zip(RHO[:2], ours, strict=False):
        assert abs(DensityMatrix(before.numpy()).evolve(channel).data - after.numpy()).max() < 1e-12
    two = depolarizing_kraus(2, p)
    diagonal = np.diag(PTM(SuperOp(Kraus([k.numpy() for k in two]))).data)
    assert np.allclose(diagonal, [1.0] + [1.0 - p] * 15, atol=1e-12)


def test_second_opinions_by_qiskit_are_those_of_this_package():
    rho, sigma = wishart(2, 4, 8)
    assert abs(depolarize_by_qiskit(rho, 0.3) - depolarize(rho, 0.3).numpy()).max() < 1e-12
    ours = uhlmann_fidelity(rho, sigma).item()
    assert 0.1 < ours < 0.95
    assert fidelity_by_qiskit(rho, sigma) == pytest.approx(ours, **EXACT)
    with pytest.raises(ValueError, match="Argument `sigma` must be a single density matrix"):
        fidelity_by_qiskit(rho, torch.stack([sigma, sigma]))


def test_complete_positivity_ends_at_d2_over_d2_minus_1():
    edge = 16 / 15
    assert (depolarizing_kraus(2, edge)[0] == 0).all()
    assert depolarizing_to_qiskit(2, edge - 1e-9).is_cptp()
    assert not PTM(np.diag([1.0] + [1.0 - edge - 0.01] * 15)).is_cptp()
    with pytest.raises(ValueError, match="Argument `p`"):
        depolarizing_kraus(2, edge + 1e-6)


def test_steps_compose_to_the_closed_form():
    alpha = survival(SCHEDULE)
    assert alpha[0] == 1
    assert alpha[3].item() == pytest.approx(
        np.prod([1 - p for p in SCHEDULE.tolist()[:3]]), abs=1e-14
    )
    path = depolarizing_path(RHO, SCHEDULE)
    assert path.shape == (8, 5, 16, 16)
    for step, a in zip(path, alpha, strict=True):
        assert (step - depolarized(RHO, a)).abs().max() < 1e-12
        assert overlap(PSI, step).numpy() == pytest.approx(path_fidelity(a, 16).item(), **EXACT)
        assert purity(step).numpy() == pytest.approx(path_purity(a, 16).item(), **EXACT)
        assert entropy(step).numpy() == pytest.approx(4 - path_holevo(a, 16).item(), **EXACT)
        assert trace_distance(step, MIXED).numpy() == pytest.approx(a.item() * 15 / 16, **EXACT)
    assert (depolarized(RHO[:, None], alpha) - path.transpose(0, 1)).abs().max() < 1e-12


def test_holevo_information_of_a_basis_is_the_closed_form_and_vanishes_quadratically():
    basis = density_matrix(haar_unitaries(1, 16, seed=3)[0])
    for a in (1.0, 0.6, 0.1, 0.0):
        assert holevo_information(depolarized(basis, a)).item() == pytest.approx(
            path_holevo(a, 16).item(), **EXACT
        )
    for a in (1e-3, 1e-5, 1e-7):
        assert path_holevo(a, 16).item() == pytest.approx(15 * a**2 / (2 * np.log(2)), rel=20 * a)


def test_distances_agree_with_other_ways_to_compute_them():
    a = wishart(4, 8, 5)
    b = wishart(4, 8, 6)
    for x, y, t, f in zip(
        a.numpy(), b.numpy(), trace_distance(a, b), uhlmann_fidelity(a, b), strict=True
    ):
        assert t.item() == pytest.approx(
            0.5 * np.linalg.svd(x - y, compute_uv=False).sum(), **EXACT
        )
        assert f.item() == pytest.approx(
            state_fidelity(DensityMatrix(x), DensityMatrix(y)), **EXACT
        )
        assert f.item() == pytest.approx(np.sqrt(np.linalg.eigvals(x @ y).real).sum() ** 2, **EXACT)
        assert 1 - f.sqrt() <= t <= (1 - f).sqrt()  # Fuchs and van de Graaf
    assert uhlmann_fidelity(a, a).numpy() == pytest.approx(1.0, **EXACT)
    noisy = depolarize(RHO, 0.3)
    assert uhlmann_fidelity(noisy, RHO).numpy() == pytest.approx(
        overlap(PSI, noisy).numpy(), **EXACT
    )
    assert uhlmann_fidelity(RHO[1:], RHO[:-1]).numpy() == pytest.approx(
        fidelity(PSI[1:], PSI[:-1]).numpy(), **EXACT
    )
