"""Claims, measurements and verdicts side by side: as rows, in the README and as docs/ledger.md."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from qdm_utils.companion import paths
from qdm_utils.companion.ledger.calls import required
from qdm_utils.companion.ledger.claims import Claim
from qdm_utils.companion.ledger.loading import load_claims
from qdm_utils.companion.ledger.records import Record, all_records
from qdm_utils.companion.ledger.verdicts import (
    DEFINITION,
    VERDICTS,
    Finding,
    Judgement,
    judge,
)
from qdm_utils.companion.ledger.words import show_criterion, show_found, show_number
from qdm_utils.companion.sources.notebook import source_path

README_BLOCK = re.compile(r"(<!-- ledger:begin -->\n).*?(<!-- ledger:end -->)", re.S)
Replacing = dict[str, dict[str, Record]] | None


def table(tree: Path, replacing: Replacing = None) -> list[dict]:
    """Claim, criterion, measurement and verdict: one row per claim in the order of claims.toml.

    A record whose claim is judged otherwise now does not count: its row is pending.

    Args:
        tree: where the records lie.
        replacing: by stem, records that are about to be published.
    """
    claims, records = load_claims(), all_records(tree, replacing)
    judgements = _judged(claims, records)
    return [_row(claim, records.get(key), judgements[key]) for key, claim in claims.items()]


def totals(rows: Iterable[dict]) -> dict[str, int]:
    """How many measurements ended with each verdict; one that settles a group counts once."""
    counted = {(row["verdict"], row["measurement"]) for row in rows}
    counts = Counter(verdict for verdict, _ in counted)
    return {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}


def totals_line(rows: list[dict]) -> str:
    """The totals in one line; what holds by definition is named apart, as no evidence."""
    counts = totals(rows)
    designs = counts.pop(DEFINITION, 0)
    evidence = " · ".join(f"{count} {verdict}" for verdict, count in counts.items())
    apart = f"; {designs} more hold by definition and are no evidence" if designs else ""
    return f"{len(rows)} claims, those settled by one measurement counted once: {evidence}{apart}."


def readme_text(tree: Path, replacing: Replacing = None) -> str | None:
    """README.md with its totals brought up to date; None where there is no such block."""
    path = paths.root() / "README.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not README_BLOCK.search(text):
        return None
    line = totals_line(table(tree, replacing))
    return README_BLOCK.sub(lambda found: f"{found[1]}{line}\n{found[2]}", text)


PAGE_HEAD = """\
# The ledger

Generated from [data/claims.toml](../data/claims.toml), where every criterion stands with its
reason, and from what the notebooks measured (`data/processed/*.ledger.json`). Do not edit.

| verdict | when |
|---|---|
"""


def page_text(tree: Path, replacing: Replacing = None) -> str:
    """docs/ledger.md: the totals, what the verdicts mean, and a table for each notebook."""
    rows = table(tree, replacing)
    meanings = [f"| {verdict} | {when} |" for verdict, when in VERDICTS.items()]
    lines = [PAGE_HEAD + "\n".join(meanings), "", totals_line(rows)]
    for stem in dict.fromkeys(row["notebook"] for row in rows):
        link = f"../notebooks/{stem}.ipynb#Checks-and-verdicts"
        lines += [
            f"\n## [{stem.replace('_', ' ', 1).replace('_', ' ')}]({link})\n",
            "| claim | stated | criterion | measured | verdict |",
            "|---|---|---|---|---|",
        ]
        lines += [_page_row(row) for row in rows if row["notebook"] == stem]
    return "\n".join(lines) + "\n"


def page_path(tree: Path) -> Path:
    return tree / "docs" / "ledger.md"


def problems(tree: Path) -> list[str]:
    """What is wrong between the claims and the published records; nothing where all is well."""
    claims, records = load_claims(), all_records(tree)
    found = [f"record {key} answers no claim" for key in records if key not in claims]
    judgements = _judged(claims, records)
    for key, claim in claims.items():
        record = records.get(key)
        if record is None:
            if source_path(claim.notebook).exists() and key in required({key: claim}):
                found.append(f"claim {key} has no record although {claim.notebook} exists")
        elif record.judged_by != claim.judged_by:
            found.append(
                f"the criterion of {key} was changed after it was measured "
                f"({record.judged_by} then, {claim.judged_by} now); run {claim.notebook} again"
            )
        elif record.verdict != judgements[key].verdict:
            found.append(
                f"the verdict on {key} is recorded as {record.verdict}, "
                f"but its measurement gives {judgements[key].verdict}"
            )
    return found


def _judged(claims: dict[str, Claim], records: dict[str, Record]) -> dict[str, Judgement]:
    """Every claim judged from its recorded measurement, notebook by notebook."""
    findings = {
        key: record.finding
        for key, record in records.items()
        if key in claims and record.judged_by == claims[key].judged_by
    }
    judgements: dict[str, Judgement] = {}
    for stem in {claim.notebook for claim in claims.values()}:
        own = {key: claim for key, claim in claims.items() if claim.notebook == stem}
        of_own: dict[str, Finding] = {key: findings[key] for key in own if key in findings}
        judgements |= judge(own, of_own)
    return judgements


def _row(claim: Claim, record: Record | None, judgement: Judgement) -> dict:
    current = record is not None and record.judged_by == claim.judged_by
    because = judgement.because
    if record is not None and not current:
        because = "its criterion was changed after the measurement"
    elif record is not None and record.data:
        because = "; ".join(filter(None, (because, f"data: {record.data}")))
    return {
        "notebook": claim.notebook,
        "source": claim.source,
        "claim": claim.id,
        "kind": claim.kind,
        "statement": claim.statement,
        "stated": show_number(claim.stated),
        "unit": claim.unit,
        "criterion": show_criterion(claim),
        "found": show_found(claim, record.measured) if record is not None and current else "",
        "verdict": judgement.verdict,
        "because": because,
        "condition": claim.condition,
        "measurement": claim.measurement,
    }


def _page_row(row: dict) -> str:
    unit = f" {row['unit']}" if row["unit"] else ""
    because = f": {row['because']}" if row["because"] else ""
    condition = f" ({row['condition']})" if row["condition"] else ""
    cells = (
        f"{row['statement']} <br> `{row['claim']}`",
        f"{row['stated']}{unit}",
        row["criterion"],
        row["found"],
        f"**{row['verdict']}**{because}{condition}",
    )
    # a bare bar would begin a new column
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
