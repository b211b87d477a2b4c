"""Noise predictors: each is trained on its own, with its own weights, rate and draws."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import norm

from qdm_utils.diffusion import (
    Mixture,
    bound_weights,
    energy_distance,
    linear_schedule,
    noise_predictor,
    noised,
    reverse_chain,
    ring,
    survival,
    train_predictors,
)
from qdm_utils.diffusion.noise_predictor import Predictors, new_predictors
from qdm_utils.optimise import DivergenceError
from qdm_utils.randomness import spawn
from tests.seeds import watch_seeds

BETAS = linear_schedule(9, 0.02, 0.5)
PAIR = Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 0.3)


def normal(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_losses_of_one_seed_share_their_start_and_training_learns():
    data = ring(4, 1.0, 0.1)
    betas = linear_schedule(8, 0.02, 0.5)
    ways = torch.stack([torch.ones(8), torch.ones(8), bound_weights(betas).float()])
    net, history = train_predictors(
        data, betas, ways, torch.tensor([0.01, 0.01, 0.01]), 2, 16, 64, 120, seed=3
    )
    assert history.shape == (120, 2, 3)
    # Of one point in the plane, whose noise has a mean square of 2; new networks know nothing.
    assert 1.5 < history[0].mean() < 3
    assert torch.equal(history[:, :, 0], history[:, :, 1])
    assert torch.equal(history[0, :, 0], history[0, :, 2])
    assert not torch.equal(history[-1, :, 0], history[-1, :, 2])
    assert not torch.equal(history[0, 0], history[0, 1])
    assert history[-20:].mean() < 0.7 * history[:3].mean()
    held = data.sample((400,), seed=5)
    ends = reverse_chain(net, 400, 2, betas, "posterior", 6, seed=6)[-1]
    fresh = reverse_chain(new_predictors(1, 6, 16, 8, 3), 400, 2, betas, "posterior", 6, seed=6)[-1]
    assert energy_distance(ends[0], held) < 0.5 * energy_distance(fresh[0], held)


def test_every_way_is_trained_as_if_it_were_alone_at_its_own_rate():
    data = ring(4, 1.0, 0.1)
    betas = linear_schedule(8, 0.02, 0.5)
    ways = torch.stack([torch.ones(8).double(), bound_weights(betas), torch.ones(8).double()])
    rates = torch.tensor([0.03, 0.01, 0.003])
    together, curves = train_predictors(data, betas, ways, rates, 2, 8, 16, 30, seed=3)
    for way, (weights, rate) in enumerate(zip(ways, rates, strict=True)):
        alone, curve = train_predictors(
            data, betas, weights[None], rate[None], 2, 8, 16, 30, seed=3
        )
        torch.testing.assert_close(together.weights.view(2, 3, -1)[:, way], alone.weights)
        torch.testing.assert_close(curves[:, :, way], curve[:, :, 0])
    # Adam's first update has the length of the rate for every weight whose gradient is not zero.
    start = new_predictors(2, 1, 8, 8, spawn(3, 3)[0]).weights
    once = train_predictors(data, betas, ways, rates, 2, 8, 16, 1, seed=3)[0]
    moved = (once.weights.view(2, 3, -1) - start[:, None]).abs().amax((0, 2))
    torch.testing.assert_close(moved, rates, rtol=1e-3, atol=0)


def test_start_data_and_noise_come_from_streams_of_their_own(monkeypatch):
    drawn_from = watch_seeds(monkeypatch, noise_predictor, "new_predictors", "generator", "spawn")
    train_predictors(PAIR, BETAS, torch.ones(1, 9), torch.ones(1), 1, 4, 4, 1, seed=1)
    # The seed of the start is handed on to the generator that draws it.
    assert len(drawn_from) == 4
    assert len(set(drawn_from)) == 3


def test_the_rate_falls_to_zero_along_half_a_cosine(monkeypatch):
    rates = []
    step = torch.optim.Adam.step

    def watched(self, *args, **kwargs):
        rates.append([group["lr"] for group in self.param_groups])
        return step(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    given = torch.tensor([0.1, 0.02], dtype=torch.float64)
    train_predictors(PAIR, BETAS, torch.ones(2, 9), given, 1, 4, 4, 4, seed=1)
    falling = 0.5 * (1 + np.cos(np.pi * np.arange(4) / 4))
    np.testing.assert_allclose(rates, falling[:, None] * given.numpy())


class Watched:
    """A mixture that keeps what was drawn from it."""

    def __init__(self, mixture):
        self.mixture = mixture
        self.centres = mixture.centres
        self.drawn = []

    def sample(self, shape, seed):
        self.drawn.append(self.mixture.sample(shape, seed))
        return self.drawn[-1]


@pytest.mark.slow
def test_every_update_draws_data_of_its_own_and_a_rate_belongs_to_its_way():
    data = Watched(ring(4, 1.0, 0.1))
    betas = linear_schedule(4, 0.1, 0.5)
    still = torch.tensor([1e-12, 0.01, 1e-12])  # less than the last digit of a weight
    net, history = train_predictors(data, betas, torch.ones(3, 4), still, 2, 8, 16, 100, seed=3)
    assert len(data.drawn) == 100
    points = torch.stack(data.drawn).flatten(0, 2)
    assert len(points.unique(dim=0)) == 100 * 2 * 16
    # A way that stands still keeps its start, which all ways of a seed share; the others leave it.
    weights = net.weights.view(2, 3, -1)
    moved = (weights - weights[:, :1]).abs().amax(-1)
    assert (moved[:, 2] < 1e-9).all()
    assert (moved[:, 1] > 1e-3).all()
    # What stands still shows each hundredth of a longer training as the mean over its updates.
    longer = train_predictors(data.mixture, betas, torch.ones(3, 4), still, 2, 8, 16, 200, seed=3)[
        1
    ]
    assert longer.shape == (100, 2, 3)
    assert torch.allclose(
        longer[:50, :, 0], history[:, :, 0].unflatten(0, (-1, 2)).mean(1), atol=1e-6
    )


def test_a_loss_that_is_no_number_is_named_by_its_predictor():
    class Broken(Watched):
        def sample(self, shape, seed):
            points = super().sample(shape, seed)
            points[1, 3] = torch.nan  # of the second seed, whose two ways are the last of four
            return points

    data = Broken(ring(4, 1.0, 0.1))
    with pytest.raises(DivergenceError, match="draw 2: the loss"):
        train_predictors(data, BETAS, torch.ones(2, 9), torch.full((2,), 0.01), 2, 4, 6, 1, 1)


def test_the_energy_distance_of_shifted_normals_is_the_closed_form():
    shift = 1.5
    law = (
        2 * (2 * norm.pdf(shift / 2**0.5) * 2**0.5 + shift * (2 * norm.cdf(shift / 2**0.5) - 1))
        - 4 / np.pi**0.5
    )
    found = [
        energy_distance(normal(400, 1, seed=k), shift + normal(400, 1, seed=50 + k))
        for k in range(20)
    ]
    assert np.mean(found) == pytest.approx(law, abs=5 * np.std(found) / 20**0.5)


def test_the_energy_distance_of_equal_distributions_is_zero_in_the_mean_for_few_points():
    found = [
        energy_distance(normal(5, 1, seed=k), normal(8, 1, seed=5000 + k)) for k in range(1000)
    ]
    # with the zeros of the diagonals counted the mean would be E|X − X′|(1/5 + 1/8) = 0.37
    assert abs(np.mean(found)) < 4 * np.std(found) / 1000**0.5 < 0.1


def test_a_weight_belongs_to_its_own_step():
    data = ring(4, 1.0, 0.1)
    betas = torch.tensor([0.05, 0.9], dtype=torch.float64)
    ways = torch.eye(
        2, dtype=torch.float64
    )  # one network learns at t = 1 only, the other at t = 2 only
    net, _ = train_predictors(data, betas, ways, torch.full((2,), 0.02), 1, 16, 128, 150, seed=4)
    x0 = data.sample((2000,), seed=5)
    noise = normal(2000, 2, seed=6)
    lost = 1 - survival(betas)
    errors = np.zeros((2, 2))
    for t in (1, 2):
        x = noised(x0, lost[t], noise).expand(2, -1, -1).float()
        squares = (net(x, torch.full((1, 1), t)).detach() - noise).square()
        errors[:, t - 1] = squares.sum(-1).mean(-1).numpy()
    assert errors[0, 0] < 0.9 * errors[1, 0]
    assert errors[1, 1] < 0.9 * errors[0, 1]


def test_weights_start_with_the_variance_of_the_numbers_going_in_and_copies_start_alike():
    net = new_predictors(20, 2, 24, 8, seed=1)
    first, *_ = net.network.layers(net.weights)
    for matrix, bias in net.network.layers(net.weights):
        assert matrix.std().item() == pytest.approx(matrix.shape[-2] ** -0.5, rel=0.1)
        assert not bias.any()
    pairs = net.weights.view(20, 2, -1)
    assert torch.equal(pairs[:, 0], pairs[:, 1])
    assert len(first[0][:, 0, 0].unique()) == 20


def test_a_predictor_sees_the_time_as_a_share_of_all_steps():
    net = new_predictors(1, 1, 24, 8, seed=1)
    slower = replace(net, steps=16)
    x = normal(1, 7, 2).float()
    torch.testing.assert_close(net(x, torch.full((1, 1), 3)), slower(x, torch.full((1, 1), 6)))
    assert (net(x, torch.full((1, 1), 3)) - net(x, torch.full((1, 1), 4))).abs().min() > 1e-4


def test_time_runs_from_nothing_at_the_data_to_one_in_the_noise():
    """A network that answers with what it sees: the point, t/T, its sine from 0 to 1, and so on."""
    mirror = Predictors(lambda weights, seen: seen, torch.zeros(1, 1), 8)
    x = normal(1, 9, 2).float()
    seen = mirror(x, torch.arange(9)[None])[0]
    torch.testing.assert_close(seen[:, :2], x[0])
    torch.testing.assert_close(seen[:, 2], torch.linspace(0, 1, 9))
    torch.testing.assert_close(seen[:, 3].asin(), torch.pi / 2 * seen[:, 2], atol=1e-3, rtol=0)
