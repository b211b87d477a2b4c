"""What makes an executed notebook count as done, on notebooks written by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from papermill.engines import NBClientEngine, NotebookExecutionManager

from qdm_utils.companion import ledger
from qdm_utils.companion.ledger import Record
from qdm_utils.companion.runner.execute import SparingEngine, _failure


def job(tmp_path, claims=()):
    return {"stem": "01_line", "claims": claims, "output": str(tmp_path), "cell_limit": None}


def test_a_notebook_whose_cells_all_ran_is_done(tmp_path):
    cells = [
        new_code_cell("x = 1", execution_count=1),
        new_code_cell(""),
        new_code_cell("x", execution_count=2),
    ]
    assert _failure(new_notebook(cells=cells), job(tmp_path)) is None


def test_a_cell_that_was_never_reached_is_a_failure_even_without_an_error(tmp_path):
    cells = [new_code_cell("x = 1", execution_count=1), new_code_cell("y = 2")]
    assert _failure(new_notebook(cells=cells), job(tmp_path)) == {
        "error": "cell [2] (y = 2) did not run"
    }


@pytest.mark.parametrize(
    ("output", "error", "trace"),
    [
        (
            new_output(
                "error",
                ename="KeyError",
                evalue="'a'",
                traceback=["\x1b[31mKeyError\x1b[0m", "line 1: 'a'"],
            ),
            "cell [1] (x) raised KeyError: 'a'",
            "KeyError\nline 1: 'a'",
        ),
        (
            new_output("error", ename="SystemExit", evalue="0", traceback=[]),
            "cell [1] (x) raised SystemExit: 0",
            "SystemExit: 0",
        ),
        (
            new_output("stream", name="stderr", text="Warning: mind the gap"),
            "cell [1] (x) wrote to stderr, which no reader should see",
            "Warning: mind the gap",
        ),
    ],
)
def test_errors_and_warnings_are_failures(tmp_path, output, error, trace):
    harmless = new_output("stream", name="stdout", text="x")
    cell = new_code_cell("x", execution_count=1, outputs=[harmless, output])
    found = _failure(new_notebook(cells=[cell]), job(tmp_path))
    assert found == {"error": error, "traceback": trace}


def test_a_claim_without_a_verdict_is_a_failure(tmp_path):
    cell = new_code_cell("x", execution_count=1)
    found = _failure(new_notebook(cells=[cell]), job(tmp_path, claims=("line-height",)))
    assert found == {"error": "it never checked the claims line-height"}


def test_a_claim_that_was_checked_is_none(tmp_path):
    record = Record("line-width", "judged by", {}, "confirmed")
    ledger.write_records(ledger.record_file(tmp_path, "01_line"), [record])
    cell = new_code_cell("x", execution_count=1)
    assert _failure(new_notebook(cells=[cell]), job(tmp_path, claims=("line-width",))) is None


def test_a_running_notebook_is_saved_once_a_second_and_at_its_end(monkeypatch):
    """Ten saves are asked for, .4 s apart: the third, sixth and ninth happen, and the one after the
    last cell.
    """
    times, saved = [datetime(2026, 1, 1, tzinfo=UTC)], []
    monkeypatch.setattr(NotebookExecutionManager, "now", lambda self: times[-1])
    monkeypatch.setattr(
        "papermill.engines.write_ipynb", lambda notebook, path: saved.append(len(times) - 1)
    )

    def run_cells(nb_man, *_, **__):
        for _ in range(10):
            times.append(times[-1] + timedelta(seconds=0.4))
            nb_man.save()

    monkeypatch.setattr(NBClientEngine, "execute_managed_notebook", run_cells)
    manager = NotebookExecutionManager(new_notebook(), "executed.ipynb", progress_bar=False)
    SparingEngine.execute_managed_notebook(manager, "python3")
    manager.save()
    assert saved == [3, 6, 9, 10]
