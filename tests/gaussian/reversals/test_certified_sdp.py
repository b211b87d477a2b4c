"""Solvers that fail, lie or stop early: none of it may reach the caller as an answer."""

import cvxpy
import numpy as np
import pytest

from qdm_utils.gaussian import (
    bayes_reverse,
    cp_matrix,
    exact_reversal_sdp,
    minimal_repair,
    minimal_repair_sdp,
    normal_frame,
    normal_mode_costs,
    random_covariance,
    squeezed_thermal,
)
from qdm_utils.gaussian.reversals import exact_law, repair
from qdm_utils.gaussian.reversals.certified_sdp import Solution

STATE = squeezed_thermal(1.5, 1.0)
PROGRAMS = {
    "repair": lambda: minimal_repair_sdp(-np.eye(2), np.eye(2)),
    "exact law": lambda: exact_reversal_sdp(STATE),
}
both = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)


@both
def test_a_solver_that_gives_up_is_an_error(program, monkeypatch):
    def give_up(*_, **__):
        raise cvxpy.SolverError("no")

    monkeypatch.setattr(cvxpy.Problem, "solve", give_up)
    with pytest.raises(RuntimeError, match="CLARABEL failed: no"):
        program()


@both
def test_a_solver_that_fails_one_way_is_asked_the_other_way(program, monkeypatch):
    asked = []
    solve = cvxpy.Problem.solve

    def fail_at_first(problem, **options):
        asked.append(options["equilibrate_enable"])
        if len(asked) == 1:
            raise cvxpy.SolverError("no")
        return solve(problem, **options)

    monkeypatch.setattr(cvxpy.Problem, "solve", fail_at_first)
    program()
    assert sorted(asked) == [False, True]


@both
def test_a_solver_that_returns_without_an_answer_is_an_error(program, monkeypatch):
    """What an earlier call has left must not be taken for an answer to this one."""
    program()
    monkeypatch.setattr(cvxpy.Problem, "solve", lambda *_, **__: None)
    with pytest.raises(RuntimeError, match="CLARABEL found no answer"):
        program()


@pytest.mark.parametrize(
    ("program", "module", "gap"), [("repair", repair, "2"), ("exact law", exact_law, "6")]
)
def test_an_answer_that_is_not_optimal_is_an_error(program, module, gap, monkeypatch):
    monkeypatch.setattr(module, "_lower_bound", lambda *_: 0.0)
    with pytest.raises(RuntimeError, match=f"duality gap of {gap}"):
        PROGRAMS[program]()


@pytest.mark.parametrize(("cost", "certified"), [(1.0 + 9e-7, True), (1.0 + 2e-6, False)])
def test_the_certified_gap_is_one_millionth(cost, certified):
    solution = Solution({}, np.zeros((2, 2)), "optimal_inaccurate")
    if certified:
        solution.certify(cost, 1.0)
    else:
        with pytest.raises(RuntimeError, match=r"gap of 2e-06 \(optimal_inaccurate\)"):
            solution.certify(cost, 1.0)


def test_a_gap_that_is_no_number_certifies_nothing():
    with pytest.raises(RuntimeError, match="duality gap of nan"):
        Solution({}, np.zeros((2, 2)), "optimal").certify(np.nan, 0.0)


def test_a_wrong_dual_cannot_certify_a_repair(rng):
    """Whatever the solver claims as its dual, the bound stays below the optimum."""
    for scale in (1e-3, 0.3, 1.0, 30.0):
        for seed in range(10):
            drift, diffusion = bayes_reverse(random_covariance(2, seed, r_max=1.3))
            matrix = cp_matrix(drift, diffusion)
            real = np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])
            optimum = np.trace(minimal_repair(drift))
            noise = scale * rng.normal(size=(8, 8))
            assert repair._lower_bound(real, noise) <= optimum + 1e-12
            # The projector on the negative eigenvalues, a good guess, times any number.
            spectrum, vectors = np.linalg.eigh(real)
            guess = vectors[:, spectrum < 0] @ vectors[:, spectrum < 0].T
            assert 0.0 <= repair._lower_bound(real, scale * guess) <= optimum + 1e-12


def test_a_wrong_dual_cannot_certify_an_exact_reversal(rng):
    cov = random_covariance(2, 2)
    cost = normal_mode_costs(cov).sum()
    for _ in range(50):
        bound = exact_law._lower_bound(normal_frame(cov), rng.normal(size=(8, 8)))
        assert bound <= cost + 1e-12
