import errno
import hashlib
import io
import json
import os
import re
import shutil

import pytest

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.runner import publish
from qdm_utils.companion.runner.publish import PublishError


@pytest.fixture
def produced(project):
    """Two successive outputs of one notebook: the second drops a file and changes the others."""

    def make(version: str, extra: bool):
        tree = project.root / "build" / version
        paths.figures(tree).mkdir(parents=True)
        paths.processed(tree).mkdir(parents=True)
        (paths.figures(tree) / "01_line.png").write_text(f"png {version}")
        row = {"figure": "01_line", "notebook": "01_line", "sha256": {"01_line.png": version}}
        (paths.figures(tree) / "01_line.manifest.json").write_text(json.dumps([row]))
        (paths.processed(tree) / "01_line.csv").write_text(f"csv {version}")
        if extra:
            (paths.processed(tree) / "01_line-extra.csv").write_text(f"extra {version}")
        return tree

    return make("first", extra=True), make("second", extra=False)


def test_publishing_replaces_adds_and_removes_together(project, produced):
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    assert project.published()["data/processed/01_line-extra.csv"] == b"extra first"
    hashes = publish.publish("01_line", "rendered 2", produced[1], project.root)
    found = project.published()
    assert found["notebooks/01_line.ipynb"] == b"rendered 2"
    assert found["figures/01_line.png"] == b"png second"
    assert "data/processed/01_line-extra.csv" not in found
    assert "figures/01_line.manifest.json" not in found
    assert [row["sha256"] for row in json.loads(found["figures/manifest.json"])] == [
        {"01_line.png": "second"}
    ]
    assert sorted(hashes) == [
        "data/processed/01_line.csv",
        "figures/01_line.png",
        "notebooks/01_line.ipynb",
    ]
    assert not (project.root / ".publish").exists()


def test_publishing_leaves_other_notebooks_alone(project, produced):
    (project.root / "data/processed/01_line_two.csv").write_text("a longer stem")
    (project.root / "figures/02_b.png").write_text("of another notebook")
    rows = [
        {"figure": name, "notebook": "02_b", "sha256": {f"{name}.png": "a hash"}}
        for name in ("02_b-late", "02_b")
    ]
    (project.root / "figures/manifest.json").write_text(json.dumps(rows))
    publish.publish("01_line", "rendered", produced[1], project.root)
    found = project.published()
    assert found["data/processed/01_line_two.csv"] == b"a longer stem"
    assert found["figures/02_b.png"] == b"of another notebook"
    assert [row["figure"] for row in json.loads(found["figures/manifest.json"])] == [
        "01_line",
        "02_b",
        "02_b-late",
    ]


def test_a_figure_that_is_drawn_no_more_goes_with_its_row(project, produced):
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    figures = paths.figures(produced[1])
    (figures / "01_line.png").rename(figures / "01_line-new.png")
    row = {"figure": "01_line-new", "notebook": "01_line", "sha256": {"01_line-new.png": "x"}}
    (figures / "01_line.manifest.json").write_text(json.dumps([row]))
    publish.publish("01_line", "rendered 2", produced[1], project.root)
    found = project.published()
    assert "figures/01_line.png" not in found
    assert found["figures/01_line-new.png"] == b"png second"
    assert json.loads(found["figures/manifest.json"]) == [row]
    publish.publish("01_line", "rendered 3", produced[0], project.root)
    found = project.published()
    assert "figures/01_line-new.png" not in found
    assert [row["figure"] for row in json.loads(found["figures/manifest.json"])] == ["01_line"]


def test_readme_and_ledger_page_are_published_with_their_records_and_in_the_project_alone(
    project, produced
):
    project.claim("line-height", "01_line")
    claim = ledger.load_claims()["line-height"]
    for tree, value in zip(produced, (1.0, 3.0), strict=True):
        findings = ledger.Findings({claim.id: claim})
        findings.add(claim, "", ledger.measure(claim, value), None)
        ledger.write_records(ledger.record_file(tree, "01_line"), findings.records())
    publish.publish("01_line", "rendered", produced[0], project.root)
    assert b"counted once: 1 confirmed." in project.published()["README.md"]
    side = paths.build() / "smoke"
    publish.publish("01_line", "rendered", produced[1], side)
    assert (side / "data/processed/01_line.ledger.json").exists()
    assert not (side / "README.md").exists()
    assert not (side / "docs").exists()
    assert b"counted once: 1 confirmed." in project.published()["README.md"]
    assert b"| **confirmed** |" in project.published()["docs/ledger.md"]
    publish.publish("01_line", "rendered", produced[1], project.root)
    assert b"counted once: 1 contradicted." in project.published()["README.md"]
    assert b"| **contradicted**: nearest: 3" in project.published()["docs/ledger.md"]


def test_a_readme_that_does_not_show_the_records_is_mended(project):
    project.claim("line-height", "01_line")
    publish.refresh_pages()
    whole = (project.root / "README.md").read_bytes()
    assert b"counted once: 1 pending." in whole
    (project.root / "README.md").write_bytes(whole.replace(b"1 pending", b"1 confirmed"))
    publish.refresh_pages()
    assert (project.root / "README.md").read_bytes() == whole
    page = project.root / "docs/ledger.md"
    shown = page.read_bytes()
    page.unlink()
    assert publish.stale_pages() == [page]
    publish.refresh_pages()
    assert page.read_bytes() == shown
    assert publish.stale_pages() == []
    (project.root / "README.md").write_text("No table here.\n")
    publish.refresh_pages()
    assert (project.root / "README.md").read_text() == "No table here.\n"


def test_a_text_that_is_published_alone_is_hashed_or_an_error(project, monkeypatch):
    path = paths.notebooks(project.root) / "01_line.ipynb"
    hashes = publish.publish_text("01_line", "rendered", project.root)
    assert hashes == {"notebooks/01_line.ipynb": hashlib.sha256(b"rendered").hexdigest()}
    assert path.read_text() == "rendered"

    def refuse(source, target):
        raise OSError(errno.EPERM, "Operation not permitted", str(target))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PublishError, match=r"publish 01_line: Operation not permitted\. Nothing"):
        publish.publish_text("01_line", "other", project.root)
    assert path.read_text() == "rendered"


def test_a_manifest_that_cannot_be_read_is_named(project):
    assert publish.manifest_rows(project.root) == []
    paths.manifest(project.root).write_text("<<<<<<< HEAD")
    with pytest.raises(PublishError, match=r"manifest\.json is no valid JSON .*; delete it and"):
        publish.manifest_rows(project.root)


REPLACEMENTS = 7  # the journal, README, ledger page, notebook, figure, table, manifest


@pytest.mark.parametrize("survives", range(REPLACEMENTS + 1))
def test_an_error_on_the_way_leaves_all_old_files_or_all_new_ones(
    project, produced, monkeypatch, survives
):
    """The disk fills up at the n-th replacement: the published tree is wholly the old one, whatever
    n is.
    """
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    before, real, calls = project.published(), os.replace, []

    def fill_up(source, target):
        calls.append(target)
        if len(calls) == survives + 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", fill_up)
    if survives < REPLACEMENTS:
        with pytest.raises(PublishError, match="No space left on device"):
            publish.publish("01_line", "rendered 2", produced[1], project.root)
        assert project.published() == before
    else:
        publish.publish("01_line", "rendered 2", produced[1], project.root)
        assert len(calls) == REPLACEMENTS


def test_an_undoing_that_fails_stops_all_publishing_until_it_can_be_done(
    project, produced, monkeypatch
):
    """The notebook cannot be replaced, then the table not put back: no later publication may hide
    the mixture.
    """
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    before, real, refused = project.published(), os.replace, {"01_line.ipynb"}

    def refuse(source, target):
        if os.path.basename(target) in refused:
            refused.add("01_line.csv")
            raise OSError(errno.EPERM, "Operation not permitted", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(
        PublishError, match=r"Operation not permitted\. An earlier publication is half undone"
    ):
        publish.publish("01_line", "rendered 2", produced[1], project.root)
    other = project.root / "build" / "other"
    paths.figures(other).mkdir(parents=True)
    with pytest.raises(PublishError, match="half undone"):
        publish.publish("02_point", "rendered", other, project.root)
    assert not (project.root / "notebooks/02_point.ipynb").exists()
    refused.clear()
    publish.recover(project.root)
    assert project.published() == before


def test_what_was_to_be_removed_is_put_back_too(project, produced, monkeypatch):
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    before, real = project.published(), os.unlink

    def refuse(path, *arguments, **options):
        if os.fspath(path).endswith("01_line-extra.csv") and "before" not in os.fspath(path):
            real(path, *arguments, **options)
            raise OSError(errno.EIO, "Input/output error", str(path))
        real(path, *arguments, **options)

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(PublishError, match=r"Input/output error\. Nothing published has changed"):
        publish.publish("01_line", "rendered 2", produced[1], project.root)
    assert project.published() == before


@pytest.mark.parametrize("survives", range(1, 6))
def test_a_crash_on_the_way_is_finished_at_the_next_start(project, produced, monkeypatch, survives):
    """Killed after n replacements, the journal being the first: `recover` finishes the job."""
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    real, calls = os.replace, []

    class Killed(BaseException):
        pass

    def kill(source, target):
        if len(calls) == survives:
            raise Killed
        calls.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", kill)
    with pytest.raises(Killed):
        publish.publish("01_line", "rendered 2", produced[1], project.root)
    monkeypatch.setattr(os, "replace", real)
    publish.recover(project.root)
    found = project.published()
    assert found["notebooks/01_line.ipynb"] == b"rendered 2"
    assert found["figures/01_line.png"] == b"png second"
    assert "data/processed/01_line-extra.csv" not in found


def test_a_crash_before_the_journal_changes_nothing(project, produced, monkeypatch):
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    before = project.published()

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    monkeypatch.setattr(publish, "_write_atomically", kill)
    with pytest.raises(Killed):
        publish.publish("01_line", "rendered 2", produced[1], project.root)
    publish.recover(project.root)
    assert project.published() == before


@pytest.mark.parametrize("name", ["notebooks", "figures", "data/processed", ".publish", "build"])
def test_a_folder_that_takes_no_files_is_refused_beforehand(project, name):
    """A folder of the kernel's, which not even root can write to."""
    publish.require_writable(project.root)
    folder = project.root / name
    shutil.rmtree(folder)
    folder.symlink_to("/proc/self")
    message = f"Cannot write to {re.escape(str(folder))}: .* Free space or make the folder writable"
    with pytest.raises(PublishError, match=message):
        publish.require_writable(project.root)


def test_a_target_must_take_a_mebibyte_before_anything_is_computed(project, monkeypatch):
    class Probe(io.BytesIO):
        def close(self):
            taken.append(len(self.getvalue()))

    taken = []
    monkeypatch.setattr(publish.tempfile, "NamedTemporaryFile", lambda **_: Probe())
    publish.require_writable(project.root)
    assert set(taken) == {2**20}


def test_what_was_added_is_taken_away_again_when_the_rest_cannot_be_put_in_place(
    project, produced, monkeypatch
):
    """The first publication of a notebook: its table is in place, then its notebook cannot be."""
    before, real, put = project.published(), os.replace, []

    def refuse(source, target):
        if os.path.basename(target) == "01_line.ipynb":
            assert (project.root / "data/processed/01_line-extra.csv").exists()
            raise OSError(errno.EPERM, "Operation not permitted", str(target))
        put.append(os.path.basename(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PublishError, match="Nothing published has changed"):
        publish.publish("01_line", "rendered 1", produced[0], project.root)
    assert "01_line-extra.csv" in put
    assert project.published() == before


def test_a_crash_in_the_middle_of_setting_a_file_aside_loses_neither_version(
    project, produced, monkeypatch
):
    """Half a copy is no copy: after the next start an error puts back the whole old file."""
    publish.publish("01_line", "rendered 1", produced[0], project.root)
    before, copy, real = project.published(), publish.shutil.copy2, os.replace

    class Killed(BaseException):
        pass

    def copy_half(source, target):
        if os.path.basename(source) == "01_line.csv":
            with open(target, "wb") as half:
                half.write(b"csv")
            raise Killed
        return copy(source, target)

    monkeypatch.setattr(publish.shutil, "copy2", copy_half)
    with pytest.raises(Killed):
        publish.publish("01_line", "rendered 2", produced[1], project.root)
    monkeypatch.setattr(publish.shutil, "copy2", copy)

    def refuse(source, target):
        if os.path.basename(target) == "01_line.ipynb" and "before" not in str(source):
            raise OSError(errno.EPERM, "Operation not permitted", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PublishError, match="Nothing published has changed"):
        publish.recover(project.root)
    assert project.published() == before


def test_a_journal_is_on_the_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    done, real_sync, real_replace = [], os.fsync, os.replace

    def sync(handle):
        done.append(("on the disk", os.fstat(handle).st_size))
        real_sync(handle)

    def replace(source, target):
        done.append(("named", os.path.basename(target)))
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    publish._write_atomically(tmp_path / "publish.json", "the plan")
    assert done == [("on the disk", len("the plan")), ("named", "publish.json")]
    assert (tmp_path / "publish.json").read_text() == "the plan"
