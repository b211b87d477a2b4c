r"""Gaussian states as covariance matrices, and their normal modes.

The convention is that of Heinosaari, Holevo and Wolf (HHW): quadratures R = (x₁, p₁, …, x_N, p_N)
with [x, p] = 2i, so the vacuum covariance is the identity ("ħ = 2" in The Walrus and Strawberry
Fields). The symplectic form is σ = [[0, 1], [−1, 0]] for each mode, and a covariance γ is physical
iff γ + iσ ⪰ 0. Every other module of this room relies on this page and on no other convention.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import unitary_group
from thewalrus.quantum import fidelity as walrus_fidelity

from qdm_utils.arguments import (
    at_least,
    broadcast,
    demand,
    phase_space_matrix,
    real_array,
    scalar,
    whole_number,
)

# Slack for rounding in the checks: relative for a symmetry, absolute for symplectic eigenvalues ≥
# 1.
PHYSICAL_TOLERANCE = 1e-9
# Beyond 87 dB of squeezing the two axes of a covariance no longer fit into one float64 matrix.
R_MAX = 10.0
# Symplectic eigenvalues closer than this, relatively, count as equal: their modes may be mixed.
DEGENERATE = 1e-7


def symplectic_form(modes: int) -> np.ndarray:
    """The symplectic form σ ⊕ … ⊕ σ of `modes` modes, shape (2N, 2N).

    >>> symplectic_form(1)
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    return np.kron(np.eye(whole_number("modes", modes, 1)), np.array([[0.0, 1.0], [-1.0, 0.0]]))


def check_squeezing(name: str, value: ArrayLike) -> np.ndarray:
    """`value` as a float64 array of squeezing parameters, refused unless within ±`R_MAX`."""
    r = real_array(name, value)
    largest = np.abs(r).max(initial=0.0)
    demand(bool(largest <= R_MAX), name, f"lie in [−{R_MAX:g}, {R_MAX:g}]", f"{largest:g}")
    return r


def squeezed_thermal(nu: ArrayLike, r: ArrayLike, phi: ArrayLike = 0.0) -> np.ndarray:
    """Covariance of a squeezed thermal state, ν·diag(e^{2r}, e^{−2r}) turned by the angle φ.

    Args:
        nu: thermal parameter (symplectic eigenvalue), ν ≥ 1; scalar or array (...).
        r: squeezing parameter, dimensionless; scalar or array (...). For r > 0 the momentum is
            squeezed.
        phi: angle of the long axis against x, in radians; scalar or array (...).

    Returns:
        Covariance, shape (..., 2, 2), vacuum = identity.

    Raises:
        ValueError: ν < 1, |r| > 10, or anything not finite.

    Source: the reference states γ(ν, r) of arXiv:2603.06488v1, Theorem 1.

    >>> squeezed_thermal(2.0, 0.0)
    array([[2., 0.],
           [0., 2.]])
    """
    nu, r, phi = broadcast(
        nu=at_least("nu", nu, 1.0), r=check_squeezing("r", r), phi=real_array("phi", phi)
    )
    c, s = np.cos(phi), np.sin(phi)
    rotation = np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)
    axes = nu[..., None] * np.stack([np.exp(2 * r), np.exp(-2 * r)], -1)
    return (rotation * axes[..., None, :]) @ np.swapaxes(rotation, -1, -2)


def two_mode_squeezed(squeezing: float) -> np.ndarray:
    """Covariance of the two-mode squeezed vacuum (an entangled pair) with squeezing s.

    Args:
        squeezing: s in [0, 10], dimensionless; s → ∞ is the maximally entangled (EPR) limit.

    Returns:
        Covariance, shape (4, 4), vacuum = identity.

    Raises:
        ValueError: s out of its range, or not a single number.

    >>> np.round(symplectic_eigenvalues(two_mode_squeezed(0.8)), 12)
    array([1., 1.])
    """
    s = float(at_least("squeezing", scalar("squeezing", squeezing), 0.0))
    check_squeezing("squeezing", s)
    variance = np.cosh(2 * s) * np.eye(2)
    correlation = np.sinh(2 * s) * np.diag([1.0, -1.0])
    return np.block([[variance, correlation], [correlation, variance]])


def random_covariance(
    modes: int, seed: int | np.random.SeedSequence, nu_max: float = 3.0, r_max: float = 1.0
) -> np.ndarray:
    """A random physical covariance S·diag(ν)·Sᵀ, S = O₁ZO₂ with O Haar-random (Bloch–Messiah).

    Args:
        modes: N ≥ 1.
        seed: a whole number ≥ 0 or a `SeedSequence`.
        nu_max: symplectic eigenvalues are uniform in [1, nu_max].
        r_max: squeezing parameters are uniform in [0, r_max], r_max ≤ 10.

    Returns:
        Covariance, shape (2N, 2N), vacuum = identity.

    Raises:
        ValueError: an argument out of its range.

    >>> random_covariance(2, seed=1).shape
    (4, 4)
    """
    modes = whole_number("modes", modes, 1)
    if not isinstance(seed, np.random.SeedSequence):
        seed = whole_number("seed", seed, 0)
    nu_max = float(at_least("nu_max", scalar("nu_max", nu_max), 1.0))
    r_max = float(at_least("r_max", scalar("r_max", r_max), 0.0))
    check_squeezing("r_max", r_max)
    rng = np.random.default_rng(seed)
    nu = rng.uniform(1.0, nu_max, modes)
    r = rng.uniform(0.0, r_max, modes)
    squeeze = np.diag(np.stack([np.exp(r), np.exp(-r)], -1).ravel())
    first, second = (_passive(modes, rng) for _ in range(2))
    symplectic = first @ squeeze @ second
    cov = symplectic @ np.diag(np.repeat(nu, 2)) @ symplectic.T
    return (cov + cov.T) / 2


def _passive(modes: int, rng: np.random.Generator) -> np.ndarray:
    """A Haar-random passive (orthogonal symplectic) matrix: a random unitary acting on x + ip."""
    if modes > 1:
        unitary = unitary_group.rvs(modes, random_state=rng)
    else:
        unitary = np.exp(2j * np.pi * rng.random((1, 1)))
    blocks = np.array([[unitary.real, -unitary.imag], [unitary.imag, unitary.real]])
    return blocks.transpose(2, 0, 3, 1).reshape(2 * modes, 2 * modes)


def check_symmetric(name: str, value: ArrayLike) -> np.ndarray:
    """`value` as a float64 array of symmetric matrices, shape (..., 2N, 2N), refused otherwise."""
    matrix = phase_space_matrix(name, value)
    demand(matrix.size > 0, name, "hold at least one matrix", f"shape {matrix.shape}")
    scale = np.abs(matrix).max((-1, -2))
    skew = np.abs(matrix - np.swapaxes(matrix, -1, -2)).max((-1, -2))
    symmetric = bool((skew <= PHYSICAL_TOLERANCE * scale).all())
    demand(symmetric, name, "be symmetric", f"an asymmetry of {skew.max():.3g}")
    return matrix


def check_positive(name: str, value: ArrayLike) -> np.ndarray:
    """`value` as positive definite float64 matrices, shape (..., 2N, 2N), refused otherwise."""
    matrix = check_symmetric(name, value)
    smallest = np.linalg.eigvalsh(matrix)[..., 0].min()
    demand(bool(smallest > 0.0), name, "be positive definite", f"an eigenvalue of {smallest:.3g}")
    return matrix


def check_covariance(cov: ArrayLike, name: str = "cov") -> np.ndarray:
    """`cov` as a float64 array, refused unless it is the covariance of a quantum state.

    Args:
        cov: shape (..., 2N, 2N).
        name: the argument's name, for the error message.

    Returns:
        The checked array, shape (..., 2N, 2N).

    Raises:
        ValueError: wrong shape, empty, not finite, not symmetric, not positive definite, or
            γ + iσ ⪰ 0 violated; each matrix of a stack counts.

    >>> check_covariance(0.9 * np.eye(2))
    Traceback (most recent call last):
    ValueError: Argument `cov` must obey the uncertainty relation γ + iσ ⪰ 0, but got
    a symplectic eigenvalue of 0.9 < 1
    """
    checked = check_positive(name, cov)
    spectrum = np.linalg.eigvalsh(checked)
    # γ + iσ ⪰ 0 in a form whose rounding is that of γ's condition, not of its largest entry.
    lowest = _symplectic_spectrum(checked)[..., 0]
    condition = spectrum[..., -1] / spectrum[..., 0]
    slack = np.maximum(PHYSICAL_TOLERANCE, 16.0 * np.finfo(float).eps * condition)
    demand(
        bool((lowest >= 1.0 - slack).all()),
        name,
        "obey the uncertainty relation γ + iσ ⪰ 0",
        f"a symplectic eigenvalue of {lowest.min():.6g} < 1",
    )
    return checked


def check_one_mode(cov: ArrayLike, name: str = "cov") -> np.ndarray:
    """`cov` as covariances of one mode, shape (..., 2, 2), refused as by `check_covariance`."""
    checked = check_covariance(cov, name)
    one = checked.shape[-1] == 2
    demand(one, name, "describe one mode, shape (..., 2, 2)", f"shape {checked.shape}")
    return checked


def check_single(cov: ArrayLike, name: str = "cov") -> np.ndarray:
    """`cov` as one covariance of N modes, shape (2N, 2N), refused as by `check_covariance`."""
    checked = check_covariance(cov, name)
    demand(checked.ndim == 2, name, "have shape (2N, 2N)", f"shape {checked.shape}")
    return checked


def symplectic_eigenvalues(cov: ArrayLike) -> np.ndarray:
    """Symplectic eigenvalues ν₁ ≤ … ≤ ν_N of a positive matrix: the moduli of the spectrum of σγ.

    Args:
        cov: shape (..., 2N, 2N), positive definite; need not be physical (values below 1 then
            show).

    Returns:
        Shape (..., N), ascending.

    Raises:
        ValueError: wrong shape, not finite, not symmetric or not positive definite.

    >>> symplectic_eigenvalues(squeezed_thermal(1.5, 0.7))
    array([1.5])
    """
    return _symplectic_spectrum(check_positive("cov", cov))


def _symplectic_spectrum(cov: np.ndarray) -> np.ndarray:
    spectrum = np.linalg.eigvals(symplectic_form(cov.shape[-1] // 2) @ cov)
    # The eigenvalues of σγ come in pairs ±iν.
    return np.sort(np.abs(spectrum), axis=-1)[..., ::2]


@dataclass(frozen=True)
class NormalFrame:
    """A frame with γ = TTᵀ and T⁻¹σT⁻ᵀ = ⊕ σ/ν_k: γ becomes 1, its normal modes 2 × 2 blocks.

    Attributes:
        nu: symplectic eigenvalues ν_k, ascending, shape (N,); exactly 1 for a pure mode.
        noise: the vacuum noise c_k = ½ν_k tr (T⁻¹T⁻ᵀ)_kk ≥ 1 in mode k, shape (N,); cosh 2r for a
            single mode.
        to: T, shape (2N, 2N).
        back: T⁻¹, shape (2N, 2N).
    """

    nu: np.ndarray
    noise: np.ndarray
    to: np.ndarray
    back: np.ndarray

    @property
    def form(self) -> np.ndarray:
        """The symplectic form in this frame, ⊕ σ/ν_k, shape (2N, 2N)."""
        return np.diag(np.repeat(1.0 / self.nu, 2)) @ symplectic_form(len(self.nu))


def normal_frame(cov: ArrayLike) -> NormalFrame:
    """The normal modes of γ (Williamson), in the frame where the state is the identity.

    The modes are the eigenvectors u_k of iγ^{1/2}σγ^{1/2}. Where symplectic eigenvalues coincide,
    they are those among which the vacuum's covariance has no passive part.

    Args:
        cov: covariance γ, shape (2N, 2N).

    Returns:
        A `NormalFrame`.

    Raises:
        ValueError: γ is not a covariance, or is a stack of them.

    >>> frame = normal_frame(np.diag([4.0, 1.0]))
    >>> np.round(frame.nu, 12), np.round(frame.noise, 12)
    (array([2.]), array([1.25]))
    """
    cov = check_single(cov)
    modes = len(cov) // 2
    spectrum, axes = np.linalg.eigh(cov)
    root = (axes * np.sqrt(spectrum)) @ axes.T
    inverse_root = (axes / np.sqrt(spectrum)) @ axes.T
    nu, vectors = np.linalg.eigh(1j * root @ symplectic_form(modes) @ root)
    nu = nu[modes:]  # of each pair ±ν the positive one
    vectors = vectors[:, modes:]
    # Equal eigenvalues leave their vectors free; the vacuum's covariance settles them.
    overlap = vectors.conj().T @ np.linalg.solve(cov, vectors)
    groups = np.r_[0, np.cumsum(np.diff(nu) > DEGENERATE * nu[1:])]
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        settled = np.linalg.eigh(overlap[np.ix_(members, members)])[1]
        vectors[:, members] = vectors[:, members] @ settled
    rotation = np.sqrt(2.0) * np.stack([vectors.real, -vectors.imag], -1).reshape(cov.shape)
    back = rotation.T @ inverse_root
    noise = nu * (back**2).sum(-1).reshape(modes, 2).mean(-1)
    # Rounding must make neither a pure mode mixed nor a vacuum squeezed.
    slack = PHYSICAL_TOLERANCE * np.abs(cov).max()
    return NormalFrame(
        nu=np.where(nu - 1.0 > slack, nu, 1.0),
        noise=np.where(noise - 1.0 > slack, noise, 1.0),
        to=root @ rotation,
        back=back,
    )


def fidelity(
    cov1: ArrayLike,
    cov2: ArrayLike,
    mean1: ArrayLike | None = None,
    mean2: ArrayLike | None = None,
) -> float:
    """Squared Uhlmann fidelity F = (tr √(√ρ₁ ρ₂ √ρ₁))² of two Gaussian states.

    Args:
        cov1, cov2: covariances, shape (2N, 2N), quadratures (x₁, p₁, …), vacuum = identity.
        mean1, mean2: mean quadratures, shape (2N,); zero when omitted.

    Returns:
        F in [0, 1]. In the source's −2 ln F the F is the root fidelity, so its −2 ln F is −ln of
        this value.

    Raises:
        ValueError: an unphysical covariance or shapes that do not match.

    Source: Banchi, Braunstein and Pirandola, PRL 115, 260501 (2015), as implemented by The Walrus
    (ħ = 2).

    >>> round(fidelity(np.eye(2), np.eye(2)), 12)
    1.0
    """
    cov1 = check_single(cov1, "cov1")
    cov2 = check_covariance(cov2, "cov2")
    same = cov1.shape == cov2.shape
    demand(same, "cov2", f"have the shape of cov1, {cov1.shape}", f"shape {cov2.shape}")
    size = len(cov1)
    means = []
    for name, value in (("mean1", mean1), ("mean2", mean2)):
        mean = np.zeros(size) if value is None else real_array(name, value)
        demand(mean.shape == (size,), name, f"have shape ({size},)", f"shape {mean.shape}")
        means.append(mean)
    # The Walrus orders quadratures (x₁ … x_N, p₁ … p_N).
    order = np.r_[0:size:2, 1:size:2]
    grid = np.ix_(order, order)
    overlap = walrus_fidelity(means[0][order], cov1[grid], means[1][order], cov2[grid], hbar=2)
    # It takes complex square roots; equal states may leave a rounding error in the imaginary part.
    return float(np.real(overlap))
