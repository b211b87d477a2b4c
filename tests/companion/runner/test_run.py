"""The runner's contract: what it refuses, what counts as done, what survives a kill."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from qdm_utils.companion import cli, paths

VERDICT = 'book.check("line-height", height)'
pytestmark = pytest.mark.notebooks
LONG_ENOUGH = 600  # seconds for what will come: a hang fails, a busy machine does not


def start(project, *arguments):
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "qdm_utils", "run", *arguments],
        env={**os.environ, "QDM_ROOT": str(project.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell's background jobs ignore Ctrl-C, and so would this one if tests ran as such.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for(condition):
    deadline = time.monotonic() + LONG_ENOUGH
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_run_publishes_then_keeps_then_notices_every_change(project, capsys):
    project.notebook("01_line", VERDICT, claims=("line-height",))
    assert project.run() == 0
    out = capsys.readouterr()
    assert "01_line: done" in out.err
    assert "1 confirmed" in out.out
    first = project.published()
    rendered = json.loads(first["notebooks/01_line.ipynb"])
    assert all(cell["execution_count"] for cell in rendered["cells"] if cell["cell_type"] == "code")
    shown = [
        output["data"]["image/png"]
        for cell in rendered["cells"]
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    assert [base64.b64decode(picture) for picture in shown] == [first["figures/01_line.png"]]
    assert "papermill" not in first["notebooks/01_line.ipynb"].decode()
    assert str(project.root) not in first["notebooks/01_line.ipynb"].decode()
    assert "1 confirmed" in first["README.md"].decode()
    assert "**confirmed**" in first["docs/ledger.md"].decode()
    row = json.loads(first["figures/manifest.json"])[0]
    assert (row["notebook"], row["parameters"]["height"], row["seed"]) == ("01_line", 1.0, None)
    assert {"numpy", "matplotlib"} <= set(row["packages"])
    assert json.loads(first["data/processed/01_line.ledger.json"])[0]["verdict"] == "confirmed"

    assert project.run() == 0  # nothing has changed
    assert "up to date, kept" in capsys.readouterr().err
    assert project.published() == first

    assert project.run("--force") == 0  # the same bytes once more
    assert "01_line: done" in capsys.readouterr().err
    assert project.published() == first

    (project.root / "figures/01_line.png").write_bytes(b"spoiled")
    assert project.run("--list") == 0
    assert "to run" in capsys.readouterr().out
    assert project.run() == 0  # a published file was touched
    assert project.published() == first

    text = (project.root / "notebooks/01_line.py").read_text()
    (project.root / "notebooks/01_line.py").write_text(
        text.replace("height: float = 1.0", "height: float = 2.0")
    )
    assert project.run() == 0  # the source was changed
    assert "1 contradicted" in capsys.readouterr().out
    (project.root / "requirements.lock").write_text("numpy==0\n")
    assert project.run("--list") == 0
    assert "to run" in capsys.readouterr().out  # so was the lock


def test_new_prose_and_comments_are_published_without_running_anything(project, capsys):
    """The same bytes as a whole run gives, outputs included."""
    path = project.notebook("01_line", f"{VERDICT}\nprint('said once')", claims=("line-height",))
    assert project.run() == 0
    text = path.read_text()
    new = (
        text.replace("01 · a line", "01 · A LINE")
        .replace("# how many points", "# how many of them")
        .replace("axes.plot(", "axes.plot(  ")
    )
    path.write_text(new + "\n# %% [markdown]\n# A closing remark.\n")
    capsys.readouterr()
    assert project.run() == 0
    assert "01_line: new text, results kept" in capsys.readouterr().err
    renewed = project.published()
    assert all(
        word in renewed["notebooks/01_line.ipynb"].decode()
        for word in ("A LINE", "how many of them", "A closing remark", "said once")
    )
    assert project.run() == 0
    assert "01_line: up to date, kept" in capsys.readouterr().err
    assert project.run("--force") == 0
    assert project.published() == renewed


FAILURES = {
    "02_raises": (
        "raise ValueError('the cat is on the table')",
        "raised ValueError: the cat is on the table",
    ),
    "03_exits": ("import sys\nsys.exit(0)\n\n# %%\nprint('never')", "raised SystemExit"),
    "04_exits_last": ("import sys\nsys.exit(0)", "raised SystemExit"),
    "10_warns": (
        "import warnings\nwarnings.warn('a stitch in time')",
        "cell [4] (import warnings) wrote to stderr",
    ),
    "05_silent": (
        'if count > 3:\n    book.check("silent-claim", height)',
        "it never checked the claims silent-claim",
    ),
    "06_dies": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "the kernel died in cell [4] (import os, signal)",
    ),
}


def test_failures_fail_are_named_and_stop_nobody_else(project, capsys):
    """One run over all the ways a notebook can fail; papermill alone lets `sys.exit(0)` pass with
    exit code 0.
    """
    for stem, (body, _) in FAILURES.items():
        project.notebook(stem, body, claims=("silent-claim",) if stem == "05_silent" else ())
        (project.root / f"notebooks/{stem}.ipynb").write_text("the last good one")
        (project.root / f"figures/{stem}.png").write_text("the last good one")
    project.notebook("01_none", change=lambda text: text.replace(' tags=["parameters"]', ""))
    project.notebook(
        "07_kernel", change=lambda text: text.replace("name: python3", "name: fortran")
    )
    project.notebook("08_claims", "pass", claims=("line-height",))
    project.notebook("11_judges", f"{VERDICT[:-1]}, tolerance=0.5)", claims=("other-height",))
    project.notebook("09_good")
    before = project.published()
    assert project.run("--jobs", "2") == 1
    captured = capsys.readouterr()
    out = " ".join(captured.out.split())
    for stem, (_, message) in FAILURES.items():
        assert f"{stem} failed: " in out
        assert message in out.split(f"{stem} failed: ")[1].split(" failed: ")[0], stem
    assert "02_raises failed: cell [4] (raise ValueError('the cat is on the table'))" in out
    assert "----> 1 raise ValueError" in out
    assert (
        '01_none failed: 01_none.py must have exactly one cell tagged "parameters", but has 0.'
        in out
    )
    assert (
        "07_kernel failed: 07_kernel.py wants the kernel 'fortran', which is not installed "
        "(there is: python3)" in out
    )
    assert "08_claims failed: 08_claims.py never checks the claims line-height" in out
    assert "11_judges failed: 11_judges.py: `book.check` takes a claim, its measurement" in out
    assert "but got `tolerance`; what judges stands in data/claims.toml" in out
    assert "09_good: done" in captured.err
    after = project.published()
    assert {
        name: after[name] for name in before if name not in ("README.md", "figures/manifest.json")
    } == {
        name: text
        for name, text in before.items()
        if name not in ("README.md", "figures/manifest.json")
    }
    assert "figures/09_good.png" in after


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "09"], "There is no notebook '09'; the notebooks are: 01_line, 02_point"),
        (
            ["-p", "heigth=2"],
            "No selected notebook (01_line, 02_point) has a parameter `heigth`; "
            "they have: count, height, name",
        ),
        (
            ["-p", "height=banana"],
            "Argument `height` of 01_line must be of type float, but got 'banana'",
        ),
        (["-p", "count=2.5"], "Argument `count` of 01_line must be of type int, but got 2.5"),
        (["-p", "height"], "Argument `-p` must be NAME=VALUE, but got 'height'"),
        (["-p", "height=[1"], "Argument `height` must be a YAML value"),
        (
            ["-p", "height=2", "-p", "count=1", "-p", "height=3"],
            "Argument `-p` sets `height` twice, to 2 and to '3'",
        ),
        (["--cell-limit", "0"], "Argument `--cell-limit` must be ≥ 1, but got 0"),
        (["--only", "01", "--only", "09"], "There is no notebook '09'"),
        (["--preset", "tiny"], "There is no preset 'tiny'; the presets are: paper"),
        (["--jobs", "0"], "Argument `--jobs` must be ≥ 1, but got 0"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_runs(project, capsys, arguments, message):
    for stem in ("01_line", "02_point"):
        project.notebook(stem, "raise RuntimeError('this must not run')")
    before = project.published()
    assert project.run(*arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "FAILED" not in told  # nothing ran
    assert project.published() == before


def test_presets_and_parameters_write_beside_the_published_results(project, capsys):
    project.notebook("01_line", VERDICT, claims=("line-height",))
    (project.root / "notebooks/presets/smoke.yaml").write_text("01_line: {count: 2}\n")
    before = project.published()
    assert project.run("--preset", "smoke") == 0
    assert project.run("-p", "height=2", "-p", "count=4") == 0
    assert project.published() == before
    for folder, parameters in (("smoke", [1.0, 2]), ("custom", [2.0, 4])):
        row = json.loads((project.root / f"build/{folder}/figures/manifest.json").read_text())[0]
        assert [row["parameters"][name] for name in ("height", "count")] == parameters
    assert (
        "Written to build/custom; the published figures and ledger are untouched."
        in capsys.readouterr().out
    )
    rows = (project.root / "build/custom/data/processed/01_line.csv").read_text().split()
    assert rows == ["height", "2", "2", "2", "2"]


def test_an_unwritable_target_is_refused_before_anything_runs(project, capsys):
    project.notebook("01_line", "raise RuntimeError('this must not run')")
    (project.root / "figures").rmdir()
    (project.root / "figures").symlink_to("/proc/self")
    assert project.run() == 2
    assert "Cannot write to" in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path_factory):
    """A file system of 3 MB of its own, where this system lets us make one."""
    folder = tmp_path_factory.mktemp("disk")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True
    )
    if made.returncode:
        pytest.skip("may not mount a file system here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_an_error_and_leaves_the_published_files_alone(project, small_disk, capsys):
    """The build folder lies on a disk that fills up while the notebook writes its outputs."""
    (project.root / "build").symlink_to(small_disk)
    project.notebook("01_line")
    project.notebook("02_large", "import numpy as np\nbook.save_arrays(large=np.zeros(500_000))")
    assert project.run() == 1
    captured = capsys.readouterr()
    assert "01_line: done" in captured.err
    assert "No space left on device" in captured.out
    after = project.published()
    assert "notebooks/01_line.ipynb" in after
    assert not any("02_large" in name for name in after)
    for child in small_disk.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()
    (small_disk / "filler").write_bytes(bytes(3_000_000))
    assert project.run("--force") == 2
    assert (
        "No space left on device. Free space or make the folder writable" in capsys.readouterr().err
    )
    assert project.published() == after


SLOW = "import time\nopen({marker!r}, 'w').close()\ntime.sleep({seconds})"


@pytest.mark.parametrize("signal_sent", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_cut_off_goes_on_where_it_was(project, signal_sent):
    marker, release = project.root / "build" / "started", project.root / "release"
    project.notebook("01_line", VERDICT, claims=("line-height",))
    # Sleeps until `release` exists, so the second run is quick.
    wait = (
        f"import os, time\nopen({str(marker)!r}, 'w').close()\n"
        f"while not os.path.exists({str(release)!r}): time.sleep(0.1)"
    )
    project.notebook("02_slow", wait)
    project.notebook("03_next", f"open({str(project.root / 'never')!r}, 'w').close()")
    process = start(project)
    wait_for(marker.exists)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal_sent)
    output, _ = process.communicate(timeout=LONG_ENOUGH)
    assert process.returncode == (130 if signal_sent == signal.SIGINT else -signal.SIGKILL)
    assert ("Interrupted. Finished notebooks and records are kept" in output) == (
        signal_sent == signal.SIGINT
    )
    wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family))
    time.sleep(0.5)
    assert not (project.root / "never").exists()  # what waited its turn did not start
    cut_off = project.published()
    assert "notebooks/01_line.ipynb" in cut_off
    assert "notebooks/02_slow.ipynb" not in cut_off
    release.touch()
    again = start(project)
    output, _ = again.communicate(timeout=LONG_ENOUGH)
    assert again.returncode == 0, output
    assert "01_line: up to date, kept" in output
    assert "02_slow: done" in output
    assert project.published()["figures/01_line.png"] == cut_off["figures/01_line.png"]


SWEEPING = """
import os, pathlib, time
from qdm_utils.companion import sweep

def long_task(k):
    pathlib.Path({folder!r}, str(os.getpid())).touch()
    time.sleep(600)

sweep(long_task, range(2), workers=2)
"""


def test_the_workers_of_a_sweep_end_with_the_run_in_the_middle_of_a_task(project):
    """loky alone lets a busy worker finish its task, hours later, when who asked for it is gone."""
    folder = project.root / "pids"
    folder.mkdir()
    project.notebook("01_line", SWEEPING.format(folder=str(folder)))
    process = start(project)
    wait_for(lambda: len(list(folder.iterdir())) == 2)
    workers = [psutil.Process(int(path.name)) for path in folder.iterdir()]
    process.kill()
    process.communicate(timeout=LONG_ENOUGH)
    wait_for(
        lambda: not any(w.is_running() and w.status() != psutil.STATUS_ZOMBIE for w in workers)
    )


def test_a_second_run_at_the_same_time_is_refused(project, capsys):
    marker = project.root / "started"
    project.notebook("01_slow", SLOW.format(marker=str(marker), seconds=LONG_ENOUGH))
    process = start(project)
    try:
        wait_for(marker.exists)
        assert project.run() == 2
        assert "Another run is under way" in capsys.readouterr().err
    finally:
        process.kill()
        process.communicate()


def test_numbers_are_read_as_python_reads_them(project):
    project.notebook("01_line")
    assert project.run("-p", "height=1e-4") == 0
    row = json.loads((project.root / "build/custom/figures/manifest.json").read_text())[0]
    assert row["parameters"]["height"] == 1e-4


def test_a_users_own_settings_do_not_change_the_results(project, monkeypatch, tmp_path_factory):
    project.notebook("01_line", "figure")
    assert project.run() == 0
    first = project.published()
    settings = tmp_path_factory.mktemp("settings")
    (settings / "matplotlibrc").write_text("lines.linewidth: 9\naxes.facecolor: yellow\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(settings))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    assert project.run("--force") == 0
    assert project.published() == first
    assert b"image/png" in first["notebooks/01_line.ipynb"]


FAULTS = {
    "data/claims.toml": ("[[claim", "claims.toml is no valid TOML"),
    "figures/manifest.json": ("<<<<<<< HEAD", "manifest.json is no valid JSON"),
    "notebooks/presets/smoke.yaml": ("01_line: [", "smoke.yaml is no valid YAML"),
    "data/processed/01_line.ledger.json": (
        "<<<<<<< HEAD",
        "01_line.ledger.json is no valid ledger",
    ),
    "data/processed/02_old.ledger.json": (
        '[{"claim": "a"}]',
        "02_old.ledger.json is no valid ledger",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_file_of_the_project_is_named_in_one_sentence(project, capsys, name):
    project.notebook("01_line", "raise RuntimeError('this must not run')")
    text, message = FAULTS[name]
    (project.root / name).write_text(text)
    arguments = ["--preset", "smoke"] if "smoke" in name else []
    assert project.run(*arguments) == 2
    assert message in capsys.readouterr().err


def test_a_broken_state_file_means_that_the_notebook_runs_again(project, capsys):
    project.notebook("01_line")
    assert project.run() == 0
    (project.root / "build/state/published/01_line.json").write_text("[]")
    assert project.run() == 0
    assert "01_line: done" in capsys.readouterr().err


def test_an_endless_cell_is_ended_and_named_where_a_limit_is_given(project, capsys):
    project.notebook(
        "01_line",
        change=lambda text: text.replace("import matplotlib.pyplot as plt", "while True: pass"),
    )
    assert project.run("--cell-limit", "2") == 1
    assert (
        "01_line failed: cell [1] (while True: pass) ran longer than 2 s" in capsys.readouterr().out
    )


def test_a_relative_folder_of_data_is_relative_to_where_the_user_stands(project, monkeypatch):
    monkeypatch.chdir(project.root)
    monkeypatch.setenv(paths.DATA_VARIABLE, "digits")
    project.notebook(
        "01_line", f"import os\nassert os.environ['QDM_DATA'] == {str(project.root / 'digits')!r}"
    )
    assert project.run() == 0


def test_a_run_without_a_terminal_gives_a_sign_of_life(project, capsys, monkeypatch):
    monkeypatch.setattr("qdm_utils.companion.runner.progress.SIGN_OF_LIFE", 0.5)
    project.notebook("01_line", "import time\ntime.sleep(3)")
    assert project.run() == 0
    assert re.search(r"^\[ +[\d.]+ s\] 01_line cell \d/4 \d+ s$", capsys.readouterr().err, re.M)


def test_what_is_shared_is_mended_and_a_stale_overview_is_told(project, capsys):
    project.notebook("01_line", VERDICT, claims=("line-height",))
    overview = (
        "from qdm_utils.companion import paths\n"
        "assert (paths.processed(paths.records()) / '01_line.ledger.json').exists()"
    )
    project.notebook("00_overview", overview)  # it comes last, however it is numbered
    assert project.run() == 0
    good = project.published()
    (project.root / "figures/manifest.json").unlink()
    (project.root / "README.md").write_text("<!-- ledger:begin -->\nstale\n<!-- ledger:end -->\n")
    assert project.run() == 0
    assert project.published()["figures/manifest.json"] == good["figures/manifest.json"]
    assert "stale" not in (project.root / "README.md").read_text()
    text = (project.root / "notebooks/01_line.py").read_text()
    (project.root / "notebooks/01_line.py").write_text(
        text.replace("height: float = 1.0", "height: float = 2.0")
    )
    capsys.readouterr()
    assert project.run("--only", "01") == 0
    assert "00_overview shows the ledger as it was; run without --only" in capsys.readouterr().out


def test_verify_finds_whatever_was_touched(project, capsys):
    project.notebook("01_line")
    assert project.run() == 0
    assert cli.main(["verify"]) == 0
    for name in ("figures/01_line-old.png", "figures/manifest.json"):
        kept = (project.root / name).read_text() if (project.root / name).exists() else None
        (project.root / name).write_text("[]")
        assert cli.main(["verify"]) == 1
        assert f"differs: {name}" in capsys.readouterr().out
        (project.root / name).unlink() if kept is None else (project.root / name).write_text(kept)
    (project.root / "data/processed/01_line.csv").write_text("height\n9\n")
    capsys.readouterr()
    assert cli.main(["verify"]) == 1
    assert "differs: data/processed/01_line.csv" in capsys.readouterr().out
