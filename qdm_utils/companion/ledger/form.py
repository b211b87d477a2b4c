"""The form of a claim: what must stand beside it before anything is measured."""

from collections.abc import Iterator

from qdm_utils.companion.ledger.claims import (
    BITS,
    DECLARED,
    SIDES,
    STATISTICAL,
    Claim,
    Criterion,
)

# Which criteria a kind of claim may be judged by; an outlook is not judged at all.
RULES_OF_KIND = {
    "law": {"equals", "bound", "share"},
    "number": {"equals", "bound", "predictive", "exists"},
    "trend": {"equals", "bound", "difference", "exists", "share"},
    "design": {"equals", "bound", "exists", "share"},
    "outlook": set(),
}
# The numbers that a rule needs, and those that it may have.
NUMBERS_OF_RULE: dict[str, tuple[set[str], set[str]]] = {
    "equals": ({"tolerance"}, set()),
    "bound": ({"side"}, {"limit", "slack"}),
    "predictive": (set(), set()),
    "difference": ({"effect"}, set()),
    "exists": (set(), set()),
    "share": ({"least"}, set()),
}
NEEDS_NO_NUMBER = ("difference", "exists", "share")


def complaints(claim: Claim) -> Iterator[str]:
    """What is wrong with a claim's declaration; nothing where all is well."""
    if claim.kind not in RULES_OF_KIND:
        yield f"the kind must be one of {', '.join(RULES_OF_KIND)}, but is {claim.kind!r}"
        return
    if not _is_band(claim.band):
        yield f"a band must be bits, statistical or a tolerance > 0, but is {claim.band!r}"
    if len(set(claim.settings)) < len(claim.settings):
        yield "two unstated settings have one name"
    if not all(entry.range.strip() and entry.values for entry in claim.unstated):
        yield "an unstated setting needs the range that is fair and the names of its values"
    yield from _of_verdict(claim) if claim.verdict or claim.kind == "outlook" else _of_kind(claim)
    if claim.criterion is not None:
        yield from _of_criterion(claim, claim.criterion)


def _is_band(band: float | str) -> bool:
    if isinstance(band, str):
        return band in (BITS, STATISTICAL)
    return not isinstance(band, bool) and band > 0


def _of_verdict(claim: Claim) -> Iterator[str]:
    """A verdict that is declared must say what it rests on."""
    if claim.verdict not in DECLARED:
        yield (
            "an outlook is declared not checkable"
            if claim.kind == "outlook"
            else f"a verdict can only be declared as one of {', '.join(DECLARED)}"
        )
        return
    if not getattr(claim, DECLARED[claim.verdict]):
        yield f"{claim.verdict} needs `{DECLARED[claim.verdict]}`"
    if claim.verdict == "inconsistent" and len(claim.places) != 2:
        yield "inconsistent needs the two places that exclude each other"
    if claim.verdict == "refuted" and claim.criterion is None:
        yield "refuted needs a criterion for the residual of its law"


def _of_kind(claim: Claim) -> Iterator[str]:
    if claim.criterion is None:
        yield "there is no criterion"
    if claim.kind == "law" and not claim.route:
        yield "a law needs the independent `route` by which it is checked"
    if claim.kind in ("number", "trend") and not (claim.unstated or claim.complete):
        yield "say what the source leaves `unstated`, or why it is `complete`"


def _of_criterion(claim: Claim, criterion: Criterion) -> Iterator[str]:
    rule = criterion.rule
    if rule not in (RULES_OF_KIND[claim.kind] or NUMBERS_OF_RULE):
        yield f"a {claim.kind} cannot be judged by {rule!r}"
        return
    if not criterion.reason.strip():
        yield "the criterion needs its reason"
    given = {
        name
        for name in ("tolerance", "side", "limit", "slack", "effect", "least")
        if getattr(criterion, name) is not None
    }
    needed, possible = NUMBERS_OF_RULE[rule]
    if needed - given:
        yield f"{rule} needs `{', '.join(sorted(needed - given))}`"
    if given - needed - possible:
        yield f"{rule} takes no `{', '.join(sorted(given - needed - possible))}`"
    has_number = not isinstance(claim.stated, bool) or criterion.limit is not None
    if rule not in NEEDS_NO_NUMBER and not has_number:
        yield f"{rule} needs a stated number"
    if criterion.side not in (None, *SIDES):
        yield f"the side must be one of {', '.join(SIDES)}, but is {criterion.side!r}"
    numbers = (criterion.tolerance, criterion.slack, criterion.effect)
    if any(number is not None and number < 0 for number in numbers):
        yield "tolerance, slack and effect must be ≥ 0"
    if criterion.least is not None and not 0 < criterion.least <= 1:
        yield "the least share must lie in (0, 1]"
    if claim.null and rule != "predictive":
        yield "a null goes with the rule predictive"
