"""Estimators, schedules and samplers of the image part against what they should give exactly."""

from math import cos, pi, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from qdm_utils.images.conditional import (
    ConditionalCircuit,
    Kraus,
    LatentNoise,
    LatentTwin,
    TrainedTwin,
    TrainingPlan,
    branches,
    constant_infidelity,
    draw_pairs,
    gaussian_prior,
    generate,
    infidelity,
    normalised,
    sample_twin,
    step_infidelity,
    train_conditional,
    train_twin,
)
from qdm_utils.images.geometry import plain_prior, prior_means
from qdm_utils.images.priors import (
    ChainPrior,
    DiffusionPrior,
    FitConfig,
    MixturePrior,
    fit_chain,
    fit_mixture,
    fit_network,
)
from qdm_utils.images.priors import classical as classical_priors
from qdm_utils.images.scores import frechet, frechet_bootstrap, frechet_distance, score_latents
from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import MeasuredStep, measure
from qdm_utils.randomness import generator

SHALLOW = ConditionalCircuit(layers=(1, 1, 1))


@pytest.fixture(scope="module")
def clusters():
    """Latents of ten digits, each near a corner or the middle of the positive orthant."""
    centres = torch.cat(
        (torch.eye(8), torch.ones(1, 8), torch.tensor([[1.0, 1, 0, 0, 0, 0, 0, 0]]))
    )
    return list(
        normalised(
            normalised(centres)[:, None] + 0.05 * torch.rand(10, 40, 8, generator=generator(1))
        )
    )


def test_the_rate_of_a_prior_falls_along_half_a_cosine_to_a_tenth():
    """Under a constant gradient Adam moves every weight by the rate itself."""
    config, seen = FitConfig(updates=50, rate=0.02), []

    def slope(weights):
        seen.append(weights.detach().clone())
        return weights.sum()

    seen.append(config.descend(torch.zeros(3, dtype=torch.float64), slope))
    steps = torch.stack(seen).diff(dim=0)
    expected = [-0.02 * (0.1 + 0.9 * (1 + cos(pi * update / 50)) / 2) for update in range(50)]
    assert torch.allclose(
        steps, torch.tensor(expected, dtype=torch.float64)[:, None].expand(50, 3), rtol=1e-6
    )


class Captured(FitConfig):
    """Keeps the loss that is to be minimised and minimises nothing."""

    def descend(self, weights, loss):
        object.__setattr__(self, "loss", loss)
        return weights


def test_the_network_minimises_the_squared_discrepancy_of_its_samples_and_the_data():
    """At the identity map it makes the plain prior, whose kernel means are known: E k − 2 E k(·, data), up to a constant."""
    data = 0.3 * plain_prior("gaussian", 2, 4000, 1) + 0.5
    config = Captured(updates=1, batch=500)
    start = fit_network("gaussian", 2, data, 100, config, 3).weights
    seen, mean = prior_means("gaussian", data)
    found = config.loss(torch.zeros_like(start)).item()
    assert found == pytest.approx(mean - 2 * seen.mean().item(), abs=0.03)
    assert mean > 0.1  # far beyond the margin, which is for 2,000 samples: a factor would show
    assert seen.mean().item() > 0.1


def test_a_chain_takes_the_noise_through_its_last_set_of_angles_first():
    """[0] makes data: with one set that does nothing and one that turns, the order shows on the way, not only at the end."""
    step = MeasuredStep(2, 0, 1)
    still, turning = (
        torch.zeros(step.circuit.shape),
        torch.rand(step.circuit.shape, generator=generator(2)) + 0.5,
    )
    noise = haar_states(5, 2, 3, torch.complex64)
    path = ChainPrior(step, torch.stack((still, turning))).path(noise, 4)
    source = generator(4)
    first = measure(step.branches(turning, noise), source)[0]
    second = measure(step.branches(still, first), source)[0]
    assert torch.equal(path[0], noise)
    assert torch.allclose(path[1], first)
    assert torch.allclose(path[2], second)
    assert not torch.allclose(path[1], measure(step.branches(still, noise), source)[0], atol=1e-2)


def test_the_angles_trained_last_are_those_that_make_data():
    """The step T is trained first and starts from angles of the seed; each later one starts where the one before ended."""
    seen = []

    class Stepping(FitConfig):
        def descend(self, weights, loss):
            seen.append(weights.clone())
            return weights + 1.0

    step, states = MeasuredStep(2, 0, 1), plain_prior("quantum", 2, 30, 1)
    chain = fit_chain(states, step, (1.0, 1.0, 1.0), Stepping(updates=1, batch=5), 2)
    assert [(later - seen[0]).mean().round().item() for later in seen] == [0, 1, 2]
    assert torch.allclose(chain.theta, seen[0] + torch.tensor([3.0, 2.0, 1.0])[:, None, None, None])


def test_a_mixture_has_the_weights_means_and_deviations_of_its_lumps():
    """Three quarters at +2 with deviations of 0.3, one quarter at −2 with 0.6."""
    source = generator(3)
    wide = torch.arange(6000) % 4 == 0
    spread = torch.where(wide, 0.6, 0.3)[:, None]
    data = spread * torch.randn(6000, 4, generator=source) + torch.where(wide, -2.0, 2.0)[:, None]
    prior = fit_mixture("gaussian", data, 2 * 9 - 1, 5)
    order = prior.means[:, 0].argsort()
    assert prior.weights[order].tolist() == pytest.approx([0.25, 0.75], abs=1e-3)
    assert torch.allclose(prior.means[order], torch.tensor([[-2.0], [2.0]]).expand(2, 4), atol=0.08)
    assert torch.allclose(
        prior.deviations[order], torch.tensor([[0.6], [0.3]]).expand(2, 4), atol=0.05
    )
    drawn = prior.sample(8000, 1)
    high = drawn[:, 0] > 0
    assert high.double().mean().item() == pytest.approx(0.75, abs=0.025)  # five sd of 8,000 draws
    assert drawn[high].std(0).tolist() == pytest.approx([0.3] * 4, abs=0.02)
    assert drawn[~high].std(0).tolist() == pytest.approx([0.6] * 4, abs=0.05)
    alone = MixturePrior(
        "gaussian", torch.tensor([0.0, 1.0]), torch.tensor([[-9.0], [9.0]]), torch.zeros(2, 1)
    )
    assert (alone.sample(50, 1) == 9).all()


def test_a_diffusion_prior_takes_off_all_noise_in_its_last_step(monkeypatch):
    """With the exact velocity for a single latent the samples are that latent, without noise from the last reverse step."""
    latent = torch.tensor([0.5, -1.0, 2.0])

    def exact(weights, x, angle):
        noise = (x - angle.cos() * latent) / angle.sin()
        return angle.cos() * noise - angle.sin() * latent

    monkeypatch.setattr(classical_priors, "turn", exact)
    drawn = DiffusionPrior("gaussian", 3, 2.0, torch.zeros(1)).sample(20, 1)
    assert torch.allclose(drawn, 2 * latent.expand(20, 3), atol=1e-4)


def test_one_constant_answer_can_do_no_better_than_said_and_the_best_one_does_as_well():
    """Against many answers, and with the leading eigenvector of the mean projector as the answer."""
    targets = haar_states(30, 3, seed=4)
    least = constant_infidelity(targets).item()
    answers = haar_states(2000, 3, seed=5)
    assert infidelity(answers[:, None], targets).mean(1).min().item() > least
    _, vectors = torch.linalg.eigh(torch.einsum("bi,bj->ij", targets, targets.conj()))
    assert infidelity(vectors[:, -1], targets).mean().item() == pytest.approx(least, abs=1e-12)
    assert infidelity(vectors[:, -2], targets).mean().item() > least + 0.01


def test_a_step_that_ignores_its_input_scores_the_infidelity_of_its_constant_answer(clusters):
    """Maps of rank one, x → a for all x: their infidelity is that of the answer, and at least the least one for a constant."""
    inputs, targets = draw_pairs(LatentNoise(), clusters, 20, 1, generator(1))
    answer = haar_states(1, 3, seed=2, dtype=torch.complex64)[0]
    maps = (torch.ones(8, 1) * answer).expand(1, 1, 10, 1, 8, 8)
    weights = torch.eye(8, dtype=torch.complex64).expand(1, 1, 10, 1, 8, 8)
    found = step_infidelity(Kraus(maps, weights), inputs, targets)
    expected = infidelity(answer, targets).mean(-1)
    assert torch.allclose(found, expected, atol=1e-4)
    assert (found > constant_infidelity(targets) - 1e-5).all()


def test_frequencies_of_outcome_one_are_told_step_by_step():
    """A model whose steps read 1, 0, 1 for certain on the way from T = 3 to 1, and find the label in a quarter of the cases."""
    one, none = torch.eye(8, dtype=torch.complex64), torch.zeros(8, 8, dtype=torch.complex64)
    order = torch.stack(
        [torch.stack((none, one) if t in (3, 1) else (one, none)) for t in (1, 2, 3)]
    )
    weights = order[None, :, None].expand(1, 3, 10, 2, 8, 8)
    path, ones, found = generate(Kraus(0.5 * weights, weights), LatentNoise(steps=3), 4, 1)
    assert ones[:, 0].tolist() == [[1.0] * 10, [0.0] * 10, [1.0] * 10]
    assert torch.allclose(found, torch.full((3, 1, 10), 0.25))
    assert torch.allclose(path[3], path[0], atol=1e-6)


def test_the_rate_of_the_conditional_model_falls_after_each_fifth_of_the_updates(clusters):
    """With a decay to nothing only the first fifth moves the angles: Adam's first step is the rate itself."""
    plan = TrainingPlan(circuit=SHALLOW, updates=5, per_label=2, rate=0.01, decay=1e-9)
    stopped = train_conditional(plan, clusters, 1, 7)
    moved = (stopped.theta - stopped.start).abs()
    assert moved.max().item() == pytest.approx(0.01, rel=1e-3)
    going = train_conditional(
        TrainingPlan(circuit=SHALLOW, updates=5, per_label=2, rate=0.01, decay=1.0), clusters, 1, 7
    )
    assert (going.theta - going.start).abs().max() > 0.02


def test_one_step_at_a_time_trains_each_in_its_turn(clusters):
    """Own angles: after two updates those of t = 1 and 2 have moved, in every run, and no others."""
    plan = TrainingPlan(
        circuit=SHALLOW,
        noise=LatentNoise(steps=4),
        own=True,
        updates=2,
        per_label=2,
        together=False,
    )
    trained = train_conditional(plan, clusters, 2, 7)
    moved = (trained.theta != trained.start).any(1).view(2, 4)
    assert moved.tolist() == [[True, True, False, False]] * 2


class Noisy(LatentTwin):
    """Knows the answer where all latents lie at their centre: whatever is not signal is noise."""

    def noise(self, weights, vectors, labels, steps):
        return vectors / (1 - self.kept[steps]).sqrt()[..., None]


def test_the_twin_takes_off_all_noise_in_its_last_step():
    """With exact predictions for a single latent the samples are that latent, without noise from the last reverse step."""
    centre = torch.arange(1.0, 9.0)
    trained = TrainedTwin(Noisy(2), torch.zeros(3, 1), centre, torch.tensor(2.0))
    drawn = sample_twin(trained, 5, 6)
    assert torch.allclose(drawn, normalised(centre).expand(3, 10, 5, 8), atol=1e-6)


def test_the_twin_is_trained_on_the_noise_levels_of_its_steps(clusters):
    """What is left of the labels' means in the network's inputs at step t is √ᾱ_t of them."""
    seen = []

    class Watched(LatentTwin):
        def noise(self, weights, vectors, labels, steps):
            seen.append((vectors.detach(), labels, steps))
            return super().noise(weights, vectors, labels, steps)

    train_twin(Watched(2), clusters, 1, 5, updates=150)
    vectors, labels, steps = (torch.cat(each, 1)[0] for each in zip(*seen, strict=True))
    together = torch.cat(clusters)
    means = torch.stack(
        [(each.mean(0) - together.mean(0)) / together.std(0).mean() for each in clusters]
    )
    own = labels @ means
    for t in range(1, 9):
        rows = steps == t
        share = ((vectors[rows] * own[rows]).sum() / own[rows].square().sum()).item()
        assert share == pytest.approx(cos(pi / 2 * t / 8.1), abs=0.04), (
            t
        )  # 3,000 latents of 8 numbers: sd about .008
    assert set(steps.tolist()) == set(range(1, 9))


@pytest.mark.parametrize(
    ("kind", "variances"),
    [
        ("means, one variance", [1e-4 * (1 + 4 + 9 + 16) / 4] * 4),
        ("means, diagonal", [1e-4, 4e-4, 9e-4, 16e-4]),
        ("means", [0.0] * 4),
    ],
)
def test_a_gaussian_of_each_digit_keeps_as_much_of_its_variances_as_it_says(kind, variances):
    """Narrow latents around a corner far from the walls, to which normalising does little across the mean."""
    source = generator(1)
    latents = []
    for _ in range(10):
        drawn = torch.randn(3000, 4, generator=source)
        drawn = (drawn - drawn.mean(0)) / drawn.std(0)
        latents.append(
            torch.tensor([1.0, 1.0, 1.0, 1.0]) * 10 + drawn * torch.tensor([0.01, 0.02, 0.03, 0.04])
        )
    drawn, _ = gaussian_prior(kind, latents, 4000, 1)
    across = (
        torch.eye(4) - 0.25
    )  # what normalising leaves of a small deviation: the part across the mean
    expected = (
        across @ torch.diag(torch.tensor(variances)) @ across
    ).diagonal() / 400  # means of norm 20
    assert torch.allclose(drawn[3].var(0), expected, rtol=0.12, atol=1e-13)


def test_confusion_counts_for_each_digit_asked_what_it_is_taken_for():
    """Digit r is taken for r + 1 once in four and else for r; the last one for itself always."""
    count = 4
    latents = torch.zeros(10, count, 8)
    latents[..., 0] = torch.arange(10.0)[:, None]
    latents[:9, 2, 0] += 1
    states = latents * torch.tensor(
        1j
    )  # of states the absolute values count, as the decoder reads them
    features = np.random.default_rng(1).normal(size=(40, 3))

    def pictures(given):
        return given.abs()

    def probabilities(given):
        return torch.eye(10)[given[:, 0].round().long()]

    judge = SimpleNamespace(probabilities=probabilities, features=lambda _: features)
    reference = np.random.default_rng(2).normal(size=(50, 3))
    score = score_latents(states, SimpleNamespace(decode=pictures), judge, reference)
    expected = 0.75 * np.eye(10) + 0.25 * np.eye(10, k=1)
    expected[9, 9] = 1.0
    assert np.array_equal(score.confusion, expected)
    assert score.recognised == pytest.approx((9 * 0.75 + 1) / 10)
    assert score.frechet == frechet_distance(features, reference)


def test_the_bootstrap_reports_the_sample_deviation_and_the_shift_of_its_draws(monkeypatch):
    """Of two draws, 1 and 3, about a value of 10: both sets are drawn again, with replacement, and keep their sizes."""
    given, sets = iter([1.0, 3.0, 10.0]), []

    def distance(features, others):
        sets.append((features, others))
        return next(given)

    monkeypatch.setattr(frechet, "frechet_distance", distance)
    one, two = np.arange(40.0)[:, None], np.arange(100.0, 130.0)[:, None]
    score = frechet_bootstrap(one, two, draws=2, seed=1)
    assert (score.value, score.bias) == (10.0, -8.0)
    assert score.standard_error == pytest.approx(sqrt(2))
    for features, others in sets[:2]:
        assert (features.shape, others.shape) == (one.shape, two.shape)
        assert set(features[:, 0]) < set(one[:, 0])  # some came twice, so that others are missing
        assert set(others[:, 0]) < set(two[:, 0])
    assert not np.array_equal(sets[0][0], sets[1][0])


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
