import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from qdm_utils.diffusion import (
    LinearReverse,
    Mixture,
    bound_terms,
    bound_weights,
    energy_distance,
    exact_reverse,
    forward_moments,
    linear_schedule,
    mean_from_noise,
    negative_log_likelihood,
    noised,
    posterior_coefficients,
    reverse_chain,
    reverse_shape,
    reverse_variances,
    ring,
    survival,
    train_predictors,
    variational_bound,
)
from qdm_utils.diffusion.noise_predictor import new_predictors
from qdm_utils.randomness import spawn

BETAS = linear_schedule(9, 0.02, 0.5)
BARS = survival(BETAS)
DATA = (
    torch.tensor([0.7, -0.4], dtype=torch.float64),
    torch.tensor([[0.5, 0.3], [0.3, 0.4]], dtype=torch.float64),
)
ONE = torch.eye(2, dtype=torch.float64)
PAIR = Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 0.3)
EXACT = {"rel": 0, "abs": 1e-10}


def normal(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def disturbed(size, seed):
    true = exact_reverse(*DATA, BETAS)
    wider = torch.exp(size * normal(9, 1, 1, seed=seed))
    shifts = size * normal(9, 2, 3, seed=seed + 1)
    return LinearReverse(
        true.matrices + shifts[..., :2], true.offsets + shifts[..., 2], true.covariances * wider
    )


def test_steps_have_the_stated_moments_and_compose_to_one_jump():
    node, weight = np.polynomial.hermite_e.hermegauss(7)
    for beta in (0.0, 0.3, 1.0):
        x = noised(
            torch.tensor([[1.7]], dtype=torch.float64), beta, torch.tensor(node)[:, None]
        ).numpy()[:, 0]
        mean = (weight * x).sum() / weight.sum()
        assert mean == pytest.approx((1 - beta) ** 0.5 * 1.7, **EXACT)
        assert (weight * (x - mean) ** 2).sum() / weight.sum() == pytest.approx(beta, **EXACT)
    mean, covariance = DATA
    for beta in BETAS:
        mean, covariance = forward_moments(mean, covariance, beta)
    jump = BARS[-1]
    assert (mean - jump.sqrt() * DATA[0]).abs().max() < 1e-12
    assert (covariance - jump * DATA[1] - (1 - jump) * ONE).abs().max() < 1e-12


@pytest.mark.parametrize("t", [1, 2, 9])
def test_the_posterior_is_gaussian_conditioning(t):
    # x_{t-1} and x_t given x_0 have a joint normal law with these moments
    before, beta = BARS[t - 1].item(), BETAS[t - 1].item()
    wide = (1 - beta) * (1 - before) + beta
    gain = (1 - beta) ** 0.5 * (1 - before) / wide
    a, b, variance = posterior_coefficients(BETAS, t)
    assert b.item() == pytest.approx(gain, **EXACT)
    assert a.item() == pytest.approx(before**0.5 * (1 - gain * (1 - beta) ** 0.5), **EXACT)
    assert variance.item() == pytest.approx((1 - before) * (1 - gain * (1 - beta) ** 0.5), **EXACT)


def test_the_mean_from_the_true_noise_is_the_posteriors():
    x0, noise = normal(2, 20, 2)
    for t in range(1, 10):
        x = noised(x0, 1 - BARS[t], noise)
        a, b, _ = posterior_coefficients(BETAS, t)
        assert (mean_from_noise(x, noise, BETAS, t) - a * x0 - b * x).abs().max() < 1e-12


@pytest.mark.parametrize("variance", ["posterior", "forward"])
def test_each_term_is_a_constant_and_the_weighted_noise_error(variance):
    x0, noise, guess = normal(3, 20, 2)
    weights, widths = bound_weights(BETAS, variance), reverse_variances(BETAS, variance)
    for t in range(1, 10):
        x = noised(x0, 1 - BARS[t], noise)
        a, b, own = posterior_coefficients(BETAS, t)
        ratio = own / widths[t - 1]
        # KL of two Gaussians in the plane; at t = 1 the posterior is a point and the term the
        # log-likelihood of x_0.
        model = torch.distributions.Normal(
            mean_from_noise(x, guess, BETAS, t), widths[t - 1].sqrt()
        )
        if t > 1:
            true = torch.distributions.Normal(a * x0 + b * x, own.sqrt())
            divergence = torch.distributions.kl_divergence(true, model).sum(-1)
            constant = ratio - 1 - ratio.log()
        else:
            divergence = -model.log_prob(x0).sum(-1)
            constant = (2 * np.pi * widths[0]).log()
        assert (
            divergence - weights[t - 1] * (noise - guess).square().sum(-1) - constant
        ).abs().max() < 1e-10
        if variance == "posterior" and t > 1:
            assert constant.abs() < 1e-12


def test_the_exact_reverse_brings_gaussian_data_back():
    true = exact_reverse(*DATA, BETAS)
    mean, covariance = BARS[-1].sqrt() * DATA[0], BARS[-1] * DATA[1] + (1 - BARS[-1]) * ONE
    for matrix, offset, wide in reversed(
        list(zip(true.matrices, true.offsets, true.covariances, strict=True))
    ):
        mean, covariance = matrix @ mean + offset, matrix @ covariance @ matrix.mT + wide
    assert (mean - DATA[0]).abs().max() < 1e-12
    assert (covariance - DATA[1]).abs().max() < 1e-12


@pytest.mark.parametrize("size", [0.0, 0.05, 0.3])
def test_the_bound_is_the_sum_of_its_terms_and_lies_above(size):
    for seed in range(5):
        chain = disturbed(size, seed)
        bound, terms = variational_bound(*DATA, chain, BETAS), bound_terms(*DATA, chain, BETAS)
        assert terms.sum().item() == pytest.approx(bound.item(), rel=1e-10)
        assert (terms[1:] >= 0).all()
        assert negative_log_likelihood(*DATA, chain) <= bound + 1e-10


def test_the_bound_is_tight_for_the_exact_chain_of_stationary_data():
    data = torch.zeros(2).double(), ONE
    chain = exact_reverse(*data, BETAS)
    entropy = 1 + np.log(2 * np.pi)
    assert negative_log_likelihood(*data, chain).item() == pytest.approx(entropy, **EXACT)
    assert variational_bound(*data, chain, BETAS).item() == pytest.approx(entropy, **EXACT)


def test_the_bound_is_that_of_sampled_trajectories():
    chain, count = disturbed(0.05, 3), 40000
    x = DATA[0] + normal(count, 2, seed=5) @ torch.linalg.cholesky(DATA[1]).mT
    log_ratio = torch.zeros(count).double()
    for t, beta in enumerate(BETAS):
        after = noised(x, beta, normal(count, 2, seed=10 + t))
        log_q = norm.logpdf(after, (1 - beta).sqrt() * x, beta.sqrt()).sum(-1)
        model = torch.distributions.MultivariateNormal(
            after @ chain.matrices[t].mT + chain.offsets[t], chain.covariances[t]
        )
        log_ratio += torch.tensor(log_q) - model.log_prob(x)
        x = after
    log_ratio -= torch.tensor(norm.logpdf(x).sum(-1))
    error = log_ratio.std() / count**0.5
    assert abs(log_ratio.mean() - variational_bound(*DATA, chain, BETAS)) < 5 * error


def test_a_mixtures_noise_is_the_score_of_its_density():
    data, bar = ring(5, 1.2, 0.2), 0.4
    x = normal(6, 2).requires_grad_()
    (score,) = torch.autograd.grad(data.forward(bar).log_density(x).sum(), x)
    assert (data.noise(x.detach(), bar) + (1 - bar) ** 0.5 * score).abs().max() < 1e-12
    grid = torch.linspace(-6, 6, 4001).double()[:, None]
    assert torch.trapezoid(
        PAIR.forward(bar).log_density(grid).exp(), grid[:, 0]
    ).item() == pytest.approx(1.0, abs=1e-9)
    sample = data.sample((20000,), seed=2)
    assert sample.mean(0).abs().max() < 5 / 20000**0.5
    assert sample.square().sum(-1).mean().item() == pytest.approx(1.44 + 2 * 0.04, rel=0.01)


def test_true_reverse_steps_become_gaussian_at_the_orders_three_halves_and_one():
    betas = torch.tensor([1e-4, 1e-3], dtype=torch.float64)
    found = reverse_shape(PAIR, betas, 201, 1001)
    orders = [(v[1] / v[0]).log10().item() for v in (found.matched, found.fixed, found.divergence)]
    assert orders == pytest.approx([1.5, 1.0, 3.0], abs=0.12)


def test_the_distance_of_a_reverse_step_is_that_of_plain_integration():
    beta = 0.3
    found = reverse_shape(PAIR, torch.tensor([beta]), 3, 2001)
    blurred = PAIR.forward(1 - beta)
    reach = float(blurred.centres.abs().max() + 6 * blurred.width)

    limits = {"points": (-1, 0, 1), "limit": 400, "epsabs": 1e-13}

    def unscaled(x, now):
        return sum(0.5 * norm.pdf(x, m, 0.3) for m in (-1, 1)) * norm.pdf(
            now, (1 - beta) ** 0.5 * x, beta**0.5
        )

    def variation(now):
        total, first, second = (
            quad(lambda x, k=k: x**k * unscaled(x, now), -4, 4, **limits)[0] for k in range(3)
        )
        mean, spread = first / total, (second / total - (first / total) ** 2) ** 0.5
        return quad(
            lambda x: 0.5 * abs(unscaled(x, now) / total - norm.pdf(x, mean, spread)),
            -4,
            4,
            **limits,
        )[0]

    places = (-reach, 0.0, reach)
    weights = [
        sum(0.5 * norm.pdf(now, m, blurred.width) for m in blurred.centres[:, 0].tolist())
        for now in places
    ]
    values = [variation(now) for now in places]
    assert found.matched[0].item() == pytest.approx(np.average(values, weights=weights), rel=2e-3)


def test_losses_of_one_seed_share_their_start_and_training_learns():
    data, betas = ring(4, 1.0, 0.1), linear_schedule(8, 0.02, 0.5)
    ways = torch.stack([torch.ones(8), torch.ones(8), bound_weights(betas).float()])
    net, history = train_predictors(
        data, betas, ways, torch.tensor([0.01, 0.01, 0.01]), 2, 16, 64, 120, seed=3
    )
    assert history.shape == (120, 2, 3)
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
    data, betas = ring(4, 1.0, 0.1), linear_schedule(8, 0.02, 0.5)
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


def test_the_rate_falls_to_zero_along_half_a_cosine(monkeypatch):
    rates, step = [], torch.optim.Adam.step

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
        self.mixture, self.centres, self.drawn = mixture, mixture.centres, []

    def sample(self, shape, seed):
        self.drawn.append(self.mixture.sample(shape, seed))
        return self.drawn[-1]


def test_every_update_draws_data_of_its_own_and_a_rate_belongs_to_its_way():
    data, betas = Watched(ring(4, 1.0, 0.1)), linear_schedule(4, 0.1, 0.5)
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
    data, betas = ring(4, 1.0, 0.1), torch.tensor([0.05, 0.9], dtype=torch.float64)
    ways = torch.eye(
        2, dtype=torch.float64
    )  # one network learns at t = 1 only, the other at t = 2 only
    net, _ = train_predictors(data, betas, ways, torch.full((2,), 0.02), 1, 16, 128, 150, seed=4)
    x0, noise = data.sample((2000,), seed=5), normal(2000, 2, seed=6)
    lost = 1 - survival(betas)
    errors = np.zeros((2, 2))
    for t in (1, 2):
        x = noised(x0, lost[t], noise).expand(2, -1, -1).float()
        squares = (net(x, torch.full((1, 1), t)).detach() - noise).square()
        errors[:, t - 1] = squares.sum(-1).mean(-1).numpy()
    assert errors[0, 0] < 0.9 * errors[1, 0]
    assert errors[1, 1] < 0.9 * errors[0, 1]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: posterior_coefficients([0.1, 1.1], 1), "schedule"),
        (lambda: posterior_coefficients([], 1), "schedule"),
        (lambda: posterior_coefficients(BETAS, 0), "t"),
        (lambda: posterior_coefficients(BETAS, 10), "t"),
        (lambda: posterior_coefficients([0.0, 0.1], 1), "schedule"),
        (lambda: mean_from_noise(torch.ones(2), torch.ones(2), [1.0], 1), "schedule"),
        (lambda: bound_weights([0.1, 1.0]), "schedule"),
        (lambda: bound_weights(BETAS, "learned"), "variance"),
        (lambda: forward_moments(*DATA, -0.1), "beta"),
        (lambda: variational_bound(*DATA, exact_reverse(*DATA, BETAS), BETAS[1:]), "schedule"),
        (
            lambda: LinearReverse(torch.zeros(1, 2, 2), torch.zeros(1, 2), torch.zeros(1, 2, 2)),
            "covariances",
        ),
        (lambda: Mixture(torch.zeros(0, 2), 1.0), "centres"),
        (lambda: Mixture(torch.zeros(1, 2), 0.0), "width"),
        (lambda: reverse_shape(ring(3, 1.0, 0.1), BETAS), "mixture"),
        (lambda: energy_distance(torch.zeros(1, 2), torch.zeros(5, 2)), "points"),
        (
            lambda: train_predictors(PAIR, BETAS, torch.ones(1, 3), torch.ones(1), 1, 4, 4, 1, 1),
            "weights",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"^Argument `{name}` must"):
        call()
