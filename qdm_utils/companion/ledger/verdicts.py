"""How a finding is held against its claim: the verdicts and the judge."""

from qdm_utils.companion.ledger.claims import Claim, LedgerError
from qdm_utils.companion.ledger.records import Record

FROM_NUMBERS = ("reproduced", "reproduced beyond the source", "differs")
HINGES = "hinges on a setting"
BY_HAND = (HINGES, "unresolved", "source inconsistent", "not checkable")
VERDICTS = (*FROM_NUMBERS, *BY_HAND)


def judge(
    claim: Claim,
    value: float | bool | None,
    *,
    uncertainty: float | None = None,
    tolerance: float | None = None,
    why: str,
    beyond: bool = False,
    verdict: str | None = None,
    condition: str = "",
) -> Record:
    """Hold a finding against its claim.

    Args:
        claim: what the source says.
        value: what we found, in the claim's unit; True or False for a yes/no claim.
        uncertainty: one standard error or a bound on the numerical error, same unit.
        tolerance: how far `value` may lie from `claim.stated` and still count as reproduced.
        why: why that tolerance, or why that verdict; one sentence.
        beyond: the check covers more than the source claimed.
        condition: what the verdict rests on besides the source, such as "under reconstructed
            definitions"; shown beside it.
        verdict: set by hand only where numbers cannot decide. "hinges on a setting": the claim
            comes out under one fair reading or setting and not under another, and `condition` says
            under which it does. "unresolved": the experiment has no power to tell, and `why` says
            what would. Besides these "source inconsistent" and "not checkable".

    Raises:
        LedgerError: a numeric claim without a tolerance, an unknown verdict, a value of the wrong
            kind, a verdict that hinges on a setting without naming it.
    """
    if not why.strip():
        raise LedgerError(f"{claim.id}: say why (argument `why`).")
    if verdict is None:
        verdict = _by_numbers(claim, value, tolerance, beyond)
    elif verdict not in BY_HAND:
        raise LedgerError(f"{claim.id}: by hand a verdict can only be one of {', '.join(BY_HAND)}.")
    elif verdict == HINGES and not condition:
        raise LedgerError(
            f"{claim.id}: name the setting that the verdict hinges on (argument `condition`)."
        )
    return Record(
        claim=claim.id,
        value=_plain(value),
        uncertainty=_plain(uncertainty),
        tolerance=_plain(tolerance),
        why=why,
        verdict=verdict,
        condition=condition,
    )


def _by_numbers(
    claim: Claim, value: float | bool | None, tolerance: float | None, beyond: bool
) -> str:
    """The verdict that follows from a value alone."""
    if isinstance(claim.stated, bool) != isinstance(value, bool) or value is None:
        raise LedgerError(f"{claim.id}: the claim states {claim.stated!r}, the value is {value!r}.")
    if isinstance(claim.stated, bool):
        holds = value == claim.stated
    elif tolerance is None:
        raise LedgerError(f"{claim.id}: a number needs a tolerance.")
    else:
        # Written so that a NaN differs.
        holds = abs(value - claim.stated) <= tolerance
    if not holds:
        return "differs"
    return "reproduced beyond the source" if beyond else "reproduced"


def _plain(item: float | bool | None) -> float | None:
    """A number as JSON knows it."""
    return item if item is None or isinstance(item, bool) else float(item)
