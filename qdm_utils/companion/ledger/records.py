"""What the notebooks found: one file of records for each, data/processed/NN_slug.ledger.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from qdm_utils.companion import paths
from qdm_utils.companion.ledger.claims import LedgerError


@dataclass(frozen=True)
class Record:
    """What a notebook found for one claim.

    `why` explains the tolerance or the judgement; `condition` is what the verdict rests on besides
    the source, shown with it.
    """

    claim: str
    value: float | bool | None
    uncertainty: float | None
    tolerance: float | None
    why: str
    verdict: str
    condition: str = ""


def record_file(tree: Path, stem: str) -> Path:
    return paths.processed(tree) / f"{stem}.ledger.json"


def write_records(path: Path, records: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(record) for record in sorted(records, key=lambda record: record.claim)]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_records(path: Path) -> dict[str, Record]:
    """The records of one notebook by claim id; empty when it has not run.

    Raises:
        LedgerError: the file is no list of records, after a conflict of versions for instance.
    """
    if not path.exists():
        return {}
    try:
        return {row["claim"]: Record(**row) for row in json.loads(path.read_text(encoding="utf-8"))}
    except (json.JSONDecodeError, TypeError, KeyError) as error:
        told = str(error) or type(error).__name__
        raise LedgerError(
            f"{path.name} is no valid ledger ({told}); restore it, or delete it and run again."
        ) from None


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
