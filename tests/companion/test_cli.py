"""The command line: what its help offers, there is."""

import os
import re
from pathlib import Path

import pytest

from qdm_utils.__main__ import COMMANDS
from qdm_utils.companion import cli, ledger, paths
from qdm_utils.companion.runner import resume
from qdm_utils.companion.runner.progress import Outcome
from qdm_utils.companion.runner.run import Options
from qdm_utils.companion.sources.notebook import read_source

ROOT = Path(__file__).parents[2]
DONE = Outcome("01_line", "done")


def commands() -> set[str]:
    """The commands that the parser knows, as its own usage line names them."""
    return set(re.search(r"{([\w,]+)}", cli._parser(COMMANDS).format_usage())[1].split(","))


def test_the_help_names_the_commands_that_exist_and_each_has_a_line_of_its_own(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"], COMMANDS)
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert commands() >= {"run", "verify", "ledger", "score"}
    for command in commands():
        assert re.search(rf"^    {command} +\w", told, re.M), command


def test_commands_that_are_spoken_of_exist():
    """In the Makefile, in the pages of the project and in the code."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "Makefile"]
    pages += ROOT.glob("qdm_utils/**/*.py")
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "height"], "Argument `-p` must be NAME=VALUE, but got 'height'"),
        (["-p", "2x=1"], "Argument `-p` must be NAME=VALUE, but got '2x=1'"),
        (["-p", "x=1", "-p", "y=2", "-p", "x=3"], "sets `x` twice, to 1 and to '3'"),
        (["-p", "height=[1"], "Argument `height` must be a YAML value, but got '[1'"),
        (["--jobs", "0"], "Argument `--jobs` must be ≥ 1, but got 0"),
        (["--cell-limit", "0"], "Argument `--cell-limit` must be ≥ 1, but got 0"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(project, monkeypatch, capsys, arguments, message):
    monkeypatch.setattr(cli.run, "run", lambda options: [])
    assert project.run(*arguments) == 2
    assert message in capsys.readouterr().err


def test_a_run_is_asked_for_what_its_arguments_say(project, monkeypatch):
    asked = []
    monkeypatch.setattr(cli.run, "run", lambda options: asked.append(options) or [DONE])
    given = ["-p", "count=4", "-p", "height=1e-4", "-p", "name=line", "-p", "sizes=[8, 4]"]
    chosen = ["--only", "01", "02_line", "--only", "03", "--preset", "smoke", "--force"]
    assert project.run(*given, *chosen, "--jobs", "1", "--cell-limit", "1") == 0
    assert project.run() == 0
    cli.main(["verify", "--only", "01", "--cell-limit", "60"])
    values = {"count": 4, "height": 1e-4, "name": "line", "sizes": [8, 4]}
    assert asked == [
        Options(("01", "02_line", "03"), "smoke", values, jobs=1, force=True, cell_limit=1),
        Options(),
        Options(("01",), force=True, cell_limit=60, tree=paths.build() / "verify"),
    ]


@pytest.mark.slow
def test_the_list_says_what_stands_with_its_seconds_its_claims_and_other_data(project, capsys):
    def listed() -> list[str]:
        assert project.run("--list") == 0
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    parameters = "height=1.0, count=3, name='line'"
    project.notebook("01_line", 'book.check("line-height", height)', claims=("line-height",))
    project.notebook("02_point")
    assert listed() == [
        *("01_line to run 1 claims 01 · a line", parameters),
        *("02_point to run 0 claims 02 · a line", parameters),
    ]
    for stem, remark in (("01_line", ""), ("02_point", "digits, not MNIST")):
        source = read_source(stem)
        key = resume.fingerprint(source, source.parameters, project.root)
        resume.remember(stem, project.root, key, 12.4, {}, remark)
    assert listed() == [
        *("01_line up to date (12 s) 1 claims 01 · a line", parameters),
        *("02_point up to date (12 s) 0 claims 02 · a line", "other data: digits, not MNIST"),
        parameters,
    ]
    project.notebook("03_broken", change=lambda text: text.replace('tags=["parameters"]', ""))
    assert project.run("--list") == 1
    assert "03_broken.py must have exactly one cell" in capsys.readouterr().out


@pytest.mark.parametrize("only", [[], ["--only", "01"]])
@pytest.mark.parametrize("stale", [None, "00_overview"])
def test_an_overview_that_was_left_out_is_said_to_be_stale(
    project, monkeypatch, capsys, only, stale
):
    monkeypatch.setattr(cli.run, "run", lambda options: [DONE])
    monkeypatch.setattr(cli.run, "stale_overview", lambda: stale)
    assert project.run(*only) == 0
    told = "00_overview shows the ledger as it was; run without --only" in capsys.readouterr().out
    assert told == bool(only and stale)


@pytest.mark.parametrize(
    ("second", "touched", "told"),
    [
        (Outcome("02_line", "done"), "", []),
        (
            Outcome("02_line", "done"),
            "02_line.csv",
            ["differs: data/processed/02_line.csv: not re"],
        ),
        (Outcome("02_line", "done"), "README", ["differs: README.md: not what the records give"]),
        (Outcome("02_line", "failed"), "02_line.csv", []),
        (
            Outcome("02_line", "done", remark="digits, not MNIST"),
            "02_line.csv",
            ["not compared, its data are missing: 02_line"],
        ),
    ],
)
def test_verify_compares_what_ran_on_its_own_data_and_ends_with_1_if_anything_differs(
    project, monkeypatch, capsys, second, touched, told
):
    monkeypatch.setattr(cli.run, "run", lambda options: [DONE, second])
    assert cli.main(["ledger"]) == 0
    if touched == "README":
        readme = project.root / "README.md"
        readme.write_text(readme.read_text().replace("<!-- ledger:end", "stale\n<!-- ledger:end"))
    elif touched:
        (paths.processed(project.root) / touched).touch()
    bad = bool(told) or second.status == "failed"
    capsys.readouterr()
    assert cli.main(["verify"]) == int(bad)
    *_, last = out = capsys.readouterr().out.splitlines()
    found = [line for line in out if line.startswith(("differs", "not compared"))]
    assert len(found) == len(told)
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True))
    assert last == (
        f"What was regenerated {'does not mean' if bad else 'means'} the same as what is published."
    )


def test_the_ledger_ends_with_1_if_a_claim_lacks_its_record_and_says_which(project, capsys):
    project.notebook("01_line", claims=("line-height",))
    assert cli.main(["ledger"]) == 1
    assert "claim line-height has no record although 01_line exists" in capsys.readouterr().out
    claim = ledger.load_claims()["line-height"]
    findings = ledger.Findings({claim.id: claim})
    findings.add(claim, "", ledger.measure(claim, 1.0), None)
    ledger.write_records(ledger.record_file(project.root, "01_line"), findings.records())
    assert cli.main(["ledger"]) == 0
    assert capsys.readouterr().out == "Every checked claim has its record.\n"
    assert "1 confirmed" in (project.root / "README.md").read_text()


@pytest.mark.parametrize("named", ["digits", None])
def test_a_relative_folder_of_data_is_made_absolute_before_anything_runs(
    project, monkeypatch, named
):
    monkeypatch.chdir(project.root)
    monkeypatch.setenv(paths.DATA_VARIABLE, "")  # so that it is put back afterwards
    monkeypatch.delenv(paths.DATA_VARIABLE)
    if named:
        monkeypatch.setenv(paths.DATA_VARIABLE, named)
    cli.main(["ledger"])
    assert os.environ.get(paths.DATA_VARIABLE) == (named and str(Path.cwd() / named))
