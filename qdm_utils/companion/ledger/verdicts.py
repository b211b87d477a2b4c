"""The judge: verdicts follow from the claims' criteria and the measurements, from nothing else.

A criterion, held against one measurement, holds, fails or stays open. The settings that were tried
are then taken together: a claim that holds under one fair setting and not under another hinges on
it, and it is contradicted only where it fails under every one that was declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from qdm_utils import statistics
from qdm_utils.companion.ledger.claims import Claim, Criterion
from qdm_utils.companion.ledger.measurements import Measured

CONFIRMED, DRAW, DEFINITION = "confirmed", "ordinary draw", "by definition"
HINGES, UNRESOLVED, CONTRADICTED = "hinges on a setting", "unresolved", "contradicted"
PENDING = "pending"
VERDICTS = {
    CONFIRMED: "a law that holds by an independent route; "
    "a number or trend that comes out under every setting tried",
    DRAW: "the stated value is one that the null, such as Haar states, gives as well: "
    "it supports nothing more",
    DEFINITION: "true once the design is fixed: checked, and no evidence",
    HINGES: "comes out under one fair reading or unstated setting and not under another",
    UNRESOLVED: "the interval covers both answers, "
    "or not everything has been tried that the source leaves open",
    CONTRADICTED: "fails under every fair reading and setting tried; "
    "says what was varied and how near it came",
    "refuted": "an exact law excludes it; the law is stated",
    "inconsistent": "the source contradicts itself; both places are named",
    "not checkable": "the source does not determine an experiment, or looks ahead",
    PENDING: "its measurement has not been made yet",
}
HOLDS, FAILS, OPEN = "holds", "fails", "open"
# Fewer pairs or single runs say nothing about their scatter.
LEAST_RUNS = 5
ERROR_RATE = 0.05

Settings = Mapping[str, Measured]  # by the name of the setting; "" where nothing was varied


@dataclass(frozen=True)
class Finding:
    """What was measured for one claim, under each setting, and for its null."""

    measured: Settings
    null: Measured | None = None


@dataclass(frozen=True)
class Judgement:
    """A verdict and what it rests on in a few words, such as the settings or the best case."""

    verdict: str
    because: str = ""


def judge(claims: Mapping[str, Claim], findings: Mapping[str, Finding]) -> dict[str, Judgement]:
    """Hold what one notebook measured against its claims.

    Paired differences of one notebook are corrected together (Holm), a measurement that settles
    several claims counting once.

    Args:
        claims: of the notebook, by id.
        findings: by id; a claim without one is pending unless its verdict is declared.
    """
    adjusted = _adjusted(claims, findings)
    return {
        key: _judgement(claim, findings.get(key), adjusted.get(claim.measurement, {}))
        for key, claim in claims.items()
    }


def _judgement(claim: Claim, found: Finding | None, p_values: Mapping[str, float]) -> Judgement:
    if claim.verdict == "refuted":
        return _refuted(claim, found)
    if claim.verdict:
        return Judgement(claim.verdict, claim.missing or " — ".join(claim.places))
    if found is None or claim.criterion is None:
        return Judgement(PENDING, claim.resolve)
    outcomes = {
        setting: outcome(claim, measured, p_values.get(setting, 1.0))
        for setting, measured in found.measured.items()
    }
    if found.null is not None and _inside(claim, found.null):
        return _draw(outcomes)
    return _together(claim, found.measured, outcomes)


def outcome(claim: Claim, measured: Measured, p_value: float = 1.0) -> str:
    """Whether a criterion holds, fails or stays open for one measurement.

    Args:
        claim: with a criterion.
        measured: by that criterion's rule.
        p_value: of a difference, corrected for all others of the notebook; see `difference_test`.
    """
    criterion = claim.criterion
    assert criterion is not None  # of a claim without one nothing is measured
    match criterion.rule:
        case "equals":
            tolerance = criterion.tolerance or 0.0
            answer = statistics.equivalence(measured.estimate, float(claim.stated), tolerance)
            return _three(answer.within, answer.outside)
        case "bound":
            low, high = _sides(claim, criterion, measured)
            slack = criterion.slack or 0.0
            return _three(low >= -slack, high < -slack)
        case "predictive":
            if measured.count < LEAST_RUNS:
                return OPEN
            inside = _inside(claim, measured)
            return _three(inside, not inside)
        case "difference":
            if measured.count < LEAST_RUNS:
                return OPEN
            clear = p_value <= ERROR_RATE
            large = measured.value >= (criterion.effect or 0.0)
            return _three(large and clear, not large and clear)
        case "exists":
            return _three(measured.successes > 0, False)
        case _:
            least = criterion.least or 1.0
            if least == 1.0:
                every = measured.successes == measured.count
                return _three(every, not every)
            return _three(measured.low >= least, measured.high < least)


def difference_test(criterion: Criterion, measured: Measured) -> float:
    """The p-value of a difference: that of no difference at all where it is large enough to
    matter, else that of the smallest difference that would."""
    effect = criterion.effect or 0.0
    against = 0.0 if measured.value >= effect else effect
    return statistics.mean_test(measured.estimate, against)


def _adjusted(
    claims: Mapping[str, Claim], findings: Mapping[str, Finding]
) -> dict[str, dict[str, float]]:
    """Holm's p-values of all differences of a notebook, by measurement and setting.

    Claims of one group share their measurements; the least favourable of their p-values counts.
    """
    raw: dict[tuple[str, str], float] = {}
    for key, found in findings.items():
        claim = claims[key]
        if claim.criterion is None or claim.criterion.rule != "difference":
            continue
        for setting, measured in found.measured.items():
            if measured.count >= LEAST_RUNS:
                place = claim.measurement, setting
                raw[place] = max(raw.get(place, 0.0), difference_test(claim.criterion, measured))
    adjusted: dict[str, dict[str, float]] = {}
    for (measurement, setting), p_value in zip(
        raw, statistics.holm(list(raw.values())), strict=True
    ):
        adjusted.setdefault(measurement, {})[setting] = float(p_value)
    return adjusted


def _three(holds: bool, fails: bool) -> str:
    if holds:
        return HOLDS
    return FAILS if fails else OPEN


def _inside(claim: Claim, measured: Measured) -> bool:
    return measured.low <= float(claim.stated) <= measured.high


def _sides(claim: Claim, criterion: Criterion, measured: Measured) -> tuple[float, float]:
    """How far the least and the most favourable value lie on the right side of the bound.

    Of many values all have to, so one that does not decides; of one with an error its interval.
    """
    limit = float(claim.stated) if criterion.limit is None else criterion.limit
    distances = (measured.low - limit, measured.high - limit)
    if criterion.side == "at most":
        distances = (-distances[1], -distances[0])
    return distances if measured.count == 1 else (distances[0], distances[0])


def _refuted(claim: Claim, found: Finding | None) -> Judgement:
    """Refuted by an exact law, once the law itself has been seen to hold."""
    if found is None:
        return Judgement(PENDING, "the residual of the law has not been measured")
    if all(outcome(claim, measured) == HOLDS for measured in found.measured.values()):
        return Judgement("refuted", claim.law)
    return Judgement(UNRESOLVED, f"the law does not hold within its criterion: {claim.law}")


def _draw(outcomes: Mapping[str, str]) -> Judgement:
    """The stated value is one that the null gives as well, whatever else gives it."""
    return Judgement(DRAW, "" if set(outcomes) == {""} else _told(outcomes))


def _by_outcome(outcomes: Mapping[str, str]) -> dict[str, list[str]]:
    """The settings under which a criterion holds, fails and stays open."""
    return {
        kind: [name or "as measured" for name, found in outcomes.items() if found == kind]
        for kind in (HOLDS, FAILS, OPEN)
    }


def _told(outcomes: Mapping[str, str]) -> str:
    """Where it comes out and where not, in words."""
    words = {HOLDS: "comes out with", FAILS: "not with", OPEN: "open with"}
    by_outcome = _by_outcome(outcomes)
    told = [f"{words[kind]}: {'; '.join(names)}" for kind, names in by_outcome.items() if names]
    return ". ".join(told)


def _together(claim: Claim, measured: Settings, outcomes: Mapping[str, str]) -> Judgement:
    """One verdict from the outcomes under all settings that were tried."""
    holding, failing, unclear = _by_outcome(outcomes).values()
    untried = [name for name in claim.settings if name not in outcomes]
    if holding and not failing and not unclear:
        waiting = f"not yet tried: {'; '.join(untried)}" if untried else ""
        return Judgement(DEFINITION if claim.kind == "design" else CONFIRMED, waiting)
    if holding:
        return Judgement(HINGES, _told(outcomes))
    best = _best_case(claim, measured)
    if unclear:
        reason = _why_open(claim, measured)
    elif untried:
        reason = f"it does not come out with what was tried; not yet tried: {'; '.join(untried)}"
    elif not (claim.unstated or claim.complete):
        reason = "it does not come out, and what the source leaves open has not been declared"
    else:
        return Judgement(CONTRADICTED, best)
    return Judgement(UNRESOLVED, "; ".join(filter(None, (reason, claim.resolve))))


def _why_open(claim: Claim, measured: Settings) -> str:
    rule = claim.criterion.rule if claim.criterion else ""
    if rule == "exists":
        return "no success yet, which does not exclude one"
    fewest = min(found.count for found in measured.values())
    if rule in ("predictive", "difference") and fewest < LEAST_RUNS:
        return f"{fewest} runs, {LEAST_RUNS} are needed"
    return "the interval covers both answers"


def _best_case(claim: Claim, measured: Settings) -> str:
    """What was varied for the source, over which range, and how near it came."""
    nearest = min(measured, key=lambda name: shortfall(claim, measured[name]))
    varied = "; ".join(f"{entry.setting} ({entry.range})" for entry in claim.unstated)
    value = f"{measured[nearest].value:.3g}{f' with {nearest}' if nearest else ''}"
    return f"nearest: {value}; varied: {varied or f'nothing, {claim.complete}'}"


def shortfall(claim: Claim, measured: Measured) -> float:
    """How far a measurement is from meeting its criterion; 0 or less where it does."""
    criterion = claim.criterion
    assert criterion is not None  # of a claim without one nothing is measured
    match criterion.rule:
        case "equals":
            return abs(measured.value - float(claim.stated)) - (criterion.tolerance or 0.0)
        case "bound":
            return -_sides(claim, criterion, measured)[0]
        case "predictive":
            stated = float(claim.stated)
            return max(measured.low - stated, stated - measured.high)
        case "difference":
            return (criterion.effect or 0.0) - measured.value
        case _:
            return (criterion.least or 0.0) - measured.value
