"""Discrepancies of bitstrings, the classical network and the search for inversions."""

import numpy as np
import pytest
import torch

from qdm_utils.qubits import Ansatz, haar_states, haar_unitaries, zero_states
from qdm_utils.qubits.circuits import best_inversion
from qdm_utils.qubits.generation import (
    AmplitudeNetwork,
    FidelityKernel,
    bitstring_gradients,
    bitstring_mmd_squared,
    cluster_states,
    decay_of_width,
    mmd_squared,
    sampled_mmd_squared,
    strings_needed,
    train_network,
)


def kernel_matrix(n: int, decay: float) -> np.ndarray:
    distance = np.array([[(x ^ y).bit_count() for y in range(2**n)] for x in range(2**n)])
    return decay ** distance.astype(float)


@pytest.mark.parametrize("decay", [0.0, 0.6, decay_of_width(2.0)])
def test_the_discrepancy_is_the_quadratic_form_of_the_kernel(decay):
    states, others = haar_states(4, 3, seed=1), haar_states(4, 3, seed=2)
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
    circuit, target = Ansatz(2, 1), haar_states(1, 2, seed=5)[0]
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


def test_the_network_counts_its_numbers_gives_states_and_learns():
    network = AmplitudeNetwork(1, 3, 6)
    assert network.parameter_count == 4 * 6 + 7 * 4
    data = torch.stack([cluster_states(60, 1, 0.1, seed=k) for k in range(2)])
    trained = train_network(network, data, FidelityKernel(), 150, seed=1)
    assert trained.shape == (2, network.parameter_count)
    noise = torch.randn(2, 300, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    states = network.apply(trained, noise)
    assert abs(torch.linalg.vector_norm(states, dim=-1) - 1).max() < 1e-12
    assert (mmd_squared(states, data, FidelityKernel()) < 0.02).all()
    by_hand = torch.cat((noise[0, 0], torch.ones(1).double()))
    first, second = trained[0, :24].view(4, 6), trained[0, 24:].view(7, 4)
    output = torch.cat(((by_hand @ first).tanh(), torch.ones(1).double())) @ second
    amplitudes = torch.complex(output[::2], output[1::2])
    assert abs(states[0, 0] - amplitudes / amplitudes.norm()).max() < 1e-12


def test_every_update_of_the_network_draws_noise_of_its_own(monkeypatch):
    drawn, apply = [], AmplitudeNetwork.apply

    def watched(self, weights, noise):
        drawn.append(noise)
        return apply(self, weights, noise)

    monkeypatch.setattr(AmplitudeNetwork, "apply", watched)
    data = torch.stack([cluster_states(5, 1, 0.1, seed=k) for k in range(2)])
    train_network(AmplitudeNetwork(1, 2, 3), data, FidelityKernel(), 4, seed=1, batch=6)
    assert [tuple(each.shape) for each in drawn] == [(2, 6, 2)] * 4
    assert len(torch.stack(drawn).unique()) == 4 * 2 * 6 * 2


def test_an_inversion_is_found_where_there_is_one_and_is_the_best_possible_where_there_is_none():
    unitaries = haar_unitaries(2, 4, seed=1)  # three CNOTs with rotations reach all of SU(4)
    assert (best_inversion(Ansatz(2, 3), unitaries, 8, 150, seed=2) > 0.999).all()
    # With exp(i Σ c_k σ_k⊗σ_k) between rotations, |Tr|² = 16 Π cos² Δc_k: k CNOTs have k of the c
    # at π/4 less than SWAP has.
    one = torch.eye(4, dtype=torch.complex128)
    swap, cnot = one[[0, 2, 1, 3]], one[[0, 1, 3, 2]]
    targets = torch.stack([swap, cnot, one])
    assert best_inversion(Ansatz(2, 1), targets, 8, 150, seed=2).tolist() == pytest.approx(
        [0.4, 1.0, 0.6], abs=1e-3
    )
    assert best_inversion(Ansatz(2, 2), targets[:1], 8, 150, seed=2).tolist() == pytest.approx(
        [0.6], abs=1e-3
    )
