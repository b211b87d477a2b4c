"""The door of the room: what is no state is refused by every function, what is one passes."""

import numpy as np
import pytest
import torch

from qdm_utils.qubits import brickwork
from qdm_utils.qubits.circuits import Ansatz
from qdm_utils.qubits.scrambling import pauli_otoc, sign_otoc
from qdm_utils.qubits.states import (
    average_fidelity,
    check_unitary,
    density_matrix,
    entanglement_entropy,
    entropy,
    fidelity,
    haar_states,
    haar_unitaries,
    partial_trace,
    product_states,
    pure_state,
    purity,
    qubit_count,
    schmidt_spectrum,
    spectrum_entropy,
    trace_distance,
    uhlmann_fidelity,
    unitary_trace_distance,
)

PSI = haar_states(3, 2, seed=1)
RHO = density_matrix(haar_states(6, 2, seed=2)).view(3, 2, 4, 4).mean(1)
U = haar_unitaries(3, 4, seed=3)
SINGLE = torch.complex64

OF_STATES = {
    "fidelity": lambda psi: fidelity(psi, PSI.to(psi.dtype)),
    "fidelity, second": lambda psi: fidelity(PSI.to(psi.dtype), psi),
    "density_matrix": density_matrix,
    "partial_trace": lambda psi: partial_trace(psi, 0),
    "schmidt_spectrum": lambda psi: schmidt_spectrum(psi, 1),
    "entanglement_entropy": lambda psi: entanglement_entropy(psi, 1),
    "pauli_otoc": lambda psi: pauli_otoc(brickwork(2, 1, seed=1, dtype=psi.dtype), psi[1]),
    "sign_otoc": lambda psi: sign_otoc(brickwork(2, 1, seed=1, dtype=psi.dtype), psi, seed=1),
}
OF_DENSITIES = {"purity": purity, "entropy": entropy}
OF_DOUBLES = {
    "trace_distance": lambda rho: trace_distance(rho, RHO),
    "trace_distance, second": lambda rho: trace_distance(RHO, rho),
    "uhlmann_fidelity": lambda rho: uhlmann_fidelity(rho, RHO),
    "unitary_trace_distance": lambda rho: unitary_trace_distance(RHO, rho),
}
OF_UNITARIES = {
    "average_fidelity": lambda u: average_fidelity(u, U.to(u.dtype)),
    "average_fidelity, second": lambda u: average_fidelity(U.to(u.dtype), u),
    "check_unitary": lambda u: check_unitary("u", u),
}


def by_name(functions: dict):
    return pytest.mark.parametrize("function", functions.values(), ids=functions.keys())


def with_one(values: torch.Tensor, number: complex) -> torch.Tensor:
    """The batch with one number of its second member replaced."""
    changed = values.clone()
    changed[(1,) + (0,) * (values.ndim - 1)] = number
    return changed


@by_name(OF_STATES)
@pytest.mark.parametrize(
    ("bad", "norm"),
    [
        (2 * PSI, "2"),
        (0 * PSI, "0"),
        (PSI * torch.tensor([[1.0], [1.001], [1.0]]), r"1\.001"),
        (with_one(PSI, torch.nan), "nan"),
        (with_one(PSI, torch.inf), "inf"),
        (2 * PSI.to(SINGLE), "2"),
    ],
    ids=["twice", "zero", "one of them", "NaN", "infinite", "single"],
)
def test_states_of_another_norm_are_refused(function, bad, norm):
    with pytest.raises(ValueError, match=rf"^Argument `\w+` must have norm 1 .* got norm {norm}$"):
        function(bad)


@by_name(OF_STATES)
@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_states_pass_also_after_long_circuits_and_with_the_drift_of_single_precision(
    function, dtype
):
    ansatz = Ansatz(2, 40)
    theta = ansatz.random_angles(1, seed=1, dtype=torch.float32)[0]
    long = ansatz.apply(theta, PSI.to(SINGLE))
    for psi in (PSI.to(dtype), product_states(3, 2, 1, dtype), long.to(dtype), 1.00002 * long):
        function(psi)


@by_name(OF_DENSITIES | OF_DOUBLES)
@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (2 * RHO, "have trace 1 .* got trace 2"),
        (with_one(RHO, RHO[1, 0, 0] + 0.01), r"have trace 1 .* got trace 1\.01"),
        (RHO + 0.1j * torch.eye(4), r"be Hermitian .* got max .* = 0\.2"),
        (with_one(RHO, torch.nan), "be Hermitian .* = nan"),
        (2 * RHO - RHO[[1, 2, 0]], r"have no negative eigenvalue, but got -0\.\d"),
    ],
    ids=["twice", "one of them", "not Hermitian", "NaN", "not positive"],
)
def test_what_is_no_density_matrix_is_refused(function, bad, sentence):
    with pytest.raises(ValueError, match=rf"^Argument `\w+` must {sentence}"):
        function(bad)


@by_name(OF_DENSITIES)
def test_density_matrices_of_single_precision_pass_where_digits_are_not_asked_for(function):
    for rho in (RHO, partial_trace(PSI, 0), density_matrix(PSI), 0.25 * torch.eye(4) + 0j):
        assert function(rho.to(SINGLE)).tolist() == pytest.approx(
            function(rho.to(torch.complex128)).tolist(), abs=1e-4
        )


@by_name(OF_DOUBLES)
def test_pure_and_mixed_states_pass_and_single_precision_does_not(function):
    for rho in (RHO, density_matrix(PSI), 0.25 * torch.eye(4, dtype=RHO.dtype)):
        assert torch.isfinite(function(rho)).all()
    with pytest.raises(ValueError, match=r"must be complex128, but got torch\.complex64"):
        function(RHO.to(SINGLE))


@by_name(OF_UNITARIES)
@pytest.mark.parametrize(
    "bad", [2 * U, 1.01 * U, with_one(U, torch.nan), 2 * U.to(SINGLE), 0.99 * U.to(SINGLE)]
)
def test_what_is_not_unitary_is_refused(function, bad):
    with pytest.raises(ValueError, match=r"^Argument `\w+` must be unitary"):
        function(bad)


def test_a_unitary_is_so_to_the_digits_of_its_precision_and_its_rows_are_orthogonal():
    assert check_unitary("u", U) is U
    check_unitary("u", (1 + 1e-6) * U.to(SINGLE))
    skew = U.clone()
    skew[1, 0] = skew[1, 1]  # still of norm 1
    for bad in ((1 + 1e-6) * U, skew, skew.to(SINGLE)):
        with pytest.raises(ValueError, match=r"^Argument `u` must be unitary within .* \|U†U − 1"):
            check_unitary("u", bad)


def test_spectra_that_are_no_probabilities_are_refused():
    p = torch.tensor([[0.5, 0.5], [0.75, 0.25]])
    assert spectrum_entropy(p)[0] == 1.0
    for bad, sentence in [
        (2 * p, "sum to 1 within"),
        (p / 2, "sum to 1 within"),
        (torch.tensor([1.5, -0.5]), "be ≥ 0, but got -0.5"),
        (with_one(p, torch.nan), "be ≥ 0, but got nan"),
        (p.to(SINGLE), "be a tensor of float32 or float64"),
    ]:
        with pytest.raises(ValueError, match=f"^Argument `probabilities` must {sentence}"):
            spectrum_entropy(bad)


def test_the_loop_that_trains_reports_a_divergence_not_the_fidelity():
    """NaN passes if it carries a gradient, for only the loop knows which draw it was."""
    lost = with_one(PSI, torch.nan).requires_grad_()
    assert fidelity(lost, PSI).isnan().tolist() == [False, True, False]
    lost_matrix = with_one(U, torch.nan).requires_grad_()
    assert average_fidelity(lost_matrix, U).isnan().tolist() == [False, True, False]
    with pytest.raises(ValueError, match="must have norm 1"):
        fidelity((2 * PSI).requires_grad_(), PSI)
    with pytest.raises(ValueError, match="must be unitary"):
        average_fidelity((2 * U).requires_grad_(), U)


def test_the_checks_leave_gradients_and_empty_batches_alone():
    psi = PSI.clone().requires_grad_()
    fidelity(psi, PSI.roll(1, 0)).sum().backward()
    overlap = torch.linalg.vecdot(PSI.roll(1, 0), PSI)
    assert torch.allclose(psi.grad, 2 * overlap[:, None] * PSI.roll(1, 0))
    assert fidelity(PSI[:0], PSI[:0]).shape == (0,)
    assert entropy(RHO[:0]).shape == purity(RHO[:0]).shape == (0,)


@pytest.mark.parametrize("size", [0, 1, 3, 6])
def test_only_powers_of_two_above_one_are_amplitudes_of_qubits(size):
    with pytest.raises(ValueError, match=r"^Argument `states` must have 2ⁿ amplitudes along"):
        qubit_count("states", torch.zeros(2, size, dtype=torch.complex128))
    assert qubit_count("states", torch.zeros(2, 8, dtype=torch.complex64)) == 3


def test_numbers_that_somebody_typed_in_become_a_state():
    typed = pure_state([0, 0.6, 0.8j, 0], 2)
    assert typed.dtype == torch.complex128
    assert typed.tolist() == [0, 0.6, 0.8j, 0]
    assert pure_state(np.sqrt([0.5, 0.5]), 1).shape == (2,)
    drawn = haar_states(1, 2, seed=4, dtype=torch.complex64)[0]
    assert torch.equal(pure_state(drawn, 2), drawn.to(torch.complex128))


@pytest.mark.parametrize(
    ("amplitudes", "message"),
    [
        ([1, 0, 0], "`amplitudes` must be 4 numbers, one for each basis state of 2 qubits"),
        ([[1, 0, 0, 0]], "`amplitudes` must be 4 numbers"),
        (np.eye(4), "`amplitudes` must be 4 numbers"),
        ([1, 1, 1, 1], "`amplitudes` must have norm 1 within 0.0001, but got norm 2"),
        ([float("nan"), 0, 0, 0], "`amplitudes` must have norm 1"),
        (["up", 0, 0, 0], "`amplitudes` must be numbers, but got"),
        ([1, [0], 0, 0], "`amplitudes` must be numbers, but got"),
    ],
)
def test_what_is_no_state_is_refused_in_one_sentence(amplitudes, message):
    with pytest.raises(ValueError, match="Argument") as refused:
        pure_state(amplitudes, 2)
    assert message in str(refused.value)
