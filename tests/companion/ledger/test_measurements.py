"""Samples become the five numbers of their criterion, or are refused by name."""

import numpy as np
import pytest

from qdm_utils.companion.ledger.claims import LedgerError
from qdm_utils.companion.ledger.measurements import Measured, measure
from qdm_utils.statistics import predictive_interval, share_interval

RUNS = np.array([1.0, 2.0, 3.0, 4.0, 6.0])
SEM = RUNS.std(ddof=1) / 5**0.5
STUDENT = 2.7764  # 97.5 % of four degrees of freedom


def test_a_number_stands_for_itself(make):
    assert measure(make(), 3.0) == Measured(3.0, 0.0, 3.0, 3.0, 1)
    assert measure(make(), np.float32(3)) == Measured(3.0, 0.0, 3.0, 3.0, 1)


def test_a_number_with_a_standard_error_has_a_normal_interval(make):
    found = measure(make(), 3.0, error=0.5)
    assert (found.value, found.error, found.count) == (3.0, 0.5, 1)
    assert (found.low, found.high) == pytest.approx((3 - 0.98, 3 + 0.98), abs=1e-4)


@pytest.mark.parametrize("rule", ["equals", "difference"])
def test_a_sample_is_its_mean_and_its_interval(make, rule):
    found = measure(make(rule), RUNS)
    assert (found.value, found.error, found.count) == (3.2, pytest.approx(SEM), 5)
    assert (found.low, found.high) == pytest.approx(
        (3.2 - STUDENT * SEM, 3.2 + STUDENT * SEM), abs=1e-3
    )


def test_single_runs_keep_where_a_further_one_falls(make):
    found = measure(make("predictive"), RUNS)
    assert (found.value, found.error) == (3.2, pytest.approx(SEM))
    assert (found.low, found.high) == predictive_interval(RUNS)


@pytest.mark.parametrize(("side", "closest"), [("at least", 1.0), ("at most", 6.0)])
def test_of_many_values_under_a_bound_the_worst_counts(make, side, closest):
    found = measure(make("bound", side=side), RUNS)
    assert found == Measured(closest, 0.0, 1.0, 6.0, 5)


@pytest.mark.parametrize("rule", ["exists", "share"])
def test_successes_are_counted(make, rule):
    found = measure(make(rule), [True, False, True, True])
    assert (found.value, found.count, found.successes) == (0.75, 4, 3)
    assert found.error == pytest.approx((0.75 * 0.25 / 4) ** 0.5)
    assert (found.low, found.high) == share_interval(3, 4)


@pytest.mark.parametrize("rule", ["predictive", "difference", "share"])
def test_a_single_value_is_refused_where_a_sample_is_asked_for(make, rule):
    value = True if rule == "share" else 1.0
    with pytest.raises(LedgerError, match=f"line-height: {rule} asks for a sample"):
        measure(make(rule), value)


@pytest.mark.parametrize(
    ("rule", "values", "message"),
    [
        ("equals", np.nan, "not finite"),
        ("equals", [1.0, np.inf], "not finite"),
        ("equals", [1.0], "two values or more"),
        ("equals", [[1.0, 2.0]], "two values or more"),
        ("equals", [], "asks for numbers"),
        ("equals", True, "asks for numbers"),
        ("equals", "high", "asks for numbers"),
        ("predictive", [1.0], "two values or more"),
        ("bound", [True, False], "asks for numbers"),
        ("share", [1, 0], "asks for successes as booleans"),
        ("exists", 3, "asks for successes as booleans"),
        ("share", [], "asks for successes as booleans"),
    ],
)
def test_what_a_criterion_cannot_use_is_refused(make, rule, values, message):
    with pytest.raises(LedgerError, match=f"line-height: .*{message}"):
        measure(make(rule), values)


@pytest.mark.parametrize(("values", "error"), [(1.0, -0.1), ([1.0, 2.0], 0.1), (1.0, np.nan)])
def test_an_error_belongs_to_a_single_number(make, values, error):
    with pytest.raises(LedgerError, match="line-height: "):
        measure(make(), values, error)


def test_a_statistical_band_needs_an_error_to_compare_by(make):
    claim = make(band="statistical")
    with pytest.raises(LedgerError, match="line-height: a statistical band asks for a sample or"):
        measure(claim, 1.0)
    assert measure(claim, 1.0, error=0.1).error == 0.1
    assert measure(claim, RUNS).count == 5


def test_a_claim_without_a_criterion_takes_no_measurement(make):
    claim = make(verdict="not checkable", missing="all", criterion=None)
    with pytest.raises(LedgerError, match="it is not checkable and has no criterion"):
        measure(claim, 1.0)
