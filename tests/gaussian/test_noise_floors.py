import warnings
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad, trapezoid

from qdm_utils.gaussian import (
    attenuate,
    bayes_reverse,
    c_geom,
    check_covariance,
    cp_margin,
    critical_transmissivity,
    evolve,
    exact_reversal,
    fidelity,
    injected_information,
    kmb_information,
    minimal_repair,
    noise_floor,
    repaired_reverse,
    squeezed_thermal,
    symplectic_eigenvalues,
    transmissivity,
)
from tests.gaussian.strategies import angle, squeezing, thermal

# (ν₀, r₀, T) with onset, −2 ln F, I, bound and averaged −2 ln F at S = T.
SETTINGS = [
    ((1.05, 0.8, 2.0), (1.33735, 0.290796, 1.133886, 0.290796, 0.154367)),
    ((1.5, 1.0, 2.0), (1.45142, 0.292562, 0.706291, 0.287709, 0.084493)),
    ((2.0, 1.2, 2.0), (1.46739, 0.352041, 0.773513, 0.345589, 0.097431)),
]


@pytest.mark.parametrize("nu", [1.0 + 1e-12, 1.0 + 1e-3, 1.5, 7.0, 1e4, 1e9])
def test_c_geom_against_fifty_digits(nu):
    with localcontext(prec=50):
        nu_exact = Decimal(nu)
        exact = 1 / (nu_exact * ((nu_exact + 1) / (nu_exact - 1)).ln())
    assert_allclose(c_geom(nu), float(exact), rtol=1e-13)


def test_c_geom_rises_from_zero_to_one_half():
    nu = np.r_[1.0, 1.0 + np.logspace(-15, 5, 200)]
    constant = c_geom(nu)
    assert constant[0] == 0.0
    assert (np.diff(constant) > 0.0).all()
    assert_allclose(0.5 - constant[-1], 1.0 / (6.0 * nu[-1] ** 2), rtol=1e-3)
    assert_allclose(c_geom(np.array([[1.5], [2.0]])), [[0.41422], [0.45512]], atol=5e-6)


def _entropy(cov):
    nu = symplectic_eigenvalues(cov)[..., 0]
    return (nu + 1) / 2 * np.log((nu + 1) / 2) - (nu - 1) / 2 * np.log((nu - 1) / 2)


@given(st.floats(1.05, 6.0), squeezing, angle)
def test_de_bruijn_the_information_is_the_rate_at_which_noise_raises_the_entropy(nu, r, phi):
    cov, noise = squeezed_thermal(nu, r, phi), np.array([[0.7, 0.2], [0.2, 0.4]])
    step = 1e-6 * np.linalg.eigvalsh(cov)[0]
    rate = (_entropy(cov + step * noise) - _entropy(cov - step * noise)) / (2 * step)
    assert_allclose(0.5 * np.trace(kmb_information(cov) @ noise), rate, rtol=1e-5)


def test_the_information_of_a_stack_and_of_pure_states():
    stack = squeezed_thermal(np.array([1.3, 2.0])[:, None], np.array([0.0, 0.4, -0.4]), 0.3)
    assert_allclose(kmb_information(stack)[1, 2], kmb_information(stack[1, 2]))
    with pytest.warns(UserWarning, match="information of a pure state is infinite"):
        assert_allclose(
            kmb_information(squeezed_thermal(1.0, 0.5, 0.3)), [[np.inf, -np.inf], [-np.inf, np.inf]]
        )
    with pytest.warns(UserWarning, match="pure"):
        assert_allclose(kmb_information(np.diag([2.0, 0.5])), [[np.inf, 0.0], [0.0, np.inf]])
    with pytest.warns(UserWarning, match="pure"):
        assert np.isinf(
            kmb_information(squeezed_thermal(1.0, np.linspace(0.1, 2.0, 50), 0.3))
        ).all()  # det γ = 1 ± rounding
    assert np.isfinite(kmb_information(squeezed_thermal(1.0 + 1e-10, 0.5, 0.3))).all()


@pytest.mark.parametrize(("setting", "values"), SETTINGS)
def test_values_at_the_end(setting, values):
    floor = noise_floor(*setting, n_depths=21)
    ours = (
        floor.onset,
        floor.infidelity[-1],
        floor.information[-1],
        floor.bound[-1],
        floor.averaged_infidelity[-1],
    )
    assert_allclose(ours, values, atol=6e-6)


@pytest.mark.slow
@pytest.mark.parametrize("setting", [(1.5, 1.0, 2.0), (1.0, 0.8, 2.0), (1.2, 1.3, 0.2)])
def test_the_excess_against_its_integral_over_the_surviving_fraction(setting):
    """Δ_i = (g_i²/η)∫ (1/g₁ + 1/g₂ − 2)/g_i² dη' with g_i = 1 + A_iη: no ODE, no repair code."""
    nu0, r0, time = setting
    excesses = nu0 * np.exp([2 * r0, -2 * r0]) - 1
    start = max(np.exp(-time), -excesses.sum() / (2 * excesses.prod()))

    def excess(own, end):
        def integrand(eta):
            return (np.sum(1 / (1 + excesses * eta)) - 2) / (1 + own * eta) ** 2

        return (1 + own * end) ** 2 / end * quad(integrand, start, end, epsabs=1e-13)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if nu0 == 1.0 else "error")
        floor = noise_floor(*setting, n_depths=9)
    for depth, got in list(zip(floor.depth, floor.decoder - floor.reference, strict=True))[-2:]:
        expected = [excess(own, np.exp(depth - time)) for own in excesses]
        assert_allclose(got, np.diag(expected), atol=1e-10)


@pytest.mark.slow
def test_the_decoder_is_the_repaired_reverse_integrated_as_a_whole():
    data = squeezed_thermal(1.5, 1.0)
    floor = noise_floor(1.5, 1.0, 2.0, n_depths=9)
    whole = evolve(floor.reference[0], repaired_reverse(data, 2.0), floor.depth)
    assert_allclose(floor.decoder, whole, atol=1e-7)
    assert_allclose(floor.reference[-1], data, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("setting", [(1.5, 1.0, 2.0), (1.05, 0.8, 2.0)])
def test_the_worst_case_is_the_worst_displacement_of_the_ellipse(setting):
    """By The Walrus's fidelity of displaced copies, which is the squared one."""
    floor = noise_floor(*setting, n_depths=5)
    reference, excess = floor.reference[-1], floor.decoder[-1] - floor.reference[-1]
    turns = np.linspace(0.0, np.pi, 181)
    xi = np.stack([np.cos(turns), np.sin(turns)], -1) @ np.linalg.cholesky(excess).T
    infidelity = [-np.log(fidelity(reference, reference, mean1=shift)) for shift in xi]
    assert_allclose(max(infidelity), floor.infidelity[-1], rtol=1e-4)
    information = kmb_information(reference)
    assert_allclose(
        max(0.5 * shift @ information @ shift for shift in xi), floor.information[-1], rtol=1e-4
    )


@pytest.mark.slow
@settings(max_examples=40)
@given(thermal, st.floats(-1.5, 1.5), st.floats(0.05, 4.0))
def test_the_floor_is_never_undercut_at_any_depth(nu0, r0, time):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The decoder's information is infinite")
        floor = noise_floor(nu0, r0, time, n_depths=31)
    assert (floor.infidelity >= floor.bound * (1 - 1e-12)).all()
    assert np.isfinite(floor.bound).all()
    met = np.sqrt(np.linalg.det(floor.reference))
    assert_allclose(floor.nu_min, np.minimum.accumulate(met), rtol=1e-9)
    lowest = met <= floor.nu_min * (1 + 1e-12)
    assert_allclose(floor.bound[lowest], floor.infidelity[lowest], rtol=1e-9, atol=1e-12)
    check_covariance(floor.decoder)
    assert np.linalg.eigvalsh(floor.decoder - floor.reference).min() > -1e-10
    assert ((floor.infidelity > 1e-9) <= (floor.depth > floor.onset)).all()
    # The exact ratio of the two worst cases is c_geom at the depth itself, not at the lowest ν met.
    seen = np.isfinite(floor.information) & (met > 1 + 1e-6)
    assert_allclose(
        floor.infidelity[seen], c_geom(met[seen]) * floor.information[seen], rtol=1e-6, atol=1e-12
    )


@pytest.mark.slow
@given(thermal, squeezing, st.floats(0.05, 4.0))
def test_the_onset_is_where_the_bayes_reverse_stops_being_cp(nu0, r0, time):
    threshold = critical_transmissivity(squeezed_thermal(nu0, r0))
    assume(abs(threshold - 1.0) > 1e-3)
    assume(abs(r0) > 1e-3)
    floor = noise_floor(nu0, r0, time, n_depths=2) if nu0 > 1.0 else _quiet(nu0, r0, time)
    if threshold > 1.0:
        assert np.isnan(floor.onset)
    else:
        assert_allclose(floor.onset, max(0.0, time + np.log(threshold)), atol=1e-6)
        clear = np.abs(floor.cp_margin) > 1e-6
        assert ((floor.cp_margin < 0) == (floor.depth >= floor.onset))[clear].all()


def _quiet(nu0, r0, time):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The decoder's information is infinite")
        return noise_floor(nu0, r0, time, n_depths=2)


def test_a_short_noising_fails_from_the_first_depth():
    floor = noise_floor(1.2, 0.8, 0.05, n_depths=11)
    assert floor.onset == 0.0
    assert (floor.cp_margin < 0).all()


@pytest.mark.parametrize("setting", [(1.0, 0.0), (2.0, 0.0), (3.0, 0.8)])
def test_below_the_threshold_there_is_no_onset_no_excess_and_no_warning(setting):
    floor = noise_floor(*setting, 1.5, n_depths=11)
    assert np.isnan(floor.onset)
    assert_allclose(floor.decoder, floor.reference, atol=0)
    for series in (floor.infidelity, floor.information, floor.bound):
        assert (series == 0.0).all()
    assert_allclose(floor.averaged_infidelity, 0.0, atol=1e-14)
    assert (injected_information(*setting, 1.5, n_depths=11) == 0.0).all()


def test_to_first_order_in_a_short_time_the_excess_is_the_repair():
    nu, r, time = 1.3, 0.9, 1e-4
    floor = noise_floor(nu, r, time, n_depths=2)
    repair = 2 * np.cosh(2 * r) / nu - 2
    assert_allclose(
        floor.decoder[-1] - floor.reference[-1], time * repair * np.eye(2), rtol=1e-3, atol=1e-9
    )
    assert_allclose(floor.infidelity[-1], time * repair * np.exp(2 * r) / nu / 4, rtol=1e-3)


@pytest.mark.slow
def test_pure_data_is_warned_about_and_bounded_by_the_limit():
    with pytest.warns(UserWarning, match="infinite where the reference is pure") as caught:
        pure = noise_floor(1.0, 0.8, 2.0, n_depths=21)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert np.isposinf(pure.information[-1])
    assert np.isfinite(pure.information[:-1]).all()
    assert pure.nu_min[-1] == 1.0
    almost = noise_floor(1.0 + 1e-9, 0.8, 2.0, n_depths=21)
    for ours, limit in [(almost.bound, pure.bound), (almost.infidelity, pure.infidelity)]:
        assert_allclose(ours, limit, atol=1e-7)
    assert almost.information[-1] > 5
    assert_allclose(pure.bound[-1], pure.infidelity[-1])
    assert np.isfinite(injected_information(1.0, 0.8, 2.0, n_depths=21)).all()


def test_hardly_any_squeezing_gives_no_nan():
    for r0 in (1e-9, 1e-5):
        floor = _quiet(1.0, r0, 1.0)
        assert not np.isnan(
            np.r_[floor.infidelity, floor.information, floor.bound, floor.averaged_infidelity]
        ).any()
        assert_allclose(floor.onset, 1.0 - np.log(2.0), atol=1e-9)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The displacement information")
            assert not np.isnan(injected_information(1.0, r0, 1.0, n_depths=5)).any()


@pytest.mark.parametrize("setting", [(1.5, 1.0, 2.0), (1.05, 0.8, 2.0)])
def test_the_averaged_output_is_nearer_than_the_worst_displacement(setting):
    floor = noise_floor(*setting, n_depths=9)
    pairs = zip(floor.reference, floor.decoder, strict=True)
    assert_allclose(
        floor.averaged_infidelity, [-np.log(fidelity(*pair)) for pair in pairs], atol=2e-7
    )
    assert (floor.averaged_infidelity <= floor.infidelity + 1e-14).all()


@pytest.mark.slow
def test_the_mean_over_displaced_copies_by_drawing_them():
    """Fidelities by The Walrus for 4000 draws of ξ ~ N(0, Δ), with an error of about 1/√4000."""
    floor = noise_floor(1.5, 1.0, 2.0, n_depths=2)
    reference, excess = floor.reference[-1], floor.decoder[-1] - floor.reference[-1]
    draws = np.random.default_rng(3).multivariate_normal(np.zeros(2), excess, 4000)
    drawn = [-np.log(fidelity(reference, reference, mean1=xi)) for xi in draws]
    assert_allclose(np.mean(drawn), floor.mean_infidelity[-1], atol=4 * np.std(drawn) / 4000**0.5)
    assert_allclose(floor.mean_infidelity[-1], 0.305071, atol=2e-6)


@pytest.mark.parametrize("setting", [(1.05, 0.8, 2.0), (1.5, 1.0, 2.0), (2.0, 1.2, 2.0)])
def test_worst_case_is_below_the_mean_and_the_output_is_below_the_floor(setting):
    floor = noise_floor(*setting, n_depths=41)
    repaired = floor.bound > 1e-9
    assert (floor.mean_infidelity[repaired] > floor.infidelity[repaired]).all()
    assert (floor.averaged_infidelity[repaired] < floor.bound[repaired]).all()


def test_after_long_noising_the_floor_has_emptied_below_the_output():
    floor = noise_floor(1.5, 1.0, 10.0, n_depths=2)
    assert floor.bound[-1] < floor.averaged_infidelity[-1] < floor.infidelity[-1]


@pytest.mark.slow
def test_with_another_drift_the_targets_of_the_floor_are_reached_legally():
    """The exact reversal from the same noised state: no floor, at any depth, for a mixed target."""
    for nu0, r0, time in ((1.05, 0.8, 2.0), (1.5, 1.0, 2.0), (2.0, 1.2, 2.0)):
        data = squeezed_thermal(nu0, r0)

        def generator(depth, data=data, time=time):
            return exact_reversal(attenuate(data, transmissivity(max(0.0, time - depth))))

        depth = np.linspace(0.0, time, 9)
        path = evolve(attenuate(data, transmissivity(time)), generator, depth)
        assert_allclose(path, attenuate(data, transmissivity(time - depth)), atol=1e-8)
        assert min(cp_margin(*generator(s)) for s in depth) > -1e-12


def test_the_averaged_infidelity_is_of_second_order_for_mixed_targets():
    """Twice the time past the onset, four times the infidelity: no floor linear in the noise."""
    ends = [noise_floor(2.0, 1.2, time, n_depths=2) for time in (5e-5, 1e-4)]
    assert_allclose(
        ends[1].averaged_infidelity[-1] / ends[0].averaged_infidelity[-1], 4.0, rtol=0.02
    )
    assert_allclose(ends[1].infidelity[-1] / ends[0].infidelity[-1], 2.0, rtol=0.02)


@pytest.mark.slow
def test_the_injected_information_is_no_floor_for_the_averaged_output():
    floor, injected = noise_floor(1.5, 1.0, 2.0), injected_information(1.5, 1.0, 2.0)
    bound = c_geom(floor.nu_min) * injected
    assert_allclose(bound[-1], 0.2577, atol=1e-4)
    assert bound[-1] > 3 * floor.averaged_infidelity[-1]
    assert (injected[floor.depth < floor.onset] == 0.0).all()
    assert_allclose(
        injected[[100, 400]], injected_information(1.5, 1.0, 2.0, n_depths=5)[[1, 4]], atol=1e-7
    )


def test_the_injected_information_against_the_trapezoid_rule():
    floor = noise_floor(2.0, 1.2, 0.3, n_depths=2001)  # fails at once, so the integrand is smooth
    assert floor.onset == 0.0
    repair = minimal_repair(bayes_reverse(floor.reference)[0])
    rate = 0.5 * np.trace(kmb_information(floor.decoder) @ repair, axis1=-2, axis2=-1)
    assert_allclose(
        injected_information(2.0, 1.2, 0.3, n_depths=4)[-1], trapezoid(rate, floor.depth), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: c_geom(0.99), r"Argument `nu` must be ≥ 1, but got 0.99"),
        (lambda: c_geom(np.inf), r"Argument `nu` must be finite, but got inf"),
        (
            lambda: kmb_information(0.5 * np.eye(2)),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (lambda: kmb_information(np.eye(4)), r"Argument `cov` must describe one mode"),
        (lambda: noise_floor(0.9, 0.5, 1.0), r"Argument `nu0` must be ≥ 1, but got 0.9"),
        (lambda: noise_floor(1.5, np.nan, 1.0), r"Argument `r0` must be finite, but got nan"),
        (lambda: noise_floor(1.5, 0.5, 0.0), r"Argument `time` must be > 0, but got 0"),
        (lambda: noise_floor(1.5, 0.5, -1.0), r"Argument `time` must be > 0, but got -1"),
        (
            lambda: noise_floor(1.5, 0.5, 1.0, n_depths=1),
            r"Argument `n_depths` must be a whole number ≥ 2, but got 1",
        ),
        (
            lambda: noise_floor(1.5, 0.5, 1.0, n_depths=9.0),
            r"Argument `n_depths` must be a whole number ≥ 2, but got 9.0",
        ),
        (lambda: injected_information(0.9, 0.5, 1.0), r"Argument `nu0` must be ≥ 1, but got 0.9"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
