"""MMD² of measured strings: kernel, unbiased estimates, gradients."""

import numpy as np
import pytest
import torch

from qdm_utils.qubits import Ansatz, haar_states, zero_states
from qdm_utils.qubits.generation import (
    bitstring_gradients,
    bitstring_mmd_squared,
    decay_of_width,
    sampled_mmd_squared,
    strings_needed,
)


def kernel_matrix(n: int, decay: float) -> np.ndarray:
    distance = np.array([[(x ^ y).bit_count() for y in range(2**n)] for x in range(2**n)])
    return decay ** distance.astype(float)


@pytest.mark.parametrize("decay", [0.0, 0.6, decay_of_width(2.0)])
def test_the_discrepancy_is_the_quadratic_form_of_the_kernel(decay):
    states = haar_states(4, 3, seed=1)
    others = haar_states(4, 3, seed=2)
    difference = (states.abs().square() - others.abs().square()).numpy()
    expected = np.einsum("sx,xy,sy->s", difference, kernel_matrix(3, decay), difference)
    assert abs(bitstring_mmd_squared(states, others, decay).numpy() - expected).max() < 1e-14


def test_the_width_is_that_of_a_gaussian_in_the_hamming_distance():
    assert abs(decay_of_width(1.5) ** 3 - np.exp(-3 / (2 * 1.5**2))) < 1e-15


def test_estimates_from_strings_are_unbiased_and_as_wide_as_the_number_of_strings_says():
    p, q = haar_states(2, 3, seed=3).abs().square().numpy()
    for shots in (10, 100):
        values = sampled_mmd_squared(p, q, 0.5, shots, 6000, seed=4)
        exact = (p - q) @ kernel_matrix(3, 0.5) @ (p - q)
        assert abs(values.mean() - exact) < 4 * values.std() / 6000**0.5
        assert abs(strings_needed(p, q, 0.5, values.std()) / shots - 1) < 0.1


def test_gradients_are_those_of_differences():
    circuit = Ansatz(2, 1)
    target = haar_states(1, 2, seed=5)[0]
    slopes = bitstring_gradients(circuit, target, 0.4, 3, seed=6)
    assert slopes.shape == (3, 12)
    assert torch.equal(slopes, bitstring_gradients(circuit, target, 0.4, 3, seed=6))
    from qdm_utils.randomness import spawn

    theta = circuit.random_angles(3, spawn(6, 1)[0])
    value = lambda x: bitstring_mmd_squared(circuit.apply(x, zero_states(1, 2))[:, 0], target, 0.4)  # noqa: E731
    step = torch.zeros(1, 2, 2, 3).double()
    step[0, 1, 0, 1] = 1e-5
    change = (value(theta + step) - value(theta - step)) / 2e-5
    assert abs(change - slopes.view(3, 2, 2, 3)[:, 1, 0, 1]).max() < 1e-8
