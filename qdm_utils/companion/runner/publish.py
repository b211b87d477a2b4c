"""Replace a notebook's published files all together or not at all, also across a crash.

The new files are first staged on the target's own file system; a journal written in one atomic step
is the point of no return. From then on a crash is mended by finishing, with `recover` at the next
start; an error by putting back what was there, after an undo journal that makes a second attempt at
that safe.
"""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from qdm_utils.companion import ledger, paths

JOURNAL = "publish.json"
UNDO = "undo.json"
ROOM_TO_START = 2**20  # bytes that every target must be able to take before anything is computed


class PublishError(Exception):
    """The published tree could not be changed; it is as it was."""


def require_writable(tree: Path) -> None:
    """Refuse a target that cannot take new files, before anything is computed."""
    for folder in (
        paths.notebooks(tree),
        paths.figures(tree),
        paths.processed(tree),
        _staging(tree),
        paths.build(),
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".writable-") as probe:
                probe.write(bytes(ROOM_TO_START))
                probe.flush()
        except OSError as error:
            raise PublishError(
                f"Cannot write to {folder}: {error.strerror}. "
                "Free space or make the folder writable, then run again."
            ) from error


def publish(stem: str, rendered: str, produced: Path, tree: Path) -> dict[str, str]:
    """Publish everything one notebook made.

    Args:
        stem: the notebook.
        rendered: text of the executed notebook.
        produced: the scratch tree the notebook wrote (figures/, data/processed/).
        tree: where to publish: the project's root, or a preset's tree under build/.

    Returns:
        sha256 of each published file by its path relative to `tree`.

    Raises:
        PublishError: the files could not be staged or put in place; everything published before is
            intact.
    """
    recover(tree)
    staging = _staging(tree)
    try:
        staged = _stage(stem, rendered, produced, tree, staging)
        obsolete = [name for name in _published_by(stem, tree) if name not in staged]
        _write_atomically(staging / JOURNAL, json.dumps({"replace": staged, "remove": obsolete}))
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise PublishError(
            f"Could not publish {stem}: {error.strerror or error}. Nothing published has changed."
        ) from error
    recover(tree)
    return {name: hash_file(tree / name) for name in staged if name.split("/")[-1].startswith(stem)}


def recover(tree: Path) -> None:
    """Finish a publication that a crash cut short, or its undoing; nothing to do when there is
    none.

    Raises:
        PublishError: the files cannot be put in place. What was published before is put back; if
            not even that works, the next call goes on with it, and until then nothing else is
            published.
    """
    staging = _staging(tree)
    try:
        if (staging / UNDO).exists():
            _put_back(tree, staging)
        elif (staging / JOURNAL).exists():
            _put_in_place(tree, staging)
    except OSError as error:
        raise PublishError(
            f"Could not write {error.filename}: {error.strerror}. An earlier publication is half "
            "undone; the next run goes on with it as soon as that file can be written."
        ) from error
    shutil.rmtree(staging, ignore_errors=True)


def _put_in_place(tree: Path, staging: Path) -> None:
    """Do what the journal says; on an error undo it and raise PublishError.

    Done twice, it changes nothing more.
    """
    plan = json.loads((staging / JOURNAL).read_text(encoding="utf-8"))
    try:
        for name in plan["replace"]:
            if (staging / name).exists():
                _set_aside(tree / name, staging / "before" / name)
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(staging / name, tree / name)
        for name in plan["remove"]:
            _set_aside(tree / name, staging / "before" / name)
            (tree / name).unlink(missing_ok=True)
    except OSError as error:
        aside = [
            name
            for name in plan["replace"] + plan["remove"]
            if (staging / "before" / name).exists()
        ]
        added = [
            name for name in plan["replace"] if name not in aside and not (staging / name).exists()
        ]
        _write_atomically(staging / UNDO, json.dumps({"restore": aside, "remove": added}))
        _put_back(tree, staging)
        shutil.rmtree(staging, ignore_errors=True)
        raise PublishError(
            f"Could not write {error.filename}: {error.strerror}. Nothing published has changed."
        ) from error


def _set_aside(target: Path, before: Path) -> None:
    """Keep what is published as `before`, whole or not at all, whenever a crash may come."""
    if target.exists() and not before.exists():
        before.parent.mkdir(parents=True, exist_ok=True)
        part = before.with_name(f"{before.name}.part")
        shutil.copy2(target, part)
        os.rename(part, before)


def _put_back(tree: Path, staging: Path) -> None:
    """Do what the undo journal says, with renames alone, which a full disk takes as well.

    Done twice, it changes nothing more.
    """
    plan = json.loads((staging / UNDO).read_text(encoding="utf-8"))
    for name in plan["restore"]:
        if (staging / "before" / name).exists():
            os.replace(staging / "before" / name, tree / name)
    for name in plan["remove"]:
        (tree / name).unlink(missing_ok=True)


def publish_text(stem: str, rendered: str, tree: Path) -> dict[str, str]:
    """Publish a notebook whose text alone is new, with the outputs that are published already.

    Returns:
        sha256 of the file by its path relative to `tree`.

    Raises:
        PublishError: it could not be written and is as it was.
    """
    path = paths.notebooks(tree) / f"{stem}.ipynb"
    try:
        _write_atomically(path, rendered)
    except OSError as error:
        raise PublishError(
            f"Could not publish {stem}: {error.strerror or error}. Nothing published has changed."
        ) from error
    return {str(path.relative_to(tree)): hash_file(path)}


def manifest_rows(tree: Path) -> list[dict]:
    """The rows of the figure manifest, one per figure; none where nothing was published yet.

    Raises:
        PublishError: the manifest is not valid JSON.
    """
    path = paths.manifest(tree)
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    except json.JSONDecodeError as error:
        raise PublishError(f"{path} is no valid JSON ({error}); delete it and run again.") from None


def refresh_pages() -> None:
    """Bring the README's totals and docs/ledger.md up to date with the published records."""
    pages = _pages(paths.root())
    for path in stale_pages():
        path.parent.mkdir(exist_ok=True)
        _write_atomically(path, pages[path])


def stale_pages() -> list[Path]:
    """Which of these do not show the published records."""
    return [
        path
        for path, text in _pages(paths.root()).items()
        if not path.exists() or text != path.read_text(encoding="utf-8")
    ]


def _pages(
    tree: Path, replacing: dict[str, dict[str, ledger.Record]] | None = None
) -> dict[Path, str]:
    """What is generated from the whole ledger, by its place; nothing without a README's block."""
    readme = ledger.readme_text(tree, replacing)
    if readme is None:
        return {}
    return {
        tree / "README.md": readme,
        ledger.page_path(tree): ledger.page_text(tree, replacing),
    }


def hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _staging(tree: Path) -> Path:
    """Inside the target tree, so that moving a file into place never crosses to another disk."""
    return tree / ".publish"


def _published_by(stem: str, tree: Path) -> list[str]:
    """Relative paths of what this notebook has published so far."""
    drawn = [
        f"figures/{name}"
        for row in manifest_rows(tree)
        if row["notebook"] == stem
        for name in row["sha256"]
    ]
    written = [p for p in paths.processed(tree).glob(f"{stem}*") if p.name[len(stem)] in ".-"]
    return drawn + [str(path.relative_to(tree)) for path in written]


def _stage(stem: str, rendered: str, produced: Path, tree: Path, staging: Path) -> list[str]:
    """Copy the notebook's files to `staging` and derive manifest and README from them."""
    for folder in (paths.figures, paths.processed, paths.notebooks):
        if folder(produced).exists():
            shutil.copytree(folder(produced), folder(staging))
        folder(staging).mkdir(parents=True, exist_ok=True)
    (paths.notebooks(staging) / f"{stem}.ipynb").write_text(rendered, encoding="utf-8")

    fragment = paths.figures(staging) / f"{stem}.manifest.json"
    new_rows = json.loads(fragment.read_text(encoding="utf-8")) if fragment.exists() else []
    fragment.unlink(missing_ok=True)
    others = [row for row in manifest_rows(tree) if row["notebook"] != stem]
    rows = sorted(others + new_rows, key=lambda row: row["figure"])
    paths.manifest(staging).write_text(
        json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )

    if tree == paths.root():
        records = ledger.read_records(ledger.record_file(staging, stem))
        for path, text in _pages(tree, replacing={stem: records}).items():
            staged = staging / path.relative_to(tree)
            staged.parent.mkdir(exist_ok=True)
            staged.write_text(text, encoding="utf-8")
    return sorted(str(path.relative_to(staging)) for path in staging.rglob("*") if path.is_file())


def _write_atomically(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(part, path)
