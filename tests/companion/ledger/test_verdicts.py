"""The judge, case by case, the cases among them that it must not decide."""

import numpy as np
import pytest

from qdm_utils.companion.ledger.measurements import Measured, measure
from qdm_utils.companion.ledger.verdicts import (
    FAILS,
    HOLDS,
    OPEN,
    Finding,
    judge,
    outcome,
    shortfall,
)

SEVEN = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])  # sd 2.160, standard error 0.8165


def verdict(claim, measured, null=None):
    """The judgement on one claim; measurements by setting, or one without."""
    settings = measured if isinstance(measured, dict) else {"": measured}
    found = {name: measure(claim, values) for name, values in settings.items()}
    finding = Finding(found, None if null is None else measure(claim, null))
    return judge({claim.id: claim}, {claim.id: finding})[claim.id]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, HOLDS), (1.1, HOLDS), (0.9, HOLDS), (1.1001, FAILS), (0.8999, FAILS), (-1.0, FAILS)],
)
def test_a_number_equals_what_is_stated_within_its_tolerance(make, value, expected):
    claim = make(tolerance=0.1 + 1e-12)
    assert outcome(claim, measure(claim, value)) == expected


@pytest.mark.parametrize(("error", "expected"), [(0.05, HOLDS), (0.1, OPEN)])
def test_a_number_with_a_known_error_equals_with_its_whole_interval(make, error, expected):
    """90 %: ± 1.645 errors."""
    claim = make(tolerance=0.1)
    assert outcome(claim, measure(claim, 1.0, error=error)) == expected


def test_exactly_means_exactly(make):
    claim = make(tolerance=0.0, stated=5.0)
    assert outcome(claim, measure(claim, 5.0)) == HOLDS
    assert outcome(claim, measure(claim, 5.0 + 1e-12)) == FAILS


@pytest.mark.parametrize(
    ("mean", "margin", "expected"),
    [
        (1.0, 1.6, HOLDS),  # 90 %: ± 1.587
        (1.0, 1.58, OPEN),
        (0.0, 2.6, HOLDS),
        (0.0, 2.5, OPEN),
        (4.0, 1.0, FAILS),  # 95 %: from 2.002
        (4.0, 1.01, OPEN),
        (-2.0, 1.0, FAILS),
        (1.0, 0.0, OPEN),
    ],
)
def test_the_mean_of_a_sample_is_equivalent_or_not_or_open(make, mean, margin, expected):
    claim = make(tolerance=margin)
    assert outcome(claim, measure(claim, SEVEN + mean)) == expected


@pytest.mark.parametrize(
    ("side", "values", "expected"),
    [
        ("at least", [1.0, 2.0], HOLDS),
        ("at least", [0.999, 2.0], FAILS),
        ("at most", [1.0, 0.0], HOLDS),
        ("at most", [1.001, 0.0], FAILS),
        ("at least", 1.0, HOLDS),
        ("at most", 1.001, FAILS),
    ],
)
def test_a_bound_is_kept_by_every_value(make, side, values, expected):
    claim = make("bound", side=side)
    assert outcome(claim, measure(claim, values)) == expected


@pytest.mark.parametrize(
    ("side", "limit", "slack", "value", "expected"),
    [
        ("at least", 3.0, 0.0, 2.9, FAILS),
        ("at least", 3.0, 0.1001, 2.9, HOLDS),
        ("at most", 3.0, 0.1001, 3.1, HOLDS),
        ("at most", 3.0, 0.0, 3.1, FAILS),
    ],
)
def test_a_bound_may_have_a_limit_and_a_slack_of_its_own(make, side, limit, slack, value, expected):
    claim = make("bound", side=side, limit=limit, slack=slack)
    assert outcome(claim, measure(claim, value)) == expected


@pytest.mark.parametrize(
    ("side", "value", "expected"),
    [
        ("at least", 1.99, HOLDS),  # ± 0.98
        ("at least", 1.97, OPEN),
        ("at least", 0.03, OPEN),
        ("at least", 0.01, FAILS),
        ("at most", 0.01, HOLDS),
        ("at most", 0.03, OPEN),
        ("at most", 1.99, FAILS),
    ],
)
def test_an_uncertain_value_is_beyond_a_bound_with_its_whole_interval(make, side, value, expected):
    claim = make("bound", side=side)
    assert outcome(claim, measure(claim, value, error=0.5)) == expected


def test_an_interval_that_ends_within_the_slack_leaves_a_bound_open(make):
    claim = make("bound", slack=0.1)
    ends = {value: outcome(claim, measure(claim, value, error=0.5)) for value in (0.07, -0.09)}
    assert ends == {0.07: OPEN, -0.09: FAILS}  # 1.05 and 0.89 are the upper ends


@pytest.mark.parametrize(
    ("stated", "expected"), [(0.0, HOLDS), (5.6, HOLDS), (5.7, FAILS), (-5.7, FAILS)]
)
def test_a_published_number_is_one_further_single_run(make, stated, expected):
    """Where 5.65 = 2.447·2.160·√(8/7); the standard error alone would end at 2.0."""
    claim = make("predictive", stated=stated)
    assert outcome(claim, measure(claim, SEVEN)) == expected


@pytest.mark.parametrize(("stated", "expected"), [(2.0, HOLDS), (2.1, FAILS), (1.9, FAILS)])
def test_the_ends_of_an_interval_belong_to_it(make, stated, expected):
    """As where every single run gives the same whole number."""
    claim = make("predictive", stated=stated)
    assert outcome(claim, measure(claim, [2.0] * 6)) == expected


def test_few_single_runs_decide_nothing(make):
    claim = make("predictive", stated=50.0)
    assert outcome(claim, measure(claim, SEVEN[:4])) == OPEN
    assert outcome(claim, measure(claim, SEVEN[:5])) == FAILS


@pytest.mark.parametrize(
    ("mean", "effect", "expected"),
    [
        (3.0, 0.5, "confirmed"),
        (3.0, 3.0, "confirmed"),
        (3.0, 3.1, "unresolved"),  # smaller than what matters, but not clearly so
        (3.0, 5.1, "contradicted"),  # 3 ± 2.0
        (1.9, 0.5, "unresolved"),  # the interval reaches 0
        (-1.0, 0.5, "unresolved"),
        (-1.6, 0.5, "contradicted"),
        (-3.0, 0.5, "contradicted"),  # clear, but the other way round
    ],
)
def test_a_difference_must_be_clear_and_large_enough(make, mean, effect, expected):
    claim = make("difference", effect=effect, complete="all is given")
    assert verdict(claim, SEVEN + mean).verdict == expected


def test_five_pairs_are_needed(make):
    claim = make("difference", complete="all is given")
    few = verdict(claim, np.array([10.0, 10.1, 10.2, 10.3]))
    assert (few.verdict, few.because) == ("unresolved", "4 runs, 5 are needed")
    assert verdict(claim, np.array([10.0, 10.1, 10.2, 10.3, 10.4])).verdict == "confirmed"
    unclear = verdict(claim, np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))
    assert unclear.because == "the interval covers both answers"


def test_the_setting_with_the_fewest_runs_says_what_is_lacking(make):
    claim = make("predictive", stated=50.0, settings=("slow", "fast"))
    assert verdict(claim, {"slow": SEVEN, "fast": SEVEN[:4]}).because == "4 runs, 5 are needed"
    mean = make(stated=1.0)
    assert verdict(mean, SEVEN[2:5]).because == "the interval covers both answers"


def test_differences_of_one_notebook_are_corrected_together(make):
    # t = 2.57 with six degrees of freedom: p = 0.042, enough alone, not beside a second one
    claims = {key: make("difference", id=key, complete="all is given") for key in ("one", "two")}
    found = {key: Finding({"": measure(claims[key], SEVEN + 2.1)}) for key in claims}
    alone = judge({"one": claims["one"]}, {"one": found["one"]})["one"]
    assert alone.verdict == "confirmed"
    together = judge(claims, found)
    assert [together[key].verdict for key in claims] == ["unresolved", "unresolved"]


def test_only_differences_are_corrected_for(make):
    claims = {"one": make("difference", id="one", complete="all"), "two": make(id="two")}
    found = {key: Finding({"": measure(claim, SEVEN + 2.1)}) for key, claim in claims.items()}
    assert judge(claims, found)["one"].verdict == "confirmed"


def test_a_measurement_that_settles_a_group_counts_once_in_the_correction(make):
    claims = {
        key: make("difference", id=key, group="heights", complete="all is given")
        for key in ("one", "two")
    }
    found = {key: Finding({"": measure(claims[key], SEVEN + 2.1)}) for key in claims}
    assert [row.verdict for row in judge(claims, found).values()] == ["confirmed", "confirmed"]


def test_one_success_is_enough_and_none_proves_nothing(make):
    claim = make("exists", complete="all is given")
    assert verdict(claim, [False] * 9 + [True]).verdict == "confirmed"
    none = verdict(claim, [False] * 1000)
    assert none.verdict == "unresolved"
    assert none.because == "no success yet, which does not exclude one"


@pytest.mark.parametrize(
    ("successes", "count", "least", "expected"),
    [
        (10, 10, 1.0, HOLDS),
        (9999, 10000, 1.0, FAILS),
        (70, 100, 0.5, HOLDS),
        (60, 100, 0.5, OPEN),  # from 0.4972
        (61, 100, 0.5, HOLDS),  # from 0.5073
        (55, 100, 0.5, OPEN),
        (39, 100, 0.5, FAILS),
        (2, 2, 0.5, OPEN),
    ],
)
def test_a_share_lies_above_its_least_with_the_whole_interval(
    make, successes, count, least, expected
):
    claim = make("share", least=least)
    assert outcome(claim, measure(claim, np.arange(count) < successes)) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.5, 0.9, HOLDS), (0.2, 0.5, OPEN), (0.2, 0.49, FAILS)]
)
def test_a_share_that_just_reaches_its_least_is_enough(make, low, high, expected):
    assert outcome(make("share", least=0.5), Measured(0.4, 0.1, low, high, 9)) == expected


def test_settings_that_agree_confirm(make):
    claim = make(settings=("slow", "fast"))
    assert verdict(claim, {"slow": 1.0, "fast": 1.05}).verdict == "confirmed"
    partly = verdict(claim, {"slow": 1.0})
    assert (partly.verdict, partly.because) == ("confirmed", "not yet tried: fast")


def test_a_verdict_that_changes_with_a_fair_setting_hinges_on_it(make):
    claim = make(settings=("slow", "medium", "fast"))
    found = verdict(claim, {"slow": 2.0, "medium": 1.0, "fast": 1.0})
    assert found.verdict == "hinges on a setting"
    assert found.because == "comes out with: medium; fast. not with: slow"
    unclear = verdict(claim, {"slow": SEVEN, "fast": 1.0})
    assert (unclear.verdict, unclear.because) == (
        "hinges on a setting",
        "comes out with: fast. open with: slow",
    )


def test_what_was_measured_without_a_setting_is_told_as_measured(make):
    found = verdict(make(settings=("slow",)), {"": 1.0, "slow": 2.0})
    assert found.because == "comes out with: as measured. not with: slow"


def test_nobody_is_contradicted_before_everything_declared_was_tried(make):
    claim = make(settings=("slow", "fast"), resolve="an hour would tell")
    found = verdict(claim, {"slow": 2.0})
    assert found.verdict == "unresolved"
    assert found.because == (
        "it does not come out with what was tried; not yet tried: fast; an hour would tell"
    )


def test_contradicted_comes_with_its_best_case(make):
    claim = make(settings=("slow", "medium", "fast"))
    found = verdict(claim, {"slow": 2.0, "medium": 1.2, "fast": 0.7})
    assert found.verdict == "contradicted"
    assert found.because == "nearest: 1.2 with medium; varied: how fast (from slow to fast)"


def test_contradicted_without_anything_left_open_says_why(make):
    found = verdict(make(complete="all is given"), 2.0)
    assert found.verdict == "contradicted"
    assert found.because == "nearest: 2; varied: nothing, all is given"


def test_what_nobody_argued_for_is_not_contradicted(make):
    claim = make(kind="law", route="another way")
    found = verdict(claim, 2.0)
    assert found.verdict == "unresolved"
    assert "what the source leaves open has not been declared" in found.because


def test_an_open_setting_leaves_the_claim_open(make):
    claim = make(settings=("slow", "fast"))
    found = verdict(claim, {"slow": SEVEN, "fast": 3.0})
    assert (found.verdict, found.because) == (
        "unresolved",
        "the interval covers both answers",
    )


def test_a_design_is_no_evidence(make):
    claim = make(kind="design", complete="it is counted")
    assert verdict(claim, 1.0).verdict == "by definition"
    assert verdict(claim, 3.0).verdict == "contradicted"


@pytest.mark.parametrize(
    ("runs", "null", "expected"),
    [
        (1.0, 0.0, "ordinary draw"),  # both give it
        (50.0, 0.0, "ordinary draw"),  # only the null gives it
        (1.0, 50.0, "confirmed"),
        (50.0, 50.0, "unresolved"),
    ],
)
def test_a_number_that_the_null_gives_as_well_is_an_ordinary_draw(make, runs, null, expected):
    claim = make("predictive", settings=("slow", "fast"), null="nothing learned")
    found = verdict(claim, {"slow": SEVEN + runs}, null=SEVEN + null)
    assert found.verdict == expected


def test_an_ordinary_draw_says_under_which_settings_it_does_not_come_out(make):
    claim = make("predictive", settings=("slow", "fast"), null="nothing learned")
    found = verdict(claim, {"slow": SEVEN, "fast": SEVEN + 50}, null=SEVEN)
    assert (found.verdict, found.because) == (
        "ordinary draw",
        "comes out with: slow. not with: fast",
    )
    alone = make("predictive", complete="all is given", null="nothing learned")
    assert verdict(alone, SEVEN, null=SEVEN).because == ""


def test_declared_verdicts_stand_as_declared(make):
    open_text = make(verdict="not checkable", missing="the formula", criterion=None)
    assert judge({"a": open_text}, {})["a"].because == "the formula"
    twice = make(verdict="inconsistent", places=("page 1", "page 2"), criterion=None)
    found = judge({"a": twice}, {})["a"]
    assert (found.verdict, found.because) == ("inconsistent", "page 1 — page 2")


def test_refuted_only_while_its_law_holds(make):
    claim = make(kind="law", stated=0.0, tolerance=1e-9, verdict="refuted", law="A law.")
    found = verdict(claim, 1e-12)
    assert (found.verdict, found.because) == ("refuted", "A law.")
    assert verdict(claim, 1e-3).verdict == "unresolved"
    assert verdict(claim, {"small": 1e-12, "large": 1e-3}).verdict == "unresolved"
    assert judge({claim.id: claim}, {})[claim.id].verdict == "pending"


def test_what_was_not_measured_is_pending(make):
    found = judge({"a": make(resolve="a campaign of an hour")}, {})["a"]
    assert (found.verdict, found.because) == ("pending", "a campaign of an hour")
    without = make(criterion=None)
    assert judge({"a": without}, {"a": Finding({})})["a"].verdict == "pending"


@pytest.mark.parametrize(
    ("rule", "measured", "expected"),
    [
        ("equals", Measured(1.4, 0, 1.4, 1.4, 1), 0.3),
        ("equals", Measured(0.6, 0, 0.6, 0.6, 1), 0.3),
        ("bound", Measured(0.2, 0, 0.2, 3.0, 2), 0.8),
        ("predictive", Measured(3.0, 1, 2.0, 4.0, 9), 1.0),
        ("predictive", Measured(-1.0, 1, -2.0, 0.0, 9), 1.0),
        ("difference", Measured(0.2, 1, 0, 1, 9), 0.3),
        ("share", Measured(0.3, 0.1, 0.2, 0.4, 9), 0.2),
    ],
)
def test_the_best_case_is_measured_by_what_is_missing(make, rule, measured, expected):
    assert shortfall(make(rule), measured) == pytest.approx(expected)
