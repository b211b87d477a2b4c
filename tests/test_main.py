"""`python -m qdm_utils score`: a file in, a report and a figure out, or one sentence."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.calibration import half_angle
from qdm_utils import __main__ as entry
from qdm_utils.companion import cli
from qdm_utils.qubits import generation, haar_states
from qdm_utils.qubits.generation import SCORED, score


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(
        generation, "score", lambda states, task, seed: score(states, task, seed, draws=99)
    )


def command(*arguments: object) -> int:
    return cli.main(["score", *map(str, arguments)], entry.COMMANDS)


@pytest.mark.slow
def test_a_file_is_scored_and_report_and_figure_stand_beside_it(tmp_path, capsys):
    file = tmp_path / "mine.npy"
    np.save(file, half_angle(40, 1).numpy())
    assert command("noise", file) == 0  # scored, whatever came out
    told = capsys.readouterr().out
    page = (tmp_path / "mine.score.md").read_text(encoding="utf-8")
    assert "**The ensemble differs from data in: " in page
    assert hashlib.sha256(file.read_bytes()).hexdigest() in page
    assert page.endswith("![Score](mine.score.png)\n")
    assert page.removesuffix("\n![Score](mine.score.png)\n") in told
    names = ["mine.npy", "mine.score.md", "mine.score.pdf", "mine.score.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert f"Written: {tmp_path / 'mine.score.png'}" in told


@pytest.mark.slow
def test_folder_and_seed_are_those_asked_for(tmp_path, capsys):
    file = tmp_path / "mine.npy"
    np.save(file, haar_states(30, 1, 1).numpy())
    out = tmp_path / "new" / "folder"
    assert command("haar", file, "--out", out, "--seed", 5) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        *("mine.score.md", "mine.score.pdf", "mine.score.png")
    ]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.npy"]
    assert "seed 5" in (out / "mine.score.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_all_files_are_there_before_a_line_is_printed(tmp_path, monkeypatch):
    def closed(*_, **__):
        raise BrokenPipeError

    monkeypatch.setattr(entry, "print", closed, raising=False)  # as `| head` does
    file = tmp_path / "mine.npy"
    np.save(file, haar_states(30, 1, 1).numpy())
    with pytest.raises(BrokenPipeError):
        command("haar", file)
    assert sorted(path.suffix for path in tmp_path.glob("mine.score.*")) == [".md", ".pdf", ".png"]


def test_the_help_names_the_tasks_that_exist():
    assert entry.TASKS.replace(" or ", ", ").split(", ") == list(SCORED)


def write_text(path):
    path.write_text("1 0\n0 1\n")


def write_objects(path):
    np.save(path, np.array([[1, None]] * 30), allow_pickle=True)


def write_cut(path):
    np.save(path, haar_states(30, 1, 1).numpy())
    path.write_bytes(path.read_bytes()[:-10])


def write_promise(path):
    """A header that announces more than there is memory."""
    np.save(path, np.zeros((30, 2)))
    path.write_bytes(path.read_bytes().replace(b"(30, 2), }" + 11 * b" ", b"(3000000000000, 2), }"))


def write_damaged(path):
    np.save(path, np.zeros((30, 2)))
    path.write_bytes(path.read_bytes().replace(b"}", b" "))


def write_archive(path):
    with path.open("wb") as handle:
        np.savez(handle, states=np.eye(2))


@pytest.mark.parametrize(
    ("task", "write", "message"),
    [
        ("haar", lambda path: None, "mine.npy: No such file or directory."),
        ("haar", lambda path: path.mkdir(), "mine.npy: Is a directory."),
        ("haar", write_text, "Argument `FILE` must be an .npy file, as numpy.save writes it, but"),
        ("haar", write_archive, "Argument `FILE` must be an .npy file, as numpy.save writes it,"),
        ("haar", lambda path: path.write_bytes(b""), "Argument `FILE` must be an .npy file"),
        ("haar", lambda path: path.write_bytes(entry.MAGIC), "must be a whole .npy file of numb"),
        ("haar", write_objects, "Argument `FILE` must be a whole .npy file of numbers, but got "),
        ("haar", write_cut, "Argument `FILE` must be a whole .npy file of numbers, but got "),
        ("haar", write_damaged, "Argument `FILE` must be a whole .npy file of numbers, but got "),
        ("haar", write_promise, "Argument `FILE` must be a whole .npy file of numbers, but got "),
        ("MNIST", lambda path: np.save(path, np.eye(32)), "Argument `task` must be one of clust"),
        ("haar", lambda path: np.save(path, np.eye(4)), "`states` must be at least 20 in numb"),
        ("haar", lambda path: np.save(path, np.ones((30, 2))), "`states` must have norm 1 within"),
    ],
)
def test_a_bad_file_is_one_sentence_and_nothing_is_written(tmp_path, capsys, task, write, message):
    file = tmp_path / "mine.npy"
    write(file)
    before = sorted(tmp_path.rglob("*"))
    assert command(task, file) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.startswith("qdm_utils: ")
    assert told.err.endswith(".\n")
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bad_seed_or_folder_is_one_sentence(tmp_path, capsys):
    file = tmp_path / "mine.npy"
    np.save(file, haar_states(30, 1, 1).numpy())
    assert command("haar", file, "--seed", -1) == 2
    assert "Argument `--seed` must be a whole number ≥ 0, but got -1." in capsys.readouterr().err
    assert command("haar", file, "--out", file) == 2
    assert "mine.npy: File exists." in capsys.readouterr().err


def test_what_was_interrupted_leaves_nothing(tmp_path, capsys, monkeypatch):
    file = tmp_path / "mine.npy"
    np.save(file, haar_states(30, 1, 1).numpy())

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generation, "score", interrupted)
    assert command("haar", file) == 130
    assert "nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.npy"]


@pytest.mark.slow
def test_the_help_of_the_package_offers_it_without_loading_torch():
    code = (
        "import sys\nsys.argv = ['qdm_utils', '--help']\n"
        "from qdm_utils.__main__ import COMMANDS, main\n"
        "try:\n    main(others=COMMANDS)\nexcept SystemExit:\n    print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")
    assert "    score " in done.stdout
