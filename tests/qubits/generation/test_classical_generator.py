"""The classical network: numbers, states, learning, fresh noise."""

from math import cos, pi

import pytest
import torch

from qdm_utils.qubits.generation import (
    AmplitudeNetwork,
    FidelityKernel,
    classical_generator,
    cluster_states,
    mmd_squared,
    train_network,
)
from qdm_utils.randomness import generator, spawn
from tests.seeds import watch_seeds


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
    first = trained[0, :24].view(4, 6)
    second = trained[0, 24:].view(7, 4)
    output = torch.cat(((by_hand @ first).tanh(), torch.ones(1).double())) @ second
    amplitudes = torch.complex(output[::2], output[1::2])
    assert abs(states[0, 0] - amplitudes / amplitudes.norm()).max() < 1e-12


def test_every_update_of_the_network_draws_noise_of_its_own(monkeypatch):
    drawn = []
    first = []
    apply = AmplitudeNetwork.apply

    def watched(self, weights, noise):
        drawn.append(noise)
        first.append(weights.detach().clone())
        return apply(self, weights, noise)

    monkeypatch.setattr(AmplitudeNetwork, "apply", watched)
    data = torch.stack([cluster_states(5, 1, 0.1, seed=k) for k in range(2)])
    train_network(AmplitudeNetwork(1, 2, 3), data, FidelityKernel(), 4, seed=1, batch=6)
    assert [tuple(each.shape) for each in drawn] == [(2, 6, 2)] * 4
    assert len(torch.stack(drawn).unique()) == 4 * 2 * 6 * 2
    normal = torch.randn(2, 25, generator=generator(spawn(1, 2)[0]), dtype=torch.float64)
    assert torch.equal(first[0], 0.5 * normal)


def test_the_rate_of_the_network_falls_to_a_tenth(monkeypatch):
    rates = []
    step = torch.optim.Adam.step

    def watched(self, *args, **kwargs):
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    data = cluster_states(5, 1, 0.1, seed=1)[None]
    train_network(AmplitudeNetwork(1, 2, 3), data, FidelityKernel(), 4, 1, rate=0.1, batch=6)
    assert rates == pytest.approx([0.1 * (0.55 + 0.45 * cos(pi * k / 4)) for k in range(4)])


def test_first_weights_and_noise_come_from_streams_of_their_own(monkeypatch):
    drawn_from = watch_seeds(monkeypatch, classical_generator, "generator")
    data = cluster_states(5, 1, 0.1, seed=1)[None]
    train_network(AmplitudeNetwork(1, 2, 3), data, FidelityKernel(), 1, seed=1, batch=6)
    assert len(drawn_from) == len(set(drawn_from)) == 2
