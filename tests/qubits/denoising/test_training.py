from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits import (
    DenoiserConfig,
    average_fidelity,
    brickwork,
    haar_states,
    no_free_lunch_bound,
    train_denoiser,
)
from qdm_utils.qubits.denoising import (
    PER_SEED,
    TrainingRecord,
    join_records,
    product_fidelity,
    training,
)
from qdm_utils.qubits.states import fidelity
from qdm_utils.randomness import spawn

SHORT = DenoiserConfig(depths=(2, 12), epochs=40, seeds=24, seed=1)


@pytest.fixture(scope="module")
def record():
    return train_denoiser(SHORT)


def test_training_starts_at_chance_in_every_stage_and_climbs(record):
    assert record.train_fidelity.shape == (24, 80)
    assert record.stage.tolist() == [0] * 40 + [1] * 40
    first = record.first()
    assert np.abs(first.mean(0) - 1 / 16).max() < 4 * first.std(0).max() / 24**0.5
    # Paired over the runs; in three seeds of this configuration the gain is 40 to 70 standard errors.
    gain = record.last() - first
    assert (gain.mean(0) > 10 * gain.std(0) / 24**0.5).all()
    assert np.allclose(record.loss, 1 - record.train_fidelity, atol=1e-6)


def test_evaluation_on_another_scrambler_is_exactly_chance_and_on_the_same_one_is_not(record):
    other = record.last("fresh_fidelity").mean(1)
    assert abs(other.mean() - 1 / 16) < 4 * other.std() / 24**0.5
    same, exact = record.last("eval_fidelity")[:, 1], record.last("average_fidelity")[:, 1]
    assert exact.mean() > 1 / 16 + 4 * exact.std() / 24**0.5
    assert abs((same - exact).mean()) < 4 * (same - exact).std() / 24**0.5
    # What was trained on comes out better than what was held out, run by run.
    gap = record.last()[:, 1] - same
    assert gap.mean() > 10 * gap.std() / 24**0.5


def test_first_last_and_best_are_read_off_each_stage():
    # Two runs of two stages of three epochs; the best lies first, in the middle and last, and two looks are left out.
    values = np.array([[0.9, 0.1, 0.3, 0.2, 0.8, 0.4], [0.1, np.nan, 0.6, 0.5, np.nan, 0.2]])
    config = DenoiserConfig(n=2, layers=1, depths=(1, 2), epochs=3, seeds=2)
    other = dict.fromkeys(set(PER_SEED) - {"eval_fidelity"}, np.zeros((2, 6)))
    record = TrainingRecord(config, eval_fidelity=values, stage=np.repeat([0, 1], 3), **other)
    assert record.first("eval_fidelity").tolist() == [[0.9, 0.2], [0.1, 0.5]]
    assert record.last("eval_fidelity").tolist() == [[0.3, 0.4], [0.6, 0.2]]
    assert record.best("eval_fidelity").tolist() == [[0.9, 0.8], [0.6, 0.5]]
    assert not record.best().any()


def watched_training(config, monkeypatch):
    """Train and keep every ensemble of states and every scrambler that was drawn, in the order of drawing."""
    ensembles, scramblers = [], []

    def states(*args):
        ensembles.append(haar_states(*args))
        return ensembles[-1]

    def circuits(*args):
        scramblers.append(brickwork(*args))
        return scramblers[-1]

    monkeypatch.setattr(training, "haar_states", states)
    monkeypatch.setattr(training, "brickwork", circuits)
    return train_denoiser(config), ensembles, scramblers


@pytest.mark.parametrize("fresh", [False, True])
def test_no_state_is_trained_on_twice_and_none_is_held_out_that_was_trained_on(fresh, monkeypatch):
    config = DenoiserConfig(
        n=4, layers=1, depths=(1, 1), epochs=3, n_states=4, n_eval=5, seeds=3, fresh_batch=fresh
    )
    _, ensembles, _ = watched_training(config, monkeypatch)
    batches = 3 if fresh else 1
    assert sorted(len(each) for each in ensembles) == sorted(2 * ([15] + [12] * batches))
    whole = torch.cat(ensembles)
    closeness = fidelity(whole[:, None], whole) - torch.eye(len(whole))
    # Of Haar states in 16 dimensions two come closer than 0.9 with probability 10⁻¹⁵.
    assert closeness.max() < 0.9


def test_every_stage_and_every_run_has_a_scrambler_of_its_own_and_another_for_comparison(
    monkeypatch,
):
    config = DenoiserConfig(n=3, layers=1, depths=(4, 4), epochs=1, seeds=3)
    record, ensembles, scramblers = watched_training(config, monkeypatch)
    matrices = torch.cat([each.unitary() for each in scramblers])
    assert len(matrices) == 2 * 2 * 3
    for one, two in combinations(matrices, 2):
        assert average_fidelity(one.mH, two) < 0.9
    # The fresh fidelity is that under the second scrambler of a stage, of the states held out in it.
    angle_seed, *_ = spawn(0, 3)
    denoiser = config.ansatz.unitary(
        config.ansatz.random_angles(3, angle_seed, dtype=torch.float32)
    )
    sizes = [len(each) for each in ensembles]
    held = ensembles[sizes.index(3 * config.n_eval)].view(3, config.n_eval, 8)
    for measure, scrambler in (("eval_fidelity", scramblers[0]), ("fresh_fidelity", scramblers[1])):
        expected = fidelity(scrambler.apply(held) @ denoiser.mT, held).mean(-1)
        assert np.allclose(getattr(record, measure)[:, 0], expected, atol=1e-5), measure


def test_the_record_is_what_its_angles_give():
    # One stage, no step after the last evaluation but the last step itself: repeat the last evaluation by hand.
    config = DenoiserConfig(n=3, layers=2, depths=(4,), epochs=1, n_states=5, seeds=3, seed=2)
    record = train_denoiser(config)
    angle_seed, stage_seed = spawn(2, 2)
    theta = config.ansatz.random_angles(3, angle_seed).requires_grad_()
    gate_seed, _, state_seed, _ = spawn(stage_seed, 4)
    scrambler = brickwork(3, 4, gate_seed, count=3)
    states = haar_states(15, 3, spawn(state_seed, 1)[0]).view(3, 5, 8)
    expected = fidelity(config.ansatz.apply(theta, scrambler.apply(states)), states).mean(-1)
    expected.sum().backward()
    slopes, theta = theta.grad, theta.detach()
    assert np.allclose(record.train_fidelity[:, 0], expected.detach(), atol=1e-5)
    # The norm is that of one run's gradient: neither a mean nor a sum over the runs.
    assert np.allclose(record.gradient_norm[:, 0], slopes.flatten(1).norm(dim=1), atol=1e-5)
    whole = average_fidelity(config.ansatz.unitary(theta), scrambler.unitary())
    assert np.allclose(record.average_fidelity[:, 0], whole, atol=1e-5)
    # Adam's first step has length `learning_rate` in every angle with a gradient, up the fidelity.
    seen = slopes.abs() > 1e-4
    assert seen.double().mean() > 0.9
    moved = torch.from_numpy(record.theta) - theta
    torch.testing.assert_close(moved[seen], 0.05 * slopes[seen].sign(), atol=1e-4, rtol=0)


def test_one_state_is_memorised_and_nothing_is_learned():
    record = train_denoiser(
        DenoiserConfig(depths=(12,), epochs=150, n_states=1, seeds=16, seed=3, eval_every=150)
    )
    assert record.last().mean() > 0.99
    held = record.last("average_fidelity")[:, 0]
    assert held.mean() < no_free_lunch_bound(1, 16) + 4 * held.std() / 4


def standard_errors_apart(values: np.ndarray, others: np.ndarray) -> float:
    """Difference of two means of independent runs over its standard error."""
    error = values.var(ddof=1) / len(values) + others.var(ddof=1) / len(others)
    return (values.mean() - others.mean()) / error**0.5


def test_more_and_fresh_states_generalise_better_and_stay_below_the_ceiling():
    runs = {
        count: train_denoiser(
            replace(SHORT, depths=(12,), epochs=120, n_states=count, eval_every=120)
        )
        for count in (4, 10)
    }
    fresh = train_denoiser(
        replace(SHORT, depths=(12,), epochs=120, fresh_batch=True, eval_every=120)
    )
    held = {count: run.last("average_fidelity")[:, 0] for count, run in runs.items()}
    # In three seeds of this configuration 8 to 13, and 16 to 19, standard errors of the difference.
    assert standard_errors_apart(held[10], held[4]) > 4
    assert standard_errors_apart(fresh.last("average_fidelity")[:, 0], held[10]) > 8
    for count, values in held.items():
        assert values.mean() < no_free_lunch_bound(count, 16) + 4 * values.std() / 24**0.5


@pytest.mark.parametrize("cost", ["average", "average local"])
def test_costs_over_all_states_are_what_they_say(cost):
    record = train_denoiser(
        DenoiserConfig(n=3, layers=4, depths=(2,), epochs=60, seeds=4, seed=1, cost=cost)
    )
    if cost == "average":
        assert np.allclose(record.loss, 1 - record.average_fidelity, atol=1e-5)
    else:
        angle_seed, stage_seed = spawn(1, 2)
        theta, scrambler = (
            record.config.ansatz.random_angles(4, angle_seed),
            brickwork(3, 2, spawn(stage_seed, 4)[0], count=4),
        )
        expected = product_fidelity(record.config.ansatz.unitary(theta), scrambler.unitary())
        assert np.allclose(record.loss[:, 0], 1 - expected, atol=1e-5)
    # The worst run ends above where the best one began, which is at about 1/8.
    assert record.last("average_fidelity").min() > record.first("average_fidelity").max()


def test_a_ring_reaches_further_than_bricks():
    # 84 against 48 directions at equal parameters: a wrong entangler shows here.
    base = DenoiserConfig(depths=(12,), epochs=120, cost="average", seeds=8, seed=5, eval_every=120)
    reach = {
        name: train_denoiser(replace(base, entangler=name)).last("average_fidelity")
        for name in ("ring", "brick")
    }
    # In three seeds of this configuration the means lie 17 to 23 standard errors apart.
    assert standard_errors_apart(reach["ring"][:, 0], reach["brick"][:, 0]) > 8


def test_nested_scramblers_share_their_first_layers_and_others_do_not():
    # At learning rate zero but a hair the angles stay: equal depths then give equal fidelities only when nested.
    base = DenoiserConfig(n=3, layers=1, depths=(3, 3), epochs=1, seeds=3, learning_rate=1e-12)
    nested, plain = (
        train_denoiser(replace(base, nested=value)).average_fidelity for value in (True, False)
    )
    assert np.allclose(nested[:, 0], nested[:, 1], atol=1e-6)
    assert not np.allclose(plain[:, 0], plain[:, 1], atol=1e-3)


def test_adam_is_carried_or_reset_and_the_rate_may_fall():
    base = DenoiserConfig(n=2, layers=1, depths=(1, 1), epochs=5, seeds=2)
    carried, reset, falling = (
        train_denoiser(replace(base, **kw))
        for kw in ({}, {"carry_adam": False}, {"rate": "cosine"})
    )
    assert np.array_equal(carried.loss[:, :6], reset.loss[:, :6])
    assert not np.allclose(carried.loss[:, 6:], reset.loss[:, 6:])
    assert np.array_equal(carried.loss[:, :2], falling.loss[:, :2])
    assert not np.allclose(carried.loss[:, 2:], falling.loss[:, 2:])


def test_after_a_reset_adam_takes_a_first_step_again_and_carried_it_does_not():
    # Adam's first step has length `learning_rate` in every angle, whatever the gradient; later ones have not.
    one = DenoiserConfig(n=2, layers=1, depths=(1,), epochs=1, seeds=4)
    before = train_denoiser(one).theta
    two = replace(one, depths=(1, 1))
    reset = np.abs(train_denoiser(replace(two, carry_adam=False)).theta - before)
    carried = np.abs(train_denoiser(two).theta - before)
    assert np.allclose(reset[reset > 1e-3], 0.05, atol=1e-4)
    assert (reset > 1e-3).mean() > 0.5
    assert (np.abs(carried - 0.05) > 1e-3).mean() > 0.5


def test_the_rate_falls_within_stages_between_them_and_over_the_run():
    # Three factors written out by hand, each alone and then together; stage 2 of 50 epochs starts at epoch 100 of the run.
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


def test_training_takes_the_rate_of_every_step_from_the_schedule(monkeypatch):
    config = DenoiserConfig(
        n=2,
        layers=1,
        depths=(1, 2),
        epochs=3,
        seeds=2,
        decay_epochs=2.0,
        stage_factor=0.5,
        half_life=4.0,
    )
    used, step = [], torch.optim.Adam.step

    def watched(self, *args, **kwargs):
        used.append(self.param_groups[0]["lr"])
        return step(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    train_denoiser(config)
    expected = [0.05 * 0.5 ** (k // 3) * np.exp(-(k % 3) / 2) * 0.5 ** (k / 4) for k in range(6)]
    assert used == pytest.approx(expected)
    # Adam's moments outlive the change of stage, rate and all: only a reset starts them anew.
    carried, reset = train_denoiser(config), train_denoiser(replace(config, carry_adam=False))
    assert np.array_equal(carried.loss[:, :4], reset.loss[:, :4])
    assert not np.allclose(carried.loss[:, 4:], reset.loss[:, 4:], atol=1e-7)


def test_records_of_parts_join_in_their_order():
    base = DenoiserConfig(n=2, layers=1, depths=(1, 2), epochs=3, seeds=2)
    parts = [train_denoiser(base), train_denoiser(replace(base, seeds=3, seed=1))]
    whole = join_records(parts)
    assert whole.config.seeds == 5
    for name in (
        "train_fidelity",
        "eval_fidelity",
        "average_fidelity",
        "fresh_fidelity",
        "loss",
        "gradient_norm",
        "theta",
    ):
        assert np.array_equal(getattr(whole, name)[:2], getattr(parts[0], name)), name
        assert np.array_equal(getattr(whole, name)[2:], getattr(parts[1], name)), name
    assert np.array_equal(whole.stage, parts[0].stage)
    assert whole.best().shape == (5, 2)
    with pytest.raises(
        ValueError,
        match="Argument `records` must be of one configuration but for seeds and seed, but got",
    ):
        join_records([parts[0], train_denoiser(replace(base, learning_rate=0.1))])
    with pytest.raises(ValueError, match="Argument `records` must hold at least one record"):
        join_records([])


def test_seeds_decide_the_numbers_and_evaluation_does_not():
    base = DenoiserConfig(n=2, layers=2, depths=(2,), epochs=6, seeds=3, seed=7)
    once, again, rarely = (
        train_denoiser(base),
        train_denoiser(base),
        train_denoiser(replace(base, eval_every=4)),
    )
    assert np.array_equal(once.train_fidelity, again.train_fidelity)
    assert np.array_equal(once.train_fidelity, rarely.train_fidelity)
    assert np.isfinite(rarely.eval_fidelity).all(0).tolist() == [
        True,
        False,
        False,
        False,
        True,
        True,
    ]
    assert not np.allclose(once.loss, train_denoiser(replace(base, seed=8)).loss)


def test_resuming_gives_the_numbers_of_an_uninterrupted_run(tmp_path, monkeypatch):
    config = DenoiserConfig(
        n=2,
        layers=2,
        depths=(1, 2, 3),
        epochs=7,
        seeds=3,
        seed=np.random.SeedSequence(5).spawn(1)[0],
        fresh_batch=True,
    )
    whole = train_denoiser(config)
    path, steps = tmp_path / "run.pt", []
    step = torch.optim.Adam.step

    def interrupted(self, *args, **kwargs):
        steps.append(1)
        if len(steps) == 18:  # in the third stage
            raise KeyboardInterrupt
        return step(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.Adam, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_denoiser(config, path)
    monkeypatch.setattr(torch.optim.Adam, "step", step)
    resumed = train_denoiser(config, path)
    for name in (
        "train_fidelity",
        "eval_fidelity",
        "average_fidelity",
        "loss",
        "gradient_norm",
        "theta",
    ):
        assert np.array_equal(getattr(whole, name), getattr(resumed, name)), name
    assert np.array_equal(
        train_denoiser(config, path).loss, whole.loss
    )  # all done: nothing is trained again
    with pytest.raises(
        ValueError,
        match=r"Argument `checkpoint` must belong to this configuration, but got .* differs in epochs, seeds",
    ):
        train_denoiser(replace(config, epochs=8, seeds=2), path)
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


def test_divergence_stops_with_epoch_and_seed_named(monkeypatch):
    calls = []

    def broken(states, others):
        values = fidelity(states, others)
        if states.requires_grad:
            calls.append(1)
            values = values + torch.tensor([0.0, float("nan") if len(calls) == 5 else 0.0])[:, None]
        return values

    monkeypatch.setattr(training, "fidelity", broken)
    config = DenoiserConfig(n=2, layers=1, depths=(2, 3), epochs=3, seeds=2)
    with pytest.raises(
        DivergenceError,
        match=r"Training diverged at epoch 2 of stage 2 \(depth 3\), seed 1: .* lower `learning_rate`",
    ):
        train_denoiser(config)


def test_the_no_free_lunch_bound():
    assert no_free_lunch_bound(10, 16) == pytest.approx(117 / 272)
    assert no_free_lunch_bound(0, 16) == pytest.approx(1 / 16)
    assert no_free_lunch_bound(np.array([16, 40]), 16).tolist() == [1.0, 1.0]
    assert no_free_lunch_bound(10, 256) == pytest.approx(0.0054, abs=5e-5)


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
            "Argument `cost` must be one of global, marginal, average, average local, but got 'local'",
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
        ({"rate": "step"}, "Argument `rate` must be one of constant, cosine"),
        ({"entangler": "star"}, "Argument `entangler` must be one of"),
    ],
)
def test_bad_configurations_are_refused_before_anything_runs(change, message):
    with pytest.raises(ValueError, match=message):
        DenoiserConfig(**change)


def test_a_bad_bound_is_refused():
    with pytest.raises(ValueError, match="Argument `n_states` must be ≥ 0"):
        no_free_lunch_bound(-1, 16)
    with pytest.raises(ValueError, match="Argument `d` must be a whole number ≥ 2"):
        no_free_lunch_bound(3, 1)
