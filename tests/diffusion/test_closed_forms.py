"""Forward steps, posteriors and weights against conditioning and sampling."""

import numpy as np
import pytest
import torch

from qdm_utils.diffusion import (
    bound_weights,
    forward_moments,
    mean_from_noise,
    noised,
    posterior_coefficients,
    reverse_variances,
)
from tests.diffusion.draws import BARS, BETAS, DATA, EXACT, ONE, normal


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
    before = BARS[t - 1].item()
    beta = BETAS[t - 1].item()
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
    weights = bound_weights(BETAS, variance)
    widths = reverse_variances(BETAS, variance)
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


def test_the_fixed_variances_are_those_of_the_posterior_and_of_the_forward_step():
    found = reverse_variances(BETAS, "posterior")
    assert found[0] == BETAS[0]  # where the posterior is a point
    for t in range(2, 10):
        own = posterior_coefficients(BETAS, t)[2]
        assert found[t - 1].item() == pytest.approx(own.item(), **EXACT)
    assert torch.equal(reverse_variances(BETAS, "forward"), BETAS)
