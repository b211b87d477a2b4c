"""What circuits can reach: known dimensions of tangent spaces, inversions that can be checked."""

import pytest
import torch

from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits.circuits import (
    ENTANGLERS,
    Ansatz,
    HardwareEfficient,
    best_inversion,
    tangent_dimension,
)
from qdm_utils.qubits.states import average_fidelity, haar_unitaries


def test_tangent_dimensions_of_the_three_entanglers():
    dimensions = [tangent_dimension(Ansatz(4, 6, entangler), seed=1) for entangler in ENTANGLERS]
    assert dimensions == [72, 84, 48]


def test_a_deep_circuit_reaches_every_direction_but_the_global_phase():
    assert tangent_dimension(Ansatz(2, 8), seed=2) == 4**2 - 1
    assert tangent_dimension(HardwareEfficient(1, 4), seed=2) == 3
    # Without entanglers three angles turn each qubit, and the other layers repeat them.
    assert tangent_dimension(Ansatz(2, 0), seed=2) == 6


@pytest.mark.slow
def test_what_a_circuit_can_make_it_can_undo_and_what_it_cannot_it_cannot():
    circuit = Ansatz(2, 3)
    targets = haar_unitaries(2, 4, seed=3)
    reached = best_inversion(circuit, targets, starts=4, iterations=150, seed=1)
    assert reached.shape == (2,)
    assert (reached > 0.999).all()  # fifteen dimensions are all there are
    poor = Ansatz(2, 0)  # without entanglers no Haar gate can be undone
    few = best_inversion(poor, targets, starts=1, iterations=60, seed=1)
    assert (few < 0.95).all()
    local = torch.kron(*haar_unitaries(2, 2, seed=5))[None]
    assert best_inversion(poor, local, 2, 150, seed=1).item() > 0.999


def test_the_best_start_of_each_unitary_counts():
    circuit = Ansatz(2, 1)
    targets = haar_unitaries(3, 4, seed=4)
    # A rate of nearly nothing leaves the starts as they are.
    found = best_inversion(circuit, targets, starts=5, iterations=1, seed=6, rate=1e-12)
    drawn = circuit.unitary(circuit.random_angles(15, seed=6)).view(3, 5, 4, 4)
    expected = average_fidelity(drawn, targets[:, None]).amax(-1)
    assert torch.allclose(found, expected, atol=1e-9)


def test_bad_arguments_are_refused_by_name():
    one = torch.eye(4, dtype=torch.complex128)[None]
    with pytest.raises(ValueError, match=r"Argument `ansatz` must have at most 6 qubits"):
        tangent_dimension(Ansatz(7, 1), 1)
    with pytest.raises(ValueError, match=r"Argument `starts` must be a whole number ≥ 1"):
        best_inversion(Ansatz(2, 1), one, 0, 1, seed=1)
    with pytest.raises(ValueError, match=r"Argument `iterations` must be a whole number ≥ 1"):
        best_inversion(Ansatz(2, 1), one, 1, 0, seed=1)
    with pytest.raises(ValueError, match=r"Argument `scrambler` must be unitary"):
        best_inversion(Ansatz(2, 1), 2 * one, 1, 1, seed=1)
    with pytest.raises(DivergenceError, match="lower the learning rate"):
        best_inversion(Ansatz(2, 1), one, 1, 5, seed=1, rate=1e308)
