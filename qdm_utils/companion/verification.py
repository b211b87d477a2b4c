"""Whether what was regenerated means the same as what is published.

Ledger values are compared within the bands of their claims, table columns within those of
data/bands.toml, and verdicts must not change. Bytes are compared as well where the processor is
the one that made the published files.
"""

import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.ledger import Claim, LedgerError, Measured, Record
from qdm_utils.companion.runner.publish import hash_file, manifest_rows

# Of everything statistical that one notebook compares, as a family.
ERROR_RATE = 1e-3
# Where nothing else is declared: of a column's largest entry, or of a value itself.
TOLERANCE = 1e-6
FREE, BITS, ROUNDING, ROW = "free", "bits", "rounding", "row"
LARGEST_ROUNDING = 1e-6  # of a residual, that of a certified SDP included
OTHERS = "*"  # in a table of bands: all columns that are not named


@dataclass
class Comparison:
    """What one notebook has published beside what was regenerated.

    `same` says whether bytes were compared as well; `drifts` holds a sentence for each row, column
    or file outside its band.
    """

    stem: str
    same: bool
    values: int = 0
    columns: int = 0
    drifts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Pair:
    """One number then and now, and how far apart the two may lie.

    Where `errors` are given the band is statistical: their root sum of squares is one standard
    error of the difference.
    """

    place: str
    then: float
    now: float
    band: float = 0.0
    errors: tuple[float, float] | None = None


def load_bands() -> dict[str, dict[str, str | float]]:
    """The bands of table columns by table, from data/bands.toml; none where there is no such file.

    A band is a number (of the largest entry of the column), "bits", "free" (not compared: what a
    training wrote as a text, or made while it diverged), "rounding" (of a residual, whose size
    means nothing), "row" (names a row of a table that is sorted by what was measured, together with
    the other such columns), or the name of the column that holds the standard errors.
    """
    path = paths.root() / "data" / "bands.toml"
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"bands.toml is no valid TOML: {error}") from None


def compare(stem: str, again: Path) -> Comparison:
    """Hold everything that one notebook published against what it made in the tree `again`."""
    root = paths.root()
    rows = [
        [row for row in manifest_rows(tree) if row["notebook"] == stem] for tree in (root, again)
    ]
    found = Comparison(stem, same=_processors(rows[0]) == _processors(rows[1]) != {None})
    told = [[row["figure"], row["parameters"], row["dataset"]] for row in rows[0]]
    if told != [[row["figure"], row["parameters"], row["dataset"]] for row in rows[1]]:
        found.drifts.append("figures/manifest.json: not the same figures, parameters and data")
    pairs = list(_ledger_pairs(stem, again, found))
    found.values = len(pairs)
    for name in sorted(_results(root, stem) | _results(again, stem)):
        published, new = root / name, again / name
        if not (published.exists() and new.exists()):
            where = "not published" if new.exists() else "not regenerated"
            found.drifts.append(f"{name}: {where}")
        elif found.same and hash_file(published) != hash_file(new):
            found.drifts.append(f"{name}: other bytes on the same processor")
        elif name.endswith(".csv"):
            pairs += _table_pairs(published, new, found)
        elif name.endswith(".npz"):
            pairs += _array_pairs(published, new, found)
    for row in rows[0]:
        found.drifts += [
            f"figures/{name}: not the file that its manifest row describes"
            for name, digest in row["sha256"].items()
            if (root / "figures" / name).exists() and hash_file(root / "figures" / name) != digest
        ]
    found.drifts += _outside(pairs)
    return found


def report(comparisons: list[Comparison]) -> str:
    """A table by notebook, then every drift."""
    width = max((len(row.stem) for row in comparisons), default=8)
    lines = [f"{'notebook':<{width}}  {'compared':<9}  {'values':>6}  {'columns':>7}  drifts"]
    lines += [
        f"{row.stem:<{width}}  {'bytes' if row.same else 'meaning':<9}  {row.values:6d}  "
        f"{row.columns:7d}  {len(row.drifts)}"
        for row in comparisons
    ]
    return "\n".join(lines + [f"differs: {drift}" for row in comparisons for drift in row.drifts])


def _processors(rows: list[dict]) -> set[str | None]:
    return {row.get("processor") for row in rows}


def _results(tree: Path, stem: str) -> set[str]:
    """Relative paths of everything in a tree that bears the name of the notebook."""
    folders = (paths.figures(tree), paths.processed(tree), paths.notebooks(tree))
    return {
        str(path.relative_to(tree))
        for folder in folders
        if folder.exists()
        for path in folder.iterdir()
        if path.suffix != ".py" and re.match(rf"{stem}[.-]", path.name)
    }


def _ledger_pairs(stem: str, again: Path, found: Comparison) -> Iterator[Pair]:
    claims = ledger.claims_of(stem)
    then, now = (
        ledger.read_records(ledger.record_file(tree, stem)) for tree in (paths.root(), again)
    )
    for key in sorted(then.keys() | now.keys()):
        if key not in then or key not in now or key not in claims:
            found.drifts.append(f"ledger row {key}: it stands on one side only")
            continue
        found.drifts += _verdict_drifts(key, then[key], now[key])
        for setting in sorted(then[key].measured.keys() & now[key].measured.keys()):
            yield from _value_pair(
                claims[key], setting, then[key].measured[setting], now[key].measured[setting]
            )


def _verdict_drifts(key: str, then: Record, now: Record) -> list[str]:
    drifts = []
    if then.judged_by != now.judged_by:
        drifts.append(f"ledger row {key}: its criterion was changed after the measurement")
    if then.verdict != now.verdict:
        drifts.append(f"ledger row {key}: {then.verdict} then, {now.verdict} now")
    if then.measured.keys() != now.measured.keys():
        drifts.append(f"ledger row {key}: not the same settings")
    return drifts


def _value_pair(claim: Claim, setting: str, then: Measured, now: Measured) -> Iterator[Pair]:
    place = f"ledger row {claim.id}{f', {setting}' if setting else ''}"
    if claim.band == ledger.BITS:
        yield Pair(place, then.value, now.value)
    elif claim.band != ledger.STATISTICAL:
        yield Pair(place, then.value, now.value, band=float(claim.band))
    elif then.error or now.error:
        yield Pair(place, then.value, now.value, errors=(then.error, now.error))
    # Without errors, the extremes under a bound among them, a statistical band leaves the verdict.


def _table_pairs(published: Path, new: Path, found: Comparison) -> list[Pair]:
    then, now = pd.read_csv(published), pd.read_csv(new)
    name = published.name
    if list(then.columns) != list(now.columns) or len(then) != len(now):
        found.drifts.append(f"{name}: not the same rows and columns")
        return []
    found.columns += len(then.columns)
    bands = load_bands().get(published.stem, {})
    if named := [column for column in then.columns if bands.get(column) == ROW]:
        then, now = (each.sort_values(named, ignore_index=True) for each in (then, now))
    pairs: list[Pair] = []
    for column in then.columns:
        band = bands.get(column, bands.get(OTHERS, TOLERANCE))
        before, after = then[column], now[column]
        numeric = pd.api.types.is_numeric_dtype(before) and pd.api.types.is_numeric_dtype(after)
        if band == FREE:
            continue
        if not numeric:
            if not before.equals(after):
                found.drifts.append(f"{name}, column {column!r}: another text")
            continue
        errors = (then[band], now[band]) if band in then.columns else None
        pairs += _column_pairs(f"{name}, column {column!r}", before, after, band, errors)
    return pairs


def _column_pairs(
    place: str,
    before: pd.Series,
    after: pd.Series,
    band: str | float,
    errors: tuple[pd.Series, pd.Series] | None,
) -> list[Pair]:
    if errors is not None:
        return [
            Pair(f"{place}, row {row}", float(a), float(b), errors=(float(c), float(d)))
            for row, (a, b, c, d) in enumerate(zip(before, after, *errors, strict=True))
        ]
    if band in (BITS, ROW):
        allowed = 0.0
    elif band == ROUNDING:
        allowed = LARGEST_ROUNDING
    elif isinstance(band, str):
        raise LedgerError(f"bands.toml: {place} has no column of errors {band!r}.")
    else:
        sizes = np.abs(before.to_numpy(float))
        allowed = band * float(sizes[np.isfinite(sizes)].max(initial=0.0))
    return [
        Pair(f"{place}, row {row}", float(a), float(b), band=allowed)
        for row, (a, b) in enumerate(zip(before, after, strict=True))
    ]


def _array_pairs(published: Path, new: Path, found: Comparison) -> list[Pair]:
    pairs = []
    bands = load_bands().get(published.stem, {})
    with np.load(published) as then, np.load(new) as now:
        if set(then) != set(now) or any(then[key].shape != now[key].shape for key in then):
            found.drifts.append(f"{published.name}: not the same arrays")
            return []
        for key in then:
            band = bands.get(key, bands.get(OTHERS, TOLERANCE))
            if band == FREE:
                continue
            before, after = pd.Series(then[key].ravel()), pd.Series(now[key].ravel())
            pairs += _column_pairs(f"{published.name}, array {key!r}", before, after, band, None)
    return pairs


def _outside(pairs: list[Pair]) -> list[str]:
    """A sentence for the worst number of each place that lies outside its band."""
    statistical = sum(pair.errors is not None for pair in pairs)
    score = float(norm.isf(ERROR_RATE / (2 * max(statistical, 1))))
    worst: dict[str, tuple[float, str]] = {}
    for pair in pairs:
        allowed = pair.band if pair.errors is None else score * math.hypot(*pair.errors)
        apart = abs(pair.now - pair.then)
        both_missing = math.isnan(pair.now) and math.isnan(pair.then)
        if apart <= allowed or pair.now == pair.then or both_missing:  # equal: two infinite ones
            continue
        excess = apart / allowed if allowed else math.inf
        column = pair.place.rpartition(", row ")[0] or pair.place
        told = f"{pair.place}: {pair.then:.6g} then, {pair.now:.6g} now, allowed ± {allowed:.2g}"
        if not excess <= worst.get(column, (0.0, ""))[0]:
            worst[column] = (excess, told)
    return [told for _, told in worst.values()]
