"""What the notebooks measured: one file of records for each, data/processed/NN_slug.ledger.json."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from qdm_utils.companion import paths
from qdm_utils.companion.ledger.claims import Claim, LedgerError
from qdm_utils.companion.ledger.measurements import Measured
from qdm_utils.companion.ledger.verdicts import CONTRADICTED, Finding, Judgement, judge


@dataclass(frozen=True)
class Record:
    """What a notebook measured for one claim, and the verdict that followed.

    `judged_by` is the claim's hash at that time, so that a criterion which was changed afterwards
    shows. `data` says what stood in where the data were not those that the claim means.
    """

    claim: str
    judged_by: str
    measured: dict[str, Measured]
    verdict: str
    because: str = ""
    null: Measured | None = None
    data: str = ""

    @property
    def finding(self) -> Finding:
        return Finding(self.measured, self.null)


@dataclass
class Findings:
    """The findings of one notebook while it runs, judged together whenever one is added."""

    claims: Mapping[str, Claim]
    found: dict[str, Finding] = field(default_factory=dict)

    def add(self, claim: Claim, setting: str, measured: Measured, null: Measured | None) -> None:
        """Keep a measurement.

        Raises:
            LedgerError: a setting that the claim does not declare, or one that was handed over
                before; a null that is not declared, or another one than before.
        """
        if setting and setting not in claim.settings:
            known = ", ".join(repr(name) for name in claim.settings) or "none"
            raise LedgerError(
                f"{claim.id}: the setting {setting!r} is not among its unstated ones ({known})."
            )
        before = self.found.get(claim.id, Finding({}))
        if setting in before.measured:
            place = f" with the setting {setting!r}" if setting else ""
            raise LedgerError(f"{claim.id} is checked twice{place}.")
        if null is not None and not claim.null:
            raise LedgerError(f"{claim.id}: no null is declared for this claim.")
        if null is not None and before.null not in (None, null):
            raise LedgerError(f"{claim.id}: its null is handed over twice, and not the same.")
        self.found[claim.id] = Finding(
            {**before.measured, setting: measured}, before.null if null is None else null
        )

    def judged(self) -> dict[str, Judgement]:
        judgements = judge(self.claims, self.found)
        return {key: judgements[key] for key in self.found}

    def records(self, data: str = "") -> list[Record]:
        """What goes to the file, one record for each claim that was checked."""
        return [
            Record(
                claim=key,
                judged_by=self.claims[key].judged_by,
                measured=dict(self.found[key].measured),
                verdict=judgement.verdict,
                because=judgement.because,
                null=self.found[key].null,
                data=data,
            )
            for key, judgement in self.judged().items()
        ]


def record_file(tree: Path, stem: str) -> Path:
    return paths.processed(tree) / f"{stem}.ledger.json"


def write_records(path: Path, records: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(record) for record in sorted(records, key=lambda record: record.claim)]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_records(path: Path) -> dict[str, Record]:
    """The records of one notebook by claim id; empty when it has not run.

    Raises:
        LedgerError: the file is no list of records, after a conflict of versions for instance, or
            something is called contradicted without its best case.
    """
    if not path.exists():
        return {}
    try:
        rows = [_record(row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (json.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
        told = str(error) or type(error).__name__
        raise LedgerError(
            f"{path.name} is no valid ledger ({told}); restore it, or delete it and run again."
        ) from None
    for record in rows:
        if record.verdict == CONTRADICTED and not record.because:
            raise LedgerError(
                f"{path.name}: {record.claim} is called contradicted without its best case."
            )
    return {record.claim: record for record in rows}


def _record(row: dict) -> Record:
    measured = {setting: Measured(**numbers) for setting, numbers in row["measured"].items()}
    null = None if row["null"] is None else Measured(**row["null"])
    return Record(**{**row, "measured": measured, "null": null})


def all_records(
    tree: Path, replacing: dict[str, dict[str, Record]] | None = None
) -> dict[str, Record]:
    """The records of every notebook, some `replacing` by stem what is about to be published."""
    by_stem = {
        p.name.split(".")[0]: read_records(p)
        for p in sorted(paths.processed(tree).glob("*.ledger.json"))
    }
    return {
        key: record
        for rows in {**by_stem, **(replacing or {})}.values()
        for key, record in rows.items()
    }
