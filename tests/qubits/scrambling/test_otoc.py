"""Correlators of single circuits against their definition by matrices."""

from itertools import product

import numpy as np
import pytest
import torch

from qdm_utils.qubits.circuits import brickwork
from qdm_utils.qubits.scrambling import (
    circuit_correlators,
    circuit_otoc,
    otoc,
    otoc_exact,
    pauli_otoc,
    sampled_otoc,
    sign_otoc,
)
from qdm_utils.qubits.states import haar_states
from tests.seeds import watch_seeds

PAULIS = torch.tensor(
    [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=torch.complex128
)


def pauli_on(sigma: torch.Tensor, site: int, n: int) -> torch.Tensor:
    one = torch.eye(2, dtype=torch.complex128)
    matrix = torch.eye(1, dtype=torch.complex128)
    for qubit in range(n):
        matrix = torch.kron(matrix, sigma if qubit == site else one)
    return matrix


def otoc_by_definition(u: torch.Tensor, n: int) -> torch.Tensor:
    """Re Tr[W(t)VW(t)V]/2ⁿ from matrices, for all pairs of Paulis, shape (n, 3, n, 3)."""
    found = torch.zeros(n, 3, n, 3, dtype=torch.float64)
    for i, a, j, b in product(range(n), range(3), range(n), range(3)):
        w, v = u.mH @ pauli_on(PAULIS[a], i, n) @ u, pauli_on(PAULIS[b], j, n)
        found[i, a, j, b] = torch.trace(w @ v @ w @ v).real / 2**n
    return found


@pytest.mark.slow
def test_the_otoc_of_one_circuit_by_its_definition():
    circuit = brickwork(4, 5, seed=1)
    expected = otoc_by_definition(circuit.unitary(), 4)
    assert (circuit_otoc(circuit) - (1 - expected[0].mean((0, 2))[1:])).abs().max() < 1e-12
    # The average over all basis states of a design is the trace; Haar states approach it.
    estimates = torch.stack([pauli_otoc(circuit, state) for state in haar_states(300, 4, seed=2)])
    score = (estimates.mean(0) - expected) / (estimates.std(0) / 300**0.5 + 1e-12)
    assert score.abs().max() < 4.5
    assert 0.8 < score.std() < 1.2
    trace = sum(pauli_otoc(circuit, state) for state in torch.eye(16, dtype=torch.complex128)) / 16
    assert (trace - expected).abs().max() < 1e-12


def test_correlators_of_single_circuits_by_their_definition():
    batch = brickwork(3, 4, seed=8, count=2)
    found = circuit_correlators(batch)
    assert found.shape == (2, 3, 3, 3, 3)
    for one, u in zip(found, batch.unitary(), strict=True):
        assert (one - otoc_by_definition(u, 3)).abs().max() < 1e-12
    # Site 0 has the first axis, and the mean over Paulis is what `circuit_otoc` returns.
    assert (1 - found[:, 0].mean((1, 3))[:, 1:] - circuit_otoc(batch)).abs().max() < 1e-12


def test_random_signs_are_unbiased_for_every_circuit():
    circuit = brickwork(5, 6, seed=3)
    estimates = sign_otoc(circuit, haar_states(4000, 5, seed=4), seed=5)
    exact = circuit_otoc(circuit).mean()
    assert (estimates.mean() - exact).abs() < 4 * estimates.std() / 4000**0.5
    assert estimates.std() < 0.5
    # Nothing has spread before the first gate: only the noise of the cross terms is left.
    still = sign_otoc(brickwork(5, 0, seed=1), haar_states(4000, 5, seed=4), seed=6)
    assert still.mean().abs() < 4 * still.std() / 4000**0.5


@pytest.mark.parametrize(
    ("n", "depth", "count"),
    [
        (4, 4, 600),
        pytest.param(7, 9, 100, marks=pytest.mark.slow),
        pytest.param(9, 11, 40, marks=pytest.mark.slow),
    ],
)
def test_sampled_curves_agree_with_the_chain_and_with_themselves(n, depth, count):
    values = sampled_otoc(n, depth, count, seed=7)
    assert values.shape == (count,)
    assert abs(values.mean() - otoc_exact(n, depth).mean()) < 4 * values.std(ddof=1) / count**0.5
    assert np.array_equal(values, sampled_otoc(n, depth, count, seed=7))
    assert len(np.unique(values)) == count


@pytest.mark.slow
@pytest.mark.parametrize(("n", "count", "seeds"), [(8, 65, 2), (9, 2, 6)])
def test_every_batch_and_each_thing_it_draws_has_a_stream_of_its_own(monkeypatch, n, count, seeds):
    """64 circuits of 8 qubits are a batch; of 9 qubits one, with a state and signs."""
    drawn_from = watch_seeds(monkeypatch, otoc, "brickwork", "haar_states", "sign_otoc")
    assert sampled_otoc(n, 0, count, seed=1).shape == (count,)
    assert len(drawn_from) == len(set(drawn_from)) == seeds


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sampled_otoc(4, 3, 0, 1), "Argument `count` must be a whole number ≥ 1"),
        (
            lambda: circuit_otoc(brickwork(11, 1, 1)),
            "Argument `circuit` must have at most 10 qubits",
        ),
        (
            lambda: pauli_otoc(brickwork(3, 1, 1), haar_states(1, 3, 1)),
            r"Argument `state` must have shape \(8,\)",
        ),
        (
            lambda: sign_otoc(brickwork(3, 1, 1), haar_states(1, 3, 1)[0], 1),
            r"Argument `states` must have shape \(B, 8\)",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
