"""What a displacement of a Gaussian state costs in relative entropy, and how much of that fidelity sees."""

import warnings

import numpy as np

from qdm_utils.arguments import at_least, demand
from qdm_utils.gaussian.covariance import check_covariance


def information_weight(nu: np.ndarray) -> np.ndarray:
    """ν arcoth ν ≥ 1 for ν ≥ 1 of any shape, infinite at ν = 1; log1p keeps its digits both near ν = 1 and for ν → ∞."""
    mixed = nu > 1.0
    return np.where(mixed, 0.5 * nu * np.log1p(2.0 / np.where(mixed, nu - 1.0, 1.0)), np.inf)


def c_geom(nu: float) -> np.ndarray | float:
    """What fidelity can see of the information in a displacement: c_geom(ν) = 1/(2ν arcoth ν).

    Displacement tangents of a one-mode Gaussian state couple neighbouring levels only, whose weights have the one ratio
    (ν − 1)/(ν + 1); so the metrics of fidelity and of relative entropy are multiples of each other, −2 ln F = c_geom·D.

    Args:
        nu: thermal parameter (symplectic eigenvalue) ν ≥ 1; scalar or array.

    Returns:
        Dimensionless, of the shape of `nu`, increasing from 0 at ν = 1 (pure) to ½ for ν → ∞.

    Raises:
        ValueError: ν < 1, or not finite.

    Source: the geometric constant of Theorem 2, arXiv:2603.06488v1; this expression is derived here.

    >>> np.round(c_geom(np.array([1.0, 1.5, 2.0])), 5)
    array([0.     , 0.41422, 0.45512])
    """
    return (0.5 / information_weight(at_least("nu", nu, 1.0)))[()]


def kmb_information(cov: np.ndarray) -> np.ndarray:
    """Kubo–Mori–Bogoliubov information J = ν arcoth(ν)·γ⁻¹ of displacements: D(ρ‖ρ_ξ) = ½ ξᵀJξ, in nats, for any ξ.

    Args:
        cov: covariance of one mode, shape (..., 2, 2), vacuum = identity.

    Returns:
        J, shape (..., 2, 2). A pure state (ν = 1 within rounding) has no finite relative entropy to a displaced copy: its
        entries are ±inf with the signs of γ⁻¹, zeros stay zero, and one `UserWarning` is given.

    Raises:
        ValueError: not the covariance of one mode.

    Source: the Gaussian de Bruijn identity behind Theorem 2, arXiv:2603.06488v1; this expression is derived here.

    >>> np.round(kmb_information(2.0 * np.eye(2)), 6)
    array([[0.549306, 0.      ],
           [0.      , 0.549306]])
    """
    cov = check_covariance(cov)
    demand(cov.shape[-1] == 2, "cov", "describe one mode, shape (..., 2, 2)", f"shape {cov.shape}")
    determinant = np.linalg.det(cov)
    # det γ of a pure state is 1 up to rounding of this size, and arcoth would turn the rounding into a finite number.
    rounding = 16.0 * np.finfo(float).eps * np.abs(cov).max((-1, -2)) ** 2
    weight = information_weight(
        np.where(determinant - 1.0 > rounding, np.sqrt(np.maximum(determinant, 1.0)), 1.0)
    )
    if np.isinf(weight).any():
        warnings.warn("The displacement information of a pure state is infinite.", stacklevel=2)
    inverse = np.linalg.inv(cov)
    # 0·inf would be NaN where γ⁻¹ has a zero.
    return np.multiply(
        inverse, weight[..., None, None], where=inverse != 0.0, out=np.zeros_like(inverse)
    )
