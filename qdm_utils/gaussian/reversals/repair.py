r"""The least extra diffusion that makes a reverse drift completely positive, in closed form and by SDP.

ΔD* = argmin tr ΔD subject to ΔD ⪰ 0 and D + ΔD + iA ⪰ 0, with the real antisymmetric A = Kσ + σKᵀ.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cvxpy as cp
import numpy as np

from qdm_utils.arguments import at_least, broadcast, demand, phase_space_matrix, real_array
from qdm_utils.gaussian.covariance import symplectic_form
from qdm_utils.gaussian.reversals.bayes import bayes_reverse, formal_reverse
from qdm_utils.gaussian.semigroup import Generator, cp_matrix

SOLVER = "CLARABEL"
# What the solver aims at, and the duality gap that every answer is then checked against here: close to the CP boundary the
# optimum is degenerate and the solver stops early, so its own word is not enough.
SOLVER_TOLERANCE = 1e-9
CERTIFIED_GAP = 1e-6


def minimal_repair(drift: np.ndarray) -> np.ndarray:
    """Closed form of the minimal repair for D = 1: 1 + ΔD* = max(1, |A|) on the spectrum of |A| = (AᵀA)^{1/2}.

    Args:
        drift: K, shape (..., 2N, 2N).

    Returns:
        ΔD*, symmetric, shape (..., 2N, 2N). One mode with the Bayes drift: max(0, 2 cosh 2r/ν − 2)·1.

    Derivation: D + ΔD real with D + ΔD ⪰ ±iA; the spectral maximum is feasible, and the dual variable built from
    the eigenvectors of iA with |a| > 1 has the same value.

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


def bayes_repair_trace(nu: float, r: float) -> np.ndarray | float:
    """Closed form tr ΔD* = 4·max(0, cosh 2r/ν − 1) for the Bayes reverse of one mode; `nu` ≥ 1 and `r` broadcast.

    >>> float(bayes_repair_trace(1.0, 0.0))
    0.0
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=real_array("r", r))
    return 4.0 * np.maximum(0.0, np.cosh(2.0 * r) / nu - 1.0)


@dataclass(frozen=True)
class _Program:
    """One parametrised SDP: built and canonicalised once, solved for many generators."""

    problem: cp.Problem
    matrix: cp.Parameter
    repair: cp.Variable


@cache
def _program(size: int) -> _Program:
    matrix = cp.Parameter((2 * size, 2 * size), symmetric=True)
    repair = cp.Variable((size, size), symmetric=True)
    constraints = [matrix + cp.kron(np.eye(2), repair) >> 0, repair >> 0]
    return _Program(cp.Problem(cp.Minimize(cp.trace(repair)), constraints), matrix, repair)


def minimal_repair_sdp(drift: np.ndarray, diffusion: np.ndarray) -> np.ndarray:
    """The minimal repair ΔD* by semidefinite programming (CVXPY with Clarabel), for any diffusion D.

    Every answer is feasible to rounding and certified by weak duality: its trace exceeds the optimum by at most `CERTIFIED_GAP`
    (about 1e-9 away from the CP boundary).

    Args:
        drift: K, shape (2N, 2N).
        diffusion: D, symmetric, shape (2N, 2N).

    Returns:
        ΔD*, symmetric, shape (2N, 2N).

    Raises:
        ValueError: shapes or symmetry; RuntimeError: the solver found no answer that can be certified.

    Source: the SDP behind the right panel of Fig. 1 of arXiv:2603.06488v1.
    """
    matrix = cp_matrix(drift, diffusion)
    demand(matrix.ndim == 2, "drift", "have shape (2N, 2N)", f"shape {np.shape(drift)}")
    # M ⪰ 0 as a real matrix of twice the size.
    real = np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])
    program = _program(len(matrix))
    program.matrix.value = real
    tolerances = {f"tol_{kind}": SOLVER_TOLERANCE for kind in ("gap_abs", "gap_rel", "feas")}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Solution may be inaccurate")  # judged below
        # The entries are of order one already, so equilibration costs accuracy at the boundary; it helps the rare failure.
        for equilibrate in (False, True):
            try:
                program.problem.solve(solver=SOLVER, equilibrate_enable=equilibrate, **tolerances)
                break
            except cp.SolverError as error:
                failure = error
        else:
            raise RuntimeError(f"The SDP solver {SOLVER} failed: {failure}")
    repair = np.asarray(program.repair.value)
    shortfall = min(np.linalg.eigvalsh(matrix + repair)[0], np.linalg.eigvalsh(repair)[0], 0.0)
    repair = repair - shortfall * np.eye(len(matrix))
    gap = np.trace(repair) - _lower_bound(real, program.problem.constraints[0].dual_value)
    if not gap <= CERTIFIED_GAP:
        raise RuntimeError(
            f"The SDP solver {SOLVER} left a duality gap of {gap:.1g} ({program.problem.status})."
        )
    return repair


def _lower_bound(real: np.ndarray, dual: np.ndarray) -> float:
    """A proven lower bound on tr ΔD: −tr(ZM) for any Z ⪰ 0 whose diagonal blocks sum to at most 1."""
    size = len(real) // 2
    spectrum, vectors = np.linalg.eigh((dual + dual.T) / 2.0)
    feasible = (vectors * np.maximum(spectrum, 0.0)) @ vectors.T
    weight = np.linalg.eigvalsh(feasible[:size, :size] + feasible[size:, size:])[-1]
    return max(0.0, -float(np.sum(feasible * real)) / max(1.0, weight))


def sdp_repair_traces(references: np.ndarray) -> np.ndarray:
    """tr ΔD* by SDP for the Bayes reverses at many references; one row of a map, made for a sweep.

    Args:
        references: covariances, shape (m, 2N, 2N).

    Returns:
        Shape (m,).
    """
    drift, diffusion = bayes_reverse(references)
    return np.array(
        [np.trace(minimal_repair_sdp(*pair)) for pair in zip(drift, diffusion, strict=True)]
    )


def repaired_reverse(cov: np.ndarray, time: float) -> Callable[[float], Generator]:
    """The repaired decoder s ↦ (K_rev, D + ΔD*) along the noising path of γ(0) = `cov`, made for `evolve`.

    Args:
        cov: covariance γ(0) of the data, shape (2N, 2N).
        time: T ≥ 0, how long the attenuator acted; the depth s runs from 0 (noise) to T (data).
    """
    formal = formal_reverse(cov, time)

    def generator(depth: float) -> Generator:
        drift, diffusion = formal(depth)
        return drift, diffusion + minimal_repair(drift)

    return generator
