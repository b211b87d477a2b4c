"""Claims and records side by side: as rows, as text, and as the table of the README."""

import math
import re
from collections import Counter
from pathlib import Path

from qdm_utils.companion import paths
from qdm_utils.companion.ledger.claims import Claim, load_claims
from qdm_utils.companion.ledger.records import Record, all_records
from qdm_utils.companion.ledger.verdicts import VERDICTS
from qdm_utils.companion.sources.notebook import source_path

PENDING = "pending"
# Tolerances up to here are for rounding, also in single precision, and not for scatter.
LARGEST_ROUNDING = 1e-5
README_BLOCK = re.compile(r"(<!-- ledger:begin -->\n).*?(<!-- ledger:end -->)", re.S)


def side_by_side(claim: Claim, found: Record | None) -> dict:
    """One row of the ledger: what is stated and what was found, None or empty before that."""
    return {
        "notebook": claim.notebook,
        "claim": claim.id,
        "statement": claim.statement,
        "stated": claim.stated,
        "found": found.value if found else None,
        "uncertainty": found.uncertainty if found else None,
        "tolerance": found.tolerance if found else None,
        "unit": claim.unit,
        "verdict": found.verdict if found else PENDING,
        "condition": found.condition if found else "",
        "why": found.why if found else "",
    }


def table(tree: Path, replacing: dict[str, dict[str, Record]] | None = None) -> list[dict]:
    """Claim and record side by side, one row per claim in the order of claims.toml."""
    records = all_records(tree, replacing)
    return [side_by_side(claim, records.get(claim.id)) for claim in load_claims().values()]


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


def show_found(row: dict) -> str:
    """What was found, with the digits that mean something on whatever processor it was found.

    A residual within its tolerance "holds to" that tolerance; a value with an uncertainty ends
    where the uncertainty begins.

    Args:
        row: `found`, `uncertainty`, `tolerance` and `stated` of one claim, as in `table`.

    >>> show_found({"found": 2.5e-16, "uncertainty": None, "tolerance": 1e-12, "stated": 0.0})
    'holds to 1e-12'
    >>> show_found({"found": 0.19034, "uncertainty": 0.0046, "tolerance": 0.1, "stated": 1.0})
    '0.190 ± 0.005'
    """
    value, uncertainty, tolerance = row["found"], row["uncertainty"], row["tolerance"]
    if value is None or isinstance(value, bool) or not math.isfinite(value):
        return show_number(value)
    if row["stated"] == 0 and tolerance and abs(value) <= tolerance <= LARGEST_ROUNDING:
        return f"holds to {_plain_exponent(f'{tolerance:.0e}')}"
    if not uncertainty or uncertainty <= LARGEST_ROUNDING * abs(value):
        return show_number(value)
    error = float(f"{uncertainty:.0e}")
    last = math.floor(math.log10(error))  # the decimal place of the uncertainty's first digit
    if last < -6:
        return f"{_plain_exponent(f'{value:.1e}')} ± {_plain_exponent(f'{error:.0e}')}"
    places = max(0, -last)
    # + 0.0 turns a negative zero into zero
    return f"{round(value, -last) + 0.0:.{places}f} ± {error:.{places}f}"


def _plain_exponent(text: str) -> str:
    return re.sub(r"e([+-])0*(\d)", lambda found: f"e{found[1].strip('+')}{found[2]}", text)


def shown_table(tree: Path) -> list[dict]:
    """`table` with its values as text, the way 00_overview prints and saves it."""
    rows = table(tree)
    for row in rows:
        row["found"] = show_found(row)
        row["stated"], row["tolerance"] = show_number(row["stated"]), show_number(row["tolerance"])
        del row["uncertainty"]
    return rows


def readme_block(rows: list[dict]) -> str:
    """The README's claims table: a count of verdicts, then the checked claims one by one."""
    counts = Counter(row["verdict"] for row in rows)
    summary = " · ".join(f"{counts[name]} {name}" for name in (*VERDICTS, PENDING) if counts[name])
    lines = [
        f"{len(rows)} claims: {summary}.",
        "",
        "| notebook | claim | stated | found | verdict |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if row["verdict"] == PENDING:
            continue
        unit = f" {row['unit']}" if row["unit"] else ""
        condition = f", {row['condition']}" if row["condition"] else ""
        statement = row["statement"].replace("|", "\\|")  # a bare one would begin a new column
        lines.append(
            f"| [{row['notebook'][:2]}](notebooks/{row['notebook']}.ipynb) | {statement} "
            f"| {show_number(row['stated'])}{unit} | {show_found(row)} "
            f"| {row['verdict']}{condition} |"
        )
    pending = Counter(row["notebook"] for row in rows if row["verdict"] == PENDING)
    if pending:
        waiting = ", ".join(f"{stem} ({count})" for stem, count in sorted(pending.items()))
        lines += ["", f"Pending, by the notebook that will check them: {waiting}."]
    return "\n".join(lines) + "\n"


def readme_text(tree: Path, replacing: dict[str, dict[str, Record]] | None = None) -> str | None:
    """README.md with its ledger block brought up to date; None where there is no such block."""
    path = paths.root() / "README.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not README_BLOCK.search(text):
        return None
    return README_BLOCK.sub(
        lambda found: found[1] + readme_block(table(tree, replacing)) + found[2], text
    )


def problems(tree: Path) -> list[str]:
    """Claims of a notebook that exists without a record, and records without a claim."""
    claims, records = load_claims(), all_records(tree)
    missing = [
        f"claim {claim.id} has no record although {claim.notebook} exists"
        for claim in claims.values()
        if claim.id not in records and source_path(claim.notebook).exists()
    ]
    return missing + [f"record {key} answers no claim" for key in records if key not in claims]
