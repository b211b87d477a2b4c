r"""Gaussian semigroups γ̇ = Kγ + γKᵀ + D: when they are completely positive, how they move a state.

A generator is a pair (drift K, diffusion D), both of shape (2N, 2N), in the convention of
`covariance`. It is completely positive (CP) iff M(K, D) = D + i(Kσ + σKᵀ) ⪰ 0.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from qdm_utils.arguments import (
    at_least,
    between,
    broadcast,
    demand,
    phase_space_matrix,
    positive,
    real_array,
    scalar,
    whole_number,
)
from qdm_utils.gaussian.covariance import (
    PHYSICAL_TOLERANCE,
    check_covariance,
    check_symmetric,
    symplectic_form,
)

Generator = tuple[np.ndarray, np.ndarray]


def check_generator(drift: ArrayLike, diffusion: ArrayLike) -> Generator:
    """(K, D) as float64 arrays, shape (..., 2N, 2N), refused unless D is symmetric; CP or not."""
    drift = phase_space_matrix("drift", drift)
    diffusion = phase_space_matrix("diffusion", diffusion)
    modes = drift.shape[-2:]
    demand(
        modes == diffusion.shape[-2:],
        "diffusion",
        f"act on the modes of drift, shape {modes}",
        f"shape {diffusion.shape[-2:]}",
    )
    broadcast(drift=drift[..., 0, 0], diffusion=diffusion[..., 0, 0])
    skew = np.abs(diffusion - np.swapaxes(diffusion, -1, -2)).max(initial=0.0)
    # Diffusions may vanish, so their scale is at least that of the vacuum noise.
    scale = np.abs(diffusion).max(initial=1.0)
    symmetric = bool(skew <= PHYSICAL_TOLERANCE * scale)
    demand(symmetric, "diffusion", "be symmetric", f"{skew:.3g} off")
    return drift, diffusion


def check_single_generator(drift: ArrayLike, diffusion: ArrayLike) -> Generator:
    """One generator (K, D), shape (2N, 2N) each, refused as by `check_generator`."""
    pair = check_generator(drift, diffusion)
    for name, matrix in zip(("drift", "diffusion"), pair, strict=True):
        demand(matrix.ndim == 2, name, "have shape (2N, 2N)", f"shape {matrix.shape}")
    return pair


def check_one_mode_generator(drift: ArrayLike, diffusion: ArrayLike) -> Generator:
    """Generators (K, D) of one mode, shape (..., 2, 2), refused as by `check_generator`."""
    drift, diffusion = check_generator(drift, diffusion)
    one = drift.shape[-1] == 2
    demand(one, "drift", "have shape (2, 2), one mode", f"shape {drift.shape}")
    return drift, diffusion


def attenuator(modes: int = 1) -> Generator:
    """Generator (K, D) = (−½·1, 1) of the quantum-limited attenuator, each of shape (2N, 2N).

    >>> float(cp_margin(*attenuator()))
    0.0
    """
    identity = np.eye(2 * whole_number("modes", modes, 1))
    return -0.5 * identity, identity


def transmissivity(time: ArrayLike) -> np.ndarray:
    """Surviving fraction η = e^{−t} of the attenuator after time t ≥ 0 (unit: 1/damping rate).

    >>> float(transmissivity(0.0))
    1.0
    """
    return np.exp(-at_least("time", time, 0.0))


def attenuate(cov: ArrayLike, eta: ArrayLike) -> np.ndarray:
    """The attenuator's closed form γ ↦ ηγ + (1 − η)·1.

    Args:
        cov: covariance, shape (..., 2N, 2N).
        eta: surviving fraction in [0, 1]; scalar or array (...) that broadcasts with the leading
            axes of `cov`.

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


def entropy_rate(cov: ArrayLike) -> np.ndarray | float:
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


def cp_matrix(drift: ArrayLike, diffusion: ArrayLike) -> np.ndarray:
    """The CP matrix M(K, D) = D + i(Kσ + σKᵀ), complex Hermitian; the semigroup is CP iff M ⪰ 0.

    Args:
        drift: K, shape (..., 2N, 2N).
        diffusion: D, symmetric, shape (..., 2N, 2N).

    Returns:
        Shape (..., 2N, 2N), complex128.

    Raises:
        ValueError: shapes that do not match, D not symmetric, or anything not finite.

    Source: arXiv:2603.06488v1, the generator-level condition behind Theorem 1.

    >>> cp_matrix(*attenuator())
    array([[1.+0.j, 0.-1.j],
           [0.+1.j, 1.+0.j]])
    """
    drift, diffusion = check_generator(drift, diffusion)
    sigma = symplectic_form(drift.shape[-1] // 2)
    return diffusion + 1j * (drift @ sigma + sigma @ np.swapaxes(drift, -1, -2))


def cp_margin(drift: ArrayLike, diffusion: ArrayLike) -> np.ndarray | float:
    """Smallest eigenvalue λ_min of `cp_matrix`, shape (...); negative: not completely positive.

    >>> float(cp_margin(-np.eye(2), np.eye(2)))
    -1.0
    """
    return np.linalg.eigvalsh(cp_matrix(drift, diffusion))[..., 0]


def step_channel(
    drift: ArrayLike, diffusion: ArrayLike, time: float
) -> tuple[np.ndarray, np.ndarray]:
    """The exact finite-time map γ ↦ XγXᵀ + Y of a constant generator, by Van Loan's method.

    Args:
        drift, diffusion: (K, D), shape (2N, 2N) each.
        time: duration t ≥ 0.

    Returns:
        X = e^{Kt} and Y = ∫₀ᵗ e^{Ks} D e^{Kᵀs} ds, shape (2N, 2N) each.

    Raises:
        ValueError: not a generator, or a time that is negative or so long that e^{±Kt} overflows.

    >>> X, Y = step_channel(*attenuator(), time=np.log(2))
    >>> np.round(X @ X.T, 12), np.round(Y, 12)
    (array([[0.5, 0. ],
           [0. , 0.5]]), array([[0.5, 0. ],
           [0. , 0.5]]))
    """
    drift, diffusion = check_single_generator(drift, diffusion)
    time = float(at_least("time", scalar("time", time), 0.0))
    size = len(drift)
    # The exponential of [[−K, D], [0, Kᵀ]]t holds X⁻¹Y beside Xᵀ.
    with np.errstate(over="ignore", invalid="ignore"):
        blocks = expm(time * np.block([[-drift, diffusion], [np.zeros_like(drift), drift.T]]))
        X = blocks[size:, size:].T
        Y = X @ blocks[:size, size:]
    fits = bool(np.isfinite(X).all() and np.isfinite(Y).all())
    demand(fits, "time", "be so short that the exponential of ±K·time is finite", f"{time:g}")
    return X, Y


def evolve(
    cov: ArrayLike,
    generator: Generator | Callable[[float], Generator],
    times: ArrayLike,
    rtol: float = 1e-11,
) -> np.ndarray:
    """Integrate γ̇ = Kγ + γKᵀ + D numerically (DOP853), for a generator that may depend on time.

    Args:
        cov: γ at `times[0]`, symmetric, shape (2N, 2N); need not be physical.
        generator: (K, D), or a function of time that returns (K, D).
        times: ascending times, shape (n,).
        rtol: relative tolerance of the integrator, > 0; the absolute tolerance is rtol/10.

    Returns:
        Covariances at `times`, shape (n, 2N, 2N).

    Raises:
        ValueError: times not ascending, γ not symmetric, or a generator of another shape.
        RuntimeError: the integrator gave up (named with its reason).

    >>> np.round(evolve(3.0 * np.eye(2), attenuator(), [0.0, np.log(2.0)])[-1], 9)
    array([[2., 0.],
           [0., 2.]])
    """
    cov = check_symmetric("cov", cov)
    demand(cov.ndim == 2, "cov", "have shape (2N, 2N)", f"shape {cov.shape}")
    times = real_array("times", times)
    demand(times.ndim == 1 and len(times) > 0, "times", "have shape (n,)", f"shape {times.shape}")
    demand(bool((np.diff(times) > 0).all()), "times", "ascend", f"{times}")
    rtol = positive("rtol", rtol)
    at = generator if callable(generator) else lambda _: generator
    first = at(float(times[0]))
    pair = isinstance(first, tuple | list) and len(first) == 2
    demand(pair, "generator", "be (drift, diffusion) or a function that returns it", f"{first!r}")
    drift, _ = check_single_generator(*first)
    same = drift.shape == cov.shape
    demand(same, "generator", f"have the shape of cov, {cov.shape}", f"shape {drift.shape}")
    if len(times) == 1:
        return cov[None].copy()

    def flow(time: float, flat: np.ndarray) -> np.ndarray:
        drift, diffusion = at(time)
        moved = drift @ flat.reshape(cov.shape)
        return (moved + moved.T + diffusion).ravel()

    path = solve_ivp(
        flow, times[[0, -1]], cov.ravel(), method="DOP853", t_eval=times, rtol=rtol, atol=rtol / 10
    )
    if not path.success:
        reached = path.t[-1] if len(path.t) else times[0]
        raise RuntimeError(f"The integrator stopped after time {reached:g}: {path.message}")
    return path.y.T.reshape(len(times), *cov.shape)
