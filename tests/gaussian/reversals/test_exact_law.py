import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import block_diag

from qdm_utils.gaussian import (
    CERTIFIED_GAP,
    attenuate,
    attenuator,
    bayes_reverse,
    cp_margin,
    critical_squeezing,
    exact_reversal,
    exact_reversal_cost,
    exact_reversal_sdp,
    fidelity,
    minimal_repair,
    normal_mode_costs,
    random_covariance,
    repaired_cost,
    squeezed_thermal,
    step_channel,
    symplectic_eigenvalues,
    symplectic_form,
    transmissivity,
)
from tests.gaussian.strategies import angle, seeds, squeezing, thermal

VALUES = [
    (1.5, 0.2, 0.223428),
    (1.5, 1.0, 6.032522),
    (3.0, 0.5, 0.242820),
    (3.0, 1.5, 2.355887),
    (1.1, 0.8, 26.862990),
]
mixed = st.floats(1.05, 6.0)


def _off_path(cov, drift, diffusion):
    """By how much a generator misses −γ̇ of the attenuator."""
    forward, noise = attenuator(len(cov) // 2)
    rate = forward @ cov + cov @ forward.T + noise
    return np.abs(drift @ cov + cov @ drift.T + diffusion + rate).max()


@pytest.mark.parametrize(("nu", "r", "value"), VALUES)
def test_values_by_closed_form_and_sdp(nu, r, value):
    assert_allclose(exact_reversal_cost(nu, r), value, atol=6e-7)
    assert_allclose(exact_reversal_sdp(squeezed_thermal(nu, r, 0.7))[2], value, atol=1e-6)


@settings(max_examples=40)
@given(mixed, squeezing, angle)
def test_the_sdp_finds_the_closed_form_and_its_one_minimiser(nu, r, phi):
    """Both phases: D' = (x*/2)γ, and K' has no rotation in it."""
    cov = squeezed_thermal(nu, r, phi)
    cost = exact_reversal_cost(nu, r)
    drift, diffusion, solved = exact_reversal_sdp(cov)
    assert_allclose(solved, cost, atol=CERTIFIED_GAP * max(1.0, cost))
    assert_allclose(np.trace(np.linalg.solve(cov, diffusion)), solved, rtol=1e-9, atol=1e-12)
    assert_allclose(diffusion, cost / 2 * cov, atol=1e-6 * np.abs(cov).max() * max(1.0, cost))
    assert_allclose(drift, exact_reversal(cov)[0], atol=1e-5 * np.abs(cov).max() * max(1.0, cost))
    assert _off_path(cov, drift, diffusion) < 1e-10 * np.abs(cov).max() * max(1.0, cost)
    assert cp_margin(drift, diffusion) > -1e-10 * max(1.0, cost)


@given(mixed, squeezing, angle)
def test_the_minimiser_reverses_exactly_on_the_cp_boundary_at_the_stated_cost(nu, r, phi):
    cov = squeezed_thermal(nu, r, phi)
    drift, diffusion = exact_reversal(cov)
    scale = np.abs(cov).max() * max(1.0, exact_reversal_cost(nu, r))
    assert _off_path(cov, drift, diffusion) < 1e-12 * scale
    assert_allclose(cp_margin(drift, diffusion), 0.0, atol=1e-12 * scale)
    assert_allclose(
        np.trace(np.linalg.solve(cov, diffusion)), exact_reversal_cost(nu, r), rtol=1e-7, atol=1e-9
    )
    assert_allclose(drift @ cov, (drift @ cov).T, atol=1e-12 * scale)


@pytest.mark.parametrize(("nu", "r"), [(1.5, 0.2), (1.5, 1.0), (3.0, 0.5), (3.0, 1.5)])
def test_no_other_exact_reversal_is_both_cp_and_cheaper(nu, r, rng):
    """Random D' of lower cost, each with the whole line of its drifts, on both sides."""
    cov = squeezed_thermal(nu, r, 0.3)
    root = np.linalg.cholesky(cov)
    for _ in range(200):
        factor = rng.normal(size=(2, 2))
        noise = factor @ factor.T
        diffusion = (
            root
            @ (noise * rng.uniform(0.0, 0.999) * exact_reversal_cost(nu, r) / np.trace(noise))
            @ root.T
        )
        turn = rng.normal() * symplectic_form(1)
        drift = ((cov - np.eye(2) - diffusion) / 2 + turn) @ np.linalg.inv(cov)
        assert _off_path(cov, drift, diffusion) < 1e-9
        assert cp_margin(drift, diffusion) < 0


def test_the_minimiser_takes_a_short_step_back_along_the_path():
    data = squeezed_thermal(1.4, 0.8, 0.2)
    later, earlier = (
        attenuate(data, transmissivity(0.3 + 1e-4)),
        attenuate(data, transmissivity(0.3)),
    )
    X, Y = step_channel(*exact_reversal(later), 1e-4)
    assert np.abs(X @ later @ X.T + Y - earlier).max() < 1e-6
    assert fidelity(X @ later @ X.T + Y, earlier) > 1 - 1e-7


def test_the_cost_vanishes_on_the_boundary_and_only_there():
    nu = np.array([1.2, 2.0, 5.0])
    edge = critical_squeezing(nu)
    assert_allclose(exact_reversal_cost(nu, edge), 0.0, atol=1e-13)
    assert (exact_reversal_cost(nu, edge + 0.01) > 1e-3).all()
    assert (exact_reversal_cost(nu, edge - 0.01) > 1e-3).all()


def test_limits_towards_pure_states():
    """Infinite for any squeezing, zero for the vacuum, 2(c − 1)/(ν − 1) on the way."""
    assert exact_reversal_cost(1.0, 0.0) == 0.0
    assert np.isposinf(exact_reversal_cost(1.0, np.array([0.5, -0.5, 1e-9]))).all()
    near = 1.0 + 1e-9
    assert_allclose(
        exact_reversal_cost(near, 0.5) * (near - 1.0), 2 * (np.cosh(1.0) - 1.0), rtol=1e-6
    )
    drift, diffusion = exact_reversal(np.eye(2))
    assert_allclose([drift, diffusion], np.zeros((2, 2, 2)), atol=1e-15)
    assert exact_reversal_cost(np.ones((3, 1)) * 2.0, np.zeros(4)).shape == (3, 4)


def test_below_the_boundary_the_cost_stays_below_six_minus_four_root_two():
    nu, r = np.meshgrid(np.linspace(1.0, 8.0, 701), np.linspace(0.0, 1.4, 141))
    mild = exact_reversal_cost(nu, r)[np.cosh(2 * r) <= nu]
    assert_allclose(mild.max(), 6 - 4 * np.sqrt(2), atol=1e-5)
    assert_allclose(exact_reversal_cost(1 + np.sqrt(2), 0.0), 6 - 4 * np.sqrt(2))


@pytest.mark.parametrize("r", [0.2, 0.8, 1.5])
def test_along_pure_loss_from_a_pure_squeezed_state_the_cost_is_two_over_t(r):
    time = np.array([1e-5, 1e-4])
    path = attenuate(squeezed_thermal(1.0, r), transmissivity(time))
    cost = [normal_mode_costs(cov).sum() for cov in path]
    assert_allclose(cost * time, 2.0, rtol=2e-3)
    slope = np.diff(np.log(cost)) / np.diff(np.log(time))
    assert_allclose(slope, -1.0, atol=1e-3)


@given(thermal, squeezing, angle)
def test_the_repaired_cost_is_the_repair_in_the_same_currency(nu, r, phi):
    cov = squeezed_thermal(nu, r, phi)
    drift, diffusion = bayes_reverse(cov)
    total = np.trace(np.linalg.solve(cov, diffusion + minimal_repair(drift)))
    assert_allclose(repaired_cost(nu, r), total, rtol=1e-9)


def test_the_repair_overpays_except_near_pure_states():
    """Below the threshold it always does; above it, once ν > 4 − 2√2."""
    nu, r = np.meshgrid(np.linspace(1.0, 6.0, 251), np.linspace(0.0, 2.0, 201))
    dearer = repaired_cost(nu, r) > exact_reversal_cost(nu, r)
    mild = np.cosh(2 * r) <= nu
    assert dearer[mild].all()
    assert dearer[nu > 4 - 2 * np.sqrt(2)].all()
    ratio = 1 + 1 / np.sqrt(2)  # cosh 2r/ν where the two come closest
    for nu, cheaper in [(4 - 2 * np.sqrt(2) + 1e-3, False), (4 - 2 * np.sqrt(2) - 1e-3, True)]:
        r = np.arccosh(ratio * nu) / 2
        assert (repaired_cost(nu, r) < exact_reversal_cost(nu, r)) == cheaper
    assert repaired_cost(1.1, 0.8) < exact_reversal_cost(1.1, 0.8)


def test_beyond_the_threshold_the_repair_leaves_the_path_by_what_it_adds():
    cov = squeezed_thermal(1.5, 1.0)
    drift, diffusion = bayes_reverse(cov)
    repair = minimal_repair(drift)
    assert_allclose(_off_path(cov, drift, diffusion + repair), repair[0, 0], rtol=1e-9)


@pytest.mark.parametrize("modes", [2, 3])
def test_costs_of_independent_modes_add(modes, rng):
    for _ in range(4):
        nu, r, phi = (
            rng.uniform(1.2, 3.0, modes),
            rng.uniform(0.0, 1.0, modes),
            rng.uniform(0.0, 3.0, modes),
        )
        cov = block_diag(*squeezed_thermal(nu, r, phi))
        total = exact_reversal_cost(nu, r).sum()
        assert_allclose(exact_reversal_sdp(cov)[2], total, atol=CERTIFIED_GAP * max(1.0, total))
        assert_allclose(normal_mode_costs(cov).sum(), total, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("modes", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_for_correlated_modes_the_costs_of_normal_modes_add(modes, seed):
    cov = random_covariance(modes, seed)
    drift, diffusion, solved = exact_reversal_sdp(cov)
    law = normal_mode_costs(cov).sum()
    assert_allclose(solved, law, atol=CERTIFIED_GAP * max(1.0, law))
    assert _off_path(cov, drift, diffusion) < 1e-10 * max(1.0, law)
    assert cp_margin(drift, diffusion) > -1e-10
    closed_drift, closed_diffusion = exact_reversal(cov)
    assert _off_path(cov, closed_drift, closed_diffusion) < 1e-11 * max(1.0, law)
    assert_allclose(cp_margin(closed_drift, closed_diffusion), 0.0, atol=1e-11 * max(1.0, law))
    assert_allclose(np.trace(np.linalg.solve(cov, closed_diffusion)), law, rtol=1e-9)


@given(seeds, st.integers(1, 4))
def test_the_closed_minimiser_works_for_any_number_of_modes(seed, modes):
    cov = random_covariance(modes, seed)
    nu = symplectic_eigenvalues(cov)
    assume(nu[0] > 1.02)
    assume(modes == 1 or np.diff(nu).min() > 0.02)
    drift, diffusion = exact_reversal(cov)
    scale = np.abs(drift).max() * np.abs(cov).max()
    assert _off_path(cov, drift, diffusion) < 1e-11 * scale
    assert_allclose(cp_margin(drift, diffusion), 0.0, atol=1e-11 * scale)


def _mixed_pair(spread):
    """Modes squeezed by 0.9 and 0.1 behind a balanced beam splitter, ν = 1.8 and 1.8 + spread."""
    squeeze = np.diag(np.exp([0.9, -0.9, 0.1, -0.1]))
    symplectic = squeeze @ np.kron(np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2.0), np.eye(2))
    return symplectic @ np.diag([1.8, 1.8, 1.8 + spread, 1.8 + spread]) @ symplectic.T


def test_the_cost_jumps_where_symplectic_eigenvalues_coincide():
    """Beside it a fast rotation averages c over the two modes; at it that rotation is idle."""
    separate = exact_reversal_cost(1.8, np.array([0.9, 0.1])).sum()
    assert_allclose(exact_reversal_sdp(_mixed_pair(0.0))[2], separate, atol=3e-6)
    assert_allclose(normal_mode_costs(_mixed_pair(0.0)).sum(), separate, rtol=1e-9)
    average = np.cosh([1.8, 0.2]).mean()
    for spread in (0.01, 0.001):
        cov = _mixed_pair(spread)
        assert_allclose(normal_mode_costs(cov).sum(), 4 * (average / 1.8 - 1) / 0.8, rtol=0.05)
        assert_allclose(
            exact_reversal_sdp(cov)[2], normal_mode_costs(cov).sum(), atol=CERTIFIED_GAP
        )
    fast, slow = (np.abs(exact_reversal(_mixed_pair(spread))[0]).max() for spread in (0.001, 0.01))
    assert_allclose(fast / slow, 10.0, rtol=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_with_equal_symplectic_eigenvalues_every_squeezed_mode_counts_for_itself(seed):
    """γ = 1.8·O Z² Oᵀ with O passive: any basis of normal modes will do, except for the cost."""
    pure = random_covariance(3, seed, nu_max=1.0, r_max=0.8)
    squeezings = np.log(np.linalg.eigvalsh(pure)[3:]) / 2
    total = exact_reversal_cost(1.8, squeezings).sum()
    assert_allclose(normal_mode_costs(1.8 * pure).sum(), total, rtol=1e-9)
    assert_allclose(exact_reversal_sdp(1.8 * pure)[2], total, atol=CERTIFIED_GAP * max(1.0, total))
    assert_allclose(cp_margin(*exact_reversal(1.8 * pure)), 0.0, atol=1e-11)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact_reversal_cost(0.9, 0.1), r"Argument `nu` must be ≥ 1, but got 0.9"),
        (lambda: exact_reversal_cost(1.5, np.nan), r"Argument `r` must be finite, but got nan"),
        (lambda: repaired_cost(0.9, 0.1), r"Argument `nu` must be ≥ 1, but got 0.9"),
        (
            lambda: exact_reversal(squeezed_thermal(1.0, 0.3, 0.4)),
            r"Argument `cov` must be mixed or a vacuum",
        ),
        (
            lambda: exact_reversal(0.5 * np.eye(2)),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (
            lambda: normal_mode_costs(np.stack([np.eye(2)] * 2)),
            r"Argument `cov` must have shape \(2N, 2N\)",
        ),
        (
            lambda: exact_reversal_sdp(squeezed_thermal(1.0, 0.3)),
            r"Argument `cov` must be mixed in every normal mode",
        ),
        (lambda: exact_reversal_sdp(np.eye(3)), r"Argument `cov` must have shape"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
