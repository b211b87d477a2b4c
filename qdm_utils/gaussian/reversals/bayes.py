r"""The Bayes (Wigner-score) reverse of the attenuator, and where it stops being a quantum process.

A classical diffusion ξ̇ = Kξ + √D·noise is undone by the drift −Kξ + D∇ln W with the same
diffusion. For a Gaussian reference ∇ln W = −γ⁻¹ξ, so K_rev = −K − Dγ⁻¹; the attenuator (K = −½·1,
D = 1) gives K_rev = ½·1 − γ⁻¹.
"""

import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import at_least, broadcast, demand, positive, scalar
from qdm_utils.gaussian.covariance import (
    check_covariance,
    check_one_mode,
    check_squeezing,
    squeezed_thermal,
    symplectic_form,
    two_mode_squeezed,
)
from qdm_utils.gaussian.reversals.paths import Path, along_path
from qdm_utils.gaussian.semigroup import (
    Generator,
    check_one_mode_generator,
    cp_margin,
    step_channel,
)


def bayes_reverse(cov: ArrayLike) -> Generator:
    """Generator (K_rev, D) = (½·1 − γ⁻¹, 1) of the fixed-diffusion Bayes reverse of the attenuator.

    Args:
        cov: reference covariance γ, shape (..., 2N, 2N).

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


def bayes_cp_margin(nu: ArrayLike, r: ArrayLike) -> np.ndarray | float:
    """Closed form of λ_min(M^Bayes) = min(2 cosh 2r/ν, 2 − 2 cosh 2r/ν); negative iff cosh 2r > ν.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        λ_min, dimensionless (rate in units of the damping rate), of the broadcast shape.

    Raises:
        ValueError: ν < 1, |r| > 10, or anything not finite.

    Source: arXiv:2603.06488v1, Theorem 1. Not monotone: it peaks at 1 where cosh 2r = ν/2.

    >>> bayes_cp_margin(np.array([1.6, 4.0]), 0.0)
    array([0.75, 0.5 ])
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=check_squeezing("r", r))
    ratio = 2.0 * np.cosh(2.0 * r) / nu
    return np.minimum(ratio, 2.0 - ratio)


def critical_squeezing(nu: ArrayLike) -> np.ndarray | float:
    """The squeezing r = arcosh(ν)/2 on Theorem 1's boundary cosh 2r = ν; scalar or array like `nu`.

    >>> round(float(critical_squeezing(np.cosh(1.0))), 12)
    0.5
    """
    return 0.5 * np.arccosh(at_least("nu", nu, 1.0))


def margin_zero(nu: ArrayLike, r_max: float = 3.0) -> np.ndarray:
    """The squeezing in [0, r_max] at which the computed λ_min changes its sign.

    A measurement, by bisection on the CP matrix, to hold against `critical_squeezing`; it does not
    use the closed form.

    Args:
        nu: thermal parameters ν > 1, shape (n,).
        r_max: a squeezing, at most 10, at which every one of them fails.

    Returns:
        Shape (n,), to rounding.

    Raises:
        ValueError: ν < 1, or an r_max at which a reverse is still CP.

    >>> np.round(margin_zero([np.cosh(1.0)]), 9)
    array([0.5])
    """
    nu = at_least("nu", nu, 1.0)
    r_max = positive("r_max", r_max)
    check_squeezing("r_max", r_max)

    def fails(r: np.ndarray) -> np.ndarray:
        return np.asarray(cp_margin(*bayes_reverse(squeezed_thermal(nu, r))) < 0.0)

    low = np.zeros_like(nu)
    high = np.full_like(nu, r_max)
    enough = bool(fails(high).all())
    demand(enough, "r_max", "lie past the threshold of every nu", f"{r_max:g}")
    for _ in range(60):
        middle = (low + high) / 2.0
        past = fails(middle)
        low = np.where(past, low, middle)
        high = np.where(past, middle, high)
    return (low + high) / 2.0


def critical_transmissivity(cov: ArrayLike) -> np.ndarray | float:
    """The surviving fraction η* above which the Bayes reverse of a path from γ(0) is not CP.

    With a, b the eigenvalues of γ(0), A = a − 1, B = b − 1, CP fails iff ηAB + (A + B)/2 < 0, that
    is for η > η* = −(A + B)/(2AB) when AB < 0. A pure squeezed state has η* = ½ whatever its
    squeezing.

    Args:
        cov: covariance at t = 0 of one mode, shape (..., 2, 2).

    Returns:
        η*, shape (...); values ≥ 1, and ∞ where AB ≥ 0, mean that it never fails.

    Raises:
        ValueError: not the covariance of one mode.

    >>> round(float(critical_transmissivity(squeezed_thermal(1.0, 0.3))), 12)
    0.5
    """
    excess = np.linalg.eigvalsh(check_one_mode(cov)) - 1.0
    product = excess.prod(-1)
    total = excess.sum(-1)
    squeezed = product < 0.0
    return np.where(squeezed, -total / np.where(squeezed, 2.0 * product, -1.0), np.inf)[()]


def formal_reverse(cov: ArrayLike, time: float) -> Path:
    """The Bayes reverse along a whole noising path, s ↦ (K_rev, D) at the reference γ_s = γ(T − s).

    Args:
        cov: covariance γ(0) of the data, shape (..., 2N, 2N).
        time: T ≥ 0, how long the attenuator acted.

    Returns:
        A function of the depth s, from 0 (noise) to T (data), made for `evolve`.

    Raises:
        ValueError: γ is not a covariance, or T < 0; the function refuses a depth outside [0, T].
    """
    return along_path(bayes_reverse, cov, time)


def vacuum_area_rate(drift: ArrayLike, diffusion: ArrayLike) -> np.ndarray | float:
    """Initial rate d(det γ)/dt = tr(2K + D) when a one-mode generator acts on the vacuum.

    The vacuum has det γ = 1, the least that the uncertainty relation allows, so a negative rate
    shows an impossible output from a plain physical input. For the Bayes reverse it is 4(1 − cosh
    2r/ν).

    Args:
        drift, diffusion: (K, D) of one mode, shape (..., 2, 2) each.

    Returns:
        The rate in units of the damping rate, shape (...).

    Raises:
        ValueError: not a generator of one mode.

    >>> float(vacuum_area_rate(*bayes_reverse(np.diag([5.0, 0.2]))))
    -6.4
    """
    drift, diffusion = check_one_mode_generator(drift, diffusion)
    return np.trace(2.0 * drift + diffusion, axis1=-2, axis2=-1)


def entanglement_witness(nu: float, r: float, squeezing: float, step: float) -> float:
    """How unphysical a pair becomes if the Bayes reverse acts on half of it: λ_min(γ_out + iσ⊕σ)/ε.

    The reverse generator at reference γ(ν, r) acts for time ε on one half of a two-mode squeezed
    vacuum. The result is a state iff the value is ≥ 0; to first order in ε that is so iff the
    generator is CP, for any squeezing s > 0.

    Args:
        nu: thermal parameter ν ≥ 1 of the reference.
        r: squeezing of the reference.
        squeezing: two-mode squeezing s > 0 of the pair.
        step: duration ε > 0.

    Returns:
        The smallest eigenvalue over ε (a rate), float.

    Raises:
        ValueError: an argument out of its range, or not a single number.

    >>> entanglement_witness(1.5, 0.4, 1.5, 1e-3) > 0 > entanglement_witness(1.5, 0.6, 1.5, 1e-3)
    True
    """
    step = positive("step", step)
    squeezing = positive("squeezing", squeezing)
    X, Y = step_channel(*bayes_reverse(squeezed_thermal(scalar("nu", nu), scalar("r", r))), step)
    big_x = np.eye(4)
    big_x[:2, :2] = X
    big_y = np.zeros((4, 4))
    big_y[:2, :2] = Y
    out = big_x @ two_mode_squeezed(squeezing) @ big_x.T + big_y
    return float(np.linalg.eigvalsh(out + 1j * symplectic_form(2))[0] / step)
