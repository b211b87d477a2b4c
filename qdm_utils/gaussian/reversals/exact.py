r"""What it costs to undo the attenuator exactly: the cheapest completely positive generator with K'γ + γK'ᵀ + D' = −γ̇.

The cost of a generator is its diffusion as the reference sees it, tr(γ⁻¹D'); −γ̇ = γ − 1 for the attenuator. The fixed-drift
repair of `repair` is priced in the same currency, but it does another job: past the threshold it does not retrace the path.
"""

import warnings
from dataclasses import dataclass
from functools import cache

import cvxpy as cp
import numpy as np

from qdm_utils.arguments import at_least, broadcast, demand, real_array
from qdm_utils.gaussian.covariance import symplectic_form
from qdm_utils.gaussian.normal_modes import DEGENERATE, NormalFrame, normal_frame
from qdm_utils.gaussian.reversals.repair import CERTIFIED_GAP, SOLVER, SOLVER_TOLERANCE
from qdm_utils.gaussian.semigroup import Generator


def _cost(nu: np.ndarray, surplus: np.ndarray) -> np.ndarray:
    """x* of one mode with c − ν = `surplus`, c = cosh 2r; infinite for a pure squeezed one."""
    mild = -2.0 * surplus / (nu * (nu + 1.0))
    price = np.where(nu > 1.0, nu * (nu - 1.0), 1.0)
    severe = np.where(nu > 1.0, 2.0 * surplus / price, np.inf)
    return np.where(surplus > 0.0, severe, np.maximum(mild, 0.0))


def exact_reversal_cost(nu: float, r: float) -> np.ndarray | float:
    """The least cost x* = min tr(γ⁻¹D') of reversing the attenuator exactly at a one-mode reference γ(ν, r).

    With c = cosh 2r it is 2(1 − c/ν)/(ν + 1) for c ≤ ν and 2(c/ν − 1)/(ν − 1) for c > ν: zero on the boundary of Theorem 1, at
    most 6 − 4√2 ≈ 0.34 below it, unbounded above it towards pure states.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        x*, a rate in units of the damping rate, of the broadcast shape; ∞ for pure squeezed states, zero for the vacuum.

    Raises:
        ValueError: ν < 1, or anything not finite.

    Derivation: the trace of S⁻¹(…)S⁻ᵀ, γ = νSSᵀ, fixes tr K' = 1 − c/ν − x/2; complete positivity needs √det D' ≥ |tr K'| and the
    means inequality gives νx/2 ≥ √det D'. The law that arXiv:2603.19024 announces in its abstract, derived anew.

    >>> np.round(exact_reversal_cost([1.5, 1.5, 1.0], [0.2, 1.0, 0.0]), 6)
    array([0.223428, 6.032522, 0.      ])
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=real_array("r", r))
    # c − ν = 2 sinh² r − (ν − 1) keeps its digits near the vacuum.
    return _cost(nu, 2.0 * np.sinh(r) ** 2 - (nu - 1.0))[()]


def repaired_cost(nu: float, r: float) -> np.ndarray | float:
    """The fixed-drift repair in the same currency, tr(γ⁻¹(1 + ΔD*)) = (2c/ν)·max(1, 2c/ν − 1) with c = cosh 2r.

    It keeps the Bayes drift and, where ΔD* ≠ 0, overshoots −γ̇ by ΔD*. So it is dearer than `exact_reversal_cost` for every r once
    ν > 4 − 2√2, yet cheaper near pure states, where the exact reversal cannot be had at any finite cost.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        A rate in units of the damping rate, of the broadcast shape.

    Raises:
        ValueError: ν < 1, or anything not finite.

    >>> np.round(repaired_cost(1.5, np.array([0.2, 1.0])), 4)
    array([ 1.4414, 20.1466])
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=real_array("r", r))
    ratio = 2.0 * np.cosh(2.0 * r) / nu
    return ratio * np.maximum(1.0, ratio - 1.0)


def normal_mode_costs(cov: np.ndarray) -> np.ndarray:
    """The exact reversal's cost for N modes, one term for each normal mode of γ = S(ν₁1 ⊕ … ⊕ ν_N1)Sᵀ; x* is their sum.

    Each term is the one-mode law with c_k = ½ tr (SᵀS)_kk ≥ 1, the vacuum noise in normal mode k, for cosh 2r. Where symplectic
    eigenvalues coincide, S is the one that makes the passive part of SᵀS diagonal there. The sum can jump upwards at such a
    coincidence: just beside it a fast rotation among the almost equal modes helps, at it that rotation does nothing.

    Args:
        cov: covariance, shape (2N, 2N).

    Returns:
        Shape (N,), in the order of ascending ν; ∞ for a pure mode with c > 1.

    Raises:
        ValueError: γ is not a covariance, or is a stack of them.

    Derivation: the dual of the program in `exact_reversal_sdp` decouples over the eigenspaces of σγ.

    >>> np.round(normal_mode_costs(np.diag([4.0, 1.0, 3.0, 3.0])), 12)
    array([0.25      , 0.33333333])
    """
    return _cheapest(normal_frame(cov))


def exact_reversal(cov: np.ndarray) -> Generator:
    """The cheapest generator (K', D') that undoes the attenuator exactly; one mode: D' = (x*/2)γ.

    For one mode D' is unique and K' is so up to multiples of σγ⁻¹, the rotation that leaves γ alone; the one returned has none
    of it. For more modes D' = S(½x_kν_k·1)Sᵀ and K' rotates normal modes j, k into each other at a rate ∝ 1/(ν_j − ν_k).

    Args:
        cov: reference covariance, shape (2N, 2N).

    Returns:
        (drift, diffusion), shape (2N, 2N) each; on the CP boundary, λ_min(M) = 0.

    Raises:
        ValueError: not a covariance, or one with a pure squeezed mode, which no generator reverses.

    >>> drift, diffusion = exact_reversal(3.0 * np.eye(2))
    >>> np.round(drift, 12), np.round(diffusion, 12)
    (array([[0.25, 0.  ],
           [0.  , 0.25]]), array([[0.5, 0. ],
           [0. , 0.5]]))
    """
    frame = normal_frame(cov)
    cost = _cheapest(frame)
    demand(
        bool(np.isfinite(cost).all()),
        "cov",
        "be mixed or a vacuum in every normal mode",
        "a pure squeezed mode",
    )
    diffusion = np.diag(np.repeat(cost / 2.0, 2))
    return _generator(frame, diffusion, _turn(frame))


def _cheapest(frame: NormalFrame) -> np.ndarray:
    return _cost(frame.nu, frame.noise - frame.nu)


def _rate(frame: NormalFrame) -> np.ndarray:
    """−γ̇ = γ − 1 of the attenuator, seen in the normal frame."""
    return np.eye(len(frame.to)) - frame.back @ frame.back.T


def _drift(frame: NormalFrame, diffusion: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """K = ½(R − D) + W: with antisymmetric W every solution of K + Kᵀ + D = R in the normal frame."""
    return (_rate(frame) - diffusion) / 2.0 + turn


def _generator(frame: NormalFrame, diffusion: np.ndarray, turn: np.ndarray) -> Generator:
    """(K', D') in the laboratory's quadratures."""
    moved = frame.to @ diffusion @ frame.to.T
    return frame.to @ _drift(frame, diffusion, turn) @ frame.back, (moved + moved.T) / 2.0


def _turn(frame: NormalFrame) -> np.ndarray:
    """The antisymmetric W that empties the CP matrix between different normal modes, where D has nothing to balance it.

    Its blocks (j, k) solve (½R + W)σ/ν_k + σ(½R − W)/ν_j = 0, for the part of R that commutes with σ and the part that does not.
    """
    sigma, lam, modes = symplectic_form(1), 1.0 / frame.nu, len(frame.nu)
    rate = _rate(frame).reshape(modes, 2, modes, 2).swapaxes(1, 2)
    turned = sigma.T @ rate @ sigma
    commuting, other = (rate + turned) / 2.0, (rate - turned) / 2.0
    ahead, behind = lam[None, :], lam[:, None]
    apart = np.abs(ahead - behind) > DEGENERATE * ahead
    factor = np.where(apart, (ahead + behind) / np.where(apart, ahead - behind, 1.0), 0.0)
    blocks = -0.5 * (
        factor[..., None, None] * commuting
        + ((ahead - behind) / (ahead + behind))[..., None, None] * other
    )
    return blocks.swapaxes(1, 2).reshape(2 * modes, 2 * modes)


@dataclass(frozen=True)
class _Program:
    """The SDP in the normal frame: built and canonicalised once for each number of modes."""

    problem: cp.Problem
    form: cp.Parameter
    offset: cp.Parameter
    diffusion: cp.Variable
    turn: cp.Variable


@cache
def _program(size: int) -> _Program:
    form, offset = cp.Parameter((size, size)), cp.Parameter((size, size))
    diffusion, turn = cp.Variable((size, size), symmetric=True), cp.Variable((size, size))
    half = (turn - turn.T - diffusion / 2.0) @ form
    skew = offset + half - half.T
    # W only between modes: within one it rotates the mode without effect, and the solver would let it drift.
    within = np.kron(np.tril(np.ones((size // 2, size // 2))), np.ones((2, 2)))
    constraints = [
        cp.bmat([[diffusion, -skew], [skew, diffusion]]) >> 0,
        cp.multiply(within, turn) == 0,
    ]
    return _Program(
        cp.Problem(cp.Minimize(cp.trace(diffusion)), constraints), form, offset, diffusion, turn
    )


def exact_reversal_sdp(cov: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The cheapest exact reversal by semidefinite programming (CVXPY with Clarabel), for any number of modes.

    Every answer solves K'γ + γK'ᵀ + D' = γ − 1 by construction, is completely positive to rounding, and is certified by weak
    duality: its cost exceeds the optimum by at most `CERTIFIED_GAP`·max(1, cost).

    Args:
        cov: reference covariance, shape (2N, 2N); all its symplectic eigenvalues above 1.

    Returns:
        (drift, diffusion, cost): shape (2N, 2N) twice, and tr(γ⁻¹D').

    Raises:
        ValueError: not a covariance, or a pure normal mode; RuntimeError: the solver found no answer that can be certified.
    """
    frame = normal_frame(cov)
    smallest = frame.nu[0]
    demand(
        smallest > 1.0,
        "cov",
        "be mixed in every normal mode",
        f"a symplectic eigenvalue of {smallest:g}",
    )
    program = _program(2 * len(frame.nu))
    _solve(program, frame)
    diffusion, turn = program.diffusion.value, program.turn.value - program.turn.value.T
    half = _drift(frame, diffusion, turn) @ frame.form
    # D + ε1 with K − ε/2 still solves the equality and adds ε(1 − iΩ) ≻ 0 to M.
    shortfall = min(np.linalg.eigvalsh(diffusion + 1j * (half - half.T))[0], 0.0)
    diffusion = diffusion - shortfall / (1.0 - 1.0 / smallest) * np.eye(len(diffusion))
    cost = float(np.trace(diffusion))
    gap = cost - _lower_bound(frame, program.problem.constraints[0].dual_value)
    if not gap <= CERTIFIED_GAP * max(1.0, cost):
        raise RuntimeError(
            f"The SDP solver {SOLVER} left a duality gap of {gap:.1g} ({program.problem.status})."
        )
    return *_generator(frame, diffusion, turn), cost


def _solve(program: _Program, frame: NormalFrame) -> None:
    half = _rate(frame) @ frame.form / 2.0
    program.form.value, program.offset.value = frame.form, half - half.T
    tolerances = {f"tol_{kind}": SOLVER_TOLERANCE for kind in ("gap_abs", "gap_rel", "feas")}
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Solution may be inaccurate"
        )  # judged by the caller
        try:
            program.problem.solve(solver=SOLVER, **tolerances)
        except cp.SolverError as error:
            raise RuntimeError(f"The SDP solver {SOLVER} failed: {error}") from error
    if program.diffusion.value is None:
        raise RuntimeError(f"The SDP solver {SOLVER} found no answer ({program.problem.status}).")


def _lower_bound(frame: NormalFrame, dual: np.ndarray) -> float:
    """A proven lower bound on tr D: tr(ΩY·rate) for any Y = ⊕ y_kσ with −1/(1 + 1/ν_k) ≤ y_k ≤ 1/(1 − 1/ν_k).

    Then 1 − ΩY + iY ⪰ 0, which is all that weak duality asks. Of the solver's dual only the signs of the y_k are used.
    """
    upper, lam = dual[: len(dual) // 2, len(dual) // 2 :], 1.0 / frame.nu
    odd, even = np.arange(0, len(upper), 2), np.arange(1, len(upper), 2)
    y = np.where((upper.T - upper)[odd, even] > 0.0, 1.0 / (1.0 - lam), -1.0 / (1.0 + lam))
    # tr of each block of the rate is 2(1 − c/ν).
    return float(np.sum(-2.0 * lam * y * (1.0 - lam * frame.noise)))
