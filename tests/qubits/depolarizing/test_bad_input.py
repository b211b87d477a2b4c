"""What makes no sense is refused by name."""

import pytest
import torch

from qdm_utils.diffusion import linear_schedule, survival
from qdm_utils.qubits import (
    Ansatz,
    density_matrix,
    haar_states,
)
from qdm_utils.qubits.depolarizing import (
    depolarize,
    depolarized,
    depolarizing_path,
    postselect,
    postselection_law,
    reverse_loss,
    single_copy_law,
    subspace_projector,
    train_unitary,
)
from qdm_utils.qubits.states import (
    trace_distance,
    uhlmann_fidelity,
)

PSI = haar_states(5, 4, seed=1)
RHO = density_matrix(PSI)
MIXED = torch.eye(16, dtype=torch.complex128) / 16
OBLIQUE = subspace_projector(4, 1)
OBLIQUE[0, 1] = 1.0  # its square is itself, its adjoint is not


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: survival([0.1, 1.2]), "schedule"),
        (lambda: survival([-0.1]), "schedule"),
        (lambda: survival([float("nan")]), "schedule"),
        (lambda: survival([]), "schedule"),
        (lambda: survival(0.5), "schedule"),
        (lambda: linear_schedule(0, 0.1, 0.2), "steps"),
        (lambda: linear_schedule(3, 0.1, 1.1), "last"),
        (lambda: depolarizing_path(RHO, torch.empty(0)), "schedule"),
        (lambda: depolarize(RHO, -0.1), "p"),
        (lambda: depolarized(RHO, 1.1), "alpha"),
        (lambda: depolarize(2 * RHO, 0.1), "rho"),
        (lambda: depolarize(RHO * 1j, 0.1), "rho"),
        (lambda: depolarize(PSI, 0.1), "rho"),
        (lambda: depolarized(1.01 * RHO, 0.1), "rho"),
        (
            lambda: uhlmann_fidelity(
                MIXED, torch.diag(torch.tensor([2.0, -1.0] + [0.0] * 14) + 0j).to(MIXED.dtype)
            ),
            "sigma",
        ),
        (
            lambda: trace_distance(
                MIXED, depolarized(density_matrix(haar_states(1, 2, seed=1))[0], 0.5)
            ),
            "sigma",
        ),
        (lambda: postselect(MIXED, 0.5 * subspace_projector(4, 2)), "projector"),
        (lambda: postselect(MIXED, subspace_projector(3, 2)), "projector"),
        (lambda: postselect(MIXED, subspace_projector(4, 2).to(torch.complex64)), "projector"),
        (lambda: postselect(MIXED, OBLIQUE), "projector"),
        (lambda: subspace_projector(2, 5), "r"),
        (lambda: postselection_law(0.5, 4, 8), "r"),
        (lambda: single_copy_law(torch.zeros(1, 4, 4, dtype=torch.complex128), 0.5), "kraus"),
        (lambda: reverse_loss(MIXED, MIXED, "fidelity"), "loss"),
        (lambda: train_unitary(Ansatz(3, 1), RHO, RHO, "infidelity", 1, 0.1, 1, 1), "noisy"),
        (lambda: train_unitary(Ansatz(4, 1), MIXED, RHO, "infidelity", 1, 0.1, 1, 1), "noisy"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"^Argument `{name}` must"):
        call()


def test_an_impossible_postselection_is_refused_by_name():
    last = torch.zeros(16, 16, dtype=torch.complex128)
    last[-1, -1] = 1.0
    with pytest.raises(
        ValueError, match=r"^Argument `projector` must leave a probability > 0.* but got 0$"
    ):
        postselect(last, subspace_projector(4, 4))
    with pytest.raises(ValueError, match="impossible"):  # nor may one of several be
        postselect(torch.stack((MIXED, last)), subspace_projector(4, 4))
    assert postselect(depolarize(last, 1e-6), subspace_projector(4, 4))[1].item() == pytest.approx(
        1e-6 / 4
    )
