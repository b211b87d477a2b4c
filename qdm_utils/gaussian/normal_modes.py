"""The normal modes of a covariance (Williamson), in the frame where the state is the identity."""

from dataclasses import dataclass

import numpy as np

from qdm_utils.arguments import demand
from qdm_utils.gaussian.covariance import PHYSICAL_TOLERANCE, check_covariance, symplectic_form

# Symplectic eigenvalues closer than this, relatively, count as equal: their normal modes may be mixed freely.
DEGENERATE = 1e-7


@dataclass(frozen=True)
class NormalFrame:
    """A frame with γ = TTᵀ and T⁻¹σT⁻ᵀ = ⊕ σ/ν_k: the reference is 1, its normal modes are 2 × 2 blocks.

    Attributes:
        nu: symplectic eigenvalues ν_k, ascending, shape (N,); exactly 1 for a pure mode.
        noise: the vacuum noise c_k = ½ν_k tr (T⁻¹T⁻ᵀ)_kk ≥ 1 in mode k, shape (N,); cosh 2r for a single mode.
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


def normal_frame(cov: np.ndarray) -> NormalFrame:
    """The normal frame of γ, from the eigenvectors u_k of iγ^{1/2}σγ^{1/2}.

    Where symplectic eigenvalues coincide, the modes are those among which the vacuum's covariance has no passive part.

    Args:
        cov: covariance γ, shape (2N, 2N).

    Raises:
        ValueError: γ is not a covariance, or is a stack of them.

    >>> frame = normal_frame(np.diag([4.0, 1.0]))
    >>> np.round(frame.nu, 12), np.round(frame.noise, 12)
    (array([2.]), array([1.25]))
    """
    cov = check_covariance(cov)
    demand(cov.ndim == 2, "cov", "have shape (2N, 2N)", f"shape {cov.shape}")
    modes, slack = len(cov) // 2, PHYSICAL_TOLERANCE * np.abs(cov).max()
    spectrum, axes = np.linalg.eigh(cov)
    root, inverse_root = (axes * np.sqrt(spectrum)) @ axes.T, (axes / np.sqrt(spectrum)) @ axes.T
    nu, vectors = np.linalg.eigh(1j * root @ symplectic_form(modes) @ root)
    nu, vectors = nu[modes:], vectors[:, modes:]
    overlap = vectors.conj().T @ np.linalg.solve(cov, vectors)
    groups = np.r_[0, np.cumsum(np.diff(nu) > DEGENERATE * nu[1:])]
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        vectors[:, members] = (
            vectors[:, members] @ np.linalg.eigh(overlap[np.ix_(members, members)])[1]
        )
    turn = np.sqrt(2.0) * np.stack([vectors.real, -vectors.imag], -1).reshape(cov.shape)
    back = turn.T @ inverse_root
    noise = nu * (back**2).sum(-1).reshape(modes, 2).mean(-1)
    # Rounding must make neither a pure mode mixed nor a vacuum squeezed.
    nu, noise = (np.where(values - 1.0 > slack, values, 1.0) for values in (nu, noise))
    return NormalFrame(nu, noise, root @ turn, back)
