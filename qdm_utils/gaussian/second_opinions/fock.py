r"""One-mode Gaussian states and generators as matrices on a finite ladder of Fock levels.

Nothing here uses the closed forms of covariances: complete positivity is judged by the Choi matrix,
entropies and metrics come from spectra. What the cutoff at d levels loses of a state is its trace
deficit 1 − tr ρ.

*Generators.* The Fokker–Planck equation of the Wigner function,
Ẇ = −Σ K_ij ∂_i(ξ_j W) + ½ Σ D_ij ∂_i∂_j W, becomes an equation for the density matrix with
ξ_j W ↔ ½{R_j, ρ} and ∂_i W ↔ (i/2) Σ_k σ_ik [R_k, ρ], R = (x, p). No CP matrix enters. Cut off at d
levels, x and p stay Hermitian, traceless and independent, and the generator's Kossakowski matrix is
¼ σᵀM(K, D)σ at any d; so by the GKSL theorem e^{εL} is completely positive for every ε > 0 iff
M ⪰ 0: the cutoff changes the dynamics, not the verdict.
"""

import numpy as np
from numpy.typing import ArrayLike
from qiskit.quantum_info import Choi, SuperOp
from scipy.linalg import expm
from scipy.sparse import csr_matrix, identity, kron

from qdm_utils.arguments import demand, positive, real_array, whole_number
from qdm_utils.gaussian.covariance import PHYSICAL_TOLERANCE, check_single, symplectic_form
from qdm_utils.gaussian.semigroup import check_one_mode_generator, check_single_generator

# Eigenvalues of a density matrix below this are rounding.
SPECTRAL_FLOOR = 1e-14


def quadratures(cutoff: int) -> np.ndarray:
    """The quadratures (x, p) on the lowest `cutoff` Fock levels, [x, p] = 2i up to the last level.

    Args:
        cutoff: number of Fock levels d ≥ 2.

    Returns:
        Shape (2, d, d), complex128.

    Raises:
        ValueError: fewer than two levels.

    >>> quadratures(2)[0].real
    array([[0., 1.],
           [1., 0.]])
    """
    lowering = np.diag(np.sqrt(np.arange(1.0, whole_number("cutoff", cutoff, 2))), 1)
    return np.stack([lowering + lowering.T, -1j * (lowering - lowering.T)])


def fock_generator(drift: ArrayLike, diffusion: ArrayLike, cutoff: int) -> csr_matrix:
    """The superoperator L of a one-mode Gaussian generator on `cutoff` Fock levels.

    Args:
        drift, diffusion: (K, D), shape (2, 2) each; need not be CP.
        cutoff: number of Fock levels d ≥ 2.

    Returns:
        L on column-stacked density matrices, sparse, shape (d², d²), complex128.

    Raises:
        ValueError: not a generator of one mode, or fewer than two levels.
    """
    drift, diffusion = check_one_mode_generator(*check_single_generator(drift, diffusion))
    r = quadratures(cutoff)
    one = identity(cutoff)
    # vec(AρB) = (Bᵀ ⊗ A) vec(ρ) for stacked columns.
    sides = [(kron(one, matrix, "csr"), kron(matrix.T, one, "csr")) for matrix in r]
    coordinate = [(left + right) / 2.0 for left, right in sides]
    commutator = [left - right for left, right in sides]
    sigma = symplectic_form(1)
    slope = [0.5j * (sigma[i, 0] * commutator[0] + sigma[i, 1] * commutator[1]) for i in range(2)]
    moved = [coordinate[0] * -drift[i, 0] + coordinate[1] * -drift[i, 1] for i in range(2)]
    spread = [slope[0] * diffusion[i, 0] / 2.0 + slope[1] * diffusion[i, 1] / 2.0 for i in range(2)]
    return csr_matrix(sum(slope[i] @ (moved[i] + spread[i]) for i in range(2)))


def choi_margin(
    drift: ArrayLike, diffusion: ArrayLike, cutoff: int = 8, step: float = 1e-4
) -> float:
    """λ_min(M) as read off the Choi matrix of a finite step, without ever forming M.

    The map e^{εL} on `cutoff` Fock levels (8 levels = three qubits) is handed to Qiskit; the
    smallest eigenvalue of its Choi matrix is ε·d(d − 1)·λ_min(M)/4 up to O(ε²) when M is not
    positive, because tr x² = tr p² = d(d − 1).

    Args:
        drift, diffusion: (K, D), shape (2, 2) each.
        cutoff: number of Fock levels d ≥ 2.
        step: ε > 0, in units of 1/damping rate.

    Returns:
        4·λ_min(Choi)/(ε d(d − 1)), float: λ_min(M) + O(ε) where that is negative, 0 within rounding
        otherwise.

    Raises:
        ValueError: not a generator of one mode, fewer than two levels, or ε ≤ 0.
    """
    step = positive("step", step)
    choi = Choi(SuperOp(expm(step * fock_generator(drift, diffusion, cutoff).toarray())))
    smallest = np.linalg.eigvalsh((choi.data + choi.data.conj().T) / 2.0)[0]
    return float(4.0 * smallest / (step * cutoff * (cutoff - 1)))


def gaussian_density_matrix(
    cov: ArrayLike, cutoff: int, mean: ArrayLike | None = None
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

    Derivation: e^{|α|²}⟨α|ρ|α⟩ = Σ ρ_mn ᾱᵐαⁿ/√(m!n!) is the exponential of a quadratic form in
    (ᾱ, α), whose derivatives give the recurrence
    √(m + 1) ρ_{m+1,n} = b₀ρ_mn + A₀₀√m ρ_{m−1,n} + A₀₁√n ρ_{m,n−1}.

    >>> np.round(np.diag(gaussian_density_matrix(3.0 * np.eye(2), 4)).real, 12)
    array([0.5   , 0.25  , 0.125 , 0.0625])
    """
    cov = check_single(cov)
    demand(cov.shape == (2, 2), "cov", "have shape (2, 2)", f"shape {cov.shape}")
    cutoff = whole_number("cutoff", cutoff, 2)
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
        before = A[1, 1] * root[n - 1] * rho[0, n - 2] if n > 1 else 0.0
        rho[0, n] = (b[1] * rho[0, n - 1] + before) / root[n]
    for m in range(1, cutoff):
        row = b[0] * rho[m - 1] + (A[0, 0] * root[m - 1] * rho[m - 2] if m > 1 else 0.0)
        row[1:] += A[0, 1] * root[1:] * rho[m - 1, :-1]
        rho[m] = row / root[m]
    return rho


def check_density_matrix(name: str, rho: ArrayLike) -> np.ndarray:
    """`rho` as a density matrix, refused unless Hermitian and positive with a trace in (0, 1]."""
    try:
        matrix = np.asarray(rho, dtype=complex)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] > 1
    demand(square, name, "be a matrix of shape (d, d), d ≥ 2", f"shape {np.shape(matrix)}")
    demand(bool(np.isfinite(matrix).all()), name, "be finite", "NaN or infinity")
    skew = np.abs(matrix - matrix.conj().T).max()
    demand(bool(skew <= PHYSICAL_TOLERANCE), name, "be Hermitian", f"{skew:.3g} off")
    smallest = np.linalg.eigvalsh(matrix)[0]
    positive_enough = bool(smallest >= -PHYSICAL_TOLERANCE)
    demand(positive_enough, name, "be positive", f"an eigenvalue of {smallest:.3g}")
    trace = np.trace(matrix).real
    normalised = bool(0.0 < trace <= 1.0 + PHYSICAL_TOLERANCE)
    demand(normalised, name, "have a trace in (0, 1]", f"{trace:.6g}")
    return matrix


def second_moments(rho: ArrayLike) -> np.ndarray:
    """Covariance ½⟨{R_j, R_k}⟩ of a centred one-mode state from its density matrix.

    Args:
        rho: density matrix, shape (d, d); its trace deficit is divided out.

    Returns:
        Shape (2, 2), vacuum = identity.

    Raises:
        ValueError: not a density matrix.

    >>> second_moments(np.diag([1.0, 0.0, 0.0]))
    array([[1., 0.],
           [0., 1.]])
    """
    rho = check_density_matrix("rho", rho)
    r = quadratures(len(rho))
    moments = np.einsum("jab,kbc,ca->jk", r, r, rho, optimize=True).real
    return (moments + moments.T) / (2.0 * np.trace(rho).real)


def uhlmann_fidelity(rho1: ArrayLike, rho2: ArrayLike) -> float:
    """Squared Uhlmann fidelity (tr √(√ρ₁ ρ₂ √ρ₁))² of two density matrices, as ‖√ρ₁√ρ₂‖₁².

    Args:
        rho1, rho2: density matrices, shape (d, d) each.

    Returns:
        In [0, 1] up to the trace deficits.

    Raises:
        ValueError: not density matrices of one size.

    >>> round(uhlmann_fidelity(np.diag([1.0, 0.0]), np.eye(2) / 2), 12)
    0.5
    """
    rho1 = check_density_matrix("rho1", rho1)
    rho2 = check_density_matrix("rho2", rho2)
    same = rho1.shape == rho2.shape
    demand(same, "rho2", f"have the shape of rho1, {rho1.shape}", f"shape {rho2.shape}")
    return float(np.linalg.svd(_root(rho1) @ _root(rho2), compute_uv=False).sum() ** 2)


def _root(rho: np.ndarray) -> np.ndarray:
    spectrum, vectors = np.linalg.eigh(rho)
    return (vectors * np.sqrt(np.maximum(spectrum, 0.0))) @ vectors.conj().T


def displacement_tangents(rho: ArrayLike) -> np.ndarray:
    """Derivatives of ρ with respect to a displacement of x and of p: −(i/2)[p, ρ] and (i/2)[x, ρ].

    In the eigenbasis of a thermal state, the Fock basis, only neighbouring levels are coupled
    (Lemma 2 of arXiv:2603.06488v1).

    Args:
        rho: density matrix, shape (d, d).

    Returns:
        Shape (2, d, d), complex128.

    Raises:
        ValueError: not a density matrix.
    """
    rho = check_density_matrix("rho", rho)
    x, p = quadratures(len(rho))
    return np.stack([-0.5j * (p @ rho - rho @ p), 0.5j * (x @ rho - rho @ x)])


def displacement_information(rho: ArrayLike, metric: str) -> np.ndarray:
    """A monotone metric on displacements, Σ_jk c(p_j, p_k) Re(conj(∂_a ρ)_jk (∂_b ρ)_jk).

    The sum runs over the eigenbasis of ρ, with its eigenvalues p_j.

    Args:
        rho: a mixed density matrix, shape (d, d).
        metric: "kmb" for c = (ln p − ln q)/(p − q), so that D(ρ‖ρ_ξ) ≈ ½ ξᵀJξ; "sld" for
            c = 2/(p + q), so that −2 ln F ≈ ¼ ξᵀJξ with the root fidelity F.

    Returns:
        J, shape (2, 2). Levels below `SPECTRAL_FLOOR` are left out.

    Raises:
        ValueError: not a density matrix, or another metric.
    """
    demand(metric in ("kmb", "sld"), "metric", "be 'kmb' or 'sld'", f"{metric!r}")
    rho = check_density_matrix("rho", rho)
    spectrum, vectors = np.linalg.eigh(rho)
    kept = spectrum > SPECTRAL_FLOOR
    p = spectrum[kept]
    vectors = vectors[:, kept]
    tangents = vectors.conj().T @ displacement_tangents(rho) @ vectors
    if metric == "sld":
        weight = 2.0 / (p[:, None] + p)
    else:
        gap = p[:, None] - p
        # On the diagonal, and where levels coincide, the divided difference of the logarithm is
        # 1/p.
        apart = np.abs(gap) > 1e-9 * p
        slope = (np.log(p)[:, None] - np.log(p)) / np.where(apart, gap, 1.0)
        weight = np.where(apart, slope, 1.0 / p)
    return np.einsum("jk,ajk,bjk->ab", weight, tangents.conj(), tangents, optimize=True).real
