"""Mixtures: the score of their density, and true reverse steps by plain integration."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from qdm_utils.diffusion import (
    Mixture,
    forward_moments,
    reverse_shape,
    ring,
)

PAIR = Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 0.3)


def normal(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_a_mixtures_noise_is_the_score_of_its_density():
    data = ring(5, 1.2, 0.2)
    bar = 0.4
    x = normal(6, 2).requires_grad_()
    (score,) = torch.autograd.grad(data.forward(bar).log_density(x).sum(), x)
    assert (data.noise(x.detach(), bar) + (1 - bar) ** 0.5 * score).abs().max() < 1e-12
    grid = torch.linspace(-6, 6, 4001).double()[:, None]
    assert torch.trapezoid(
        PAIR.forward(bar).log_density(grid).exp(), grid[:, 0]
    ).item() == pytest.approx(1.0, abs=1e-9)
    sample = data.sample((20000,), seed=2)
    assert torch.equal(sample, data.sample((20000,), seed=2))
    assert sample.mean(0).abs().max() < 5 / 20000**0.5
    assert sample.square().sum(-1).mean().item() == pytest.approx(1.44 + 2 * 0.04, rel=0.01)


def test_true_reverse_steps_become_gaussian_at_the_orders_three_halves_and_one():
    betas = torch.tensor([1e-4, 1e-3], dtype=torch.float64)
    found = reverse_shape(PAIR, betas, 201, 1001)
    orders = [(v[1] / v[0]).log10().item() for v in (found.matched, found.fixed, found.divergence)]
    assert orders == pytest.approx([1.5, 1.0, 3.0], abs=0.12)


def test_the_shape_of_a_reverse_step_is_that_of_the_reflected_mixture():
    betas = torch.tensor([0.05, 0.3], dtype=torch.float64)
    centres = torch.tensor([[-3.0], [0.5]], dtype=torch.float64)
    left = reverse_shape(Mixture(centres, 0.3), betas, 201, 1001)
    right = reverse_shape(Mixture(-centres, 0.3), betas, 201, 1001)
    for name in ("matched", "fixed", "divergence"):
        assert torch.allclose(getattr(left, name), getattr(right, name), rtol=1e-9, atol=0), name


@pytest.mark.slow
def test_the_shape_of_a_reverse_step_is_that_of_plain_integration():
    beta = 0.3
    found = reverse_shape(PAIR, torch.tensor([beta]), 3, 2001)
    blurred = PAIR.forward(1 - beta)
    reach = float(blurred.centres.abs().max() + 6 * blurred.width)

    limits = {"points": (-1, 0, 1), "limit": 400, "epsabs": 1e-13}

    def unscaled(x, now):
        return sum(0.5 * norm.pdf(x, m, 0.3) for m in (-1, 1)) * norm.pdf(
            now, (1 - beta) ** 0.5 * x, beta**0.5
        )

    def shape(now):
        total, first, second = (
            quad(lambda x, k=k: x**k * unscaled(x, now), -4, 4, **limits)[0] for k in range(3)
        )
        mean = first / total
        spread = (second / total - (first / total) ** 2) ** 0.5
        true = lambda x: unscaled(x, now) / total  # noqa: E731
        own, wide = norm(mean, spread), norm(mean, beta**0.5)
        rows = (
            lambda x: 0.5 * abs(true(x) - own.pdf(x)),
            lambda x: 0.5 * abs(true(x) - wide.pdf(x)),
            lambda x: true(x) * (np.log(true(x)) - own.logpdf(x)),
        )
        return [quad(row, -4, 4, **limits)[0] for row in rows]

    places = (-reach, 0.0, reach)
    weights = [
        sum(0.5 * norm.pdf(now, m, blurred.width) for m in blurred.centres[:, 0].tolist())
        for now in places
    ]
    expected = np.average([shape(now) for now in places], axis=0, weights=weights)
    values = [found.matched.item(), found.fixed.item(), found.divergence.item()]
    assert values == pytest.approx(expected.tolist(), rel=2e-3)


def test_a_jump_has_the_moments_of_every_component():
    data = ring(3, 1.2, 0.2)
    after = data.forward(0.4)
    for before, centre in zip(data.centres, after.centres, strict=True):
        mean, covariance = forward_moments(before, 0.2**2 * torch.eye(2).double(), 0.6)
        torch.testing.assert_close(centre, mean)
        torch.testing.assert_close(after.width**2 * torch.eye(2).double(), covariance)
