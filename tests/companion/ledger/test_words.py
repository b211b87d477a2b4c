"""Criteria and measurements as a reader meets them, the same on any processor."""

import numpy as np
import pytest

from qdm_utils.companion.ledger.measurements import Measured, measure
from qdm_utils.companion.ledger.words import (
    show_criterion,
    show_found,
    show_measured,
    show_number,
    show_rounded,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (999999.0, "999999"),
        (1e6, "1e6"),
        (-1e7, "-1e7"),
        (0.123456, "0.1235"),
        (1.5e-12, "1.5e-12"),
        (False, "no"),
        (True, "yes"),
        (None, ""),
    ],
)
def test_numbers_are_stated_with_few_digits(value, shown):
    assert show_number(value) == shown


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (0.6869, 0.00812, "0.687"),
        (0.19996, 0.0097, "0.20"),
        (-0.0001338, 0.0068, "0.000"),
        (215.3, 6.2, "215"),
        (1534.0, 62.0, "1530"),
        (8.7634e-4, 9.1e-6, "0.000876"),
        (3.14e-9, 2.2e-10, "3.1e-9"),
        (1.2345, 0.0, "1.234"),
        (-1.0, 1e-9, "-1"),  # an error that is rounding
        (float("nan"), 0.1, "nan"),
        (float("nan"), 0.0, "nan"),
        (1.25, float("inf"), "1.25"),
    ],
)
def test_a_value_ends_where_its_error_begins(value, error, shown):
    assert show_rounded(value, error) == shown


@pytest.mark.parametrize(
    ("rule", "changes", "shown"),
    [
        ("equals", {}, "1 within 0.1"),
        ("equals", {"tolerance": 0.0}, "exactly 1"),
        ("bound", {}, "at least 1"),
        ("bound", {"side": "at most", "limit": 0.25}, "at most 0.25"),
        ("predictive", {}, "1 lies in the central 95 % of single runs"),
        ("difference", {}, "a paired difference of at least 0.5, 95 %"),
        ("exists", {}, "one success"),
        ("share", {}, "at least 50 % of cases"),
        ("share", {"least": 1.0}, "every case"),
    ],
)
def test_a_criterion_in_words(make, rule, changes, shown):
    assert show_criterion(make(rule, **changes)) == shown


def test_a_claim_without_a_criterion_shows_none(make):
    assert show_criterion(make(verdict="not checkable", missing="all", criterion=None)) == ""


@pytest.mark.parametrize(
    ("rule", "changes", "values", "shown"),
    [
        ("equals", {"stated": 0.0, "tolerance": 1e-12}, 5.551e-17, "holds to 1e-12"),
        ("equals", {"stated": 0.0, "tolerance": 1e-12}, -5.464e-17, "holds to 1e-12"),
        ("equals", {"stated": 0.0, "tolerance": 1e-12}, 2e-12, "2e-12"),
        ("equals", {"stated": 0.0, "tolerance": 0.05}, 0.01907, "0.01907"),
        ("equals", {"tolerance": 1e-12}, 1.0 + 1e-15, "1, to 1e-12"),
        ("equals", {"tolerance": 1e-12}, 3e-17, "3e-17"),
        ("equals", {}, 1.5, "1.5"),
        ("bound", {}, [1.0, 2.5], "1 to 2.5"),
        ("bound", {"limit": 0.0, "slack": 1e-9}, [-2e-16, 3.0], "holds to 1e-9"),
        ("exists", {}, [True, False, False], "1 of 3"),
        ("share", {}, np.arange(100) < 83, "83 of 100, 83 % (74 to 90 %)"),
        ("share", {}, np.ones(100, bool), "100 of 100"),
        ("share", {"least": 1.0}, np.arange(100) < 83, "83 of 100"),  # a grid is no sample
        ("share", {}, [True, True, True, False], "3 of 4"),
        ("share", {}, np.arange(20) < 15, "15 of 20, 75 % (51 to 91 %)"),
        ("bound", {}, 2.5, "2.5"),
        ("bound", {}, [1.776e-15, 0.8], "0 to 0.8"),
        ("bound", {"side": "at most"}, [-0.8, 1.776e-15], "-0.8 to 0"),
        ("bound", {}, [0.005, 1000.0], "0 to 1000"),
    ],
)
def test_a_measurement_in_words(make, rule, changes, values, shown):
    claim = make(rule, **changes)
    assert show_measured(claim, measure(claim, values)) == shown


def test_intervals_are_rounded_by_their_own_width(make):
    runs = Measured(0.31344, 0.00237, 0.24711, 0.38912, 128)
    assert show_measured(make("predictive"), runs) == "0.31, single runs 0.25 to 0.39 (128)"
    pairs = Measured(13.4331, 1.8612, 9.4702, 17.4004, 16)
    assert show_measured(make("difference"), pairs) == "13.4 (9.5 to 17.4, 16 pairs)"
    mean = Measured(0.19034, 0.0046, 0.18, 0.2, 12)
    assert show_measured(make(), mean) == "0.190 ± 0.005"


def test_each_setting_is_named_beside_what_was_measured_there(make):
    claim = make(settings=("slow", "fast"))
    found = {name: measure(claim, value) for name, value in (("slow", 1.0), ("fast", 2.5))}
    assert show_found(claim, found) == "slow: 1; fast: 2.5"
    assert show_found(claim, {"": found["slow"]}) == "1"
