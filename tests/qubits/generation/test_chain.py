"""Training a chain: inputs, targets, rates, and what stops it."""

from dataclasses import replace
from math import cos, pi

import numpy as np
import pytest
import torch

from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    TASKS,
    Chain,
    FidelityKernel,
    GenerationConfig,
    MeasuredStep,
    branched_mmd_squared,
    cluster_states,
    overlaps,
    train_chain,
    wasserstein,
)
from qdm_utils.qubits.generation import chain as generation
from qdm_utils.qubits.generation.chain import step_loss
from qdm_utils.qubits.generation.measured_step import select
from qdm_utils.randomness import spawn
from tests.seeds import watch_seeds

FIRST = FidelityKernel()
SECOND = FidelityKernel((1, 2))


def test_without_ancillas_training_leaves_noise_noise():
    config = GenerationConfig(
        MeasuredStep(1, 0, 4), FIRST, iterations=40, rate=0.1, batch=50, inputs=100
    )
    path = TASKS["cluster, 1 qubit"].path(2, seed=1)[::10]
    out = train_chain(config, path, seed=2).generate(
        haar_states(4000, 1, seed=3).view(2, 2000, 2), seed=4
    )[0][0]
    # F of a Haar qubit is uniform: the mean of 2000 has a standard error of 0.0065.
    assert abs(out[..., 0].abs().square().mean(-1) - 0.5).max() < 5 / (12 * 2000) ** 0.5


def test_a_batch_holds_no_input_twice_and_the_rate_falls_to_a_tenth(monkeypatch):
    inputs = []
    rates = []
    step = torch.optim.Adam.step

    def watched_loss(config, theta, states, targets, source):
        inputs.append(states)
        return step_loss(config, theta, states, targets, source)

    def watched_step(self, *args, **kwargs):
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args, **kwargs)

    monkeypatch.setattr(generation, "step_loss", watched_loss)
    monkeypatch.setattr(torch.optim.Adam, "step", watched_step)
    config = GenerationConfig(
        MeasuredStep(2, 1, 1), FIRST, iterations=4, rate=0.1, batch=9, inputs=12
    )
    train_chain(config, haar_states(60, 2, seed=1).view(3, 2, 10, 4), seed=2)
    assert len(inputs) == 8
    for batch in inputs:
        assert batch.shape == (2, 9, 4)
        for states in batch:
            assert (overlaps(states, states) - torch.eye(9)).max() < 1 - 1e-4
    # The same inputs in every update would be no batches; so would the same rows in every step.
    assert not torch.equal(inputs[0], inputs[1])
    assert rates == pytest.approx(2 * [0.1 * (0.55 + 0.45 * cos(pi * k / 4)) for k in range(4)])


def test_transport_takes_twice_as_many_targets_as_inputs_and_each_once(monkeypatch):
    seen = []

    def watched(branches, targets):
        seen.append(targets)
        return wasserstein(branches, targets)

    monkeypatch.setattr(generation, "wasserstein", watched)
    config = GenerationConfig(
        MeasuredStep(1, 1, 1), "wasserstein", batch=4, inputs=4, dtype=torch.float64
    )
    theta = config.step.circuit.random_angles(2, seed=1)
    targets = haar_states(40, 1, seed=2).view(2, 20, 2)
    values = step_loss(
        config,
        theta,
        haar_states(8, 1, seed=3).view(2, 4, 2),
        targets,
        torch.Generator().manual_seed(4),
    )
    assert values.shape == (2,)
    assert [len(each) for each in seen] == [8, 8]
    for run, each in enumerate(seen):
        rows = [(targets[run] == state).all(-1).nonzero().flatten().tolist() for state in each]
        assert all(len(row) == 1 for row in rows)
        assert len({row[0] for row in rows}) == 8


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_what_is_not_finite_stops_the_training_before_it_moves_an_angle(monkeypatch, broken):
    calls = []
    updates = []
    step = torch.optim.Adam.step

    def spoilt(config, theta, states, targets, source):
        calls.append(1)
        found = step_loss(config, theta, states, targets, source)
        if len(calls) < 5:
            return found
        if broken == "loss":
            return found * torch.tensor([1.0, float("nan")])
        return found + (0.0 * theta[1].sum()).sqrt()  # the value is finite, its slope 0/0

    def counted(self, *args, **kwargs):
        updates.append(1)
        return step(self, *args, **kwargs)

    monkeypatch.setattr(generation, "step_loss", spoilt)
    monkeypatch.setattr(torch.optim.Adam, "step", counted)
    config = GenerationConfig(MeasuredStep(1, 1, 1), FIRST, iterations=3, batch=4, inputs=5)
    # Three updates of step 2, then the second of step 1; the second run has the fault.
    with pytest.raises(DivergenceError, match="diverged at update 2 of step 1, draw 1: the loss"):
        train_chain(config, haar_states(60, 1, seed=1).view(3, 2, 10, 2), seed=2)
    assert len(updates) == 4


def test_the_last_step_is_trained_first_on_noise_and_later_ones_start_warm():
    """With a rate of nearly zero the losses are those of the starting angles."""
    config = GenerationConfig(
        MeasuredStep(1, 1, 2),
        FIRST,
        iterations=1,
        rate=1e-9,
        batch=400,
        inputs=400,
        dtype=torch.float64,
    )
    targets = [
        cluster_states(300, 1, 0.05, seed=1),
        haar_states(300, 1, seed=2),
        cluster_states(300, 1, 0.05, seed=3),
    ]
    path = torch.stack(targets).unsqueeze(
        1
    )  # what the first and the last hold cannot be confused with the middle
    chain = train_chain(config, path, seed=5)
    assert torch.allclose(chain.theta[:, 0], chain.theta[:, 1], atol=1e-6)
    cold = train_chain(replace(config, warm=False), path, seed=5)
    assert torch.equal(cold.theta[:, 1], chain.theta[:, 1])
    assert abs(cold.theta[:, 0] - chain.theta[:, 0]).max() > 0.1
    noise = haar_states(400, 1, spawn(5, 3)[1])
    theta = chain.theta[0, 1]
    expected = [
        branched_mmd_squared(chain.step.branches(theta, noise), target, FIRST) for target in targets
    ]
    assert abs(chain.losses[0, 0, 0] - expected[1]) < 1e-6
    assert abs(expected[1] - expected[0]) > 0.05


def test_angles_noise_and_outcomes_come_from_streams_of_their_own(monkeypatch):
    drawn_from = watch_seeds(monkeypatch, generation, "generator", "haar_states")
    config = GenerationConfig(MeasuredStep(1, 1, 1), FIRST, iterations=1, batch=4, inputs=5)
    train_chain(config, haar_states(20, 1, seed=1).view(2, 1, 10, 2), seed=2)
    assert len(drawn_from) == len(set(drawn_from)) == 3


def test_a_step_is_trained_on_what_the_later_one_makes_of_the_noise(monkeypatch):
    inputs = []

    def watched(config, theta, states, targets, source):
        inputs.append(states[0])
        return step_loss(config, theta, states, targets, source)

    monkeypatch.setattr(generation, "step_loss", watched)
    step = MeasuredStep(1, 1, 2)
    config = GenerationConfig(
        step, FIRST, iterations=1, batch=6, inputs=6, dtype=torch.float64, warm=False
    )
    chain = train_chain(config, haar_states(24, 1, seed=1).view(3, 1, 8, 2), seed=5)
    noise, carried = inputs
    branches = step.branches(chain.theta[0, 1], noise)
    after = branches / torch.linalg.vector_norm(branches, dim=-1, keepdim=True)
    # Every carried state is an outcome of one noise state, each of which goes on once.
    agreement = overlaps(carried, after.flatten(0, 1)).view(6, 6, 2).amax(-1) > 1 - 1e-9
    assert torch.equal(agreement.sum(0), torch.ones(6, dtype=torch.int64))
    assert torch.equal(agreement.sum(1), torch.ones(6, dtype=torch.int64))
    assert overlaps(carried, noise).max() < 1 - 1e-6


def test_what_is_generated_passes_the_steps_from_the_last_to_the_first():
    step = MeasuredStep(1, 1, 2)
    theta = step.circuit.random_angles(6, seed=1).view(2, 3, *step.circuit.shape)
    chain = Chain(step, theta, np.zeros((3, 1, 2)))
    noise = haar_states(10, 1, seed=2).view(2, 5, 2)
    path, outcomes = chain.generate(noise, seed=3)
    assert path.shape == (4, 2, 5, 2)
    assert outcomes.shape == (3, 2, 5)
    assert torch.equal(path[3], noise)
    for t in range(3):
        after = select(step.branches(theta[:, t], path[t + 1]), outcomes[t])
        torch.testing.assert_close(path[t], after)
