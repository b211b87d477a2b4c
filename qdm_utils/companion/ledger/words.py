"""Criteria and measurements in words, with the digits that mean something on any processor."""

import math
import re

from qdm_utils.companion.ledger.claims import Claim
from qdm_utils.companion.ledger.measurements import Measured

# Tolerances up to here are for rounding, also in single precision, and not for scatter.
LARGEST_ROUNDING = 1e-5


def show_number(value: float | bool | None) -> str:
    """A number as a source or a rule states it: yes/no, few digits.

    >>> show_number(65536.0), show_number(0.301), show_number(1e-12), show_number(True)
    ('65536', '0.301', '1e-12', 'yes')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    whole = float(value).is_integer() and abs(value) < 1e6
    return f"{value:.0f}" if whole else _plain_exponent(f"{value:.4g}")


def show_rounded(value: float, error: float) -> str:
    """A value up to the decimal place where its error begins.

    >>> show_rounded(0.19034, 0.0046), show_rounded(1534.0, 62.0), show_rounded(-1e-4, 0.0068)
    ('0.190', '1530', '0.000')
    """
    if not error or not math.isfinite(error) or error <= LARGEST_ROUNDING * abs(value):
        return show_number(value)
    last = math.floor(math.log10(float(f"{error:.0e}")))  # the decimal place of its first digit
    if last < -6:
        return _plain_exponent(f"{value:.1e}")
    # + 0.0 turns a negative zero into zero
    return f"{round(value, -last) + 0.0:.{max(0, -last)}f}"


def show_criterion(claim: Claim) -> str:
    """What the measurement has to show for the claim to hold."""
    criterion = claim.criterion
    if criterion is None:
        return ""
    stated = show_number(claim.stated)
    match criterion.rule:
        case "equals":
            tolerance = criterion.tolerance
            return f"{stated} within {show_number(tolerance)}" if tolerance else f"exactly {stated}"
        case "bound":
            limit = stated if criterion.limit is None else show_number(criterion.limit)
            return f"{criterion.side} {limit}"
        case "predictive":
            return f"{stated} lies in the central 95 % of single runs"
        case "difference":
            return f"a paired difference of at least {show_number(criterion.effect)}, 95 %"
        case "exists":
            return "one success"
        case _:
            least = criterion.least or 1.0
            return "every case" if least == 1.0 else f"at least {100 * least:g} % of cases"


def show_measured(claim: Claim, measured: Measured) -> str:
    """A measurement with its interval; a residual within its tolerance "holds to" it."""
    criterion = claim.criterion
    if criterion is None:
        return ""
    match criterion.rule:
        case "exists" | "share":
            # Of a rule that asks for every case, or for one, the counts say it all.
            return _share(measured, sampled=criterion.least not in (None, 1))
        case "predictive" | "difference":
            places = (measured.high - measured.low) / 10
            low, high = (show_rounded(end, places) for end in (measured.low, measured.high))
            mean = show_rounded(measured.value, places)
            if criterion.rule == "difference":
                return f"{mean} ({low} to {high}, {measured.count} pairs)"
            return f"{mean}, single runs {low} to {high} ({measured.count})"
    margin = criterion.tolerance or criterion.slack or 0.0
    target = claim.stated if criterion.limit is None else criterion.limit
    if margin and margin <= LARGEST_ROUNDING and abs(measured.value - float(target)) <= margin:
        to = _plain_exponent(f"{margin:.0e}")
        return f"holds to {to}" if target == 0 else f"{show_number(target)}, to {to}"
    if criterion.rule == "bound" and measured.count > 1:
        size = max(abs(measured.low), abs(measured.high))
        low, high = (
            show_number(0.0 if abs(end) < LARGEST_ROUNDING * size else end)
            for end in (measured.low, measured.high)
        )
        return f"{low} to {high}"
    value = show_rounded(measured.value, measured.error)
    return f"{value} ± {show_rounded(measured.error, measured.error)}" if measured.error else value


def show_found(claim: Claim, measured: dict[str, Measured]) -> str:
    """All measurements of a claim, by setting."""
    return "; ".join(
        f"{f'{setting}: ' if setting else ''}{show_measured(claim, numbers)}"
        for setting, numbers in measured.items()
    )


def _share(measured: Measured, sampled: bool) -> str:
    text = f"{measured.successes} of {measured.count}"
    if not sampled or measured.count < 20 or measured.successes in (0, measured.count):
        return text
    low, high = (f"{100 * end:.0f}" for end in (measured.low, measured.high))
    return f"{text}, {100 * measured.value:.0f} % ({low} to {high} %)"


def _plain_exponent(text: str) -> str:
    return re.sub(r"e([+-])0*(\d)", lambda found: f"e{found[1].strip('+')}{found[2]}", text)
