"""The line that says how far a run has come."""

from qdm_utils.companion.runner.progress import Outcome, Progress


def test_finished_notebooks_are_counted(capsys):
    progress = Progress(3)
    progress.live = True
    for ended, stem in enumerate(("01_line", "02_other")):
        progress.show({})
        assert f"[{ended}/3]" in capsys.readouterr().err
        progress.finished(Outcome(stem, "done"))
    progress.show({})
    assert "[2/3]" in capsys.readouterr().err
