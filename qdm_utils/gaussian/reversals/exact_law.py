r"""What it costs to undo the attenuator exactly.

Sought is the cheapest completely positive generator with K'γ + γK'ᵀ + D' = −γ̇. The cost of a
generator is its diffusion as the reference sees it, tr(γ⁻¹D'); −γ̇ = γ − 1 for the attenuator. The
fixed-drift repair of `repair` is priced in the same currency, but it does another job: past the
threshold it does not retrace the path.
"""

from functools import cache

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import at_least, broadcast, demand
from qdm_utils.gaussian.covariance import (
    DEGENERATE,
    NormalFrame,
    check_covariance,
    check_squeezing,
    normal_frame,
    symplectic_form,
)
from qdm_utils.gaussian.reversals.certified_sdp import CERTIFIED_GAP, solve
from qdm_utils.gaussian.semigroup import Generator, check_generator


def _cost(nu: np.ndarray, surplus: np.ndarray) -> np.ndarray:
    """x* of one mode with c − ν = `surplus`, c = cosh 2r; infinite for a pure squeezed one."""
    mild = -2.0 * surplus / (nu * (nu + 1.0))
    price = np.where(nu > 1.0, nu * (nu - 1.0), 1.0)
    severe = np.where(nu > 1.0, 2.0 * surplus / price, np.inf)
    return np.where(surplus > 0.0, severe, np.maximum(mild, 0.0))


def exact_reversal_cost(nu: ArrayLike, r: ArrayLike) -> np.ndarray | float:
    """The least cost x* = min tr(γ⁻¹D') of reversing the attenuator exactly at a one-mode γ(ν, r).

    With c = cosh 2r it is 2(1 − c/ν)/(ν + 1) for c ≤ ν and 2(c/ν − 1)/(ν − 1) for c > ν: zero on
    the boundary of Theorem 1, at most 6 − 4√2 ≈ 0.34 below it, unbounded above it towards pure
    states.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        x*, a rate in units of the damping rate, of the broadcast shape; ∞ for pure squeezed states,
        zero for the vacuum.

    Raises:
        ValueError: ν < 1, |r| > 10, or anything not finite.

    Derivation: the trace of S⁻¹(…)S⁻ᵀ, γ = νSSᵀ, fixes tr K' = 1 − c/ν − x/2; complete positivity
    needs √det D' ≥ |tr K'| and the means inequality gives νx/2 ≥ √det D'. The law that
    arXiv:2603.19024 announces in its abstract, derived anew.

    >>> np.round(exact_reversal_cost([1.5, 1.5, 1.0], [0.2, 1.0, 0.0]), 6)
    array([0.223428, 6.032522, 0.      ])
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=check_squeezing("r", r))
    # c − ν = 2 sinh² r − (ν − 1) keeps its digits near the vacuum.
    return _cost(nu, 2.0 * np.sinh(r) ** 2 - (nu - 1.0))[()]


def repaired_cost(nu: ArrayLike, r: ArrayLike) -> np.ndarray | float:
    """The fixed-drift repair in the same currency, tr(γ⁻¹(1 + ΔD*)) = (2c/ν)·max(1, 2c/ν − 1).

    Here c = cosh 2r. The repair keeps the Bayes drift and, where ΔD* ≠ 0, overshoots −γ̇ by ΔD*.
    So it is dearer than `exact_reversal_cost` for every r once ν > 4 − 2√2, yet cheaper near pure
    states, where the exact reversal cannot be had at any finite cost.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        A rate in units of the damping rate, of the broadcast shape.

    Raises:
        ValueError: ν < 1, |r| > 10, or anything not finite.

    >>> np.round(repaired_cost(1.5, np.array([0.2, 1.0])), 4)
    array([ 1.4414, 20.1466])
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=check_squeezing("r", r))
    ratio = 2.0 * np.cosh(2.0 * r) / nu
    return ratio * np.maximum(1.0, ratio - 1.0)


def reversal_price(cov: ArrayLike, drift: ArrayLike, diffusion: ArrayLike) -> np.ndarray | float:
    """What any reverse costs at a reference, tr(γ⁻¹D): its diffusion as the state sees it.

    Args:
        cov: reference γ, shape (..., 2N, 2N).
        drift: K, of the same shape. It costs nothing itself; a generator is passed whole.
        diffusion: D, of the same shape.

    Returns:
        A rate in units of the damping rate, shape (...).

    Raises:
        ValueError: γ is not a covariance, (K, D) not a generator, or shapes that do not match.

    >>> cov = np.diag([4.0, 4.0])
    >>> float(reversal_price(cov, *exact_reversal(cov)))
    0.3
    """
    cov = check_covariance(cov)
    drift, diffusion = check_generator(drift, diffusion)
    size = cov.shape[-1]
    got = f"shape {diffusion.shape}"
    demand(diffusion.shape[-1] == size, "diffusion", f"have shape (..., {size}, {size})", got)
    broadcast(cov=cov[..., 0, 0], drift=drift[..., 0, 0], diffusion=diffusion[..., 0, 0])
    return np.trace(np.linalg.inv(cov) @ diffusion, axis1=-2, axis2=-1)


def normal_mode_costs(cov: ArrayLike) -> np.ndarray:
    """The exact reversal's cost for N modes, one term for each normal mode of γ; x* is their sum.

    With γ = S(ν₁1 ⊕ … ⊕ ν_N1)Sᵀ each term is the one-mode law with c_k = ½ tr (SᵀS)_kk ≥ 1, the
    vacuum noise in normal mode k, for cosh 2r. Where symplectic eigenvalues coincide, S is the one
    that makes the passive part of SᵀS diagonal there. The sum can jump upwards at such a
    coincidence: just beside it a fast rotation among the almost equal modes helps, at it that
        rotation does nothing.

    Args:
        cov: covariance, shape (2N, 2N).

    Returns:
        Shape (N,), in the order of ascending ν; ∞ for a pure mode with c > 1.

    Raises:
        ValueError: γ is not a covariance, or is a stack of them.

    Derivation: the dual of the program in `exact_reversal_sdp` decouples over the eigenspaces of
    σγ.

    >>> np.round(normal_mode_costs(np.diag([4.0, 1.0, 3.0, 3.0])), 12)
    array([0.25      , 0.33333333])
    """
    return _mode_costs(normal_frame(cov))


def _mode_costs(frame: NormalFrame) -> np.ndarray:
    return _cost(frame.nu, frame.noise - frame.nu)


def exact_reversal(cov: ArrayLike) -> Generator:
    """The cheapest generator (K', D') that undoes the attenuator exactly; one mode: D' = (x*/2)γ.

    For one mode D' is unique and K' is so up to multiples of σγ⁻¹, the rotation that leaves γ
    alone; the one returned has none of it. For more modes D' = S(½x_kν_k·1)Sᵀ and K' rotates
    normal modes j, k into each other at a rate ∝ 1/(ν_j − ν_k).

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
    cost = _mode_costs(frame)
    finite = bool(np.isfinite(cost).all())
    demand(finite, "cov", "be mixed or a vacuum in every normal mode", "a pure squeezed mode")
    diffusion = np.diag(np.repeat(cost / 2.0, 2))
    return _in_the_laboratory(frame, diffusion, _mode_rotation(frame))


def _rate(frame: NormalFrame) -> np.ndarray:
    """−γ̇ = γ − 1 of the attenuator, seen in the normal frame."""
    return np.eye(len(frame.to)) - frame.back @ frame.back.T


def _drift(frame: NormalFrame, diffusion: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """K = ½(R − D) + W: with antisymmetric W every solution of K + Kᵀ + D = R in the frame."""
    return (_rate(frame) - diffusion) / 2.0 + rotation


def _in_the_laboratory(
    frame: NormalFrame, diffusion: np.ndarray, rotation: np.ndarray
) -> Generator:
    """(K', D') in the laboratory's quadratures, from D and W in the normal frame."""
    moved = frame.to @ diffusion @ frame.to.T
    return frame.to @ _drift(frame, diffusion, rotation) @ frame.back, (moved + moved.T) / 2.0


def _mode_rotation(frame: NormalFrame) -> np.ndarray:
    """The antisymmetric W that empties the CP matrix between normal modes, where D is no help.

    Its blocks (j, k) solve (½R + W)σ/ν_k + σ(½R − W)/ν_j = 0, for the part of R that commutes with
    σ and the part that does not.
    """
    modes = len(frame.nu)
    sigma = symplectic_form(1)
    rate = _rate(frame).reshape(modes, 2, modes, 2).swapaxes(1, 2)
    turned = sigma.T @ rate @ sigma
    commuting = (rate + turned) / 2.0
    other = (rate - turned) / 2.0
    lam = 1.0 / frame.nu
    column = lam[None, :]
    row = lam[:, None]
    # Between modes of equal ν no W helps; 0 there keeps it finite.
    apart = np.abs(column - row) > DEGENERATE * column
    factor = np.where(apart, (column + row) / np.where(apart, column - row, 1.0), 0.0)
    blocks = -0.5 * (
        factor[..., None, None] * commuting
        + ((column - row) / (column + row))[..., None, None] * other
    )
    return blocks.swapaxes(1, 2).reshape(2 * modes, 2 * modes)


@cache
def _program(size: int) -> cp.Problem:
    """Least tr D such that M = D + i(KΩ + ΩKᵀ) ⪰ 0, K = ½(R − D) + W, in the normal frame.

    There γ is 1 and the equality K + Kᵀ + D = R is solved by construction, so D and the
    antisymmetric W = `turn` − `turn`ᵀ are free; `form` is Ω, `offset` the part of M without them.
    """
    form = cp.Parameter((size, size), name="form")
    offset = cp.Parameter((size, size), name="offset")
    diffusion = cp.Variable((size, size), symmetric=True, name="diffusion")
    turn = cp.Variable((size, size), name="turn")
    half = (turn - turn.T - diffusion / 2.0) @ form
    skew = offset + half - half.T
    # W acts only between modes: within one it rotates the mode without effect, and the solver
    # would let it drift.
    within = np.kron(np.tril(np.ones((size // 2, size // 2))), np.ones((2, 2)))
    constraints = [
        cp.bmat([[diffusion, -skew], [skew, diffusion]]) >> 0,
        cp.multiply(within, turn) == 0,
    ]
    return cp.Problem(cp.Minimize(cp.trace(diffusion)), constraints)


def exact_reversal_sdp(cov: ArrayLike) -> tuple[np.ndarray, np.ndarray, float]:
    """The cheapest exact reversal by semidefinite programming (CVXPY with Clarabel), for any N.

    Every answer solves K'γ + γK'ᵀ + D' = γ − 1 by construction, is completely positive to rounding,
    and is certified by weak duality: its cost exceeds the optimum by at most
    `CERTIFIED_GAP`·max(1, cost).

    Args:
        cov: reference covariance, shape (2N, 2N); all its symplectic eigenvalues above 1.

    Returns:
        (drift, diffusion, cost): shape (2N, 2N) twice, and tr(γ⁻¹D').

    Raises:
        ValueError: not a covariance, or a pure normal mode.
        RuntimeError: the solver found no answer that can be certified.

    >>> round(exact_reversal_sdp(3.0 * np.eye(2))[2], 4)
    0.3333
    """
    frame = normal_frame(cov)
    smallest = frame.nu[0]
    mixed = bool(smallest > 1.0)
    got = f"a symplectic eigenvalue of {smallest:g}"
    demand(mixed, "cov", "be mixed in every normal mode", got)
    half = _rate(frame) @ frame.form / 2.0
    program = _program(len(frame.to))
    solution = solve(program, equilibrate=True, form=frame.form, offset=half - half.T)
    diffusion = solution.values["diffusion"]
    rotation = solution.values["turn"] - solution.values["turn"].T
    half = _drift(frame, diffusion, rotation) @ frame.form
    # D + ε1 with K − ε/2 still solves the equality and adds ε(1 − iΩ) ≻ 0 to M.
    shortfall = min(np.linalg.eigvalsh(diffusion + 1j * (half - half.T))[0], 0.0)
    diffusion = diffusion - shortfall / (1.0 - 1.0 / smallest) * np.eye(len(diffusion))
    cost = float(np.trace(diffusion))
    bound = _lower_bound(frame, solution.dual)
    solution.certify(cost, bound, allowed=CERTIFIED_GAP * max(1.0, cost))
    drift, diffusion = _in_the_laboratory(frame, diffusion, rotation)
    return drift, diffusion, cost


def _lower_bound(frame: NormalFrame, dual: np.ndarray) -> float:
    """A proven lower bound on tr D: tr(ΩYR), Y = ⊕ y_kσ with −1/(1 + 1/ν_k) ≤ y_k ≤ 1/(1 − 1/ν_k).

    Then 1 − ΩY + iY ⪰ 0, which is all that weak duality asks. Of the solver's dual only the signs
    of the y_k are used.
    """
    upper = dual[: len(dual) // 2, len(dual) // 2 :]
    lam = 1.0 / frame.nu
    odd = np.arange(0, len(upper), 2)
    signs = (upper.T - upper)[odd, odd + 1]
    y = np.where(signs > 0.0, 1.0 / (1.0 - lam), -1.0 / (1.0 + lam))
    # tr of each block of the rate is 2(1 − c/ν).
    return float(np.sum(-2.0 * lam * y * (1.0 - lam * frame.noise)))
