r"""The least extra diffusion that makes a reverse drift completely positive.

ΔD* = argmin tr ΔD subject to ΔD ⪰ 0 and D + ΔD + iA ⪰ 0, with the real antisymmetric A = Kσ + σKᵀ.
"""

from functools import cache

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import at_least, broadcast, demand, phase_space_matrix
from qdm_utils.gaussian.covariance import check_covariance, check_squeezing, symplectic_form
from qdm_utils.gaussian.reversals.bayes import bayes_reverse
from qdm_utils.gaussian.reversals.certified_sdp import solve
from qdm_utils.gaussian.reversals.paths import Path, along_path
from qdm_utils.gaussian.semigroup import Generator, check_single_generator, cp_matrix


def minimal_repair(drift: ArrayLike) -> np.ndarray:
    """Closed form of the minimal repair for D = 1: 1 + ΔD* = max(1, |A|), |A| = (AᵀA)^{1/2}.

    Args:
        drift: K, shape (..., 2N, 2N).

    Returns:
        ΔD*, symmetric, shape (..., 2N, 2N). One mode with the Bayes drift: max(0, 2 cosh 2r/ν −
        2)·1.

    Raises:
        ValueError: a wrong shape, or anything not finite.

    Derivation: D + ΔD real with D + ΔD ⪰ ±iA; the spectral maximum is feasible, and the dual
    variable built from the eigenvectors of iA with |a| > 1 has the same value.

    >>> minimal_repair(np.diag([-1.0, -1.0])) + 0.0  # a zero may come out as −0
    array([[1., 0.],
           [0., 1.]])
    """
    drift = phase_space_matrix("drift", drift)
    sigma = symplectic_form(drift.shape[-1] // 2)
    spectrum, vectors = np.linalg.eigh(1j * (drift @ sigma + sigma @ np.swapaxes(drift, -1, -2)))
    lift = np.maximum(np.abs(spectrum) - 1.0, 0.0)
    # Eigenvalues come in pairs ±a with conjugate vectors, so the imaginary parts cancel.
    return ((vectors * lift[..., None, :]) @ np.swapaxes(vectors, -1, -2).conj()).real


def bayes_repair_trace(nu: ArrayLike, r: ArrayLike) -> np.ndarray | float:
    """Closed form tr ΔD* = 4·max(0, cosh 2r/ν − 1) for the Bayes reverse of one mode.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        tr ΔD*, a rate in units of the damping rate, of the broadcast shape.

    Raises:
        ValueError: ν < 1, |r| > 10, or anything not finite.

    >>> float(bayes_repair_trace(1.0, 0.0))
    0.0
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=check_squeezing("r", r))
    return 4.0 * np.maximum(0.0, np.cosh(2.0 * r) / nu - 1.0)


@cache
def _program(size: int) -> cp.Problem:
    """The program for M given as a real matrix of twice the size, [[Re M, −Im M], [Im M, Re M]]."""
    matrix = cp.Parameter((2 * size, 2 * size), symmetric=True, name="matrix")
    repair = cp.Variable((size, size), symmetric=True, name="repair")
    constraints = [matrix + cp.kron(np.eye(2), repair) >> 0, repair >> 0]
    return cp.Problem(cp.Minimize(cp.trace(repair)), constraints)


def minimal_repair_sdp(drift: ArrayLike, diffusion: ArrayLike) -> np.ndarray:
    """The minimal repair ΔD* by semidefinite programming (CVXPY, Clarabel), for any diffusion D.

    Every answer is feasible to rounding and certified by weak duality: its trace exceeds the
    optimum by at most `CERTIFIED_GAP` (about 1e-9 away from the CP boundary).

    Args:
        drift: K, shape (2N, 2N).
        diffusion: D, symmetric, shape (2N, 2N).

    Returns:
        ΔD*, symmetric, shape (2N, 2N).

    Raises:
        ValueError: shapes or symmetry.
        RuntimeError: the solver found no answer that can be certified.

    Source: the SDP behind the right panel of Fig. 1 of arXiv:2603.06488v1.

    >>> np.round(minimal_repair_sdp(-np.eye(2), np.eye(2)), 4) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    matrix = cp_matrix(*check_single_generator(drift, diffusion))
    real = np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])
    # The entries are of order one already, so the program is not rescaled at first.
    solution = solve(_program(len(matrix)), equilibrate=False, matrix=real)
    repair = solution.values["repair"]
    shortfall = min(np.linalg.eigvalsh(matrix + repair)[0], np.linalg.eigvalsh(repair)[0], 0.0)
    repair = repair - shortfall * np.eye(len(matrix))
    solution.certify(np.trace(repair), _lower_bound(real, solution.dual))
    return repair


def _lower_bound(real: np.ndarray, dual: np.ndarray) -> float:
    """A proven lower bound on tr ΔD: −tr(ZM) for any Z ⪰ 0 whose diagonal blocks sum to at most 1.

    0 ≤ tr Z(M + 1₂⊗ΔD) = tr(ZM) + tr((Z₁₁ + Z₂₂)ΔD) ≤ tr(ZM) + tr ΔD. The solver's dual is made
    such a Z by dropping its negative eigenvalues and scaling it down.
    """
    size = len(real) // 2
    spectrum, vectors = np.linalg.eigh((dual + dual.T) / 2.0)
    feasible = (vectors * np.maximum(spectrum, 0.0)) @ vectors.T
    weight = np.linalg.eigvalsh(feasible[:size, :size] + feasible[size:, size:])[-1]
    return max(0.0, -float(np.sum(feasible * real)) / max(1.0, weight))


def sdp_repair_traces(references: ArrayLike) -> np.ndarray:
    """tr ΔD* by SDP for the Bayes reverses at many references; one row of a map, made for a sweep.

    Args:
        references: covariances, shape (m, 2N, 2N).

    Returns:
        Shape (m,), rates in units of the damping rate.

    Raises:
        ValueError: not a stack of covariances.
        RuntimeError: as `minimal_repair_sdp`.
    """
    references = check_covariance(references, "references")
    shape = references.shape
    demand(len(shape) == 3, "references", "have shape (m, 2N, 2N)", f"shape {shape}")
    pairs = zip(*bayes_reverse(references), strict=True)
    return np.array([np.trace(minimal_repair_sdp(*pair)) for pair in pairs])


def repaired_reverse(cov: ArrayLike, time: float) -> Path:
    """The repaired decoder s ↦ (K_rev, D + ΔD*) along the noising path of γ(0), made for `evolve`.

    Args:
        cov: covariance γ(0) of the data, shape (..., 2N, 2N).
        time: T ≥ 0, how long the attenuator acted.

    Returns:
        A function of the depth s, from 0 (noise) to T (data), as of `formal_reverse`.

    Raises:
        ValueError: γ is not a covariance, or T < 0; the function refuses a depth outside [0, T].
    """
    return along_path(_repaired, cov, time)


def _repaired(cov: np.ndarray) -> Generator:
    drift, diffusion = bayes_reverse(cov)
    return drift, diffusion + minimal_repair(drift)
