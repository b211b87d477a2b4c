"""A claim of a source and how it will be judged: one row of data/claims.toml.

All that a verdict rests on besides the measurement stands beside the claim: the criterion with its
reason, what the source leaves open, the model without the claimed effect. A notebook hands over
measurements, nothing else.
"""

import hashlib
import json
from dataclasses import asdict, dataclass

# Verdicts that stand beside the claim because no sample decides them, and what each must say.
DECLARED = {"refuted": "law", "inconsistent": "places", "not checkable": "missing"}
SIDES = ("at least", "at most")
BITS, STATISTICAL = "bits", "statistical"


class LedgerError(ValueError):
    """A claim or record that does not fit the ledger."""


@dataclass(frozen=True)
class Criterion:
    """How a measurement is held against a claim; `reason` says why so and why these numbers.

    equals: a value, or the mean of a sample, lies within `tolerance` of what is stated.
    bound: every value lies on the `side` of `limit` (what is stated, if not given), up to `slack`,
        which is for rounding.
    predictive: what is stated lies in the central 95 % of single runs.
    difference: the mean of paired differences is positive, and at least `effect`, the smallest
        that would matter.
    exists: one success suffices.
    share: at least the share `least` of all cases are successes; 1 asks for every one.
    """

    rule: str
    reason: str
    tolerance: float | None = None
    side: str | None = None
    limit: float | None = None
    slack: float | None = None
    effect: float | None = None
    least: float | None = None


@dataclass(frozen=True)
class Unstated:
    """A setting that the source leaves open and the verdict may hang on.

    `range` is what a fair reader would allow, `values` the names under which the notebook hands
    over what it measured there.
    """

    setting: str
    range: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """One checkable statement of a source, in our own words.

    `stated` is a number where `measure` should give it, else true. `band` is how far a later run
    may lie from this one: "bits", a tolerance, or "statistical". `route` names the independent
    route by which a law is checked, `complete` says why nothing is left open, `condition` under
    which assumption of ours the measurement answers the claim at all, `resolve` what an open
    verdict waits for. `prospective`: the criterion was written before the number was known.
    """

    id: str
    source: str
    where: str
    kind: str
    statement: str
    measure: str
    stated: float | bool
    notebook: str
    band: float | str
    unit: str = ""
    criterion: Criterion | None = None
    unstated: tuple[Unstated, ...] = ()
    complete: str = ""
    condition: str = ""
    route: str = ""
    null: str = ""
    group: str = ""
    resolve: str = ""
    prospective: bool = False
    verdict: str = ""
    law: str = ""
    places: tuple[str, ...] = ()
    missing: str = ""

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of all unstated settings that may be tried."""
        return tuple(value for entry in self.unstated for value in entry.values)

    @property
    def judged_by(self) -> str:
        """A short hash of all that the verdict rests on besides the measurement."""
        rule = asdict(self.criterion) if self.criterion else {}
        rule.pop("reason", None)  # its wording may improve
        rests_on = [self.kind, self.measure, self.stated, self.unit, rule, self.settings]
        text = json.dumps([*rests_on, self.null, self.group, self.verdict], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def measurement(self) -> str:
        """What the claim is settled by, together with all others of its group."""
        return self.group or self.id
