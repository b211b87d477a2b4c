import numpy as np
import pytest
import torch
from hypothesis import given
from numpy.testing import assert_allclose

from qdm_utils.gaussian import (
    bayes_reverse,
    one_sigma_ellipse,
    squeezed_thermal,
    wigner,
    wigner_score,
)
from tests.gaussian.strategies import angle, squeezing, thermal


@given(thermal, squeezing, angle)
def test_the_wigner_function_integrates_to_one(nu, r, phi):
    cov = squeezed_thermal(nu, r, phi)
    half = 8 * np.sqrt(np.linalg.eigvalsh(cov))
    spectrum, axes = np.linalg.eigh(cov)
    u, v = np.meshgrid(*(np.linspace(-h, h, 161) for h in half))
    x, p = np.moveaxis(np.stack([u, v], -1) @ axes.T, -1, 0)
    cell = np.prod(2 * half / 160)
    density = wigner(cov, x, p)
    assert_allclose(density.sum() * cell, 1.0, rtol=1e-9)
    assert_allclose((density * x * p).sum() * cell, cov[0, 1], atol=1e-6)
    assert spectrum[0] > 0


@given(thermal, squeezing, angle)
def test_the_ellipse_lies_at_one_sigma_and_has_area_pi_nu(nu, r, phi):
    cov = squeezed_thermal(nu, r, phi)
    points = one_sigma_ellipse(cov, 721)
    assert_allclose(np.einsum("ki,ij,kj->k", points, np.linalg.inv(cov), points), 1.0, rtol=1e-8)
    x, p = points.T
    assert_allclose(
        abs(np.sum(x[:-1] * np.diff(p) - p[:-1] * np.diff(x))) / 2, np.pi * nu, rtol=1e-4
    )


def test_the_score_is_the_gradient_of_the_log_wigner_function():
    """By torch's autograd; and −Kξ + D·score is the Bayes drift applied to ξ."""
    cov = squeezed_thermal(1.7, 0.6, 0.9)
    inverse = torch.from_numpy(np.linalg.inv(cov))
    xi = torch.tensor([[0.3, -1.2], [2.0, 0.5]], dtype=torch.float64, requires_grad=True)
    (-0.5 * torch.einsum("ki,ij,kj->k", xi, inverse, xi)).sum().backward()
    points = xi.detach().numpy()
    assert_allclose(wigner_score(cov, points), xi.grad.numpy(), atol=1e-12)
    assert_allclose(
        0.5 * points + wigner_score(cov, points), points @ bayes_reverse(cov)[0].T, atol=1e-12
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wigner(np.eye(4), 0.0, 0.0), r"Argument `cov` must have shape \(2, 2\)"),
        (lambda: wigner(-np.eye(2), 0.0, 0.0), r"Argument `cov` must be positive definite"),
        (
            lambda: one_sigma_ellipse(np.eye(2), 1),
            r"Argument `points` must be a whole number ≥ 2, but got 1",
        ),
        (lambda: wigner_score(np.eye(2), [1.0]), r"Argument `xi` must have shape \(..., 2\)"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
