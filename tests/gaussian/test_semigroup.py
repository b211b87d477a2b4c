import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qdm_utils.gaussian import (
    attenuate,
    attenuator,
    bayes_reverse,
    cp_margin,
    cp_matrix,
    critical_squeezing,
    entropy_rate,
    evolve,
    squeezed_thermal,
    step_channel,
    symplectic_form,
    transmissivity,
)
from tests.gaussian.strategies import angle, covariances, fraction, seeds, squeezing, thermal


@given(covariances, fraction, fraction)
def test_attenuations_compose(cov, first, second):
    assert_allclose(
        attenuate(attenuate(cov, first), second), attenuate(cov, first * second), atol=1e-10
    )


@given(covariances, st.floats(0.0, 4.0))
def test_the_path_by_closed_form_exponential_and_ode_agree(cov, time):
    closed = attenuate(cov, transmissivity(time))
    X, Y = step_channel(*attenuator(len(cov) // 2), time)
    assert_allclose(X @ cov @ X.T + Y, closed, atol=1e-10)
    if time > 0:
        assert_allclose(evolve(cov, attenuator(len(cov) // 2), [0.0, time])[-1], closed, atol=1e-9)


def test_evolve_starts_at_the_first_time_and_takes_time_dependent_generators():
    """γ̇ = 2t·1 from t = 1: γ(2) = γ(1) + 3."""
    path = evolve(np.eye(2), lambda time: (np.zeros((2, 2)), 2 * time * np.eye(2)), [1.0, 2.0])
    assert_allclose(path, [np.eye(2), 4 * np.eye(2)], atol=1e-9)


@pytest.mark.parametrize(("last", "reached"), [(0.0, "0"), (0.7, "0.5")])
@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
def test_a_generator_that_leaves_the_numbers_stops_the_integrator(last, reached, spoilt):
    def generator(time):
        return np.zeros((2, 2)), np.eye(2) * (spoilt if time > last else 1.0)

    with np.errstate(invalid="ignore"), pytest.raises(RuntimeError, match=f"after time {reached}:"):
        evolve(np.eye(2), generator, [0.0, 0.5, 1.0])


def test_evolve_turns_with_a_rotating_drift():
    """K = σ rotates phase space; a sign or a transpose lost in the flow shows here."""
    cov = squeezed_thermal(1.3, 0.5, 0.2)
    turn = np.array([[np.cos(0.7), np.sin(0.7)], [-np.sin(0.7), np.cos(0.7)]])
    moved = evolve(cov, (symplectic_form(1), np.zeros((2, 2))), [0.0, 0.7])[-1]
    assert_allclose(moved, turn @ cov @ turn.T, atol=1e-9)


@given(seeds, st.integers(1, 3))
def test_cp_matrix_is_hermitian_and_margin_is_its_smallest_eigenvalue(seed, modes):
    drift, root = np.random.default_rng(seed).normal(size=(2, 2 * modes, 2 * modes))
    matrix = cp_matrix(drift, root @ root.T)
    assert_allclose(matrix, matrix.conj().T, atol=1e-12)
    assert_allclose(
        cp_margin(drift, root @ root.T), np.min(np.linalg.eigvals(matrix).real), atol=1e-9
    )


@given(seeds)
def test_one_mode_depends_on_the_drift_only_through_its_trace(seed):
    drift = np.random.default_rng(seed).normal(size=(2, 2))
    assert_allclose(
        cp_matrix(drift, np.eye(2)).imag, np.trace(drift) * symplectic_form(1), atol=1e-12
    )


@given(seeds, st.integers(1, 3))
def test_lemma_1_for_any_number_of_modes(seed, modes):
    drift, root = np.random.default_rng(seed).normal(size=(2, 2 * modes, 2 * modes))
    spectra = [np.linalg.eigvalsh(cp_matrix(sign * drift, root @ root.T)) for sign in (1, -1)]
    assert_allclose(*spectra, atol=1e-12)


@given(seeds)
def test_a_generator_is_cp_iff_its_short_channel_is(seed):
    """The channel condition Y + iσ − iXσXᵀ ⪰ 0 of a short step, which does not use M."""
    rng = np.random.default_rng(seed)
    drift, root = rng.normal(size=(2, 2, 2))
    diffusion = root @ root.T + 0.2 * np.eye(2)
    X, Y = step_channel(drift, diffusion, 1e-5)
    omega = symplectic_form(1)
    channel = np.linalg.eigvalsh(Y + 1j * omega - 1j * X @ omega @ X.T)[0] / 1e-5
    assert_allclose(channel, cp_margin(drift, diffusion), atol=1e-3)


@given(covariances, fraction)
def test_the_entropy_rate_is_the_slope_of_ln_det_along_the_loss(cov, time):
    """One to three modes; the path is the package's own, the slope a central difference."""
    step = 1e-4
    around = attenuate(cov, transmissivity(time + step + np.array([-step, step])))
    slope = np.diff(np.linalg.slogdet(around)[1])[0] / (2 * step)
    rate = entropy_rate(attenuate(cov, transmissivity(time + step)))
    assert_allclose(rate, slope, rtol=1e-4, atol=1e-5)


@given(thermal.filter(lambda nu: nu > 1.01), st.floats(0.01, 0.5), angle)
def test_loss_turns_from_cooling_to_heating_where_cosh_2r_is_nu(nu, shift, phi):
    boundary = critical_squeezing(nu)
    around = squeezed_thermal(nu, boundary * np.array([1 - shift, 1.0, 1 + shift]), phi)
    cooling, neither, heating = entropy_rate(around)
    assert cooling < 0 < heating
    assert_allclose(neither, 0.0, atol=1e-12)
    assert_allclose(heating, 2 * np.cosh(2 * boundary * (1 + shift)) / nu - 2, rtol=1e-9)


@given(thermal, squeezing, seeds)
def test_no_legal_generator_with_the_same_diffusion_lowers_the_entropy_faster(nu, r, seed):
    cov = squeezed_thermal(nu, r)
    drift = np.random.default_rng(seed).normal(size=(50, 2, 2))
    rate = 2 * np.trace(drift, axis1=-2, axis2=-1) + np.trace(np.linalg.inv(cov))
    legal = cp_margin(drift, np.broadcast_to(np.eye(2), drift.shape)) >= 0
    assert (rate[legal] >= entropy_rate(cov) - 1e-9).all()
    # The Bayes reverse has the opposite rate, whether it is legal or not.
    rewind = 2 * np.trace(bayes_reverse(cov)[0]) + np.trace(np.linalg.inv(cov))
    assert_allclose(rewind, -entropy_rate(cov), atol=1e-9 * np.linalg.cond(cov))


@given(thermal, squeezing)
def test_the_attenuator_is_cp_but_only_just(nu, r):
    assert_allclose(cp_margin(*attenuator()), 0.0, atol=1e-15)
    assert cp_margin(attenuator()[0], 0.99 * np.eye(2)) < 0
    assert np.linalg.det(attenuate(squeezed_thermal(nu, r), 0.3)) >= 1 - 1e-9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: attenuate(np.eye(2), 1.1), r"Argument `eta` must lie in \[0, 1\], but got 1.1"),
        (lambda: attenuate(np.eye(2), -0.1), r"Argument `eta` must lie in \[0, 1\], but got -0.1"),
        (lambda: attenuate(np.eye(2), np.nan), r"Argument `eta` must be finite"),
        (
            lambda: attenuate(0.5 * np.eye(2), 0.5),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (
            lambda: entropy_rate(0.5 * np.eye(2)),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (lambda: transmissivity(-1.0), r"Argument `time` must be ≥ 0, but got -1"),
        (lambda: cp_matrix(np.eye(3), np.eye(3)), r"Argument `drift` must have shape"),
        (
            lambda: cp_matrix(np.eye(2), np.eye(4)),
            r"Argument `diffusion` must act on the modes of drift",
        ),
        (
            lambda: cp_matrix(np.eye(2), np.array([[1.0, 1.0], [0.0, 1.0]])),
            r"Argument `diffusion` must be symmetric",
        ),
        (lambda: cp_margin(np.full((2, 2), np.inf), np.eye(2)), r"Argument `drift` must be finite"),
        (lambda: evolve(np.eye(2), attenuator(), [1.0, 0.0]), r"Argument `times` must ascend"),
        (lambda: step_channel(*attenuator(), -1.0), r"Argument `time` must be ≥ 0"),
        (lambda: attenuator(0), r"Argument `modes` must be a whole number ≥ 1, but got 0"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6, -1e6])
def test_the_asymmetry_allowed_to_a_diffusion_is_rounding_of_its_entries_or_of_the_vacuum(size):
    slanted = np.array([[0.0, 1.0], [-1.0, 0.0]]) / 2 * max(abs(size), 1.0)
    within, beyond = (size * np.eye(2) + off * slanted for off in (0.9e-9, 1.1e-9))
    assert np.isfinite(cp_margin(-np.eye(2), within))
    with pytest.raises(ValueError, match="Argument `diffusion` must be symmetric"):
        cp_margin(-np.eye(2), beyond)
