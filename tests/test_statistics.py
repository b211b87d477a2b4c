"""Each estimate and test against a case from a textbook, or against its own definition."""

import numpy as np
import pytest
from scipy.stats import t as student

from qdm_utils import statistics
from qdm_utils.statistics import Estimate

# Darwin's maize, crossed less self-fertilised, in eighths of an inch: Fisher, The Design of
# Experiments (1935), gives t = 2.148 and finds p just below 5 %.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def test_students_test_and_interval_of_darwins_maize():
    found = statistics.estimate(MAIZE)
    assert found.mean == pytest.approx(20.933, abs=1e-3)
    assert found.mean / found.error == pytest.approx(2.148, abs=1e-3)
    assert statistics.mean_test(found) == pytest.approx(0.0497, abs=1e-4)
    assert statistics.mean_interval(MAIZE) == pytest.approx((0.03, 41.84), abs=0.01)
    assert statistics.mean_interval(MAIZE, level=0.99)[0] < 0


def test_a_test_against_another_number_is_one_against_zero_moved_there():
    alone = statistics.mean_test(statistics.estimate(MAIZE))
    moved = statistics.mean_test(statistics.estimate(np.array(MAIZE) + 7.0), against=7.0)
    mirrored = statistics.mean_test(statistics.estimate(-np.array(MAIZE)))
    assert (moved, mirrored) == pytest.approx((alone, alone))


@pytest.mark.parametrize(("mean", "expected"), [(0.0, 1.0), (1e-9, 0.0)])
def test_without_scatter_a_mean_is_certain(mean, expected):
    assert statistics.mean_test(Estimate(mean, 0.0, 5)) == expected


def test_an_error_known_from_elsewhere_is_normal():
    known = Estimate(1.0, 0.5, np.inf)
    assert known.interval() == pytest.approx((1 - 0.97998, 1 + 0.97998), abs=1e-4)
    assert statistics.mean_test(known) == pytest.approx(0.0455, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("count", [5, 12])
def test_one_further_value_falls_into_the_predictive_interval_as_often_as_it_says(count):
    draws = np.random.default_rng(1).normal(size=(4000, count + 1))
    inside = [
        low <= further <= high
        for further, (low, high) in zip(
            draws[:, -1], map(statistics.predictive_interval, draws[:, :-1]), strict=True
        )
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)


@pytest.mark.slow
def test_one_further_run_lies_farther_out_as_often_as_it_says():
    """Shares of independent draws are uniform, whatever the covariance."""
    source = np.random.default_rng(3)
    mix = source.normal(size=(3, 3))
    draws = source.normal(size=(4000, 9, 3)) @ mix + 5.0
    shares = [statistics.joint_predictive(each[1:], each[0])[1] for each in draws]
    for level in (0.05, 0.5, 0.95):
        assert np.mean(np.array(shares) < level) == pytest.approx(level, abs=0.02)


def test_one_number_of_one_further_run_is_students():
    values, point = [1.0, 2.0, 4.0, 5.0], 6.5
    density, share = statistics.joint_predictive(np.array(values)[:, None], [point])
    scale = np.std(values, ddof=1) * (1 + 1 / 4) ** 0.5
    score = (point - 3.0) / scale
    assert share == pytest.approx(2 * student.sf(score, 3))
    assert density == pytest.approx(student.logpdf(score, 3) - np.log(scale))


def test_two_numbers_that_go_together_are_judged_together():
    """Each alone is ordinary; their difference is not."""
    source = np.random.default_rng(4)
    common = source.normal(size=200)
    values = np.stack([common, common + 0.1 * source.normal(size=200)], 1)
    assert statistics.joint_predictive(values, [1.0, 1.0])[1] > 0.3
    assert statistics.joint_predictive(values, [1.0, 0.0])[1] < 1e-6


@pytest.mark.parametrize("values", [[1.0, 2.0], [[1.0, 2.0], [2.0, 3.0]], np.zeros((3, 0))])
def test_no_more_runs_than_numbers_are_refused(values):
    with pytest.raises(ValueError, match="Argument `values` must have n > p runs"):
        statistics.joint_predictive(values, [1.0, 2.0])
    with pytest.raises(ValueError, match="Argument `point` must have shape"):
        statistics.joint_predictive(np.eye(3)[:, :2], [1.0])


def test_the_predictive_interval_of_two_values_is_students():
    """t·sd·√(3/2) with 12.706 for one degree of freedom, of a standard deviation of 2."""
    reach = 12.7062 * 2 * 1.5**0.5
    found = statistics.predictive_interval([10 - 2**0.5, 10 + 2**0.5])
    assert found == pytest.approx((10 - reach, 10 + reach), abs=1e-3)


def test_the_predictive_interval_of_many_values_is_made_of_their_quantiles():
    values = np.random.default_rng(2).exponential(size=4001)
    low, high = statistics.predictive_interval(values)
    assert (low, high) == pytest.approx(np.quantile(values, [0.025, 0.975]))
    assert 0 < low < 0.04  # −log(0.975) = 0.025, where an interval mean ± 2 sd is negative
    # at 40 values for the first time
    assert statistics.predictive_interval(values[:40])[0] > 0
    assert statistics.predictive_interval(values[:39])[0] < 0


@pytest.mark.parametrize(
    ("mean", "error", "size", "within", "outside"),
    [
        (0.1, 0.05, 20, True, False),  # 90 %: up to 0.1865
        (-0.1, 0.05, 20, True, False),
        (0.12, 0.05, 20, False, False),  # 90 %: up to 0.2065
        (0.3, 0.05, 20, False, False),  # 95 %: from 0.1953
        (0.31, 0.05, 20, False, True),  # 95 %: from 0.2053
        (-0.31, 0.05, 20, False, True),
        (0.2001, 0.0, 20, False, True),
        (-0.2001, 0.0, 20, False, True),
    ],
)
def test_equivalence_asks_both_questions(mean, error, size, within, outside):
    found = statistics.equivalence(Estimate(mean + 3.0, error, size), 3.0, 0.2 + 1e-12)
    assert (found.within, found.outside) == (within, outside)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("error", [0.0, 0.25])
def test_the_margin_itself_belongs_to_it(sign, error):
    """Also as the end of an interval: of the 90 % one inside, of the 95 % one outside."""
    inside = Estimate(sign * 1.0, error, 9)
    end = max(abs(end) for end in inside.interval(0.90))
    assert statistics.equivalence(inside, 0.0, end) == (True, False)
    touching = Estimate(sign * 4.0, error, 9)
    end = min(abs(end) for end in touching.interval(0.95))
    assert not statistics.equivalence(touching, 0.0, end).outside
    assert statistics.equivalence(touching, 0.0, np.nextafter(end, 0)).outside


def test_a_margin_of_zero_asks_for_exactly_this():
    assert statistics.equivalence(Estimate(3.0, 0.0, 5), 3.0, 0.0) == (True, False)


def test_holms_example():
    # Four hypotheses: the smallest is multiplied by four, the next by three, and so on.
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.6, 0.7]) == pytest.approx([1.0, 1.0])
    assert statistics.holm([0.02]) == pytest.approx([0.02])
    assert statistics.holm([]).size == 0


def test_holm_errs_once_in_twenty_for_the_whole_family():
    p_values = np.random.default_rng(3).uniform(size=(4000, 10))
    errs = [statistics.holm(family).min() <= 0.05 for family in p_values]
    assert np.mean(errs) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [
        (8, 10, 0.4439, 0.9748),
        (0, 20, 0.0, 1 - 0.025 ** (1 / 20)),
        (20, 20, 0.025 ** (1 / 20), 1.0),
        (1, 1, 0.025, 1.0),
    ],
)
def test_clopper_and_pearson(successes, count, low, high):
    assert statistics.share_interval(successes, count) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: statistics.estimate([1.0]), "Argument `values` must be at least 2 values"),
        (lambda: statistics.estimate([[1.0, 2.0]]), "Argument `values` must be a list of values"),
        (lambda: statistics.estimate([1.0, np.nan]), "Argument `values` must be finite"),
        (lambda: statistics.paired_difference([1.0], [1.0, 2.0]), "Argument `second` must have"),
        (lambda: statistics.paired_difference([[1.0]], [[1.0]]), "Argument `first` must be a list"),
        (lambda: statistics.share_interval(3, 2), "Argument `successes` must lie in 0 … 2"),
        (lambda: statistics.share_interval(-1, 2), "Argument `successes` must lie in 0 … 2"),
        (lambda: statistics.share_interval(0, 0), "Argument `successes` must lie in 0 … 0"),
        (lambda: statistics.equivalence(Estimate(0, 1, 3), 0, -1), "Argument `margin` must be ≥ 0"),
    ],
)
def test_bad_samples_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("interval", [statistics.mean_interval, statistics.predictive_interval])
@pytest.mark.parametrize("level", [0, 1])
def test_a_level_is_neither_never_nor_always(interval, level):
    with pytest.raises(ValueError, match=r"`level` must lie in \(0, 1\)"):
        interval([1.0, 2.0], level)
