r"""Gaussian generators on a finite ladder of Fock levels, judged by Qiskit's Choi test.

A one-mode generator (K, D) acts on density matrices as
L(ρ) = −i[H, ρ] + Σ_jk C_jk (R_j ρ R_k − ½{R_k R_j, ρ}) with R = (x, p), H = ¼ Rᵀ(σᵀK₀)R from the traceless part K₀ of K,
and the Kossakowski matrix C = ¼ σᵀ M(K, D) σ. Cut off at d levels, x and p stay Hermitian, traceless and independent, so by the
GKSL theorem e^{εL} is completely positive for every ε > 0 iff M ⪰ 0: the cutoff changes the dynamics, not the verdict.
"""

import numpy as np
from qiskit.quantum_info import Choi, SuperOp
from scipy.linalg import expm

from qdm_utils.arguments import at_least, demand, whole_number
from qdm_utils.gaussian.covariance import symplectic_form
from qdm_utils.gaussian.semigroup import cp_matrix


def quadratures(cutoff: int) -> np.ndarray:
    """The quadratures (x, p) on the lowest `cutoff` Fock levels, [x, p] = 2i up to the last level; shape (2, d, d)."""
    lowering = np.diag(np.sqrt(np.arange(1.0, whole_number("cutoff", cutoff, 2))), 1)
    return np.stack([lowering + lowering.T, -1j * (lowering - lowering.T)])


def fock_generator(drift: np.ndarray, diffusion: np.ndarray, cutoff: int) -> np.ndarray:
    """The superoperator L of a one-mode Gaussian generator on `cutoff` Fock levels.

    Args:
        drift, diffusion: (K, D), shape (2, 2) each; need not be CP.
        cutoff: number of Fock levels d ≥ 2.

    Returns:
        L on column-stacked density matrices, shape (d², d²), complex128.
    """
    matrix = cp_matrix(drift, diffusion)
    demand(matrix.shape == (2, 2), "drift", "have shape (2, 2)", f"shape {np.shape(drift)}")
    sigma, r = symplectic_form(1), quadratures(cutoff)
    kossakowski = sigma.T @ matrix @ sigma / 4.0
    traceless = np.asarray(drift) - np.trace(drift) / 2.0 * np.eye(2)
    hamiltonian = np.einsum("jk,jab,kbc->ac", sigma.T @ traceless, r, r) / 4.0
    sink = np.einsum("jk,kab,jbc->ac", kossakowski, r, r) / 2.0
    identity = np.eye(cutoff)
    # vec(AρB) = (Bᵀ ⊗ A) vec(ρ) for stacked columns.
    jumps = np.einsum("jk,kba,jcd->acbd", kossakowski, r, r).reshape(cutoff**2, cutoff**2)
    left = -1j * hamiltonian - sink
    return jumps + np.kron(identity, left) + np.kron(left.conj(), identity)


def choi_margin(drift: np.ndarray, diffusion: np.ndarray, cutoff: int = 8, step: float = 1e-4) -> float:
    """λ_min(M) as read off the Choi matrix of a finite step, independently of M.

    The map e^{εL} on `cutoff` Fock levels (8 levels = three qubits) is handed to Qiskit; the smallest eigenvalue of its Choi
    matrix is ε·d(d − 1)·λ_min(M)/4 up to O(ε²) when M is not positive, because tr x² = tr p² = d(d − 1).

    Args:
        drift, diffusion: (K, D), shape (2, 2) each.
        cutoff: number of Fock levels d ≥ 2.
        step: ε > 0.

    Returns:
        4·λ_min(Choi)/(ε d(d − 1)), float: λ_min(M) + O(ε) where that is negative, 0 within rounding otherwise.
    """
    step = float(at_least("step", step, 0.0))
    demand(step > 0.0, "step", "be > 0", step)
    choi = Choi(SuperOp(expm(step * fock_generator(drift, diffusion, cutoff))))
    smallest = np.linalg.eigvalsh((choi.data + choi.data.conj().T) / 2.0)[0]
    return float(4.0 * smallest / (step * cutoff * (cutoff - 1)))
