"""Semidefinite programs whose answers are certified here, by weak duality, not by the solver."""

import warnings
from dataclasses import dataclass

import cvxpy as cp
import numpy as np

SOLVER = "CLARABEL"
SOLVER_TOLERANCE = 1e-9  # what the solver aims at
CERTIFIED_GAP = 1e-6  # the duality gap that every answer is checked against here

# Why a certificate. Both programs of this room minimise the trace of a diffusion under a matrix
# inequality M ⪰ 0. At the boundary of complete positivity their optimum degenerates: the solver
# slows down, stops early and reports "optimal, inaccurate", which may be off by 1e-9 or by 1e-3.
# So its word is not taken. What it returns is used as a guess, twice:
#
# 1. The primal guess violates M ⪰ 0 by a little. The caller measures by how much and adds so many
#    multiples of the identity that the answer is feasible to rounding. Its trace, the *cost*, is
#    then not below the optimum.
# 2. For any Z ⪰ 0 and any feasible point, tr(ZM) ≥ 0. If Z is such that this bounds the trace from
#    below by a number that does not depend on the point, that number is a *lower bound* on the
#    optimum (weak duality). The caller turns the solver's dual guess into such a Z exactly. A
#    wrong guess gives a poor bound and never a false one.
#
# The optimum lies between the two, so their difference, the duality gap, bounds the error of the
# cost whatever the solver did. An answer with a gap above `CERTIFIED_GAP` is an error.


@dataclass(frozen=True)
class Solution:
    """What the solver found: guesses, until `certify` has seen a feasible cost and a lower bound.

    Attributes:
        values: the variables by name.
        dual: the multiplier of the program's first constraint.
        status: the solver's own word.
    """

    values: dict[str, np.ndarray]
    dual: np.ndarray
    status: str

    def certify(self, cost: float, lower_bound: float, allowed: float = CERTIFIED_GAP) -> None:
        """Raise `RuntimeError` unless a feasible cost is within `allowed` of a proven bound."""
        gap = cost - lower_bound
        if not gap <= allowed:  # also refuses NaN
            raise RuntimeError(
                f"The SDP solver {SOLVER} left a duality gap of {gap:.1g} ({self.status})."
            )


def solve(problem: cp.Problem, equilibrate: bool, **parameters: np.ndarray) -> Solution:
    """Solve a parametrised program, which CVXPY has canonicalised once for all its parameters.

    Args:
        problem: the program; variables and parameters have names.
        equilibrate: whether the solver rescales the program first. Where the entries are of order
            one already this costs accuracy at the boundary. If one way fails the other is tried.
        parameters: their values by name.

    Returns:
        A `Solution`, to be certified.

    Raises:
        RuntimeError: the solver failed both ways, or returned without an answer.
    """
    for name, value in parameters.items():
        problem.param_dict[name].value = value
    # What an earlier call left must not be taken for an answer to this one.
    first = problem.constraints[0].dual_variables[0]
    for variable in (*problem.variables(), first):
        variable.save_value(None)
    tolerances = {f"tol_{kind}": SOLVER_TOLERANCE for kind in ("gap_abs", "gap_rel", "feas")}
    failure = None
    for rescale in (equilibrate, not equilibrate):
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Solution may be inaccurate")
                problem.solve(solver=SOLVER, equilibrate_enable=rescale, **tolerances)
        except cp.SolverError as error:
            failure = error
        else:
            break
    else:
        raise RuntimeError(f"The SDP solver {SOLVER} failed: {failure}") from failure
    values = {variable.name(): variable.value for variable in problem.variables()}
    if first.value is None or any(value is None for value in values.values()):
        raise RuntimeError(f"The SDP solver {SOLVER} found no answer ({problem.status}).")
    found = {name: np.asarray(value) for name, value in values.items()}
    return Solution(found, np.asarray(first.value), str(problem.status))
