from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from qdm_utils.optimise import DivergenceError, constant, exponential
from qdm_utils.qubits import (
    Ansatz,
    DenoiserConfig,
    average_fidelity,
    brickwork,
    haar_states,
    marginal_fidelity,
    no_free_lunch_bound,
    product_fidelity,
    train_denoiser,
)
from qdm_utils.qubits.denoising import train_on_states, training
from qdm_utils.qubits.denoising.records import MEASURES
from qdm_utils.qubits.states import fidelity
from qdm_utils.randomness import spawn
from tests.seeds import watch_seeds

SHORT = DenoiserConfig(depths=(2, 12), epochs=40, seeds=24, seed=1)


@pytest.fixture(scope="module")
def record():
    return train_denoiser(SHORT)


@pytest.mark.slow
def test_training_starts_at_chance_in_every_stage_and_climbs(record):
    assert record.train_fidelity.shape == (24, 80)
    assert record.stage.tolist() == [0] * 40 + [1] * 40
    first = record.first()
    assert np.abs(first.mean(0) - 1 / 16).max() < 4 * first.std(0).max() / 24**0.5
    # Paired over the runs; in three seeds of this configuration the gain is 40 to 70 standard
    # errors.
    gain = record.last() - first
    assert (gain.mean(0) > 10 * gain.std(0) / 24**0.5).all()
    assert np.allclose(record.loss, 1 - record.train_fidelity, atol=1e-6)


@pytest.mark.slow
def test_evaluation_on_another_scrambler_is_exactly_chance_and_on_the_same_one_is_not(record):
    other = record.last("fresh_fidelity").mean(1)
    assert abs(other.mean() - 1 / 16) < 4 * other.std() / 24**0.5
    same, exact = record.last("eval_fidelity")[:, 1], record.last("average_fidelity")[:, 1]
    assert exact.mean() > 1 / 16 + 4 * exact.std() / 24**0.5
    assert abs((same - exact).mean()) < 4 * (same - exact).std() / 24**0.5
    # What was trained on comes out better than what was held out, run by run.
    gap = record.last()[:, 1] - same
    assert gap.mean() > 10 * gap.std() / 24**0.5


def watched_training(config, monkeypatch):
    """Train; the ensembles of states and the scramblers that were drawn, in order of drawing."""
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
    # The fresh fidelity is that of a stage's held-out states under its second scrambler.
    angle_seed, *_ = spawn(0, 3)
    denoiser = config.ansatz.unitary(
        config.ansatz.random_angles(3, angle_seed, dtype=torch.float32)
    )
    sizes = [len(each) for each in ensembles]
    held = ensembles[sizes.index(3 * config.n_eval)].view(3, config.n_eval, 8)
    for measure, scrambler in (("eval_fidelity", scramblers[0]), ("fresh_fidelity", scramblers[1])):
        expected = fidelity(scrambler.apply(held) @ denoiser.mT, held).mean(-1)
        assert np.allclose(getattr(record, measure)[:, 0], expected, atol=1e-5), measure


def test_scramblers_states_and_held_out_states_come_from_streams_of_their_own(monkeypatch):
    drawn_from = watch_seeds(monkeypatch, training, "brickwork", "haar_states")
    train_denoiser(DenoiserConfig(n=2, layers=1, depths=(1, 2), epochs=2, seeds=1))
    # In each stage two scramblers, the states that are held out and one batch.
    assert len(drawn_from) == len(set(drawn_from)) == 2 * 4


def test_the_record_is_what_its_angles_give():
    # One stage, no step after the last evaluation but the last step itself: repeat the last
    # evaluation by hand.
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
    # At learning rate zero but a hair the angles stay: equal depths then give equal fidelities only
    # when nested.
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
    # Adam's first step has length `learning_rate` in every angle, whatever the gradient; later ones
    # have not.
    one = DenoiserConfig(n=2, layers=1, depths=(1,), epochs=1, seeds=4)
    before = train_denoiser(one).theta
    two = replace(one, depths=(1, 1))
    reset = np.abs(train_denoiser(replace(two, carry_adam=False)).theta - before)
    carried = np.abs(train_denoiser(two).theta - before)
    assert np.allclose(reset[reset > 1e-3], 0.05, atol=1e-4)
    assert (reset > 1e-3).mean() > 0.5
    assert (np.abs(carried - 0.05) > 1e-3).mean() > 0.5


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


def test_angles_that_overflow_are_a_divergence_before_they_are_evaluated(monkeypatch):
    monkeypatch.setattr(DenoiserConfig, "rate_at", lambda *_: float("inf"))
    config = DenoiserConfig(n=2, layers=1, depths=(2,), epochs=3, seeds=2)
    with pytest.raises(DivergenceError, match=r"epoch 2 of stage 1 \(depth 2\), seed 0"):
        train_denoiser(config)


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
    for name in (*MEASURES, "theta"):
        assert np.array_equal(getattr(whole, name), getattr(resumed, name)), name
    # All is done: nothing is trained again.
    assert np.array_equal(train_denoiser(config, path).loss, whole.loss)
    with pytest.raises(ValueError, match=r"belong to this configuration.* in epochs, seeds"):
        train_denoiser(replace(config, epochs=8, seeds=2), path)
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


@pytest.mark.parametrize("length", [0, 7, 2000])
def test_a_checkpoint_that_was_cut_off_is_refused(length, tmp_path):
    config = DenoiserConfig(n=2, layers=1, depths=(1,), epochs=2, seeds=2)
    path = tmp_path / "run.pt"
    train_denoiser(config, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match="Argument `checkpoint` must be a whole checkpoint"):
        train_denoiser(config, path)


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
        match=r"Training diverged at epoch 2 of stage 2 \(depth 3\), seed 1: .* lower the learning",
    ):
        train_denoiser(config)


@pytest.mark.slow
def test_fixed_states_are_memorised_and_nothing_else_is_learned():
    record = train_denoiser(
        DenoiserConfig(n=6, depths=(12,), epochs=120, seeds=6, seed=1, eval_every=120, n_eval=200)
    )
    chance = 1 / 64
    assert (record.last() > 6 * chance).all()
    assert record.last("average_fidelity").mean() < 1.4 * chance
    unseen = record.last("fresh_fidelity")
    assert abs(unseen.mean() - chance) < 4 * unseen.std() / 6**0.5 + 1e-3
    assert no_free_lunch_bound(10, 256) == pytest.approx(0.005426, abs=1e-6)


@pytest.mark.slow
def test_known_product_inputs_let_either_cost_undo_a_shallow_scrambler():
    base = DenoiserConfig(
        n=6, layers=6, entangler="brick", depths=(2,), epochs=200, seeds=4, seed=1, eval_every=200
    )
    kept = {
        (states, cost): np.median(
            train_denoiser(replace(base, states=states, cost=cost)).last("average_fidelity")
        )
        for states, cost in (("haar", "global"), ("product", "global"), ("product", "marginal"))
    }
    # Medians: now and then a run on Haar states finds the inverse too. In three seeds they lie 12
    # times apart at least.
    assert kept["product", "global"] > 4 * kept["haar", "global"]
    assert kept["product", "marginal"] > 4 * kept["haar", "global"]


@pytest.mark.slow
def test_the_exact_average_is_followed_where_ten_fresh_states_teach_nothing():
    base = DenoiserConfig(n=7, layers=7, depths=(12,), epochs=40, seeds=4, seed=1, eval_every=40)
    exact = train_denoiser(replace(base, cost="average")).last("average_fidelity") * 2**7
    noisy = train_denoiser(replace(base, fresh_batch=True)).last("average_fidelity") * 2**7
    assert exact.min() > 1.5
    assert noisy.max() < 1.2


WAYS = [
    {"start": "small"},
    {"start": "layerwise"},
    {"fresh_batch": True},
    {"cost": "marginal"},
    {"states": "product"},
]


@pytest.mark.parametrize(
    "options", WAYS, ids=lambda options: next(iter(options)) + " " + str(*options.values())
)
def test_every_way_to_train_repeats_and_takes_its_first_step_down_its_own_cost(
    options, monkeypatch
):
    config = DenoiserConfig(
        n=3, layers=3, depths=(2,), n_states=2, epochs=3, seeds=2, seed=3, **options
    )
    first, second = train_denoiser(config), train_denoiser(config)
    assert np.array_equal(first.loss, second.loss)
    # Whatever was drawn last in a training of one epoch is what its one step was taken for.
    drawn = {}
    draw = "product_states" if config.states == "product" else "haar_states"
    for name in (draw, "brickwork"):
        source = getattr(training, name)

        def kept(*args, name=name, source=source):
            drawn.setdefault(name, []).append(source(*args))
            return drawn[name][-1]

        monkeypatch.setattr(training, name, kept)
    one = train_denoiser(replace(config, epochs=1))
    scrambler, states = drawn["brickwork"][0], drawn[draw][-1].view(2, 2, 8)
    start = config.ansatz.random_angles(2, spawn(3, 2)[0])
    if config.start != "uniform":
        start = 0.1 * (start / np.pi - 1)
        assert start.abs().max() <= 0.1
        assert start.min() < -0.05 < 0.05 < start.max()
    theta = start.clone().requires_grad_()
    closeness = marginal_fidelity if config.cost == "marginal" else fidelity
    denoised = config.ansatz.apply(theta, scrambler.apply(states).to(torch.complex128))
    loss = 1 - closeness(denoised, states.to(torch.complex128)).mean(-1)
    loss.sum().backward()
    np.testing.assert_allclose(one.loss[:, 0], loss.detach(), atol=1e-5)
    slopes = theta.grad
    if config.start == "layerwise":
        slopes[:, 1:] = 0.0
    seen = slopes.abs() > 1e-4
    assert seen.double().mean() > (0.15 if config.start == "layerwise" else 0.6)
    moved = torch.from_numpy(one.theta) - start
    # Adam's first step is the learning rate against the sign of the gradient, whatever its size.
    torch.testing.assert_close(moved[seen], -0.05 * slopes[seen].sign(), atol=2e-4, rtol=0)
    if config.start == "layerwise":
        assert moved[:, 1:].abs().max() < 1e-7


def test_layers_are_released_one_after_the_other(monkeypatch):
    """Four rotation layers in eight epochs: one is released at every second epoch."""
    config = DenoiserConfig(
        n=3, layers=3, depths=(2,), epochs=8, seeds=2, seed=3, start="layerwise"
    )
    seen = []
    step = torch.optim.Adam.step

    def watched(self, *args, **kwargs):
        (theta,) = self.param_groups[0]["params"]
        before = theta.detach().clone()
        done = step(self, *args, **kwargs)
        seen.append((theta.detach() != before).flatten(2).any(2).tolist())
        return done

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    train_denoiser(config)
    for epoch, moved in enumerate(seen):
        assert moved == [[layer <= epoch // 2 for layer in range(4)]] * 2, epoch
    start = 0.1 * (config.ansatz.random_angles(2, spawn(3, 2)[0]) / np.pi - 1)
    still = torch.from_numpy(train_denoiser(replace(config, epochs=1)).theta)
    torch.testing.assert_close(still[:, 1:], start[:, 1:].float())


def test_training_climbs_each_draw_alone():
    ansatz = Ansatz(3, 3)
    states = haar_states(8, 3, seed=18).reshape(2, 4, 8)
    scrambled = brickwork(3, 2, seed=19, count=2).apply(states)
    start = ansatz.random_angles(2, seed=20)
    rate = constant(0.05)
    both = train_on_states(ansatz, start, states, scrambled, [0, 30, 60], rate)
    assert torch.equal(both[0], start)
    reached = fidelity(ansatz.apply(both, scrambled), states).mean(-1)
    assert (reached[1] > reached[0] + 0.2).all()
    assert (reached[2] > reached[1]).all()
    alone = train_on_states(ansatz, start[1:], states[1:], scrambled[1:], [60], rate)
    torch.testing.assert_close(alone[0], both[2, 1:])
    sooner = train_on_states(ansatz, start, states, scrambled, [30], rate)
    torch.testing.assert_close(sooner[0], both[1])


def three_qubits(seed):
    """One draw of four states, their images under a shallow scrambler, and angles to begin with."""
    ansatz = Ansatz(3, 2)
    states = haar_states(4, 3, seed=seed)[None]
    start = ansatz.random_angles(1, seed=seed + 1)
    return ansatz, start, states, brickwork(3, 2, seed=seed + 2).apply(states)


def test_the_first_epoch_is_one_step_of_adam_downhill():
    ansatz, start, states, scrambled = three_qubits(seed=21)
    theta = start.clone().requires_grad_()
    (-fidelity(ansatz.apply(theta, scrambled), states).mean()).backward()
    seen = theta.grad.abs() > 1e-6
    assert seen.double().mean() > 0.7
    step = train_on_states(ansatz, start, states, scrambled, [1], constant(0.01))[0] - start
    # Adam's first step is the learning rate against the sign of the gradient, whatever its size.
    torch.testing.assert_close(step[seen], -0.01 * theta.grad[seen].sign(), atol=1e-4, rtol=0)


def test_the_learning_rate_decays_from_the_first_epoch_on():
    ansatz, start, states, scrambled = three_qubits(seed=29)
    looks = [0, 1, 2, 3]
    falling = train_on_states(ansatz, start, states, scrambled, looks, exponential(0.01, 2.0))
    steady = train_on_states(ansatz, start, states, scrambled, looks, constant(0.01))
    torch.testing.assert_close(falling[1], steady[1])
    # Adam's direction in the second epoch depends on the angles after the first alone, its length
    # on the rate.
    torch.testing.assert_close(falling[2] - falling[1], (steady[2] - steady[1]) * np.exp(-0.5))
    assert (falling[3] - falling[2]).abs().max().item() < 0.01 * np.exp(-1.0) * 1.2


def test_a_rate_that_breaks_the_numbers_is_a_divergence_too():
    ansatz, start, states, scrambled = three_qubits(seed=33)
    rates = [0.01, 0.01, np.inf, 0.01]
    with pytest.raises(DivergenceError, match="Training diverged at epoch 4: the loss"):
        train_on_states(ansatz, start, states, scrambled, [4], lambda epoch: rates[epoch])


ANSATZ, START, STATES, SCRAMBLED = three_qubits(seed=41)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": []}, "Argument `epochs` must increase from 0 or more"),
        ({"epochs": [3, 3]}, "Argument `epochs` must increase from 0 or more"),
        ({"epochs": [-1]}, "Argument `epochs` must be a whole number ≥ 0, but got -1"),
        ({"epochs": [1.5]}, "Argument `epochs` must be a whole number ≥ 0, but got 1.5"),
        ({"scrambled": SCRAMBLED[0]}, r"Argument `scrambled` must have shape \(draws, S, 2ⁿ\)"),
        ({"originals": STATES[:, :2]}, r"Argument `originals` must have shape \(1, 4, 8\)"),
        ({"originals": STATES * np.nan}, "Argument `originals` must be finite"),
        ({"scrambled": SCRAMBLED * np.nan}, "Argument `scrambled` must be finite"),
        ({"theta": START * np.nan}, "Argument `theta` must be finite"),
        ({"theta": START.repeat(2, 1, 1, 1)}, "Argument `theta` must hold 1 draws"),
        ({"theta": START[:, :2]}, "Argument `theta` must have shape"),
        (
            {"originals": STATES[:, :0], "scrambled": SCRAMBLED[:, :0]},
            "Argument `states` must hold at least one state",
        ),
    ],
)
def test_states_that_cannot_be_trained_on_are_refused(change, message):
    good = {"theta": START, "originals": STATES, "scrambled": SCRAMBLED, "epochs": [1]}
    with pytest.raises(ValueError, match=message):
        train_on_states(ANSATZ, **(good | change), rate=constant(0.05))
