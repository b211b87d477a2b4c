"""What is already done: a notebook is skipped while everything it depends on and everything it made are unchanged."""

import ast
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.publish import hash_file, manifest_rows
from qdm_utils.companion.source import Source


def fingerprint(source: Source, parameters: dict[str, Any], tree: Path) -> str:
    """A hash of all a notebook's results depend on: text, parameters, claims, the package it uses, lock and Python version.

    The overview (00) also depends on what the others recorded in `tree`.
    """
    digest = hashlib.sha256()
    files = package_files(source.text)
    lock = paths.root() / "requirements.lock"
    if source.stem.startswith("00_"):
        files += sorted(p for p in paths.processed(tree).glob("*.ledger.json") if not p.name.startswith(source.stem))
        files.append(paths.claims())
    for path in [*files, lock]:
        digest.update(path.name.encode() + b"\0" + (path.read_bytes() if path.exists() else b"") + b"\0")
    claims = [asdict(claim) for claim in ledger.claims_of(source.stem).values()]
    digest.update(json.dumps([source.text, parameters, claims, sys.version], sort_keys=True).encode())
    return digest.hexdigest()


def package_files(text: str) -> list[Path]:
    """The files of the package that a notebook with this text depends on: all of companion, and what it imports, to the end."""
    package = Path(__file__).resolve().parents[1]
    found = {path for path in (package / "companion").iterdir() if path.suffix in (".py", ".mplstyle")}
    texts = [text, *(path.read_text(encoding="utf-8") for path in found if path.suffix == ".py")]
    while texts:
        for name in _imported(texts.pop()):
            place = package.parent.joinpath(*name.split("."))
            for path in {place.with_suffix(".py"), *(folder / "__init__.py" for folder in (place, *place.parents))} - found:
                if package in path.parents and path.exists():
                    found.add(path)
                    texts.append(path.read_text(encoding="utf-8"))
    return sorted(found)


def _imported(text: str) -> set[str]:
    """Dotted names of everything that a Python text may import."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def state_file(stem: str, tree: Path) -> Path:
    return paths.build() / "state" / ("published" if tree == paths.root() else tree.name) / f"{stem}.json"


def remember(stem: str, tree: Path, key: str, seconds: float, files: dict[str, str], remark: str = "") -> None:
    """Note that `stem` is done: its fingerprint, how long it took and the hash of each file it published.

    With a `remark` other data stood in for what was missing: that run stands only as long as no data appear.
    """
    path = state_file(stem, tree)
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"fingerprint": key, "seconds": seconds, "files": files, "manifest": _figures_told(stem, tree)}
    state |= {"remark": remark, "data": paths.data_here()} if remark else {}
    path.write_text(json.dumps(state, indent=1), encoding="utf-8")


def done(stem: str, tree: Path, key: str) -> float | None:
    """Seconds the notebook took when it last ran, if that run still stands; None when it must run again."""
    state = _state(stem, tree)
    try:
        standing = state["fingerprint"] == key and all(hash_file(tree / f) == h for f, h in state["files"].items())
        standing = standing and state["manifest"] == _figures_told(stem, tree)
        standing = standing and state.get("data", paths.data_here()) == paths.data_here()
        return state["seconds"] if standing else None
    except (OSError, KeyError, AttributeError):  # a file that is gone, or a state that says too little
        return None


def remark(stem: str, tree: Path) -> str:
    """What stood in for missing data when the notebook last ran into this tree; empty if nothing did."""
    return _state(stem, tree).get("remark", "")


def _state(stem: str, tree: Path) -> dict[str, Any]:
    """What `remember` wrote; empty where that cannot be read, so that the notebook runs again."""
    try:
        state = json.loads(state_file(stem, tree).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def standing(source: Source, parameters: dict[str, Any], tree: Path) -> tuple[str, Path | None]:
    """The fingerprint of a notebook, and where a run with it still stands: in `tree`, or beside it with other data; else None."""
    key = fingerprint(source, parameters, tree)
    places = dict.fromkeys((tree, paths.stand_in(tree)))
    return key, next((place for place in places if done(source.stem, place, key) is not None), None)


def _figures_told(stem: str, tree: Path) -> list[dict]:
    """The manifest rows of one notebook's figures."""
    return [row for row in manifest_rows(tree) if row["notebook"] == stem]
