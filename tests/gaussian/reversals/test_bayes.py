import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qdm_utils.gaussian import (
    attenuate,
    attenuator,
    bayes_cp_margin,
    bayes_reverse,
    cp_margin,
    critical_squeezing,
    critical_transmissivity,
    entanglement_witness,
    evolve,
    formal_reverse,
    margin_zero,
    squeezed_thermal,
    transmissivity,
    vacuum_area_rate,
)
from tests.gaussian.strategies import angle, covariances, squeezing, thermal


@given(covariances)
def test_the_reverse_undoes_the_noise_at_every_instant(cov):
    """K_rev γ + γ K_revᵀ + D = −γ̇. By Lemma 1 CP tests are blind to the sign of the drift."""
    (forward, noise), (drift, diffusion) = attenuator(len(cov) // 2), bayes_reverse(cov)
    rate = forward @ cov + cov @ forward.T + noise
    assert_allclose(drift @ cov + cov @ drift.T + diffusion, -rate, atol=1e-10)


@given(covariances)
def test_the_reverse_is_the_classical_score_drift(cov):
    """−Kξ + D∇ln W with ∇ln W = −γ⁻¹ξ."""
    forward, noise = attenuator(len(cov) // 2)
    assert_allclose(bayes_reverse(cov)[0], -forward - noise @ np.linalg.inv(cov), atol=1e-10)


def test_the_formal_reverse_retraces_a_whole_path():
    start, depths = squeezed_thermal(1.4, 0.8, 0.3), np.linspace(0.0, 2.0, 9)
    retraced = evolve(attenuate(start, transmissivity(2.0)), formal_reverse(start, 2.0), depths)
    assert_allclose(retraced, attenuate(start, transmissivity(2.0 - depths)), atol=1e-8)


@given(thermal, squeezing, angle)
def test_closed_form_of_the_margin(nu, r, phi):
    """cosh 2r/ν, not /ν² or /√ν, and the smaller eigenvalue, not the trace."""
    matrix_margin = cp_margin(*bayes_reverse(squeezed_thermal(nu, r, phi)))
    assert_allclose(bayes_cp_margin(nu, r), matrix_margin, atol=1e-9)


@given(thermal, squeezing)
def test_theorem_1(nu, r):
    assume(abs(np.cosh(2 * r) - nu) > 1e-6)
    assert (cp_margin(*bayes_reverse(squeezed_thermal(nu, r))) < 0) == (np.cosh(2 * r) > nu)


@given(thermal)
def test_thermal_references_never_fail(nu):
    assert bayes_cp_margin(nu, 0.0) >= 0


def test_the_margin_peaks_at_one_where_cosh_2r_is_half_nu():
    nu = np.array([2.5, 4.0, 6.0])
    peak = np.arccosh(nu / 2) / 2
    assert_allclose(bayes_cp_margin(nu, peak), 1.0)
    assert (bayes_cp_margin(nu, peak + 0.05) < 1).all()
    assert (bayes_cp_margin(nu, peak - 0.05) < 1).all()


@given(st.floats(1.001, 6.0))
def test_the_margin_vanishes_on_the_boundary(nu):
    assert_allclose(bayes_cp_margin(nu, critical_squeezing(nu)), 0.0, atol=1e-9)


@pytest.mark.parametrize("r_max", [3.0, 2.0])
def test_the_computed_margin_changes_its_sign_where_theorem_1_says(r_max):
    """For each ν alone, and from a bracket that need not be symmetric about the zero."""
    nu = np.array([1.001, 1.5, 2.0, 6.0, 20.0])
    zero = margin_zero(nu, r_max)
    assert_allclose(zero, np.arccosh(nu) / 2, rtol=1e-9)
    # It is the place where the verdict of the CP matrix turns over, not merely a number close to
    # the closed form.
    legal, illegal = (
        cp_margin(*bayes_reverse(squeezed_thermal(nu, zero + shift))) for shift in (-1e-6, 1e-6)
    )
    assert (legal > 0).all()
    assert (illegal < 0).all()


@pytest.mark.parametrize(("r", "value"), [(0.50, -0.0316), (0.45, 0.0490), (1.0, -1.658)])
def test_entanglement_witness_values(r, value):
    assert_allclose(entanglement_witness(1.5, r, 1.5, 1e-3), value, atol=6e-4 if r == 1.0 else 6e-5)


@given(thermal, st.floats(0.0, 1.5), st.floats(0.3, 2.0))
def test_entanglement_witness_is_negative_exactly_past_the_threshold(nu, r, pair):
    margin = bayes_cp_margin(nu, r)
    assume(abs(margin) > 0.02)
    assert (entanglement_witness(nu, r, pair, 1e-5) < 0) == (margin < 0)


@given(thermal, squeezing, angle)
def test_vacuum_area_rate_against_a_short_step(nu, r, phi):
    generator = bayes_reverse(squeezed_thermal(nu, r, phi))
    assert_allclose(vacuum_area_rate(*generator), 4 * (1 - np.cosh(2 * r) / nu), atol=1e-9)
    after = evolve(np.eye(2), generator, [0.0, 1e-5])[-1]
    assert_allclose(
        (np.linalg.det(after) - 1) / 1e-5, vacuum_area_rate(*generator), rtol=1e-3, atol=1e-2
    )


@given(st.floats(0.05, 2.0), angle)
def test_pure_squeezed_states_fail_while_more_than_half_survives(r, phi):
    pure = squeezed_thermal(1.0, r, phi)
    assert_allclose(critical_transmissivity(pure), 0.5, atol=1e-6)
    assert (
        cp_margin(*bayes_reverse(attenuate(pure, 0.501)))
        < 0
        < cp_margin(*bayes_reverse(attenuate(pure, 0.499)))
    )


@given(thermal, squeezing)
def test_critical_transmissivity_splits_the_path(nu, r):
    data = squeezed_thermal(nu, r)
    threshold = critical_transmissivity(data)
    eta = np.linspace(0.0, 1.0, 41)
    margin = cp_margin(*bayes_reverse(attenuate(data, eta)))
    clear = np.abs(margin) > 1e-9
    assert ((margin < 0) == (eta > threshold))[clear].all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: bayes_reverse(0.5 * np.eye(2)),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (lambda: bayes_cp_margin(0.9, 0.0), r"Argument `nu` must be ≥ 1, but got 0.9"),
        (lambda: bayes_cp_margin(1.0, np.nan), r"Argument `r` must be finite"),
        (
            lambda: entanglement_witness(1.5, 0.5, 1.5, 0.0),
            r"Argument `step` must be > 0, but got 0",
        ),
        (
            lambda: entanglement_witness(1.5, 0.5, -1.0, 0.1),
            r"Argument `squeezing` must be > 0, but got -1",
        ),
        (
            lambda: entanglement_witness(1.5, 0.5, 0.0, 0.1),
            r"Argument `squeezing` must be > 0, but got 0",
        ),
        (
            lambda: entanglement_witness([1.5, 2.0], 0.5, 1.0, 0.1),
            r"Argument `nu` must be a single number, but got shape \(2,\)",
        ),
        (
            lambda: bayes_cp_margin([1.0, 2.0], [0.1, 0.2, 0.3]),
            r"Argument `nu` must broadcast with `r` of shape \(3,\)",
        ),
        (lambda: critical_transmissivity(np.eye(4)), r"Argument `cov` must describe one mode"),
        (lambda: formal_reverse(np.eye(2), -1.0), r"Argument `time` must be ≥ 0"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
