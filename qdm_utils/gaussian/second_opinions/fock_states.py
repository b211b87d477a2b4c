r"""One-mode Gaussian states as density matrices, and what displacements do to them: a second opinion on `floor`.

Nothing here uses the closed forms of covariances: fidelities come from singular values, entropies and metrics from spectra of
matrices on the lowest d Fock levels. What the cutoff loses is the trace deficit 1 − tr ρ.
"""

import numpy as np

from qdm_utils.arguments import demand, real_array, whole_number
from qdm_utils.gaussian.covariance import check_covariance
from qdm_utils.gaussian.second_opinions.fock import quadratures

# Eigenvalues of a density matrix below this are rounding.
SPECTRAL_FLOOR = 1e-14


def gaussian_density_matrix(
    cov: np.ndarray, cutoff: int, mean: np.ndarray | None = None
) -> np.ndarray:
    """Exact Fock matrix elements ⟨m|ρ|n⟩ of a one-mode Gaussian state for m, n < d.

    Args:
        cov: covariance, shape (2, 2), vacuum = identity.
        cutoff: number of Fock levels d ≥ 2.
        mean: mean quadratures (x, p), shape (2,); zero when omitted.

    Returns:
        ρ, shape (d, d), complex128, not renormalised: 1 − tr ρ is what lies above the cutoff.

    Raises:
        ValueError: not a covariance of one mode, a mean of the wrong shape, fewer than two levels.

    Derivation: e^{|α|²}⟨α|ρ|α⟩ = Σ ρ_mn ᾱᵐαⁿ/√(m!n!) is the exponential of a quadratic form in (ᾱ, α), whose derivatives give the
    recurrence √(m + 1) ρ_{m+1,n} = b₀ρ_mn + A₀₀√m ρ_{m−1,n} + A₀₁√n ρ_{m,n−1}.

    >>> np.round(np.diag(gaussian_density_matrix(3.0 * np.eye(2), 4)).real, 12)
    array([0.5   , 0.25  , 0.125 , 0.0625])
    """
    cov, cutoff = check_covariance(cov), whole_number("cutoff", cutoff, 2)
    demand(cov.shape == (2, 2), "cov", "have shape (2, 2)", f"shape {cov.shape}")
    mean = np.zeros(2) if mean is None else real_array("mean", mean)
    demand(mean.shape == (2,), "mean", "have shape (2,)", f"shape {mean.shape}")
    husimi = np.linalg.inv(cov + np.eye(2))
    to_quadratures = np.array([[1.0, 1.0], [1.0j, -1.0j]])  # (x, p) from (ᾱ, α)
    A = np.array([[0.0, 1.0], [1.0, 0.0]]) - to_quadratures.T @ husimi @ to_quadratures
    b = to_quadratures.T @ husimi @ mean
    root = np.sqrt(np.arange(cutoff))
    rho = np.zeros((cutoff, cutoff), dtype=complex)
    rho[0, 0] = 2.0 * np.sqrt(np.linalg.det(husimi)) * np.exp(-0.5 * mean @ husimi @ mean)
    for n in range(1, cutoff):
        rho[0, n] = (
            b[1] * rho[0, n - 1] + (A[1, 1] * root[n - 1] * rho[0, n - 2] if n > 1 else 0.0)
        ) / root[n]
    for m in range(1, cutoff):
        row = b[0] * rho[m - 1] + (A[0, 0] * root[m - 1] * rho[m - 2] if m > 1 else 0.0)
        row[1:] += A[0, 1] * root[1:] * rho[m - 1, :-1]
        rho[m] = row / root[m]
    return rho


def second_moments(rho: np.ndarray) -> np.ndarray:
    """Covariance of a centred one-mode state from its density matrix, ½⟨{R_j, R_k}⟩/tr ρ, shape (2, 2)."""
    r = quadratures(len(rho))
    moments = np.einsum("jab,kbc,ca->jk", r, r, rho, optimize=True).real
    return (moments + moments.T) / (2.0 * np.trace(rho).real)


def uhlmann_fidelity(rho1: np.ndarray, rho2: np.ndarray) -> float:
    """Squared Uhlmann fidelity (tr √(√ρ₁ ρ₂ √ρ₁))² of two density matrices, shape (d, d) each, as ‖√ρ₁√ρ₂‖₁²."""
    return float(np.linalg.svd(_root(rho1) @ _root(rho2), compute_uv=False).sum() ** 2)


def _root(rho: np.ndarray) -> np.ndarray:
    spectrum, vectors = np.linalg.eigh(rho)
    return (vectors * np.sqrt(np.maximum(spectrum, 0.0))) @ vectors.conj().T


def relative_entropy(rho1: np.ndarray, rho2: np.ndarray) -> float:
    """Relative entropy tr ρ₁(ln ρ₁ − ln ρ₂) in nats of two density matrices, shape (d, d) each.

    Infinite if more than 1e−9 of ρ₁ lies where the spectrum of ρ₂ is below `SPECTRAL_FLOOR`; less than that is cut off.
    """
    p = np.linalg.eigvalsh(rho1)
    q, vectors = np.linalg.eigh(rho2)
    weights = np.einsum("ak,ab,bk->k", vectors.conj(), rho1, vectors, optimize=True).real
    seen = q > SPECTRAL_FLOOR
    if weights[~seen].sum() > 1e-9:
        return np.inf
    p = p[p > SPECTRAL_FLOOR]
    return float(np.sum(p * np.log(p)) - np.sum(weights[seen] * np.log(q[seen])))


def displacement_tangents(rho: np.ndarray) -> np.ndarray:
    """Derivatives of ρ with respect to a displacement of x and of p: (−(i/2)[p, ρ], (i/2)[x, ρ]), shape (2, d, d).

    In the eigenbasis of a thermal state, the Fock basis, only neighbouring levels are coupled (Lemma 2 of arXiv:2603.06488v1).
    """
    x, p = quadratures(len(rho))
    return np.stack([-0.5j * (p @ rho - rho @ p), 0.5j * (x @ rho - rho @ x)])


def displacement_information(rho: np.ndarray, metric: str) -> np.ndarray:
    """A monotone metric on displacements, Σ_jk c(p_j, p_k) Re(conj(∂_a ρ)_jk (∂_b ρ)_jk) over the eigenbasis of ρ.

    Args:
        rho: a mixed density matrix, shape (d, d).
        metric: "kmb" for c = (ln p − ln q)/(p − q), so that D(ρ‖ρ_ξ) ≈ ½ ξᵀJξ; "sld" for c = 2/(p + q), so that −2 ln F ≈ ¼ ξᵀJξ
            with the root fidelity F.

    Returns:
        J, shape (2, 2). Levels below `SPECTRAL_FLOOR` are left out.

    Raises:
        ValueError: another metric.
    """
    demand(metric in ("kmb", "sld"), "metric", "be 'kmb' or 'sld'", f"{metric!r}")
    spectrum, vectors = np.linalg.eigh(rho)
    kept = spectrum > SPECTRAL_FLOOR
    p, vectors = spectrum[kept], vectors[:, kept]
    tangents = vectors.conj().T @ displacement_tangents(rho) @ vectors
    if metric == "sld":
        weight = 2.0 / (p[:, None] + p)
    else:
        gap = p[:, None] - p
        # On the diagonal, and where levels coincide, the divided difference of the logarithm is 1/p.
        apart = np.abs(gap) > 1e-9 * p
        weight = np.where(
            apart, (np.log(p)[:, None] - np.log(p)) / np.where(apart, gap, 1.0), 1.0 / p
        )
    return np.einsum("jk,ajk,bjk->ab", weight, tangents.conj(), tangents, optimize=True).real
