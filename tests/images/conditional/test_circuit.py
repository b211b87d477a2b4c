"""The circuit, its matrices and its two outcomes."""

import numpy as np
import pytest
import torch

from qdm_utils.images.conditional import (
    ConditionalCircuit,
    Kraus,
    TrainingPlan,
    branches,
    take_step,
)
from qdm_utils.qubits import haar_states
from qdm_utils.randomness import generator

SHALLOW = ConditionalCircuit(layers=(3, 3, 3))


def test_the_published_model_has_1110_angles():
    circuit = ConditionalCircuit()
    assert circuit.parameter_count == 1110
    assert [block.parameter_count for block in circuit.blocks] == [315, 480, 315]
    assert [block.n for block in circuit.blocks] == [7, 8, 7]
    angles = circuit.random_angles(2, 0)
    assert angles.shape == (2, 1110)
    assert angles.min() >= 0
    assert 2 * np.pi - 0.02 < angles.max() < 2 * np.pi
    assert ConditionalCircuit(clock=8).parameter_count == TrainingPlan().parameter_count == 1110
    assert TrainingPlan(per_step=True).parameter_count == 8880


@pytest.mark.parametrize("clock", [0, 4])
def test_the_matrices_are_the_circuit_with_its_projections(clock):
    """Against vectors of 7 and 8 qubits, label and ancilla written out."""
    circuit = ConditionalCircuit(layers=(2, 3, 2), clock=clock)
    theta = circuit.random_angles(1, 3).double()
    kraus = circuit.kraus(theta)
    pieces = theta[0].split([block.parameter_count for block in circuit.blocks])
    u1, u2, u3 = (
        block.unitary(piece.view(block.shape))
        for block, piece in zip(circuit.blocks, pieces, strict=True)
    )
    x = haar_states(1, 3, seed=2)[0]
    after, chance, found = branches(kraus, x.expand(1, 1, 10, 1, 8))
    for t in range(max(clock, 1)):
        angle = np.pi / 2 * (t + 1) / clock if clock else 0.0
        ancilla = torch.tensor([np.cos(angle), np.sin(angle)], dtype=torch.complex128)
        for label in (0, 3, 9):
            start = torch.kron(torch.eye(16, dtype=torch.complex128)[label], x)
            both = (u2 @ torch.kron(u1 @ start, ancilla)).view(128, 2)
            for outcome in (0, 1):
                left = both[:, outcome]
                kept = (u3 @ left).view(16, 8)[label]
                p = left.abs().square().sum()
                assert torch.allclose(chance[0, t, label, outcome, 0], p)
                assert torch.allclose(found[0, t, label, outcome, 0], kept.abs().square().sum() / p)
                assert torch.allclose(after[0, t, label, outcome, 0], kept / kept.norm())


def test_outcomes_come_with_their_probabilities():
    kraus = SHALLOW.kraus(SHALLOW.random_angles(1, 4))
    states = haar_states(1, 3, seed=5, dtype=torch.complex64).expand(1, 1, 10, 4000, 8)
    after, chance, label = branches(kraus, states)
    assert torch.allclose(chance.sum(-2), torch.ones(1, 1, 10, 4000), atol=1e-5)
    taken, outcomes, found = take_step(kraus, states, generator(6))
    assert (outcomes.float().mean(-1) - chance[..., 1, 0]).abs().max() < 4 * 0.5 / 4000**0.5
    for k in (0, 1, 2, 3999):
        m = outcomes[0, 0, 7, k]
        assert torch.equal(taken[0, 0, 7, k], after[0, 0, 7, m, k])
        assert found[0, 0, 7, k] == label[0, 0, 7, m, k]


def test_branches_of_a_step_are_normalised_and_share_their_probability():
    """Two outcomes, 0.36 and 0.64, the label found for certain."""
    maps = (
        torch.stack((0.6 * torch.eye(8), 0.8 * torch.eye(8)))
        .to(torch.complex64)
        .expand(1, 1, 10, 2, 8, 8)
    )
    after, chance, label = branches(
        Kraus(maps, maps @ maps.mH), haar_states(3, 3, 1, torch.complex64).expand(1, 1, 10, 3, 8)
    )
    assert torch.allclose(chance[0, 0, 0, :, 0], torch.tensor([0.36, 0.64]))
    assert torch.allclose(label, torch.ones_like(label), atol=1e-5)
    assert torch.allclose(after[..., 0, :, :], after[..., 1, :, :], atol=1e-6)


@pytest.mark.parametrize("eighths", [1, 3, 8])
def test_of_equally_spaced_draws_outcome_0_has_its_exact_share(monkeypatch, eighths):
    """A draw from [0, 1) lies below p in the share p of all cases, so a draw of p itself does not:
    with p = 1 the other outcome, which is impossible, never comes.
    """
    draws = torch.arange(8) / 8
    monkeypatch.setattr(torch, "rand", lambda shape, generator: draws.expand(shape))
    weights = torch.tensor([eighths / 8, 1 - eighths / 8])[:, None, None] * torch.eye(8)
    kraus = Kraus(weights.sqrt().to(torch.complex64).expand(1, 1, 10, 2, 8, 8), weights + 0j)
    state = torch.eye(8, dtype=torch.complex64)[0].expand(1, 1, 10, 8, 8)
    outcomes = take_step(kraus, state, generator(1))[1]
    assert torch.equal(outcomes, (torch.arange(8) >= eighths).long().expand(1, 1, 10, 8))
