import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qdm_utils.gaussian import (
    CERTIFIED_GAP,
    bayes_cp_margin,
    bayes_repair_trace,
    bayes_reverse,
    check_covariance,
    cp_margin,
    critical_squeezing,
    evolve,
    minimal_repair,
    minimal_repair_sdp,
    random_covariance,
    repaired_reverse,
    sdp_repair_traces,
    squeezed_thermal,
)
from tests.gaussian.strategies import angle, seeds, squeezing, thermal


@given(thermal, squeezing, angle)
def test_one_mode_closed_form(nu, r, phi):
    repair = minimal_repair(bayes_reverse(squeezed_thermal(nu, r, phi))[0])
    assert_allclose(repair, max(0.0, 2 * np.cosh(2 * r) / nu - 2) * np.eye(2), atol=1e-9)
    assert_allclose(np.trace(repair), bayes_repair_trace(nu, r), atol=1e-9)
    assert_allclose(np.trace(repair), 2 * max(0.0, -bayes_cp_margin(nu, r)), atol=1e-9)


@given(seeds, st.integers(1, 3))
def test_the_repaired_generator_is_cp_and_the_trace_is_the_spectral_sum(seed, modes):
    drift = np.random.default_rng(seed).normal(size=(2 * modes, 2 * modes))
    repair = minimal_repair(drift)
    assert cp_margin(drift, np.eye(2 * modes) + repair) > -1e-10
    assert np.linalg.eigvalsh(repair)[0] > -1e-10
    spectrum = np.abs(np.linalg.eigvalsh(np.imag(1j * _skew(drift)) * 1j))
    assert_allclose(np.trace(repair), np.maximum(1.0, spectrum).sum() - 2 * modes, atol=1e-9)


def _skew(drift):
    sigma = np.kron(np.eye(len(drift) // 2), [[0.0, 1.0], [-1.0, 0.0]])
    return drift @ sigma + sigma @ drift.T


@settings(max_examples=40)
@given(thermal, squeezing, angle)
def test_the_sdp_agrees_with_the_closed_form_for_one_mode(nu, r, phi):
    drift, diffusion = bayes_reverse(squeezed_thermal(nu, r, phi))
    solved = minimal_repair_sdp(drift, diffusion)
    assert_allclose(np.trace(solved), np.trace(minimal_repair(drift)), atol=CERTIFIED_GAP)
    assert_allclose(solved, minimal_repair(drift), atol=2e-3)  # entries: the square root of the gap


@pytest.mark.parametrize("modes", [1, 2, 3])
@pytest.mark.parametrize("seed", range(6))
def test_the_sdp_agrees_with_the_closed_form_for_more_modes(modes, seed):
    drift, diffusion = bayes_reverse(random_covariance(modes, seed, r_max=1.3))
    assert_allclose(
        np.trace(minimal_repair_sdp(drift, diffusion)),
        np.trace(minimal_repair(drift)),
        atol=CERTIFIED_GAP,
    )


@pytest.mark.parametrize("offset", [0.0, 1e-9, -1e-9, 1e-6, -1e-6, 1e-4])
def test_the_sdp_stays_certified_where_its_optimum_degenerates(offset):
    for nu in (1.1, 2.0, 4.3):
        drift, diffusion = bayes_reverse(squeezed_thermal(nu, critical_squeezing(nu) + offset))
        assert_allclose(
            np.trace(minimal_repair_sdp(drift, diffusion)),
            np.trace(minimal_repair(drift)),
            atol=CERTIFIED_GAP,
        )


def test_the_sdp_takes_any_diffusion():
    """tr K = −2, D = diag(2, ½): det(D + ΔD) ≥ 4 at the least trace is ΔD = diag(0, 3/2)."""
    solved = minimal_repair_sdp(-np.eye(2), np.diag([2.0, 0.5]))
    assert_allclose(solved, np.diag([0.0, 1.5]), atol=2e-3)
    assert_allclose(np.trace(solved), 1.5, atol=CERTIFIED_GAP)


def test_the_sdp_answer_is_feasible(rng):
    for seed in range(10):
        drift, diffusion = bayes_reverse(random_covariance(2, seed))
        solved = minimal_repair_sdp(drift, diffusion)
        assert cp_margin(drift, diffusion + solved) > -1e-12
        assert np.linalg.eigvalsh(solved)[0] > -1e-12


def test_a_row_of_the_map():
    nu = np.array([1.0, 1.5, 4.0])
    assert_allclose(
        sdp_repair_traces(squeezed_thermal(nu, 0.6)),
        bayes_repair_trace(nu, 0.6),
        atol=CERTIFIED_GAP,
    )


def test_the_repaired_decoder_keeps_the_vacuum_a_state():
    data = squeezed_thermal(1.0, 0.8)
    path = evolve(np.eye(2), repaired_reverse(data, 1.5), np.linspace(0.0, 1.5, 31))
    check_covariance(path)
    generator = repaired_reverse(data, 1.5)
    assert min(cp_margin(*generator(depth)) for depth in np.linspace(0.0, 1.5, 31)) > -1e-12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: minimal_repair(np.eye(3)), r"Argument `drift` must have shape"),
        (lambda: minimal_repair(np.full((2, 2), np.nan)), r"Argument `drift` must be finite"),
        (
            lambda: minimal_repair_sdp(np.eye(2), np.eye(4)),
            r"Argument `diffusion` must act on the modes of drift",
        ),
        (
            lambda: minimal_repair_sdp(np.zeros((1, 2, 2)), np.eye(2)),
            r"Argument `drift` must have shape \(2N, 2N\)",
        ),
        (lambda: bayes_repair_trace(0.5, 0.0), r"Argument `nu` must be ≥ 1"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
