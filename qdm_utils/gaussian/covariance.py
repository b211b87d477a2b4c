r"""Gaussian states as covariance matrices, in the convention of Heinosaari, Holevo and Wolf (HHW).

Quadratures R = (x₁, p₁, …, x_N, p_N) with [x, p] = 2i, so the vacuum covariance is the identity ("ħ = 2" in
The Walrus and Strawberry Fields). The symplectic form is σ = [[0, 1], [−1, 0]] for each mode, and a covariance γ
is physical iff γ + iσ ⪰ 0. Every other module of this package relies on this page and on no other convention.
"""

import numpy as np
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

# Slack for rounding when a covariance is checked: relative for its symmetry, absolute for symplectic eigenvalues ≥ 1.
PHYSICAL_TOLERANCE = 1e-9
# Beyond 87 dB of squeezing the two axes of a covariance no longer fit into one float64 matrix.
R_MAX = 10.0


def symplectic_form(modes: int) -> np.ndarray:
    """The symplectic form σ ⊕ … ⊕ σ of `modes` modes, shape (2N, 2N).

    >>> symplectic_form(1)
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    return np.kron(np.eye(whole_number("modes", modes, 1)), np.array([[0.0, 1.0], [-1.0, 0.0]]))


def squeezed_thermal(nu: float, r: float, phi: float = 0.0) -> np.ndarray:
    """Covariance of a squeezed thermal state, ν·diag(e^{2r}, e^{−2r}) turned by the angle φ.

    Args:
        nu: thermal parameter (symplectic eigenvalue), ν ≥ 1; scalar or array (...).
        r: squeezing parameter, dimensionless; scalar or array (...). For r > 0 the momentum is squeezed.
        phi: angle of the long axis against x, in radians; scalar or array (...).

    Returns:
        Covariance, shape (..., 2, 2), vacuum = identity.

    Raises:
        ValueError: ν < 1, or anything not finite.

    Source: the reference states γ(ν, r) of arXiv:2603.06488v1, Theorem 1.

    >>> squeezed_thermal(2.0, 0.0)
    array([[2., 0.],
           [0., 2.]])
    """
    nu, r, phi = broadcast(
        nu=at_least("nu", nu, 1.0), r=real_array("r", r), phi=real_array("phi", phi)
    )
    demand(
        bool((np.abs(r) <= R_MAX).all()),
        "r",
        f"lie in [−{R_MAX:g}, {R_MAX:g}]",
        f"{np.abs(r).max(initial=0.0):g}",
    )
    c, s = np.cos(phi), np.sin(phi)
    rotation = np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)
    axes = nu[..., None] * np.stack([np.exp(2 * r), np.exp(-2 * r)], -1)
    return (rotation * axes[..., None, :]) @ np.swapaxes(rotation, -1, -2)


def two_mode_squeezed(squeezing: float) -> np.ndarray:
    """Covariance of the two-mode squeezed vacuum (an entangled pair) with squeezing s, shape (4, 4).

    Args:
        squeezing: s ≥ 0, dimensionless; s → ∞ is the maximally entangled (EPR) limit.

    >>> np.round(symplectic_eigenvalues(two_mode_squeezed(0.8)), 12)
    array([1., 1.])
    """
    s = float(at_least("squeezing", scalar("squeezing", squeezing), 0.0))
    c, correlation = np.cosh(2 * s) * np.eye(2), np.sinh(2 * s) * np.diag([1.0, -1.0])
    return np.block([[c, correlation], [correlation, c]])


def random_covariance(
    modes: int, seed: int | np.random.SeedSequence, nu_max: float = 3.0, r_max: float = 1.0
):
    """A random physical covariance S·diag(ν)·Sᵀ, shape (2N, 2N), with S = O₁ Z O₂ (Bloch–Messiah, O Haar-random passive).

    Args:
        modes: N ≥ 1.
        seed: int or `SeedSequence`.
        nu_max: symplectic eigenvalues are uniform in [1, nu_max].
        r_max: squeezing parameters are uniform in [0, r_max].
    """
    modes = whole_number("modes", modes, 1)
    rng = np.random.default_rng(seed)
    nu = rng.uniform(1.0, float(at_least("nu_max", nu_max, 1.0)), modes)
    r = rng.uniform(0.0, float(at_least("r_max", r_max, 0.0)), modes)
    squeeze = np.diag(np.stack([np.exp(r), np.exp(-r)], -1).ravel())
    first, second = (_passive(modes, rng) for _ in range(2))
    symplectic = first @ squeeze @ second
    cov = symplectic @ np.diag(np.repeat(nu, 2)) @ symplectic.T
    return (cov + cov.T) / 2


def _passive(modes: int, rng: np.random.Generator) -> np.ndarray:
    """A Haar-random passive (orthogonal symplectic) matrix: a random unitary acting on x + ip."""
    unitary = (
        unitary_group.rvs(modes, random_state=rng)
        if modes > 1
        else np.exp(2j * np.pi * rng.random((1, 1)))
    )
    blocks = np.array([[unitary.real, -unitary.imag], [unitary.imag, unitary.real]])
    return blocks.transpose(2, 0, 3, 1).reshape(2 * modes, 2 * modes)


def check_covariance(cov: np.ndarray, name: str = "cov") -> np.ndarray:
    """`cov` as a float64 array, refused unless it is the covariance of a quantum state.

    Args:
        cov: shape (..., 2N, 2N).
        name: the argument's name, for the error message.

    Raises:
        ValueError: wrong shape, empty, not finite, not symmetric, or γ + iσ ⪰ 0 violated; each matrix of a stack counts.
    """
    cov = phase_space_matrix(name, cov)
    demand(cov.size > 0, name, "hold at least one matrix", f"shape {cov.shape}")
    scale = np.abs(cov).max((-1, -2))
    skew = np.abs(cov - np.swapaxes(cov, -1, -2)).max((-1, -2))
    demand(
        bool((skew <= PHYSICAL_TOLERANCE * scale).all()),
        name,
        "be symmetric",
        f"an asymmetry of {skew.max():.3g}",
    )
    spectrum = np.linalg.eigvalsh(cov)
    demand(
        bool((spectrum[..., 0] > 0.0).all()),
        name,
        "be positive definite",
        f"an eigenvalue of {spectrum.min():.3g}",
    )
    # γ + iσ ⪰ 0 in a form whose rounding is that of γ's condition, not of its largest entry.
    lowest = symplectic_eigenvalues(cov)[..., 0]
    slack = np.maximum(
        PHYSICAL_TOLERANCE, 16.0 * np.finfo(float).eps * spectrum[..., -1] / spectrum[..., 0]
    )
    demand(
        bool((lowest >= 1.0 - slack).all()),
        name,
        "obey the uncertainty relation γ + iσ ⪰ 0",
        f"a symplectic eigenvalue of {lowest.min():.6g} < 1",
    )
    return cov


def symplectic_eigenvalues(cov: np.ndarray) -> np.ndarray:
    """Symplectic eigenvalues ν₁ ≤ … ≤ ν_N of a positive matrix: the moduli of the spectrum of σγ.

    Args:
        cov: shape (..., 2N, 2N), positive definite; need not be physical (values below 1 then show).

    Returns:
        Shape (..., N), ascending.

    >>> symplectic_eigenvalues(squeezed_thermal(1.5, 0.7))
    array([1.5])
    """
    cov = phase_space_matrix("cov", cov)
    spectrum = np.linalg.eigvals(symplectic_form(cov.shape[-1] // 2) @ cov)
    return np.sort(np.abs(spectrum), axis=-1)[..., ::2]


def fidelity(cov1: np.ndarray, cov2: np.ndarray, mean1=None, mean2=None) -> float:
    """Squared Uhlmann fidelity F = (tr √(√ρ₁ ρ₂ √ρ₁))² of two Gaussian states.

    Args:
        cov1, cov2: covariances, shape (2N, 2N), quadratures ordered (x₁, p₁, …), vacuum = identity.
        mean1, mean2: mean quadratures, shape (2N,); zero when omitted.

    Returns:
        F in [0, 1]. In the source's −2 ln F the F is the root fidelity, so its −2 ln F is −ln of this value.

    Raises:
        ValueError: an unphysical covariance or shapes that do not match.

    Source: Banchi, Braunstein and Pirandola, PRL 115, 260501 (2015), as implemented by The Walrus (ħ = 2).

    >>> round(fidelity(np.eye(2), np.eye(2)), 12)
    1.0
    """
    cov1, cov2 = check_covariance(cov1, "cov1"), check_covariance(cov2, "cov2")
    demand(cov1.ndim == 2, "cov1", "have shape (2N, 2N)", f"shape {cov1.shape}")
    demand(
        cov1.shape == cov2.shape,
        "cov2",
        f"have the shape of cov1, {cov1.shape}",
        f"shape {cov2.shape}",
    )
    size = len(cov1)
    means = []
    for name, mean in (("mean1", mean1), ("mean2", mean2)):
        mean = np.zeros(size) if mean is None else real_array(name, mean)
        demand(mean.shape == (size,), name, f"have shape ({size},)", f"shape {mean.shape}")
        means.append(mean)
    # The Walrus orders quadratures (x₁ … x_N, p₁ … p_N).
    order = np.r_[0:size:2, 1:size:2]
    grid = np.ix_(order, order)
    # It works with complex square roots; for equal states a rounding error may be left in the imaginary part.
    return float(
        np.real(walrus_fidelity(means[0][order], cov1[grid], means[1][order], cov2[grid], hbar=2))
    )
