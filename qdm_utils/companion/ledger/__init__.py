"""The ledger: what the sources claim (data/claims.toml) beside what the notebooks found (data/processed/*.ledger.json)."""

import json
import math
import re
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from qdm_utils.companion import paths
from qdm_utils.companion.runner.source import source_path

FROM_NUMBERS = ("reproduced", "reproduced beyond the source", "differs")
HINGES = "hinges on a setting"
BY_HAND = (HINGES, "unresolved", "source inconsistent", "not checkable")
VERDICTS = (*FROM_NUMBERS, *BY_HAND)
PENDING = "pending"
LARGEST_ROUNDING = (
    1e-5  # tolerances up to here are for rounding, also in single precision, and not for scatter
)
README_BLOCK = re.compile(r"(<!-- ledger:begin -->\n).*?(<!-- ledger:end -->)", re.S)


class LedgerError(ValueError):
    """A claim or record that does not fit the ledger."""


@dataclass(frozen=True)
class Claim:
    """One checkable claim: a theorem, figure, number, law or statement of a source.

    `stated` is the number (or True) that `measure` should give if the claim holds; `notebook` is where it is checked.
    """

    id: str
    source: str
    where: str
    kind: str
    statement: str
    measure: str
    stated: float | bool
    unit: str
    notebook: str


@dataclass(frozen=True)
class Record:
    """What a notebook found for one claim.

    `why` explains the tolerance or the judgement; `condition` is what the verdict rests on besides the source, shown with it.
    """

    claim: str
    value: float | bool | None
    uncertainty: float | None
    tolerance: float | None
    why: str
    verdict: str
    condition: str = ""


def load_claims() -> dict[str, Claim]:
    """All claims by id, in the file's order.

    Raises:
        LedgerError: a missing or unknown field, a double id, an unknown source.
    """
    try:
        document = tomllib.loads(paths.claims().read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"claims.toml is no valid TOML: {error}") from None
    claims: dict[str, Claim] = {}
    for row in document.get("claim", []):
        try:
            claim = Claim(**row)
        except TypeError as error:
            raise LedgerError(f"claims.toml, claim {row.get('id')!r}: {error}") from None
        if claim.id in claims:
            raise LedgerError(f"claims.toml has the id {claim.id!r} twice.")
        if claim.source not in document["sources"]:
            raise LedgerError(f"claims.toml, claim {claim.id!r}: unknown source {claim.source!r}.")
        claims[claim.id] = claim
    return claims


def claims_of(stem: str) -> dict[str, Claim]:
    return {key: claim for key, claim in load_claims().items() if claim.notebook == stem}


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
        condition: what the verdict rests on besides the source, such as "under reconstructed definitions"; shown beside it.
        verdict: set by hand only where numbers cannot decide. "hinges on a setting": the claim comes out under one fair
            reading or setting and not under another, and `condition` says under which it does. "unresolved": the experiment
            has no power to tell, and `why` says what would. Besides these "source inconsistent" and "not checkable".

    Raises:
        LedgerError: a numeric claim without a tolerance, an unknown verdict, a value of the wrong kind, a verdict that
            hinges on a setting without naming it.
    """
    if not why.strip():
        raise LedgerError(f"{claim.id}: say why (argument `why`).")
    if verdict is None:
        boolean = isinstance(claim.stated, bool)
        if boolean != isinstance(value, bool) or value is None:
            raise LedgerError(
                f"{claim.id}: the claim states {claim.stated!r}, the value is {value!r}."
            )
        if not boolean and tolerance is None:
            raise LedgerError(f"{claim.id}: a number needs a tolerance.")
        # Written so that a NaN differs.
        holds = value == claim.stated if boolean else abs(value - claim.stated) <= tolerance
        verdict = (
            ("reproduced beyond the source" if beyond else "reproduced") if holds else "differs"
        )
    elif verdict not in BY_HAND:
        raise LedgerError(f"{claim.id}: by hand a verdict can only be one of {', '.join(BY_HAND)}.")
    elif verdict == HINGES and not condition:
        raise LedgerError(
            f"{claim.id}: name the setting that the verdict hinges on (argument `condition`)."
        )
    plain = [
        item if item is None or isinstance(item, bool) else float(item)
        for item in (value, uncertainty, tolerance)
    ]
    return Record(claim.id, *plain, why, verdict, condition)


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
    """The records of every notebook; `replacing` gives, by stem, records that are about to be published."""
    by_stem = {
        p.name.split(".")[0]: read_records(p)
        for p in sorted(paths.processed(tree).glob("*.ledger.json"))
    }
    return {
        key: record
        for rows in {**by_stem, **(replacing or {})}.values()
        for key, record in rows.items()
    }


def side_by_side(claim: Claim, found: Record | None) -> dict:
    """One row of the ledger: what the source states and what was found, None and empty where nothing was yet."""
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
    """Claim and record side by side, one row per claim in the order of claims.toml, ready for a data frame."""
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
    """What was found, with the digits that mean something; another processor's rounding must not change it.

    A residual within its tolerance "holds to" that tolerance; a value with an uncertainty ends where the uncertainty begins.

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
    return f"{round(value, -last) + 0.0:.{places}f} ± {error:.{places}f}"  # + 0.0 turns a negative zero into zero


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
    """The README's claims table: a count of verdicts, the checked claims one by one, the pending ones by notebook."""
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
    """README.md with its ledger block brought up to date, or None where there is no README with such a block."""
    path = paths.root() / "README.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not README_BLOCK.search(text):
        return None
    return README_BLOCK.sub(
        lambda found: found[1] + readme_block(table(tree, replacing)) + found[2], text
    )


def problems(tree: Path) -> list[str]:
    """What keeps the ledger from being whole: claims of a finished notebook without a record, records without a claim."""
    claims, records = load_claims(), all_records(tree)
    missing = [
        f"claim {claim.id} has no record although {claim.notebook} exists"
        for claim in claims.values()
        if claim.id not in records and source_path(claim.notebook).exists()
    ]
    return missing + [f"record {key} answers no claim" for key in records if key not in claims]
