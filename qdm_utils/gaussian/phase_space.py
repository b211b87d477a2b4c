"""Gaussian states as a person can see them: Wigner functions, their ellipses and their score."""

import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import broadcast, demand, real_array, whole_number
from qdm_utils.gaussian.covariance import check_positive


def _one_gaussian(cov: ArrayLike) -> np.ndarray:
    """One positive definite matrix, shape (2, 2), physical or not."""
    cov = check_positive("cov", cov)
    demand(cov.shape == (2, 2), "cov", "have shape (2, 2)", f"shape {cov.shape}")
    return cov


def wigner(cov: ArrayLike, x: ArrayLike, p: ArrayLike) -> np.ndarray:
    """Wigner function W(x, p) = exp(−½ ξᵀγ⁻¹ξ)/(2π √det γ) of a centred one-mode Gaussian, ∫W = 1.

    Args:
        cov: γ, shape (2, 2), positive definite; with det γ < 1 it is a function but no quantum
            state.
        x, p: phase-space coordinates in vacuum standard deviations; they broadcast.

    Returns:
        W, of the broadcast shape.

    Raises:
        ValueError: γ not positive definite, coordinates not finite or of shapes that do not match.

    >>> round(float(wigner(np.eye(2), 0.0, 0.0)) * 2 * np.pi, 12)
    1.0
    """
    cov = _one_gaussian(cov)
    x, p = broadcast(x=real_array("x", x), p=real_array("p", p))
    inverse = np.linalg.inv(cov)
    exponent = inverse[0, 0] * x**2 + 2.0 * inverse[0, 1] * x * p + inverse[1, 1] * p**2
    return np.exp(-0.5 * exponent) / (2.0 * np.pi * np.sqrt(np.linalg.det(cov)))


def one_sigma_ellipse(cov: ArrayLike, points: int = 181) -> np.ndarray:
    """Points of the one-sigma ellipse ξᵀγ⁻¹ξ = 1, closed; its area is π√det γ.

    Args:
        cov: γ, shape (2, 2), positive definite.
        points: how many, ≥ 2; the first and the last coincide.

    Returns:
        Points ξ = (x, p) in vacuum standard deviations, shape (points, 2).

    Raises:
        ValueError: γ not positive definite, or fewer than two points.

    >>> np.round(one_sigma_ellipse(np.diag([4.0, 1.0]), 5), 12)[:2] + 0.0
    array([[0., 1.],
           [2., 0.]])
    """
    angle = np.linspace(0.0, 2.0 * np.pi, whole_number("points", points, 2))
    spectrum, axes = np.linalg.eigh(_one_gaussian(cov))
    return (np.stack([np.cos(angle), np.sin(angle)], -1) * np.sqrt(spectrum)) @ axes.T


def wigner_score(cov: ArrayLike, xi: ArrayLike) -> np.ndarray:
    """The Wigner score ∇ ln W(ξ) = −γ⁻¹ξ of a centred Gaussian.

    Args:
        cov: γ, shape (2, 2), positive definite.
        xi: phase-space points ξ, shape (..., 2).

    Returns:
        The gradient at each point, shape (..., 2).

    Raises:
        ValueError: γ not positive definite, points not finite or not in the plane.

    >>> wigner_score(2.0 * np.eye(2), [1.0, -3.0])
    array([-0.5,  1.5])
    """
    xi = real_array("xi", xi)
    demand(xi.shape[-1:] == (2,), "xi", "have shape (..., 2)", f"shape {xi.shape}")
    return -np.linalg.solve(_one_gaussian(cov), xi[..., None])[..., 0]
