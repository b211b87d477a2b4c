r"""Gaussian semigroups γ̇ = Kγ + γKᵀ + D: when they are completely positive, and how they move a covariance.

A generator is a pair (drift K, diffusion D), both of shape (2N, 2N), in the convention of `covariance`.
It is completely positive (CP) iff M(K, D) = D + i(Kσ + σKᵀ) ⪰ 0.
"""

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from qdm_utils.arguments import (
    at_least,
    between,
    broadcast,
    demand,
    phase_space_matrix,
    real_array,
    scalar,
    whole_number,
)
from qdm_utils.gaussian.covariance import check_covariance, symplectic_form

Generator = tuple[np.ndarray, np.ndarray]


def attenuator(modes: int = 1) -> Generator:
    """Generator (K, D) = (−½·1, 1) of the quantum-limited attenuator, each of shape (2N, 2N).

    >>> float(cp_margin(*attenuator()))
    0.0
    """
    identity = np.eye(2 * whole_number("modes", modes, 1))
    return -0.5 * identity, identity


def transmissivity(time: float) -> np.ndarray:
    """Surviving fraction η = e^{−t} of the attenuator after time t ≥ 0 (unit: 1/damping rate)."""
    return np.exp(-at_least("time", time, 0.0))


def attenuate(cov: np.ndarray, eta: float) -> np.ndarray:
    """The attenuator's closed form γ ↦ ηγ + (1 − η)·1.

    Args:
        cov: covariance, shape (..., 2N, 2N).
        eta: surviving fraction in [0, 1]; scalar or array (...) that broadcasts with the leading axes of `cov`.

    Returns:
        Shape (..., 2N, 2N).

    Raises:
        ValueError: unphysical covariance, η outside [0, 1].

    >>> attenuate(np.diag([4.0, 0.25]), 0.5)
    array([[2.5  , 0.   ],
           [0.   , 0.625]])
    """
    cov = check_covariance(cov)
    eta, _ = broadcast(eta=between("eta", eta, 0.0, 1.0), cov=cov[..., 0, 0])
    eta = eta[..., None, None]
    return eta * cov + (1.0 - eta) * np.eye(cov.shape[-1])


def entropy_rate(cov: np.ndarray) -> np.ndarray | float:
    """The rate d ln det γ/dt = tr γ⁻¹ − 2N at which pure loss (the attenuator) changes the entropy.

    ½ ln det γ is the Rényi entropy of order two of a Gaussian state. For one mode det γ = ν², so
    every entropy grows with it; the rate is then 2 cosh(2r)/ν − 2 and changes its sign at
    cosh 2r = ν. No completely positive one-mode generator with D = 1 has a lower one.

    Args:
        cov: covariance, shape (..., 2N, 2N).

    Returns:
        Nats per unit of time (1/damping rate), shape (...): negative where loss lowers the entropy.

    Raises:
        ValueError: γ is not a covariance.

    Derivation: d ln det γ/dt = tr(γ⁻¹γ̇) with γ̇ = 1 − γ.

    >>> float(entropy_rate(4.0 * np.eye(2))), float(entropy_rate(np.eye(4)))
    (-1.5, 0.0)
    """
    cov = check_covariance(cov)
    return np.trace(np.linalg.inv(cov), axis1=-2, axis2=-1) - cov.shape[-1]


def _generator(drift: np.ndarray, diffusion: np.ndarray) -> Generator:
    drift, diffusion = (
        phase_space_matrix("drift", drift),
        phase_space_matrix("diffusion", diffusion),
    )
    same = drift.shape[-2:] == diffusion.shape[-2:]
    demand(
        same,
        "diffusion",
        f"act on the modes of drift, shape {drift.shape[-2:]}",
        f"shape {diffusion.shape[-2:]}",
    )
    broadcast(drift=drift[..., 0, 0], diffusion=diffusion[..., 0, 0])
    skew = np.abs(diffusion - np.swapaxes(diffusion, -1, -2)).max()
    demand(
        bool(skew <= 1e-9 * max(1.0, np.abs(diffusion).max())),
        "diffusion",
        "be symmetric",
        f"{skew:.3g} off",
    )
    return drift, diffusion


def cp_matrix(drift: np.ndarray, diffusion: np.ndarray) -> np.ndarray:
    """The CP matrix M(K, D) = D + i(Kσ + σKᵀ), complex Hermitian; the semigroup is CP iff M ⪰ 0.

    Args:
        drift: K, shape (..., 2N, 2N).
        diffusion: D, symmetric, shape (..., 2N, 2N).

    Returns:
        Shape (..., 2N, 2N), complex128.

    Source: arXiv:2603.06488v1, the generator-level condition behind Theorem 1.

    >>> cp_matrix(*attenuator())
    array([[1.+0.j, 0.-1.j],
           [0.+1.j, 1.+0.j]])
    """
    drift, diffusion = _generator(drift, diffusion)
    sigma = symplectic_form(drift.shape[-1] // 2)
    return diffusion + 1j * (drift @ sigma + sigma @ np.swapaxes(drift, -1, -2))


def cp_margin(drift: np.ndarray, diffusion: np.ndarray) -> np.ndarray | float:
    """Smallest eigenvalue λ_min of `cp_matrix`, shape (...): negative means not completely positive."""
    return np.linalg.eigvalsh(cp_matrix(drift, diffusion))[..., 0]


def step_channel(
    drift: np.ndarray, diffusion: np.ndarray, time: float
) -> tuple[np.ndarray, np.ndarray]:
    """The exact finite-time map γ ↦ XγXᵀ + Y of a constant generator, by Van Loan's block exponential.

    Args:
        drift, diffusion: (K, D), shape (2N, 2N) each.
        time: duration t ≥ 0.

    Returns:
        X = e^{Kt} and Y = ∫₀ᵗ e^{Ks} D e^{Kᵀs} ds, shape (2N, 2N) each.

    >>> X, Y = step_channel(*attenuator(), time=np.log(2))
    >>> np.round(X @ X.T, 12), np.round(Y, 12)
    (array([[0.5, 0. ],
           [0. , 0.5]]), array([[0.5, 0. ],
           [0. , 0.5]]))
    """
    drift, diffusion = _generator(drift, diffusion)
    time = float(at_least("time", scalar("time", time), 0.0))
    size = drift.shape[-1]
    blocks = expm(time * np.block([[-drift, diffusion], [np.zeros_like(drift), drift.T]]))
    X = blocks[size:, size:].T
    return X, X @ blocks[:size, size:]


def evolve(
    cov: np.ndarray,
    generator: Generator | Callable[[float], Generator],
    times: np.ndarray,
    rtol: float = 1e-11,
) -> np.ndarray:
    """Integrate γ̇ = Kγ + γKᵀ + D numerically (DOP853), for a generator that may depend on time.

    Args:
        cov: γ at `times[0]`, shape (2N, 2N); need not be physical.
        generator: (K, D), or a function of time that returns (K, D).
        times: ascending times, shape (n,).
        rtol: relative tolerance of the integrator; the absolute tolerance is rtol/10.

    Returns:
        Covariances at `times`, shape (n, 2N, 2N).

    Raises:
        ValueError: times not ascending; RuntimeError: the integrator gave up (named with its reason).
    """
    cov, times = phase_space_matrix("cov", cov), real_array("times", times)
    demand(times.ndim == 1 and len(times) > 0, "times", "have shape (n,)", f"shape {times.shape}")
    demand(bool((np.diff(times) > 0).all()), "times", "ascend", f"{times}")
    at = generator if callable(generator) else lambda _: generator
    if len(times) == 1:
        return cov[None].copy()

    def flow(time, flat):
        drift, diffusion = at(time)
        moved = drift @ flat.reshape(cov.shape)
        return (moved + moved.T + diffusion).ravel()

    path = solve_ivp(
        flow, times[[0, -1]], cov.ravel(), method="DOP853", t_eval=times, rtol=rtol, atol=rtol / 10
    )
    if not path.success:
        raise RuntimeError(f"The integrator stopped at time {path.t[-1]:g}: {path.message}")
    return path.y.T.reshape(len(times), *cov.shape)
