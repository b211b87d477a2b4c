r"""The Bayes (Wigner-score) reverse of the attenuator, and the threshold past which it is no quantum process.

A classical diffusion ξ̇ = Kξ + √D·noise is undone by the drift −Kξ + D∇ln W with the same diffusion. For a Gaussian
reference ∇ln W = −γ⁻¹ξ, so K_rev = −K − Dγ⁻¹; the attenuator (K = −½·1, D = 1) gives K_rev = ½·1 − γ⁻¹.
"""

from collections.abc import Callable

import numpy as np

from qdm_utils.arguments import at_least, broadcast, demand, positive, real_array, scalar
from qdm_utils.gaussian.covariance import (
    check_covariance,
    squeezed_thermal,
    symplectic_form,
    two_mode_squeezed,
)
from qdm_utils.gaussian.semigroup import (
    Generator,
    attenuate,
    cp_margin,
    step_channel,
    transmissivity,
)


def bayes_reverse(cov: np.ndarray) -> Generator:
    """Generator (K_rev, D) = (½·1 − γ⁻¹, 1) of the fixed-diffusion Bayes reverse of the attenuator at reference γ.

    Args:
        cov: reference covariance, shape (..., 2N, 2N).

    Returns:
        (drift, diffusion), each of shape (..., 2N, 2N).

    Raises:
        ValueError: γ is not a covariance.

    Source: arXiv:2603.06488v1, the reverse drift of Theorem 1.

    >>> drift, diffusion = bayes_reverse(2.0 * np.eye(2))
    >>> drift
    array([[0., 0.],
           [0., 0.]])
    """
    cov = check_covariance(cov)
    identity = np.broadcast_to(np.eye(cov.shape[-1]), cov.shape)
    return 0.5 * identity - np.linalg.inv(cov), identity.copy()


def bayes_cp_margin(nu: float, r: float) -> np.ndarray | float:
    """Closed form of λ_min(M^Bayes) = min(2 cosh 2r/ν, 2 − 2 cosh 2r/ν); negative iff cosh 2r > ν.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        λ_min, dimensionless (rate in units of the damping rate), of the broadcast shape.

    Source: arXiv:2603.06488v1, Theorem 1. Not monotone: it peaks at 1 where cosh 2r = ν/2.

    >>> bayes_cp_margin(np.array([1.6, 4.0]), 0.0)
    array([0.75, 0.5 ])
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=real_array("r", r))
    ratio = 2.0 * np.cosh(2.0 * r) / nu
    return np.minimum(ratio, 2.0 - ratio)


def critical_squeezing(nu: float) -> np.ndarray | float:
    """The squeezing r = arcosh(ν)/2 on Theorem 1's boundary cosh 2r = ν; scalar or array like `nu`."""
    return 0.5 * np.arccosh(at_least("nu", nu, 1.0))


def margin_zero(nu: np.ndarray, r_max: float = 3.0) -> np.ndarray:
    """The squeezing in [0, r_max] at which the computed λ_min changes sign, by bisection on the CP matrix.

    A measurement to hold against `critical_squeezing`; it does not use the closed form.

    Args:
        nu: thermal parameters ν > 1, shape (n,).
        r_max: squeezing at which every one of them fails.

    Returns:
        Shape (n,), to rounding.
    """
    low, high = np.zeros_like(at_least("nu", nu, 1.0)), np.full(np.shape(nu), float(r_max))
    for _ in range(60):
        middle = (low + high) / 2.0
        fails = cp_margin(*bayes_reverse(squeezed_thermal(nu, middle))) < 0.0
        low, high = np.where(fails, low, middle), np.where(fails, middle, high)
    return (low + high) / 2.0


def critical_transmissivity(cov: np.ndarray) -> np.ndarray | float:
    """The surviving fraction η* above which the Bayes reverse of a state that started from γ(0) is not CP.

    With a, b the eigenvalues of γ(0), A = a − 1, B = b − 1, CP fails iff ηAB + (A + B)/2 < 0, that is for
    η > η* = −(A + B)/(2AB) when AB < 0. A pure squeezed state has η* = ½ whatever its squeezing.

    Args:
        cov: covariance at t = 0 of one mode, shape (..., 2, 2).

    Returns:
        η*, shape (...); values ≥ 1, and ∞ where AB ≥ 0, mean that it never fails.

    >>> round(float(critical_transmissivity(squeezed_thermal(1.0, 0.3))), 12)
    0.5
    """
    cov = check_covariance(cov)
    demand(cov.shape[-1] == 2, "cov", "describe one mode, shape (..., 2, 2)", f"shape {cov.shape}")
    excess = np.linalg.eigvalsh(cov) - 1.0
    product, total = excess.prod(-1), excess.sum(-1)
    squeezed = product < 0.0
    return np.where(squeezed, -total / np.where(squeezed, 2.0 * product, -1.0), np.inf)[()]


def formal_reverse(cov: np.ndarray, time: float) -> Callable[[float], Generator]:
    """The Bayes reverse along a whole noising path, s ↦ (K_rev, D) at the reference γ_s = γ(T − s).

    Args:
        cov: covariance γ(0) of the data, shape (2N, 2N).
        time: T > 0, how long the attenuator acted; the depth s runs from 0 (noise) to T (data).

    Returns:
        A function of the depth s in [0, T], made for `evolve`.
    """
    cov, time = check_covariance(cov), float(at_least("time", scalar("time", time), 0.0))
    # The integrator's last stage may sit a rounding error beyond T.
    return lambda depth: bayes_reverse(attenuate(cov, transmissivity(max(0.0, time - depth))))


def vacuum_area_rate(drift: np.ndarray, diffusion: np.ndarray) -> np.ndarray | float:
    """Initial rate d(det γ)/dt = tr(2K + D) when a one-mode generator acts on the vacuum, shape (...).

    The vacuum has det γ = 1, the least that the uncertainty relation allows, so a negative rate shows an
    impossible output from a plain physical input. For the Bayes reverse it is 4(1 − cosh 2r/ν).
    """
    return np.trace(2.0 * np.asarray(drift) + np.asarray(diffusion), axis1=-2, axis2=-1)


def entanglement_witness(nu: float, r: float, squeezing: float, step: float) -> float:
    """How unphysical half of an entangled pair becomes under the Bayes reverse: λ_min(γ_out + iσ⊕σ)/ε.

    The reverse generator at reference γ(ν, r) acts for time ε on one half of a two-mode squeezed vacuum. The result
    is a state iff the value is ≥ 0; to first order in ε that is so iff the generator is CP, for any squeezing s > 0.

    Args:
        nu: thermal parameter ν ≥ 1 of the reference.
        r: squeezing of the reference.
        squeezing: two-mode squeezing s > 0 of the pair.
        step: duration ε > 0.

    Returns:
        The smallest eigenvalue over ε (a rate), float.
    """
    step, squeezing = positive("step", step), positive("squeezing", squeezing)
    X, Y = step_channel(*bayes_reverse(squeezed_thermal(scalar("nu", nu), scalar("r", r))), step)
    big_x, big_y = np.eye(4), np.zeros((4, 4))
    big_x[:2, :2], big_y[:2, :2] = X, Y
    out = big_x @ two_mode_squeezed(squeezing) @ big_x.T + big_y
    return float(np.linalg.eigvalsh(out + 1j * symplectic_form(2))[0] / step)
