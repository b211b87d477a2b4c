"""The network, the diffusion and the mixture."""

from math import pi

import pytest
import torch

from qdm_utils.images.geometry import Sphere, States, Vector, kernel
from qdm_utils.images.priors import (
    DiffusionPrior,
    FitConfig,
    MixturePrior,
    NetworkPrior,
    classical,
    fit_diffusion,
    fit_mixture,
    fit_network,
)
from qdm_utils.perceptron import Perceptron
from qdm_utils.randomness import generator, spawn
from tests.images.priors.examples import CLUSTER, QUICK, zero
from tests.seeds import watch_seeds

QUIET = FitConfig(updates=1, batch=5)


class Captured(FitConfig):
    """Keeps the loss that is to be minimised and minimises nothing."""

    def descend(self, weights, loss):
        object.__setattr__(self, "loss", loss)
        return weights


def test_the_network_minimises_the_squared_discrepancy_of_its_samples_and_the_data():
    """At the identity map it makes the plain prior, whose kernel means are known: E k − 2 E k(·,
    data), up to a constant."""
    geometry = Vector(6)
    data = 0.3 * geometry.plain(4000, 1) + 0.5
    config = Captured(updates=1, batch=500)
    start = fit_network(geometry, data, 100, config, 3).weights
    seen, mean = geometry.kernel_means(data)
    found = config.loss(torch.zeros_like(start)).item()
    assert found == pytest.approx(mean - 2 * seen.mean().item(), abs=0.03)
    assert mean > 0.1  # far beyond the margin, which is for 2,000 samples: a factor would show
    assert seen.mean().item() > 0.1


@pytest.mark.parametrize("fit", [fit_network, fit_diffusion])
def test_first_weights_are_normal_of_the_size_asked_for(fit):
    config = Captured(updates=1, batch=5, start=0.5)
    weights = fit(Sphere(6), Sphere(6).plain(30, 1), 100, config, 3).weights
    normal = torch.randn(weights.shape, generator=generator(spawn(3, 2)[0]))
    assert torch.equal(weights, 0.5 * normal)


@pytest.mark.parametrize("fit", [fit_network, fit_diffusion])
def test_first_weights_and_batches_come_from_streams_of_their_own(fit, monkeypatch):
    drawn_from = watch_seeds(monkeypatch, classical, "generator")
    fit(Sphere(6), Sphere(6).plain(30, 1), 100, QUIET, 3)
    assert sorted(drawn_from) == [(0,), (1,)]


def test_an_update_of_the_network_takes_four_batches_of_noise_and_of_data(monkeypatch):
    made = []

    class Watched(Vector):
        def discrepancy(self, latents, data, widths):
            made.append((len(latents), len(data)))
            return super().discrepancy(latents, data, widths)

    config = Captured(updates=1, batch=5)
    prior = fit_network(Watched(6), Vector(6).plain(60, 1), 100, config, 3)
    config.loss(prior.weights)
    assert made == [(20, 20)]


def test_a_diffusion_is_fitted_to_the_velocity_between_latents_and_noise(monkeypatch):
    """That of a single latent is known: with it no error is left, at any angle up to π/2."""
    latent = torch.tensor([0.5, -1.0, 2.0])
    unit = latent.square().mean().sqrt()
    seen = []

    def exact(self, x, angle):
        seen.append(angle)
        noise = (x - angle.cos() * latent / unit) / angle.sin()
        return angle.cos() * noise - angle.sin() * latent / unit

    monkeypatch.setattr(DiffusionPrior, "velocity", exact)
    config = Captured(updates=1, batch=500)
    prior = fit_diffusion(Vector(3), latent.expand(9, 3), 60, config, 3)
    assert prior.unit == pytest.approx(unit.item())
    assert config.loss(prior.weights) < 1e-6
    (angles,) = seen
    assert angles.shape == (4 * 500, 1)
    assert angles.min() >= 0
    assert pi / 2 - 0.01 < angles.max() <= pi / 2


@pytest.mark.parametrize(("geometry", "fitted"), [(Vector(6), 1), (Sphere(6), 0)], ids=str)
def test_the_unit_of_a_diffusion_is_fitted_where_the_norm_says_nothing(geometry, fitted):
    config = Captured(updates=1, batch=500)
    data = geometry.plain(400, 1) * (3 if fitted else 1)
    prior = fit_diffusion(geometry, data, 100, config, 1)
    assert prior.parameter_count == prior.weights.numel() + fitted
    assert prior.unit == pytest.approx(3.0 if fitted else 7**-0.5, rel=0.05)
    # In this unit a velocity has a mean square of 1, which is the loss of one that is always 0.
    assert config.loss(torch.zeros_like(prior.weights)).item() == pytest.approx(1.0, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("geometry", [States(2), Sphere(6), Vector(6)], ids=str)
def test_the_network_starts_from_plain_noise_and_learns_the_data(geometry):
    data = geometry.from_reals(geometry.to_reals(geometry.plain(600, 1)) * 0.2 + 1.0)
    data = CLUSTER if geometry == States(2) else data
    idle, fitted = (
        fit_network(geometry, data, 100, config, 3)
        for config in (
            FitConfig(updates=1, rate=1e-9, start=0.0),
            FitConfig(updates=300, rate=0.03),
        )
    )
    torch.testing.assert_close(idle.sample(5, 1), geometry.plain(5, 1), atol=1e-6, rtol=0)
    near = [
        kernel(geometry.closeness(prior.sample(500, 9), data)).mean().item()
        for prior in (idle, fitted)
    ]
    assert near[1] > near[0] + 0.5 * (
        kernel(geometry.closeness(data, data)).mean().item() - near[0]
    )
    reals = geometry.real_size
    assert fitted.parameter_count <= 100 < fitted.parameter_count + 2 * reals + 1


def test_a_diffusion_that_has_learned_nothing_keeps_the_noise_standard_normal():
    """The velocity is zero in the mean there, so all its steps together may neither widen nor
    narrow the noise."""
    network = Perceptron((5, 1, 3), "silu")
    drawn = DiffusionPrior(Vector(3), network, torch.zeros(12), 2.0).sample(4000, 1)
    assert drawn.std().item() == pytest.approx(2.0, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("size", [4, 6])
def test_diffusion_and_mixture_find_two_lumps(size):
    geometry = Vector(size)
    source = generator(3)
    side = torch.randint(0, 2, (3000, 1), generator=source) * 2.0 - 1
    data = torch.randn(3000, size, generator=source) * 0.3 + 2 * side
    budget = 150
    diffusion = fit_diffusion(geometry, data, budget, FitConfig(updates=600, rate=0.02), 5)
    mixture = fit_mixture(geometry, data, budget, 5)
    for prior in (diffusion, mixture):
        drawn = prior.sample(2000, 1)
        assert drawn.shape == (2000, size)
        assert 0.3 < (drawn[:, 0] > 0).float().mean() < 0.7
        assert drawn[:, 0].abs().mean().item() == pytest.approx(2.0, abs=0.5)
        assert (drawn[:, 0] * drawn[:, 1]).mean().item() == pytest.approx(
            4.0, abs=1.5
        )  # the same lump in all directions
        assert prior.parameter_count <= budget
    assert mixture.parameter_count == len(mixture.weights) * (2 * size + 1) - 1
    assert diffusion.parameter_count == diffusion.weights.numel() + 1


@pytest.mark.parametrize(
    "fit", [fit_mixture, lambda *given: fit_diffusion(*given[:3], QUICK, given[3])]
)
def test_classical_priors_of_states_give_states_of_fixed_phase(fit):
    drawn = fit(States(2), CLUSTER, 90, 3).sample(500, 1)
    assert torch.equal(drawn, fit(States(2), CLUSTER, 90, 3).sample(500, 1))
    torch.testing.assert_close(drawn.abs().square().sum(-1), torch.ones(500))
    assert drawn[:, 0].imag.abs().max() == 0
    assert zero(drawn) > 0.6


@pytest.mark.parametrize(
    "fit",
    [
        lambda b: fit_network(States(2), CLUSTER, b, QUICK, 1),
        lambda b: fit_diffusion(States(2), CLUSTER, b, QUICK, 1),
        lambda b: fit_mixture(States(2), CLUSTER, b, 1),
    ],
)
def test_a_budget_for_nothing_is_refused(fit):
    with pytest.raises(ValueError, match="Argument `budget` must be ≥"):
        fit(3)
    with pytest.raises(ValueError, match="Argument `budget` must be ≥"):
        fit(8)  # outputs alone are no network


def test_a_mixture_has_the_weights_means_and_deviations_of_its_lumps():
    """Three quarters at +2 with deviations of 0.3, one quarter at −2 with 0.6."""
    source = generator(3)
    wide = torch.arange(6000) % 4 == 0
    spread = torch.where(wide, 0.6, 0.3)[:, None]
    data = spread * torch.randn(6000, 4, generator=source) + torch.where(wide, -2.0, 2.0)[:, None]
    prior = fit_mixture(Vector(4), data, 2 * 9 - 1, 5)
    assert prior.parameter_count == 2 * 9 - 1
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
    means = torch.tensor([[-9.0], [9.0]])
    alone = MixturePrior(Vector(1), torch.tensor([0.0, 1.0]), means, torch.zeros(2, 1))
    assert (alone.sample(50, 1) == 9).all()


def test_a_network_prior_adds_the_network_to_the_noise():
    network = Perceptron((6, 2, 6), "tanh")
    weights = torch.randn(network.parameter_count, generator=generator(2))
    noise = Vector(6).plain(5, 1)
    moved = NetworkPrior(Vector(6), network, weights).sample(5, 1) - noise
    torch.testing.assert_close(moved, network(weights, noise))


def test_a_mixture_has_as_many_parts_as_budget_and_latents_allow():
    data = torch.randn(100, 4, generator=generator(2))
    assert [len(fit_mixture(Vector(4), data, b, 5).weights) for b in (16, 17, 25, 26)] == [
        1,
        2,
        2,
        3,
    ]
    for seed in spawn(1, 6):
        data = torch.randn(7, 2, generator=generator(seed))
        assert len(fit_mixture(Vector(2), data, 500, seed).weights) == 3


def test_a_diffusion_prior_takes_off_all_noise_in_its_last_step():
    """With the exact velocity for a single latent the samples are that latent, without noise from
    the last reverse step."""
    latent = torch.tensor([0.5, -1.0, 2.0])

    angles = []

    class Exact(DiffusionPrior):
        def velocity(self, x, angle):
            angles.append(angle[0].item())
            noise = (x - angle.cos() * latent) / angle.sin()
            return angle.cos() * noise - angle.sin() * latent

    network = Perceptron((5, 1, 3), "silu")
    drawn = Exact(Vector(3), network, torch.zeros(12), 2.0).sample(20, 1)
    assert torch.allclose(drawn, 2 * latent.expand(20, 3), atol=1e-4)
    assert angles == pytest.approx([0.999 * pi / 2 * t / 40 for t in range(40, 0, -1)])


@pytest.mark.parametrize("fit", [fit_network, fit_diffusion])
def test_a_network_spends_its_budget_and_no_more(fit):
    fits = {
        budget: fit(Vector(6), torch.randn(50, 6, generator=generator(2)), budget, QUIET, 1)
        for budget in range(60, 76)
    }
    for budget, prior in fits.items():
        inputs, _, outputs = prior.network.widths
        per_unit = inputs + 1 + outputs
        assert prior.parameter_count <= budget < prior.parameter_count + per_unit
        assert prior.weights.numel() == prior.network.parameter_count
