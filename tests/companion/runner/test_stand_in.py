"""A notebook whose data set is missing runs on another one, says so everywhere and leaves what is
published alone.
"""

import json

import pytest

from qdm_utils.companion import cli, paths

BODY = """\
import os
from pathlib import Path

missing = "QDM_DATA" not in os.environ
remark = "digits, not MNIST" if missing else ""
book.use_data("digits" if missing else "MNIST", remark, stand_in=missing)
fig, axes = plt.subplots(figsize=(2, 1.5))
book.save_figure(fig, "again")
book.check("line-height", 5.0 if missing else 1.0)
"""
pytestmark = pytest.mark.notebooks


def test_other_data_go_beside_the_published_results_and_are_kept_only_until_the_data_appear(
    project, capsys, monkeypatch
):
    monkeypatch.setenv(paths.DATA_VARIABLE, "/somewhere")
    project.notebook("01_line", BODY, claims=("line-height",))
    assert project.run() == 0
    published = project.published()
    row = json.loads(published["figures/manifest.json"])[1]
    assert row["dataset"] == "MNIST"

    monkeypatch.delenv(paths.DATA_VARIABLE)
    assert project.run() == 0
    assert "01_line: up to date, kept" in capsys.readouterr().err, (
        "MNIST results stand without MNIST"
    )
    assert project.run("--force") == 0
    out = capsys.readouterr()
    assert "digits, not MNIST" in out.err
    assert "results in build/stand-in, none of the ledger's verdicts has changed" in out.out
    assert project.published() == published
    beside = project.root / "build/stand-in"
    record = json.loads((beside / "data/processed/01_line.ledger.json").read_text())[0]
    assert (record["verdict"], record["data"]) == ("contradicted", "digits, not MNIST")
    assert json.loads((beside / "figures/manifest.json").read_text())[1]["dataset"] == "digits"

    assert cli.main(["verify"]) == 1
    assert "not compared, its data are missing: 01_line" in capsys.readouterr().out
    assert project.published() == published


def test_a_fresh_tree_keeps_what_stood_in_until_a_data_set_is_named(project, capsys, monkeypatch):
    monkeypatch.delenv(paths.DATA_VARIABLE, raising=False)
    project.notebook("01_line", BODY, claims=("line-height",))
    assert project.run() == 0
    assert not (project.root / "notebooks/01_line.ipynb").exists()
    assert (project.root / "build/stand-in/notebooks/01_line.ipynb").exists()
    assert project.run() == 0
    assert "01_line: up to date, kept (other data: digits, not MNIST)" in capsys.readouterr().err
    assert project.run("--list") == 0
    listed = capsys.readouterr().out
    assert "up to date" in listed
    assert "other data: digits, not MNIST" in listed
    monkeypatch.setenv(paths.DATA_VARIABLE, "/somewhere")
    assert project.run() == 0
    assert "01_line: done" in capsys.readouterr().err
    assert (project.root / "notebooks/01_line.ipynb").exists()


def test_nothing_stands_in_without_a_word(project, capsys):
    project.notebook("01_line", 'book.use_data("digits", stand_in=True)')
    assert project.run() == 1
    assert "Argument `remark` must say what stands in" in capsys.readouterr().out
