import numpy as np
import pytest
import torch
from qiskit.quantum_info import partial_trace, state_fidelity

from qdm_utils.qubits import (
    Ansatz,
    brickwork,
    haar_states,
    marginal_fidelity,
    product_fidelity,
    product_states,
    single_qubit_marginals,
)
from qdm_utils.qubits.states import fidelity


@pytest.mark.parametrize("n", [2, 4])
def test_marginal_fidelity_is_that_of_qiskit(n):
    states, targets = (
        haar_states(6, n, seed=1),
        torch.cat([haar_states(3, n, seed=2), product_states(3, n, seed=3)]),
    )
    found = marginal_fidelity(states, targets)
    for value, state, target in zip(found, states, targets, strict=True):
        # Qiskit counts qubits from the least significant bit.
        pairs = [
            [partial_trace(x.numpy(), [k for k in range(n) if k != q]) for x in (state, target)]
            for q in range(n)
        ]
        assert value.item() == pytest.approx(
            np.mean([state_fidelity(*pair) for pair in pairs]), abs=1e-7
        )
    reduced = single_qubit_marginals(states)[2, 0].numpy()
    assert abs(reduced - partial_trace(states[2].numpy(), list(range(n - 1))).data).max() < 1e-12
    assert (marginal_fidelity(states, states) - 1).abs().max() < 1e-12


def test_marginals_do_not_see_the_whole():
    cats = torch.zeros(2, 16, dtype=torch.complex128)
    cats[:, 0], cats[0, -1], cats[1, -1] = 0.5**0.5, 0.5**0.5, -(0.5**0.5)
    assert fidelity(*cats) == 0.0
    assert marginal_fidelity(*cats).item() == pytest.approx(1.0, abs=1e-12)


def test_a_pure_marginal_has_a_finite_derivative():
    states = product_states(2, 3, seed=1).requires_grad_()
    marginal_fidelity(states, product_states(2, 3, seed=2)).sum().backward()
    assert torch.isfinite(torch.view_as_real(states.grad)).all()


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_product_cost_is_the_mean_over_sampled_product_states(n):
    denoiser = Ansatz(n, 2, "brick").unitary(Ansatz(n, 2, "brick").random_angles(1, seed=1)[0])
    scrambler = brickwork(n, 1, seed=2).unitary()
    inputs = product_states(20000, n, seed=3)
    sample = marginal_fidelity(inputs @ (denoiser @ scrambler).mT, inputs)
    exact = product_fidelity(denoiser, scrambler)
    assert abs(sample.mean() - exact) < 4 * sample.std() / 20000**0.5
    assert (
        abs(sample.mean() - product_fidelity(scrambler, denoiser)) > 4 * sample.std() / 20000**0.5
    )
    assert product_fidelity(scrambler.mH, scrambler).item() == pytest.approx(1.0, abs=1e-12)
    flip = torch.tensor([[0, 1], [-1, 0]], dtype=torch.complex128)
    last = torch.kron(
        torch.eye(2 ** (n - 1), dtype=flip.dtype), flip
    )  # Y on the last qubit: fidelity 1/3 there, 1 elsewhere
    assert product_fidelity(last, torch.eye(2**n, dtype=flip.dtype)).item() == pytest.approx(
        1 - 2 / (3 * n), abs=1e-12
    )


STATE = haar_states(1, 3, seed=1)
UNITARY = torch.eye(8, dtype=torch.complex128)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: marginal_fidelity(STATE, haar_states(1, 4, seed=1)),
            r"Argument `targets` must have shape \(..., 8\), but got shape \(1, 16\)",
        ),
        (
            lambda: marginal_fidelity(STATE, STATE.to(torch.complex64)),
            "Argument `targets` must be torch.complex128",
        ),
        (lambda: marginal_fidelity(STATE, STATE * np.nan), "Argument `targets` must have norm 1"),
        (lambda: single_qubit_marginals(STATE * 2), "Argument `states` must have norm 1"),
        (lambda: single_qubit_marginals(STATE.real), "Argument `states` must be complex64 or"),
        (
            lambda: product_fidelity(UNITARY, torch.eye(4) + 0j),
            "Argument `scrambler` must act on 3 qubits",
        ),
        (
            lambda: product_fidelity(UNITARY, UNITARY.to(torch.complex64)),
            "Argument `scrambler` must be torch.complex128",
        ),
        (
            lambda: product_fidelity(UNITARY, UNITARY * np.nan),
            "Argument `scrambler` must be unitary",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
