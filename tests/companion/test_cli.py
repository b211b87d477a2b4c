"""The command line: what its help offers, there is."""

import re
from pathlib import Path

import pytest

from qdm_utils.companion import cli
from qdm_utils.companion.runner.progress import Outcome

ROOT = Path(__file__).parents[2]


def commands() -> set[str]:
    """The commands that the parser knows, as its own usage line names them."""
    return set(re.search(r"{([\w,]+)}", cli._parser().format_usage())[1].split(","))


def test_the_help_names_the_commands_that_exist_and_each_has_a_line_of_its_own(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert commands() >= {"run", "verify", "ledger"}
    for command in commands():
        assert re.search(rf"^    {command} +\w", told, re.M), command


def test_commands_that_are_spoken_of_exist():
    """In the Makefile, in the pages of the project and in the code."""
    pages = [*ROOT.glob("*.md"), ROOT / "Makefile", *ROOT.glob("qdm_utils/**/*.py")]
    spoken = r"(?:-m|RUN\)) qdm_utils ([a-z]+(?: \| [a-z]+)*)"
    for page in pages:
        for words in re.findall(spoken, page.read_text(encoding="utf-8")):
            assert set(words.split(" | ")) <= commands(), page


@pytest.mark.parametrize("command", ["list", ""])
def test_another_command_is_refused(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command] if command else [])
    assert ended.value.code == 2
    assert "usage: python -m qdm_utils" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["done"], 0),
        (["done", "kept", "text"], 0),
        (["failed"], 1),
        (["done", "failed", "kept"], 1),
    ],
)
def test_a_run_and_its_verification_end_with_1_if_a_notebook_failed_and_else_with_0(
    project, monkeypatch, capsys, statuses, code
):
    outcomes = [Outcome(f"0{index}_line", status) for index, status in enumerate(statuses)]
    monkeypatch.setattr(cli.run, "run", lambda options: outcomes)
    assert project.run() == code
    assert "published figures and ledger are untouched" not in capsys.readouterr().out
    assert project.run("-p", "height=2.0") == code
    assert "Written to build/custom; the published figures" in capsys.readouterr().out
    assert cli.main(["ledger"]) == 0  # brings the README up to date
    assert cli.main(["verify"]) == code  # nothing was published, so nothing differs
