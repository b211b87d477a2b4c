"""The resume rule: a notebook is kept while all that its results depend on is unchanged.

So must be all that it published. `fingerprint` says what results depend on, `done` whether a run
still stands, `renewed` how new text takes over the outputs of old text.

Results depend on code as Python reads it. Prose, captions, comments and docstrings do not change
them: where only these are new, the published notebook gets its new text and keeps its outputs.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.campaigns import what_counts
from qdm_utils.companion.runner.publish import hash_file, manifest_rows
from qdm_utils.companion.sources.dependencies import meaning, reached
from qdm_utils.companion.sources.notebook import Source, normalise

PACKAGE = Path(__file__).resolve().parents[2]
# What runs a notebook and sets its surroundings; every result depends on it.
EXECUTORS = tuple(PACKAGE / "companion" / "runner" / name for name in ("execute.py", "workers.py"))


def fingerprint(source: Source, parameters: dict[str, Any], tree: Path) -> str:
    """A hash of all that a notebook's results depend on.

    These are its code, its parameters, the criteria of its claims, the functions of this package
    that it can reach, the lock and the version of Python.

    A notebook with a campaign depends on what that computes and on its records too. The overview
    (00) also depends on what the others recorded in `tree`.
    """
    digest = hashlib.sha256()
    code = "\n".join(cell["source"] for cell in source.code_cells)
    statements = reached(code, PACKAGE, also=EXECUTORS)
    digest.update(json.dumps(statements, sort_keys=True).encode())
    files = [
        paths.root() / "requirements.lock",
        *sorted((PACKAGE / "companion").rglob("*.mplstyle")),
    ]
    if source.stem.startswith("00_"):
        files += sorted(
            p
            for p in paths.processed(tree).glob("*.ledger.json")
            if not p.name.startswith(source.stem)
        )
        files.append(paths.claims())
    for path in files:
        digest.update(
            path.name.encode() + b"\0" + (path.read_bytes() if path.exists() else b"") + b"\0"
        )
    claims = [[claim.id, claim.judged_by] for claim in ledger.claims_of(source.stem).values()]
    cells = [cell_meaning(cell) for cell in source.code_cells]
    cells += what_counts(source.stem, parameters == source.parameters)
    digest.update(json.dumps([cells, parameters, claims, sys.version], sort_keys=True).encode())
    return digest.hexdigest()


def cell_meaning(cell: dict) -> list:
    """What a code cell computes and shows: code, a semicolon that hides its last value, tags."""
    code = cell["source"]
    return [meaning(code), code.rstrip().endswith(";"), cell["metadata"].get("tags", [])]


def renewed(source: Source, tree: Path) -> str | None:
    """The published notebook with the source's present text and its own outputs.

    None where their code cells do not correspond, so that the outputs cannot be kept.
    """
    import jupytext  # takes a while

    published = json.loads(
        (paths.notebooks(tree) / f"{source.stem}.ipynb").read_text(encoding="utf-8")
    )
    old = [cell for cell in published["cells"] if cell["cell_type"] == "code"]
    notebook = jupytext.reads(source.text, fmt="py:percent")
    new = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell_meaning(cell) for cell in old] != [cell_meaning(cell) for cell in new]:
        return None
    for cell, before in zip(new, old, strict=True):
        cell["outputs"], cell["execution_count"] = before["outputs"], before["execution_count"]
    return normalise(notebook, source.stem)


def state_file(stem: str, tree: Path) -> Path:
    return (
        paths.build()
        / "state"
        / ("published" if tree == paths.root() else tree.name)
        / f"{stem}.json"
    )


def remember(
    stem: str, tree: Path, key: str, seconds: float, files: dict[str, str], remark: str = ""
) -> None:
    """Note that `stem` is done: its fingerprint, its seconds and the hash of each of its files.

    With a `remark` other data stood in for what was missing: that run stands only as long as no
    data appear.
    """
    path = state_file(stem, tree)
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "fingerprint": key,
        "seconds": seconds,
        "files": files,
        "manifest": _figures_told(stem, tree),
    }
    state |= {"remark": remark, "data": paths.data_here()} if remark else {}
    path.write_text(json.dumps(state, indent=1), encoding="utf-8")


def done(stem: str, tree: Path, key: str) -> float | None:
    """Seconds of the notebook's last run, if that run still stands; None when it must run again."""
    state = _state(stem, tree)
    try:
        standing = state["fingerprint"] == key and all(
            hash_file(tree / f) == h for f, h in state["files"].items()
        )
        standing = standing and state["manifest"] == _figures_told(stem, tree)
        standing = standing and state.get("data", paths.data_here()) == paths.data_here()
        return state["seconds"] if standing else None
    except (
        OSError,
        KeyError,
        AttributeError,
    ):  # a file that is gone, or a state that says too little
        return None


def remark(stem: str, tree: Path) -> str:
    """What stood in for missing data in the notebook's last run into this tree, if anything did."""
    return _state(stem, tree).get("remark", "")


def _state(stem: str, tree: Path) -> dict[str, Any]:
    """What `remember` wrote; empty where that cannot be read, so that the notebook runs again."""
    try:
        state = json.loads(state_file(stem, tree).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def note_renewed(stem: str, tree: Path, files: dict[str, str]) -> None:
    """Note that these files of a finished notebook were published anew with the same results."""
    state = _state(stem, tree)
    state_file(stem, tree).write_text(
        json.dumps(state | {"files": state["files"] | files}, indent=1), encoding="utf-8"
    )


def standing(source: Source, parameters: dict[str, Any], tree: Path) -> tuple[str, Path | None]:
    """The fingerprint of a notebook, and the tree where a run with it still stands, or None.

    That tree is the one asked for, or the one beside it where other data stood in.
    """
    key = fingerprint(source, parameters, tree)
    places = dict.fromkeys((tree, paths.stand_in(tree)))
    return key, next((place for place in places if done(source.stem, place, key) is not None), None)


def _figures_told(stem: str, tree: Path) -> list[dict]:
    """The manifest rows of one notebook's figures."""
    return [row for row in manifest_rows(tree) if row["notebook"] == stem]
