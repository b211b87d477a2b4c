from dataclasses import fields, replace

import numpy as np
import pytest

from qdm_utils.qubits import DenoiserConfig


def test_the_rate_falls_within_stages_between_them_and_over_the_run():
    # Three factors written out by hand, each alone and then together; stage 2 of 50 epochs starts
    # at epoch 100 of the run.
    within = DenoiserConfig(epochs=50, learning_rate=0.04, decay_epochs=8.0)
    between = DenoiserConfig(epochs=50, learning_rate=0.04, stage_factor=0.5)
    over = DenoiserConfig(epochs=50, learning_rate=0.04, half_life=100.0)
    assert within.rate_at(0, 0) == within.rate_at(3, 0) == 0.04
    assert within.rate_at(0, 8) == pytest.approx(0.04 / np.e)
    assert [between.rate_at(stage, 7) for stage in (0, 1, 2)] == pytest.approx([0.04, 0.02, 0.01])
    assert over.rate_at(0, 49) == pytest.approx(0.04 * 0.5**0.49)
    assert over.rate_at(2, 0) == pytest.approx(0.02)
    assert over.rate_at(2, 50 - 1) == pytest.approx(0.04 * 0.5**1.49)
    together = replace(within, stage_factor=0.5, half_life=100.0, rate="cosine")
    assert together.rate_at(2, 25) == pytest.approx(0.04 * np.exp(-25 / 8) * 0.25 * 0.5**1.25 * 0.5)
    assert replace(within, decay_epochs=None).rate_at(4, 33) == 0.04


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 1}, "Argument `n` must be a whole number ≥ 2"),
        ({"depths": 4}, "Argument `depths` must be a list of depths, but got 4"),
        ({"depths": ()}, "Argument `depths` must name at least one stage"),
        ({"depths": (2, -1)}, "Argument `depths` must be a whole number ≥ 0, but got -1"),
        ({"depths": (4, 2), "nested": True}, "Argument `depths` must rise when nested"),
        ({"epochs": 0}, "Argument `epochs` must be a whole number ≥ 1"),
        ({"seeds": 0}, "Argument `seeds` must be a whole number ≥ 1"),
        ({"learning_rate": 0.0}, "Argument `learning_rate` must be > 0"),
        ({"learning_rate": float("inf")}, "Argument `learning_rate` must be finite"),
        (
            {"cost": "local"},
            "Argument `cost` must be one of global, marginal, average, average local, but got 'loc",
        ),
        ({"states": "cat"}, "Argument `states` must be one of haar, product"),
        ({"start": "zero"}, "Argument `start` must be one of uniform, small, layerwise"),
        ({"decay_epochs": 0.0}, "Argument `decay_epochs` must be > 0, but got 0"),
        ({"decay_epochs": -3}, "Argument `decay_epochs` must be > 0, but got -3"),
        ({"decay_epochs": float("inf")}, "Argument `decay_epochs` must be finite"),
        ({"half_life": 0}, "Argument `half_life` must be > 0"),
        ({"half_life": float("nan")}, "Argument `half_life` must be finite"),
        ({"stage_factor": 0.0}, "Argument `stage_factor` must be > 0"),
        ({"stage_factor": None}, "Argument `stage_factor` must be real numbers"),
        (
            {"stage_factor": 1e-300, "depths": (1, 1, 1)},
            "`stage_factor` must keep the rates of all",
        ),
        ({"stage_factor": 1e300, "depths": (1, 1, 1)}, "`stage_factor` must keep the rates of all"),
        ({"carry_adam": "no"}, "Argument `carry_adam` must be True or False, but got 'no'"),
        ({"nested": 1}, "Argument `nested` must be True or False"),
        ({"seed": -1}, "Argument `seed` must be a whole number ≥ 0, but got -1"),
        ({"seed": 0.5}, "Argument `seed` must be a whole number ≥ 0, but got 0.5"),
        ({"n_eval": 0}, "Argument `n_eval` must be a whole number ≥ 1"),
        ({"eval_every": 0}, "Argument `eval_every` must be a whole number ≥ 1"),
        ({"n_states": 2.0}, "Argument `n_states` must be a whole number ≥ 1, but got 2.0"),
        ({"rate": "step"}, "Argument `rate` must be one of constant, cosine"),
        ({"entangler": "star"}, "Argument `entangler` must be one of"),
        ({"n": 40}, "Argument `n` must leave room in memory, but got 40, at least"),
        ({"n_states": 10**12}, "Argument `n_states` must leave room in memory"),
        ({"n_eval": 10**12}, "Argument `n_eval` must leave room in memory"),
        ({"depths": (2, 10**12, 4)}, "Argument `depths` must leave room in memory"),
        ({"learning_rate": 2e3}, "`learning_rate` must keep the rate ≤ 1000 radians a step, but"),
        (
            {"stage_factor": 1e3, "depths": (1, 1, 1, 1)},
            "`stage_factor` must keep the rate ≤ 1000 radians a step, but got 1000",
        ),
    ],
)
def test_bad_configurations_are_refused_before_anything_runs(change, message):
    with pytest.raises(ValueError, match=message):
        DenoiserConfig(**change)


def test_the_cosine_falls_from_the_whole_rate_to_nearly_none():
    config = DenoiserConfig(epochs=100, learning_rate=0.04, rate="cosine")
    expected = [0.04 * np.cos(np.pi * epoch / 200) ** 2 for epoch in (0, 25, 50, 99)]
    assert [config.rate_at(1, epoch) for epoch in (0, 25, 50, 99)] == pytest.approx(expected)


def test_a_key_tells_configurations_apart_whatever_their_types():
    seeds = np.random.SeedSequence(3).spawn(2)
    one = DenoiserConfig(depths=[1, np.int64(2)], learning_rate=np.float64(0.1), seed=seeds[0])
    same = DenoiserConfig(
        depths=(1, 2), learning_rate=0.1, seed=np.random.SeedSequence(3).spawn(1)[0]
    )
    assert one.key() == same.key()
    assert set(one.key()) == {field.name for field in fields(DenoiserConfig)}
    assert {type(depth) for depth in one.key()["depths"]} == {int}
    assert replace(one, seed=seeds[1]).key() != one.key()
    assert replace(one, depths=(1, 3)).key() != one.key()
