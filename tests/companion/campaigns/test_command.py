"""The command: what it computes, what it says, and that no fault costs what was finished."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from qdm_utils.companion import locks
from qdm_utils.companion.campaigns import load, progress, records, survey, work
from qdm_utils.companion.parallel.task import SweepError
from tests.companion.parallel.test_sweep import started

ROOT = Path(__file__).parents[3]
DEADLY = (
    "    draws =",
    '    if task["k"] == 1:\n        import os; os.kill(os.getpid(), 9)\n    draws =',
)


def test_what_is_there_is_kept_and_only_the_rest_is_computed(campaigns, capsys):
    assert campaigns.run("--status") == 1
    assert campaigns.run("01") == 0
    assert "4 records written, 0 kept" in capsys.readouterr().out
    before = campaigns.bytes()
    (campaigns.folder / "line-1.json").unlink()
    (campaigns.folder / "line-2.npz").write_bytes(before["line-2.npz"][:50])
    assert campaigns.run("01_line") == 0
    assert "2 records written, 2 kept" in capsys.readouterr().out
    after = campaigns.bytes()
    kept = [name for name in before if name.startswith(("line-0", "line-3")) or ".npz" in name]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert campaigns.run("--status") == 0
    assert campaigns.run() == 0
    assert campaigns.bytes() == after


def test_the_status_counts_and_estimates_by_what_the_records_took(campaigns, capsys, monkeypatch):
    campaigns.run()
    for name in ("line-0", "line-3"):
        path = campaigns.folder / f"{name}.json"
        told = json.loads(path.read_text())
        # Estimated 10 and 13 s; they took a hundred times as long.
        path.write_text(json.dumps(told | {"seconds": 100 * (10 + told["parameters"]["k"])}))
    for name in ("line-1", "line-2"):
        (campaigns.folder / f"{name}.json").unlink()
    capsys.readouterr()
    for jobs, busiest in ((1, 11 + 12), (2, 12), (3, 12)):
        assert campaigns.run("--status", jobs=jobs) == 1
        head, line = capsys.readouterr().out.splitlines()
        assert head.endswith(f"core-hours left  hours on {jobs}")
        hours = [f"{100 * seconds / 3600:.2f}" for seconds in (11 + 12, busiest)]
        assert line.split() == ["01_line", "2", "0", "2", "0", "0", *hours]
    expected = []

    class Noted(progress.Progress):
        def __init__(self, stem, seconds):
            expected.append(seconds)
            super().__init__(stem, seconds)

    monkeypatch.setattr(work, "Progress", Noted)
    assert campaigns.run() == 0
    assert expected == [{"line-1": pytest.approx(1100), "line-2": pytest.approx(1200)}]


@pytest.mark.slow
def test_local_processes_give_the_same_records_as_this_one(campaigns):
    assert campaigns.run(jobs=1) == 0
    here = campaigns.results()
    for path in campaigns.folder.iterdir():
        path.unlink()
    assert campaigns.run(jobs=2) == 0
    assert campaigns.results() == here


def test_the_status_is_a_table_and_one_campaign_that_is_not_complete_decides(campaigns, capsys):
    campaigns.second()
    assert campaigns.run("--status") == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["campaign", "01_line", "02_longer_line"]
    assert len({len(line) for line in lines}) == 1
    assert campaigns.run("01") == 0
    assert campaigns.run("--status") == 0


def test_one_campaign_that_fails_is_a_failure_of_the_command(campaigns):
    campaigns.second()
    campaigns.declare(("    draws =", "    1 / 0\n    draws ="))
    assert campaigns.run() == 1
    assert campaigns.run("02") == 0


def test_an_unknown_name_is_refused_and_the_known_ones_are_told(campaigns, capsys):
    assert campaigns.run("02_point") == 2
    assert "There is no campaign '02_point'; the campaigns are: 01_line." in capsys.readouterr().err
    assert not campaigns.folder.exists()


@pytest.mark.parametrize("arguments", [("--jobs", "0"), ("--revalidate", "0")])
def test_a_number_below_one_is_refused(campaigns, capsys, arguments):
    from qdm_utils.companion import cli

    assert cli.main(["campaign", *arguments]) == 2
    assert f"Argument `{arguments[0]}` must be ≥ 1, but got 0." in capsys.readouterr().err


def test_a_number_of_workers_that_is_none_is_refused(campaigns, capsys, monkeypatch):
    from qdm_utils.companion import cli

    monkeypatch.setenv("QDM_WORKERS", "many")
    assert cli.main(["campaign"]) == 2
    assert "QDM_WORKERS must be a whole number ≥ 1, but is 'many'." in capsys.readouterr().err


def test_a_grid_that_changed_is_refused_until_it_is_pruned(campaigns, capsys):
    campaigns.run()
    before = campaigns.bytes()
    campaigns.declare(('"k": k,', '"k": 2 * k,'))
    assert campaigns.run() == 2
    told = capsys.readouterr().err
    assert (
        "01_line has changed: 3 of its records are of another one (line-1, line-2, line-3)" in told
    )
    assert "--prune" in told
    assert campaigns.bytes() == before
    assert campaigns.run("--prune") == 0
    assert "3 records of another grid deleted\n  line-1" in capsys.readouterr().out
    assert campaigns.bytes() == {name: before[name] for name in ("line-0.json", "line-0.npz")}
    assert campaigns.run() == 0
    assert campaigns.run("--status") == 0


def test_two_campaigns_at_once_are_refused(campaigns, capsys):
    with locks.hold("campaign", RuntimeError()):
        assert campaigns.run() == 2
        assert campaigns.run("--status") == 1
    assert "Another campaign is under way in this project" in capsys.readouterr().err
    assert campaigns.run() == 0


def test_a_task_that_raises_is_told_and_costs_no_other(campaigns, capsys):
    campaigns.declare(("    draws =", '    1 / (task["k"] - 1)\n    draws ='))
    assert campaigns.run() == 1
    told = capsys.readouterr()
    assert "Task line-1 of campaign 01_line failed: ZeroDivisionError: " in told.err
    assert "3 records written, 0 kept" in told.out
    assert campaigns.survey().counts()["current"] == 3


def test_a_result_that_cannot_be_kept_is_a_failure_of_its_task(campaigns, capsys):
    campaigns.declare(('{"height": FACTOR', '{"list": [1], "height": FACTOR'))
    assert campaigns.run() == 1
    assert "must be a scalar or an array, but got [1]" in capsys.readouterr().err
    assert campaigns.bytes() == {}


@pytest.mark.slow
def test_a_task_that_ends_its_worker_twice_is_named_and_costs_no_other(campaigns, capsys):
    campaigns.declare(DEADLY)
    assert campaigns.run(jobs=2) == 1
    told = capsys.readouterr()
    assert "Task line-1 of campaign 01_line failed: it ended its worker process twice" in told.err
    assert sorted(campaigns.survey().current) == ["line-0", "line-2", "line-3"]
    campaigns.declare()
    assert campaigns.run() == 0


@pytest.mark.parametrize("full_at", [1, 2, 3, 4])
def test_a_full_disk_is_one_sentence_and_leaves_nothing_in_part(
    campaigns, capsys, monkeypatch, full_at
):
    writes = []
    fill = records._fill

    def full(handle, content):
        writes.append(handle)
        if len(writes) == full_at:
            handle.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fill(handle, content)

    monkeypatch.setattr(records, "_fill", full)
    assert campaigns.run() == 1
    told = capsys.readouterr().err
    assert "A record could not be written: No space left on device." in told
    assert "What was finished is kept" in told
    monkeypatch.setattr(records, "_fill", fill)
    # Each record is two files, the arrays first: what is there is whole.
    found = campaigns.survey().counts()
    assert (found["current"], found["damaged"]) == ((full_at - 1) // 2, 0)
    assert not [name for name in campaigns.bytes() if name.endswith(".part")]
    assert campaigns.run() == 0


def test_records_that_come_out_again_are_restamped(campaigns, capsys):
    campaigns.run()
    before = campaigns.results()
    code = campaigns.told("line-0")["code"]
    campaigns.declare(('FACTOR * task["height"]', 'task["height"] * FACTOR'))
    assert campaigns.survey().counts()["stale"] == 4
    assert campaigns.run("--revalidate", "2") == 0
    assert "4 records good for the present code" in capsys.readouterr().out
    (line,) = json.loads((campaigns.folder / "revalidated.json").read_text())
    assert len(line["sample"]) == 2
    assert (line["records"], line["largest difference"], line["old code"]) == (4, 0.0, [code])
    assert line["new code"] != code
    assert line["versions"].keys() == {"python", "numpy"}
    assert line["packages"] == {"numpy": "2.2.6"}
    assert line["tolerance"] == {"probe": 1e-9, "result": 1e-9, "why": "a closed form"}
    (campaigns.folder / "revalidated.json").rename(campaigns.folder / "../log.json")
    after = campaigns.results()
    assert {r["code"] for r in after.values()} == {line["new code"]}
    for name, record in before.items():
        assert after[name] == record | {"code": line["new code"]}
    assert campaigns.run("--status") == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("FACTOR = 2.0", "FACTOR = 2.0 + 1e-8", "height of its result is 6 and was 6"),
        ("0 * k", "1e-8", "draws of its result is "),
        ("(seed).normal()", "(seed).normal() + 1e-8", "first draw of its probe is "),
        ("    draws =", "    1 / 0\n    draws =", "ZeroDivisionError: division by zero\n"),
    ],
)
def test_records_that_do_not_come_out_again_are_left_as_they_are(campaigns, capsys, old, new, said):
    campaigns.run()
    before = campaigns.bytes()
    campaigns.declare((old, new))
    # All four: the factor does not show in the line of no height.
    assert campaigns.run("--revalidate", "4") == 1
    told = capsys.readouterr().err
    assert f"Task line-3 of campaign 01_line: {said}" in told
    assert "Nothing was changed." in told
    assert campaigns.bytes() == before


def test_a_task_that_ends_its_worker_is_a_failure_also_where_it_is_only_compared(
    campaigns, monkeypatch
):
    campaigns.run()
    campaigns.declare(("FACTOR = 2.0", "FACTOR = 3.0"))

    def deadly(call, tasks, workers):
        yield from ()
        raise SweepError("A task ends its workers.", task=0)

    monkeypatch.setattr(work, "results", deadly)
    stamped, failures = work.revalidate(load("01_line"), 1)
    assert stamped == 0
    assert len(failures) == 1
    assert "it ended its worker process twice" in failures[0]


def test_a_cluster_that_is_lost_is_one_sentence(campaigns, capsys, monkeypatch):
    def lost(call, tasks, workers):
        yield from ()
        raise SweepError("The cluster cannot be reached.")

    monkeypatch.setattr(work, "results", lost)
    assert campaigns.run() == 1
    told = capsys.readouterr().err
    assert "The cluster cannot be reached. What was finished is kept." in told


SUMMARY = (
    "def unused():",
    'def summary(result):\n    return {"mean": result["draws"].mean()}\n\n\ndef unused():',
)


def test_where_single_numbers_may_differ_their_summary_is_compared(campaigns, capsys):
    campaigns.declare(SUMMARY)
    campaigns.run()
    campaigns.declare(SUMMARY, ("draws + helper", "draws[::-1] + helper"))
    assert campaigns.run("--revalidate", "4") == 0
    campaigns.declare(SUMMARY, ("draws + helper", "draws + 1 + helper"))
    capsys.readouterr()
    assert campaigns.run("--revalidate", "4") == 1
    assert "mean of its result is" in capsys.readouterr().err


def test_probe_and_result_have_bands_of_their_own_and_the_largest_difference_is_kept(
    campaigns, capsys
):
    wide = ('"probe": 1e-9', '"probe": 1e-3')
    campaigns.declare(wide)
    campaigns.run()
    moved = ("(seed).normal()}", '(seed).normal() + 1e-4 * (task["k"] == 1)}')
    campaigns.declare(wide, moved)
    assert campaigns.run("--revalidate", "4") == 0
    (line,) = json.loads((campaigns.folder / "revalidated.json").read_text())
    assert line["largest difference"] == pytest.approx(1e-4)
    campaigns.declare(wide, moved, ("FACTOR = 2.0", "FACTOR = 2.5"))
    assert campaigns.run("--revalidate", "4") == 1
    assert "height of its result is 7.5 and was 6" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["code", "packages"])
def test_the_sample_follows_from_the_new_code_and_its_packages(campaigns, changed):
    campaigns.notebook(count=12)
    campaigns.run()
    for name in ("one", "two", "three"):
        if changed == "code":
            new = f'    {name} = 0\n    return {{"height": {name} + FACTOR'
            campaigns.declare(('    return {"height": FACTOR', new))
        else:
            (campaigns.project.root / "requirements.lock").write_text(f"numpy==2.{name}\n")
        assert campaigns.run("--revalidate", "2") == 0
    log = json.loads((campaigns.folder / "revalidated.json").read_text())
    assert {len(line["sample"]) for line in log} == {2}
    assert len({tuple(line["sample"]) for line in log}) > 1


def test_the_longest_task_comes_first_and_what_a_kill_left_in_part_goes(campaigns):
    campaigns.folder.mkdir(parents=True)
    (campaigns.folder / ".line-9.json.part").write_text("{")
    order = []

    def noted(record):
        order.append(record.task)
        write(record)

    with pytest.MonkeyPatch.context() as patch:
        write = work.write
        patch.setattr(work, "write", noted)
        assert campaigns.run() == 0
    assert order == ["line-3", "line-2", "line-1", "line-0"]
    assert not list(campaigns.folder.glob(".*"))


def test_what_stale_records_took_counts_in_the_estimate(campaigns):
    campaigns.run()
    for k in range(4):
        path = campaigns.folder / f"line-{k}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": 100.0 * (10 + k)}))
    campaigns.declare(("FACTOR = 2.0", "FACTOR = 3.0"))
    campaign = load("01_line")
    found = survey(campaign)
    assert len(found.stale) == 4
    assert work.calibration(campaign, found) == pytest.approx(100)
    assert work.hours_left(campaign, found) == pytest.approx(100 * (10 + 11 + 12 + 13) / 3600)


def test_every_revalidation_is_kept_in_the_log(campaigns):
    campaigns.run()
    for product in ('task["height"] * FACTOR', '1 * FACTOR * task["height"]'):
        campaigns.declare(('FACTOR * task["height"]', product))
        assert campaigns.run("--revalidate") == 0
    log = json.loads((campaigns.folder / "revalidated.json").read_text())
    assert len(log) == 2
    assert log[1]["old code"] == [log[0]["new code"]]
    assert campaigns.run("--status") == 0


@pytest.mark.slow
def test_a_sign_of_life_comes_without_a_terminal(campaigns, capsys, monkeypatch):
    monkeypatch.setattr(progress, "SIGN_OF_LIFE", 0.05)
    campaigns.declare(("    draws =", "    import time; time.sleep(0.3)\n    draws ="))
    assert campaigns.run() == 0
    told = capsys.readouterr().err.splitlines()
    assert "01_line: 0 of 4 tasks" in told[0]
    assert any("tasks, about" in line and line.endswith("left") for line in told)


def test_the_time_left_is_weighted_by_what_tasks_take(capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    bar = progress.Progress("01_line", {"long": 90.0, "short": 10.0})
    assert bar.left() is None
    now[0] = 160.0
    bar.finished("long")
    assert bar.left() == pytest.approx(60 * 10 / 90)
    with bar:
        pass
    assert capsys.readouterr().err == "[  60.0 s] 01_line: 1 of 2 tasks, about 7 s left\n"


@pytest.mark.parametrize(("terminal", "pause"), [(True, progress.MOVES), (False, 60.0)])
def test_a_bar_moves_each_second_and_a_line_comes_each_minute(capsys, monkeypatch, terminal, pause):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    bar = progress.Progress("01_line", {"long": 90.0})
    pauses = []
    bar._over = SimpleNamespace(wait=lambda seconds: pauses.append(seconds) or len(pauses) < 9)
    bar._watch()
    assert pauses == [pause]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(99, "99 s"), (100, "2 min"), (5399, "90 min"), (5400, "1.5 h"), (12_000, "3.3 h")],
)
def test_a_time_is_told_to_the_digit_that_matters(seconds, told):
    assert progress.duration(seconds) == told


SLOW = ("    draws =", "    import time; time.sleep(0.4)\n    draws =")


def start(campaigns, **environment):
    """The command as a user starts it, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "qdm_utils", "campaign", *([] if environment else ["--jobs", "2"])],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell's background jobs ignore Ctrl-C, and so would this one if tests ran as such.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for(campaigns, count):
    """Until so many records are there."""
    until = time.monotonic() + 120
    while len(list(campaigns.folder.glob("*.json"))) < count:
        assert time.monotonic() < until
        time.sleep(0.02)


def killed_five_times(campaigns, **environment):
    for count in range(1, 6):
        process = start(campaigns, **environment)
        wait_for(campaigns, min(2 * count, 11))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = campaigns.survey().counts()
        assert (found["damaged"], found["foreign"]) == (0, 0)
    process = start(campaigns, **environment)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 0, told


@pytest.mark.slow
@pytest.mark.parametrize("place", ["processes", "cluster"])
def test_a_campaign_killed_five_times_ends_with_the_same_records(campaigns, place):
    campaigns.notebook(count=12)
    campaigns.declare()
    assert campaigns.run() == 0
    undisturbed = campaigns.results()
    for path in campaigns.folder.iterdir():
        path.unlink()
    campaigns.declare(SLOW)
    if place == "processes":
        killed_five_times(campaigns)
    else:
        with started(n_workers=2, threads_per_worker=1) as cluster:
            killed_five_times(campaigns, QDM_SCHEDULER=cluster.scheduler_address)
    again = campaigns.results()
    assert len(again) == 12
    for name, record in undisturbed.items():
        assert again[name] == record | {"code": again[name]["code"]}


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_finished(campaigns):
    campaigns.notebook(count=12)
    campaigns.declare(SLOW)
    process = start(campaigns)
    wait_for(campaigns, 2)
    # As a terminal does: to all processes of the command.
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted. Finished notebooks and records are kept" in told.splitlines()[-1]
    found = campaigns.survey().counts()
    assert 2 <= found["current"] < 12
    assert (found["damaged"], found["foreign"]) == (0, 0)
