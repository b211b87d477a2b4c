r"""Gaussian generators on a finite ladder of Fock levels, judged by Qiskit's Choi test.

The Fokker–Planck equation of the Wigner function, Ẇ = −Σ K_ij ∂_i(ξ_j W) + ½ Σ D_ij ∂_i∂_j W, becomes an equation for the density
matrix with ξ_j W ↔ ½{R_j, ρ} and ∂_i W ↔ (i/2) Σ_k σ_ik [R_k, ρ], R = (x, p). No CP matrix enters. Cut off at d levels, x and p
stay Hermitian, traceless and independent, and the generator's Kossakowski matrix is ¼ σᵀM(K, D)σ at any d; so by the GKSL theorem
e^{εL} is completely positive for every ε > 0 iff M ⪰ 0: the cutoff changes the dynamics, not the verdict.
"""

import numpy as np
from qiskit.quantum_info import Choi, SuperOp
from scipy.linalg import expm
from scipy.sparse import csr_matrix, identity, kron

from qdm_utils.arguments import demand, phase_space_matrix, positive, whole_number
from qdm_utils.gaussian.covariance import symplectic_form


def quadratures(cutoff: int) -> np.ndarray:
    """The quadratures (x, p) on the lowest `cutoff` Fock levels, [x, p] = 2i up to the last level; shape (2, d, d)."""
    lowering = np.diag(np.sqrt(np.arange(1.0, whole_number("cutoff", cutoff, 2))), 1)
    return np.stack([lowering + lowering.T, -1j * (lowering - lowering.T)])


def fock_generator(drift: np.ndarray, diffusion: np.ndarray, cutoff: int) -> csr_matrix:
    """The superoperator L of a one-mode Gaussian generator on `cutoff` Fock levels.

    Args:
        drift, diffusion: (K, D), shape (2, 2) each; need not be CP.
        cutoff: number of Fock levels d ≥ 2.

    Returns:
        L on column-stacked density matrices, sparse, shape (d², d²), complex128.
    """
    drift, diffusion = (
        phase_space_matrix("drift", drift),
        phase_space_matrix("diffusion", diffusion),
    )
    demand(drift.shape == (2, 2), "drift", "have shape (2, 2)", f"shape {drift.shape}")
    demand(diffusion.shape == (2, 2), "diffusion", "have shape (2, 2)", f"shape {diffusion.shape}")
    one = identity(cutoff)
    # vec(AρB) = (Bᵀ ⊗ A) vec(ρ) for stacked columns.
    sides = [(kron(one, r, "csr"), kron(r.T, one, "csr")) for r in quadratures(cutoff)]
    coordinate = [(left + right) / 2.0 for left, right in sides]
    commutator = [left - right for left, right in sides]
    sigma = symplectic_form(1)
    slope = [0.5j * (sigma[i, 0] * commutator[0] + sigma[i, 1] * commutator[1]) for i in range(2)]
    moved = [coordinate[0] * -drift[i, 0] + coordinate[1] * -drift[i, 1] for i in range(2)]
    spread = [slope[0] * diffusion[i, 0] / 2.0 + slope[1] * diffusion[i, 1] / 2.0 for i in range(2)]
    return csr_matrix(sum(slope[i] @ (moved[i] + spread[i]) for i in range(2)))


def choi_margin(
    drift: np.ndarray, diffusion: np.ndarray, cutoff: int = 8, step: float = 1e-4
) -> float:
    """λ_min(M) as read off the Choi matrix of a finite step, without ever forming M.

    The map e^{εL} on `cutoff` Fock levels (8 levels = three qubits) is handed to Qiskit; the smallest eigenvalue of its Choi
    matrix is ε·d(d − 1)·λ_min(M)/4 up to O(ε²) when M is not positive, because tr x² = tr p² = d(d − 1).

    Args:
        drift, diffusion: (K, D), shape (2, 2) each.
        cutoff: number of Fock levels d ≥ 2.
        step: ε > 0.

    Returns:
        4·λ_min(Choi)/(ε d(d − 1)), float: λ_min(M) + O(ε) where that is negative, 0 within rounding otherwise.
    """
    step = positive("step", step)
    choi = Choi(SuperOp(expm(step * fock_generator(drift, diffusion, cutoff).toarray())))
    smallest = np.linalg.eigvalsh((choi.data + choi.data.conj().T) / 2.0)[0]
    return float(4.0 * smallest / (step * cutoff * (cutoff - 1)))
