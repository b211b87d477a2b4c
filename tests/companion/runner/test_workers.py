"""What a notebook's process is given; none is started here."""

import json
import shutil
import subprocess
from types import SimpleNamespace

import pytest

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.runner import workers
from qdm_utils.companion.sources.notebook import read_source


class Ended:
    """A process that has written its result and ended."""

    returncode = 0

    def __init__(self, command, **options):
        self.environment = options["env"]
        self.write(command, options)

    def write(self, command, options):
        with open(f"{command[-1]}/result.json", "w") as file:
            json.dump({"rendered": "done"}, file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def poll(self):
        return self.returncode

    def kill(self):
        pass


class Died(Ended):
    """A process that has said something and ended without a result."""

    returncode = -9

    def write(self, command, options):
        options["stderr"].write(" Out of memory\n")


@pytest.fixture
def execute(project, monkeypatch):
    """Execute 01_line for a tree; returns the environment and the job of its process, and where it
    was to work.
    """
    project.notebook("01_line", claims=("line-height",))
    started = []

    def start(*arguments, **options):
        started.append(Ended(*arguments, **options))
        return started[-1]

    clock = iter([100.0, 107.5] * 9)
    monkeypatch.setattr(workers, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    # Only there: reading a source starts processes too.
    pipes = {"PIPE": subprocess.PIPE, "DEVNULL": subprocess.DEVNULL}
    monkeypatch.setattr(workers, "subprocess", SimpleNamespace(Popen=start, **pipes))

    def run(tree=project.root, **given):
        source = read_source("01_line")
        shutil.rmtree(paths.build() / "scratch", ignore_errors=True)
        with workers.Workers(cell_limit=7) as pool:
            result, scratch, seconds = pool.execute(source, source.resolve(given), tree)
            assert not pool.scratches
        assert (result, seconds) == ({"rendered": "done"}, 7.5)
        return started[-1].environment, json.loads((scratch / "job.json").read_text()), scratch

    return run


def test_a_users_own_settings_do_not_reach_it(project, execute, monkeypatch):
    own = {
        "PYTHONSTARTUP": "/somewhere/startup.py",
        "PYTHONWARNINGS": "error",
        "PYTHONHASHSEED": "17",
        "IPYTHONDIR": "/somewhere/ipython",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "8",
        "QDM_QUIET": "",
        "QDM_OUTPUT": "/somewhere/output",
        "QDM_RECORDS": "/somewhere/records",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QDM_DATA", "/somewhere/data")
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("QDM_ROOT", ".")  # where it works is another place
    environment, _, scratch = execute()
    assert environment["QDM_ROOT"] == str(project.root)
    assert environment["QDM_QUIET"] == "1"
    assert environment["PYDEVD_DISABLE_FILE_VALIDATION"] == "1"
    assert not environment.keys() & {"PYTHONSTARTUP", "PYTHONWARNINGS"}
    # Sets of words come in the same order in every run, and no profile of IPython is read.
    assert environment["PYTHONHASHSEED"] == "0"
    assert environment["IPYTHONDIR"] == str(scratch / "ipython")
    assert "inline" in environment["MPLBACKEND"]
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["QDM_OUTPUT"] == str(scratch / "output")
    assert environment["QDM_DATA"] == "/somewhere/data"  # but what they name as data does


def test_a_tree_without_records_of_its_own_shows_the_published_ones(project, execute):
    def shown(tree):
        return execute(tree)[0][paths.RECORDS_VARIABLE]

    side = paths.build() / "smoke"
    assert shown(project.root) == shown(side) == str(project.root)
    ledger.write_records(ledger.record_file(side, "01_line"), [])
    assert shown(side) == str(side)
    assert shown(project.root) == str(project.root)


@pytest.mark.slow
def test_it_is_told_what_was_asked_for_and_which_parameters_are_new(execute):
    _, job, scratch = execute(height=2.0, count=3)
    assert job["text"] == read_source("01_line").text
    assert (job["stem"], job["changed"], job["claims"], job["cell_limit"], job["output"]) == (
        "01_line",
        {"height": 2.0},
        ["line-height"],
        7,
        str(scratch / "output"),
    )


@pytest.mark.parametrize(
    ("free", "error"),
    [
        (2**17, "its process ended with exit code -9"),
        (2**17 - 1, "No space left on device for {scratch}; free some and run again"),
    ],
)
def test_a_process_that_leaves_no_result_is_told_with_its_last_words(
    project, monkeypatch, free, error
):
    project.notebook("01_line")
    source = read_source("01_line")
    pipes = {"PIPE": subprocess.PIPE, "DEVNULL": subprocess.DEVNULL}
    monkeypatch.setattr(workers, "subprocess", SimpleNamespace(Popen=Died, **pipes))
    disk = SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=free))
    monkeypatch.setattr(workers, "shutil", disk)
    with workers.Workers() as pool:
        result, scratch, _ = pool.execute(source, source.parameters, project.root)
    assert result == {"error": error.format(scratch=scratch), "traceback": "Out of memory"}
