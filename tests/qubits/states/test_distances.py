"""Fidelities against Qiskit's and against Haar averages, trace distances against their laws."""

import numpy as np
import pytest
import torch
from qiskit.quantum_info import DensityMatrix, Operator, Statevector, state_fidelity
from qiskit.quantum_info import process_fidelity as qiskit_process_fidelity

from qdm_utils.qubits.states import (
    average_fidelity,
    density_matrix,
    fidelity,
    haar_states,
    haar_unitaries,
    trace_distance,
    uhlmann_fidelity,
    unitary_trace_distance,
)

STATES = haar_states(3, 5, seed=1)


def test_fidelity_is_the_squared_overlap_as_in_qiskit():
    for a, b in zip(STATES, STATES.roll(1, 0), strict=True):
        assert fidelity(a, b).item() == pytest.approx(
            state_fidelity(Statevector(a.numpy()), Statevector(b.numpy())), abs=1e-12
        )
    assert torch.allclose(
        fidelity(STATES, STATES * torch.exp(torch.tensor(0.7j))), torch.ones(3, dtype=torch.float64)
    )
    assert fidelity(STATES[:, None], STATES).shape == (3, 3)


def test_average_fidelity_is_the_mean_over_haar_states_and_follows_qiskits_process_fidelity():
    d, u = haar_unitaries(2, 4, seed=1)
    d = torch.linalg.matrix_exp(0.4 * (d - d.mH)) @ u.mH  # close to the inverse, not equal
    states = haar_states(40000, 2, seed=2)
    sample = fidelity(states @ (d @ u).mT, states)
    exact = average_fidelity(d, u)
    assert abs(sample.mean() - exact) < 4 * sample.std() / 200
    process = qiskit_process_fidelity(Operator((d @ u).numpy()))
    assert exact.item() == pytest.approx((4 * process + 1) / 5, abs=1e-12)
    assert average_fidelity(u.mH, u).item() == pytest.approx(1.0)
    # The trace is cyclic, so either factor may stand first; but neither may be daggered, conjugated
    # or transposed alone.
    a, b, c = haar_unitaries(3, 4, seed=3)
    expected = (abs(np.trace(a.numpy() @ b.numpy())) ** 2 + 4) / 20
    assert average_fidelity(a, b).item() == pytest.approx(expected, abs=1e-12)
    assert average_fidelity(b, a).item() == pytest.approx(expected, abs=1e-12)
    for other in (b.mH, b.conj(), b.mT):
        assert abs(average_fidelity(a, other).item() - expected) > 1e-3
    assert average_fidelity((a @ b).mH, a @ b).item() == pytest.approx(1.0)
    batch = average_fidelity(torch.stack([a, b]), c)
    assert batch.tolist() == pytest.approx(
        [average_fidelity(a, c).item(), average_fidelity(b, c).item()], abs=1e-14
    )


def test_distances_of_pure_states_are_functions_of_their_fidelity():
    a, b = density_matrix(STATES), density_matrix(STATES.roll(1, 0))
    squared = fidelity(STATES, STATES.roll(1, 0))
    assert torch.allclose(trace_distance(a, b), (1 - squared).sqrt(), atol=1e-12)
    assert torch.allclose(uhlmann_fidelity(a, b), squared, atol=1e-12)
    assert unitary_trace_distance(a, b).abs().max() < 1e-12  # a unitary takes any to any other


def test_distances_of_mixed_states_agree_with_qiskit_and_with_spectra():
    states = haar_states(12, 3, seed=4)
    a, b = density_matrix(states).view(2, 6, 8, 8).mean(1)
    expected = state_fidelity(DensityMatrix(a.numpy()), DensityMatrix(b.numpy()))
    assert uhlmann_fidelity(a, b).item() == pytest.approx(expected, abs=1e-9)
    assert trace_distance(a, b).item() == pytest.approx(
        np.linalg.norm((a - b).numpy(), "nuc") / 2, abs=1e-12
    )
    # Diagonal ones in any order: only the ordered spectra count.
    spectra = ([0.1, 0.6, 0.3, 0.0], [0.25, 0.0, 0.25, 0.5])
    mixed = [torch.diag(torch.tensor(p, dtype=torch.complex128)) for p in spectra]
    assert trace_distance(*mixed).item() == pytest.approx(0.65, abs=1e-12)
    assert unitary_trace_distance(*mixed).item() == pytest.approx(0.15, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: fidelity(STATES, haar_states(1, 2, seed=1)),
            r"Argument `others` must have shape \(..., 32\)",
        ),
        (
            lambda: fidelity(STATES, STATES.to(torch.complex64)),
            "Argument `others` must be torch.complex128 like `states`",
        ),
        (
            lambda: average_fidelity(haar_unitaries(1, 4, 1), haar_unitaries(1, 2, 1)),
            "Argument `scrambler` must act on 2 qubits",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
