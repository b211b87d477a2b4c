"""The line that says how far a run has come, and the table when it is over."""

import json
from types import SimpleNamespace

import pytest

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.runner import progress as module
from qdm_utils.companion.runner.progress import Outcome, Progress, cells_done, report


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets, at 100 s when a run begins."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def scratch(tmp_path):
    """The folder of a notebook of which one code cell of three has run."""
    cells = [
        {"cell_type": "markdown"},
        {"cell_type": "code", "execution_count": 1},
        {"cell_type": "code", "execution_count": None},
        {"cell_type": "code", "execution_count": None},
    ]
    (tmp_path / paths.EXECUTED).write_text(json.dumps({"cells": cells}))
    return tmp_path


def test_finished_notebooks_are_counted(capsys):
    progress = Progress(3)
    progress.live = True
    for ended, stem in enumerate(("01_line", "02_other")):
        progress.show({})
        assert f"[{ended}/3]" in capsys.readouterr().err
        progress.finished(Outcome(stem, "done"))
    progress.show({})
    assert "[2/3]" in capsys.readouterr().err


def test_code_cells_that_ran_are_counted_by_the_last_save(scratch):
    assert cells_done(scratch) == (1, 3)
    assert cells_done(scratch / "nowhere") == (0, 0)
    (scratch / paths.EXECUTED).write_text('{"cells": [')  # in the middle of a save
    assert cells_done(scratch) == (0, 0)


def test_without_a_terminal_there_is_a_line_a_minute_while_anything_runs(clock, scratch, capsys):
    progress = Progress(1)
    progress.live = False
    said = []
    for clock.now, running in ((159, True), (160, True), (219, True), (221, True), (300, False)):
        progress.show({"01_line": (scratch, 110.0)} if running else {})
        said += capsys.readouterr().err.splitlines()
    assert said == ["[  60.0 s] 01_line cell 1/3 50 s", "[ 121.0 s] 01_line cell 1/3 111 s"]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome("01_line", "done"), "done"),
        (Outcome("01_line", "kept"), "up to date, kept"),
        (Outcome("01_line", "text"), "new text, results kept"),
        (Outcome("01_line", "failed"), "FAILED"),
        (Outcome("01_line", "done", remark="digits"), "done (other data: digits)"),
    ],
)
def test_a_notebook_that_ends_is_told_with_the_time_since_the_start(clock, capsys, outcome, words):
    progress = Progress(1)
    progress.live = False
    clock.now += 12.3
    progress.finished(outcome)
    assert capsys.readouterr().err == f"[  12.3 s] 01_line: {words}\n"


def test_the_table_counts_the_verdicts_of_what_ended_well_on_its_own_data(project):
    project.claim("line-height", "01_line")
    project.claim("line-width", "01_line")
    project.claim("point-height", "02_a_longer_name")
    claims = ledger.load_claims()
    for stem, checked in (
        ("01_line", {"line-height": 1.0, "line-width": 3.0}),
        ("02_a_longer_name", {"point-height": 1.0}),
    ):
        findings = ledger.Findings({key: claims[key] for key in checked})
        for key, value in checked.items():
            findings.add(claims[key], "", ledger.measure(claims[key], value), None)
        ledger.write_records(ledger.record_file(project.root, stem), findings.records())
    old = ledger.Record("of-a-claim-that-is-gone", "judged by", {}, "confirmed")
    ledger.write_records(ledger.record_file(project.root, "03_old"), [old])
    lines = "\n".join(f"line {k}" for k in range(40))
    outcomes = [
        Outcome("01_line", "done", 12.34),
        Outcome("02_a_longer_name", "failed", error="cell [1] raised", traceback=lines),
        Outcome("01_line", "kept", 1.0, remark="digits, not MNIST"),
        Outcome("04_none", "kept"),
    ]
    assert report(outcomes, project.root).splitlines() == [
        "",
        "notebook          status  seconds  claims  verdicts",
        "01_line           done       12.3       2  1 confirmed, 1 contradicted",
        "02_a_longer_name  failed      0.0       0  –",
        "01_line           kept        1.0       0  –",
        "                  digits, not MNIST; results in build/stand-in, "
        "none of the ledger's verdicts has changed",
        "04_none           kept        0.0       0  –",
        "",
        "02_a_longer_name failed: cell [1] raised",
        *(f"    line {k}" for k in range(10, 40)),
    ]
