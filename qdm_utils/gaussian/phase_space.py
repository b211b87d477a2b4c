"""Gaussian states as a person can see them: Wigner functions, one-sigma ellipses and the Wigner score."""

import numpy as np

from qdm_utils.arguments import demand, phase_space_matrix, real_array, whole_number


def _one_mode(cov: np.ndarray) -> np.ndarray:
    cov = phase_space_matrix("cov", cov)
    demand(cov.shape == (2, 2), "cov", "have shape (2, 2)", f"shape {cov.shape}")
    smallest = np.linalg.eigvalsh(cov)[0]
    demand(
        bool(smallest > 0.0),
        "cov",
        "be positive definite",
        f"a smallest eigenvalue of {smallest:.3g}",
    )
    return cov


def wigner(cov: np.ndarray, x: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Wigner function W(x, p) = exp(−½ ξᵀγ⁻¹ξ)/(2π √det γ) of a centred one-mode Gaussian, ∫W dx dp = 1.

    Args:
        cov: shape (2, 2), positive definite; with det γ < 1 it is a function but no quantum state.
        x, p: phase-space coordinates in vacuum standard deviations; they broadcast.

    Returns:
        W, of the broadcast shape.

    >>> round(float(wigner(np.eye(2), 0.0, 0.0)) * 2 * np.pi, 12)
    1.0
    """
    cov = _one_mode(cov)
    x, p = np.broadcast_arrays(real_array("x", x), real_array("p", p))
    inverse = np.linalg.inv(cov)
    exponent = inverse[0, 0] * x**2 + 2.0 * inverse[0, 1] * x * p + inverse[1, 1] * p**2
    return np.exp(-0.5 * exponent) / (2.0 * np.pi * np.sqrt(np.linalg.det(cov)))


def one_sigma_ellipse(cov: np.ndarray, points: int = 181) -> np.ndarray:
    """Points of the one-sigma ellipse ξᵀγ⁻¹ξ = 1, shape (points, 2), closed; its area is π√det γ.

    Args:
        cov: shape (2, 2), positive definite.
        points: how many, ≥ 2; the first and the last coincide.
    """
    angle = np.linspace(0.0, 2.0 * np.pi, whole_number("points", points, 2))
    spectrum, axes = np.linalg.eigh(_one_mode(cov))
    return (np.stack([np.cos(angle), np.sin(angle)], -1) * np.sqrt(spectrum)) @ axes.T


def wigner_score(cov: np.ndarray, xi: np.ndarray) -> np.ndarray:
    """The Wigner score ∇ ln W(ξ) = −γ⁻¹ξ of a centred Gaussian.

    Args:
        cov: shape (2, 2), positive definite.
        xi: phase-space points, shape (..., 2).

    Returns:
        Shape (..., 2).
    """
    xi = real_array("xi", xi)
    demand(xi.shape[-1:] == (2,), "xi", "have shape (..., 2)", f"shape {xi.shape}")
    return -np.linalg.solve(_one_mode(cov), xi[..., None])[..., 0]
