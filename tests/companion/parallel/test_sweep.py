"""Sweeps in this process, over two processes, and over a real Dask cluster of two workers."""

import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import dask
import numpy as np
import psutil
import pytest
import torch
from distributed import LocalCluster, Security
from threadpoolctl import threadpool_info, threadpool_limits

from qdm_utils.companion import sweep
from qdm_utils.companion.parallel import cluster as cluster_module
from qdm_utils.companion.parallel.sweep import _alone, default_workers, results
from qdm_utils.companion.parallel.task import Job, SweepError
from tests.companion.conftest import Project
from tests.companion.parallel import sweep_tasks

ROOT = Path(__file__).parents[3]
EVERYWHERE = ["here", "processes", "cluster"]
# A cluster takes seconds to start and to stop.
CLUSTER = pytest.param("cluster", marks=pytest.mark.slow)
# For tests that end workers: one of their own, since an ended worker may not come back.
MORTAL = pytest.param("mortal_cluster", marks=pytest.mark.slow)
# For the end of something that will come: a hang fails, a busy machine does not.
LONG_ENOUGH = 600


@contextmanager
def started(**options):
    # A task that ends its worker is given up at the third time, not at the fourth: tests are done
    # sooner. Not at the second, or on a busy machine a neighbour of that task is blamed.
    patient = {
        "distributed.scheduler.allowed-failures": 2,
        "distributed.comm.timeouts.connect": "120s",
    }
    with (
        dask.config.set(patient),
        LocalCluster(processes=True, dashboard_address=":0", silence_logs=50, **options) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def cluster():
    with started(n_workers=2, threads_per_worker=1) as found:
        yield found


@pytest.fixture
def mortal_cluster():
    """Four workers, of which a test may end three.

    Dask starts a worker again that ended, but not one that ended while it was still starting: a
    task that waits for its next victim can meet it there.
    """
    with started(n_workers=4, threads_per_worker=1) as found:
        yield found


@pytest.fixture
def backend(request, monkeypatch):
    """The arguments of `sweep` for a backend; a cluster is named by the environment alone."""
    for name in ("QDM_SCHEDULER", "QDM_WORKERS", "QDM_QUIET"):
        monkeypatch.delenv(name, raising=False)
    if "cluster" in request.param:
        address = request.getfixturevalue(request.param).scheduler_address
        monkeypatch.setenv("QDM_SCHEDULER", address)
        # A cluster that lost its workers is an error, not a wait.
        monkeypatch.setattr(cluster_module, "PATIENCE_SECONDS", 120.0)
        return {}
    return {"workers": EVERYWHERE.index(request.param) + 1}


PROCESSES = pytest.param("processes", marks=pytest.mark.slow)
everywhere = pytest.mark.parametrize("backend", ["here", PROCESSES, CLUSTER], indirect=True)
elsewhere = pytest.mark.parametrize("backend", [PROCESSES, CLUSTER], indirect=True)
with_deaths = pytest.mark.parametrize("backend", [PROCESSES, MORTAL], indirect=True)


@everywhere
def test_the_numbers_and_their_order_are_the_same_everywhere(backend):
    assert sweep(sweep_tasks.spectrum, range(9), **backend) == [
        sweep_tasks.spectrum(seed) for seed in range(9)
    ]


@everywhere
def test_results_come_with_the_index_of_their_task(backend):
    workers = backend.get("workers")
    with closing(results(abs, [-1, 2, -3], workers)) as coming:
        assert sorted(coming) == [(0, 1), (1, 2), (2, 3)]


@everywhere
def test_the_work_is_done_where_it_should_be(backend, request, tmp_path):
    processes = 1 if backend.get("workers") == 1 else 2
    found = set(sweep(sweep_tasks.process_of, [(tmp_path, processes)] * 12, **backend))
    if backend.get("workers") == 1:
        assert found == {os.getpid()}
    elif backend:
        assert len(found) == 2
        assert os.getpid() not in found
    else:
        workers = request.getfixturevalue("cluster").workers.values()
        assert found == {nanny.pid for nanny in workers}


def test_the_number_of_processes_can_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("QDM_SCHEDULER", raising=False)
    monkeypatch.setenv("QDM_WORKERS", "1")
    assert set(sweep(sweep_tasks.process_of, [(tmp_path / "one", 1)] * 3)) == {os.getpid()}
    monkeypatch.setenv("QDM_WORKERS", "2")
    found = set(sweep(sweep_tasks.process_of, [(tmp_path / "two", 2)] * 4))
    assert len(found) == 2
    assert os.getpid() not in found


@pytest.mark.parametrize(("cores", "workers"), [(3, 3), (None, 1)])
def test_there_is_a_process_for_each_core_unless_told_otherwise(monkeypatch, cores, workers):
    monkeypatch.delenv("QDM_WORKERS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert default_workers() == workers


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_a_number_of_workers_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("QDM_WORKERS", text)
    with pytest.raises(
        ValueError, match=re.escape(f"QDM_WORKERS must be a whole number ≥ 1, but is {text!r}")
    ):
        sweep(abs, [1, 2])
    with pytest.raises(ValueError, match="Argument `workers` must be ≥ 1, but got 0"):
        sweep(abs, [1], workers=0)


@everywhere
def test_no_tasks_give_no_results(backend):
    assert sweep(abs, [], **backend) == []


@elsewhere
def test_every_task_in_a_worker_has_one_thread(backend):
    assert set(sweep(sweep_tasks.threads, range(6), **backend)) == {(1, 1, "1", "1")}


def test_in_this_process_tasks_have_one_thread_and_the_caller_has_its_own_again(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with threadpool_limits(limits=2):
            pools = threadpool_info()  # some libraries know one thread only, whatever the limit
            assert any(pool["num_threads"] == 2 for pool in pools)
            assert sweep(sweep_tasks.threads, [0], workers=1) == [(1, 1, "1", "1")]
            assert torch.get_num_threads() == 2
            assert threadpool_info() == pools
            with pytest.raises(ZeroDivisionError):
                sweep(lambda task: 1 / task, [0], workers=1)
            assert torch.get_num_threads() == 2
        assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
        assert "OMP_NUM_THREADS" not in os.environ
    finally:
        torch.set_num_threads(before)


@elsewhere
def test_a_task_may_write_to_its_large_array(backend):
    arrays = [np.full(400_000, float(k)) for k in range(3)]
    assert sweep(sweep_tasks.halve, arrays, **backend) == [0.0, 200_000.0, 400_000.0]
    assert arrays[2][0] == 2.0


@everywhere
def test_a_sweep_inside_a_task_stays_in_its_process(backend, monkeypatch):
    monkeypatch.setenv("QDM_WORKERS", "2")
    assert sweep(sweep_tasks.total, [3, 4], **backend) == [6, 10]


@everywhere
def test_an_exception_of_a_task_is_raised_as_it_is_and_the_rest_is_cancelled(backend, tmp_path):
    with pytest.raises(KeyError) as caught:
        sweep(sweep_tasks.bad_third, [(tmp_path, index) for index in range(60)], **backend)
    assert caught.value.args == ("task 2 is bad",)
    time.sleep(1.0)
    assert len(list(tmp_path.iterdir())) < 30


@elsewhere
def test_an_exception_that_cannot_travel_is_told_nevertheless(backend):
    with pytest.raises(SweepError, match="A task raised AwkwardError: 1 and more"):
        sweep(sweep_tasks.awkward, [1, 1], **backend)


@elsewhere
def test_what_cannot_be_sent_is_an_error_not_a_wait(backend):
    with pytest.raises(TypeError, match="pickle"):
        sweep(abs, [threading.Lock(), 1], **backend)
    with pytest.raises(TypeError, match="pickle"):
        sweep(lambda _: threading.Lock(), [1, 2], **backend)


@pytest.mark.slow
@with_deaths
def test_a_task_that_ends_its_worker_once_is_repeated_and_what_was_done_is_kept(backend, tmp_path):
    tasks = [(tmp_path, index, 15, "once") for index in range(16)]
    assert sweep(sweep_tasks.deadly, tasks, **backend) == [index**2 for index in range(16)]
    runs = [len((tmp_path / f"{index}").read_text()) for index in range(16)]
    assert runs[15] == 2
    assert runs[:15].count(1) >= 10


def test_a_task_whose_process_died_is_repeated_alone_twice(monkeypatch):
    """The first time it may have died through no fault of the task."""
    job, runs = Job.of(abs, [-1]), iter([[], [(0, b"an outcome")], [], []])
    module = sys.modules["qdm_utils.companion.parallel.sweep"]
    monkeypatch.setattr(module, "_until_a_worker_dies", lambda *_: next(runs))
    assert _alone(job, 0) == b"an outcome"
    with pytest.raises(SweepError, match="Task 0, -1, ended its worker process again"):
        _alone(job, 0)


@pytest.mark.slow
@with_deaths
@pytest.mark.parametrize("count", [1, 6])
def test_a_task_that_always_ends_its_worker_is_named(backend, tmp_path, count):
    tasks = [(tmp_path, index, count // 2, "always") for index in range(count)]
    with pytest.raises(
        SweepError, match=rf"^Task {count // 2}, \(.*ended its worker process again"
    ) as caught:
        sweep(sweep_tasks.deadly, tasks, **backend)
    assert len(str(caught.value)) < 250
    assert caught.value.task == count // 2
    assert sweep(abs, [-1, 2], **backend) == [1, 2]


@everywhere
def test_a_bar_shows_progress_unless_the_runner_does(backend, capsys, monkeypatch):
    sweep(abs, range(2), label="squares", **backend)
    assert "squares" in capsys.readouterr().err
    sweep(abs, range(1), label="squares", **backend)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("QDM_QUIET", "1")
    sweep(abs, range(3), label="squares", **backend)
    assert capsys.readouterr().err == ""


SCRIPT = """
import os, signal, sys
from qdm_utils.companion import sweep

scale = 3

class Point:
    def __init__(self, x):
        self.x = x

class OwnError(Exception):
    pass

def tripled(point):
    return Point(scale * point.x)

def once(task):
    if task == 2 and not os.path.exists(sys_folder):
        open(sys_folder, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return task

def fails(task):
    raise OwnError(f"no {task}")

sys_folder = sys.argv[1]
given = {} if "QDM_SCHEDULER" in os.environ else {"workers": 2}
print([point.x for point in sweep(tripled, map(Point, range(4)), **given)])
print(sweep(lambda task: task + scale, range(4), **given), sweep(once, range(4), **given))
try:
    sweep(fails, range(40), **given)
except OwnError as error:
    print(error)
print("distributed" in sys.modules)
"""


@pytest.mark.slow
@with_deaths
def test_what_is_defined_in_a_notebook_travels_and_nothing_strays_to_stderr(backend, tmp_path):
    environment = {**os.environ, "QDM_QUIET": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-", tmp_path / "mark"],
        input=SCRIPT,
        capture_output=True,
        text=True,
        env=environment,
        timeout=LONG_ENOUGH,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["[0, 3, 6, 9]", "[3, 4, 5, 6] [0, 1, 2, 3]"]
    assert re.fullmatch(r"no \d+", lines[2])
    assert lines[3] == str("QDM_SCHEDULER" in os.environ)


@pytest.mark.parametrize("backend", [CLUSTER], indirect=True)
def test_a_notebook_under_the_runner_reaches_the_cluster(backend, cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("QDM_ROOT", str(tmp_path))
    project = Project(tmp_path)
    pids = {nanny.pid for nanny in cluster.workers.values()}
    imports = "import os\nfrom qdm_utils.companion import sweep"
    body = f"{imports}\nassert set(sweep(lambda _: os.getpid(), range(8))) <= {pids}"
    project.notebook("01_line", body=body)
    assert project.run() == 0


@pytest.mark.parametrize("backend", [CLUSTER], indirect=True)
def test_the_client_is_closed_also_after_an_error(backend, cluster):
    def others():
        return [name for name in cluster.scheduler.clients if name != "fire-and-forget"]

    sweep(abs, [1, 2])
    with pytest.raises(ZeroDivisionError):
        sweep(lambda task: 1 / task, [0, 1])
    until = time.monotonic() + LONG_ENOUGH
    while others() and time.monotonic() < until:
        time.sleep(0.05)
    assert others() == []


@pytest.fixture
def silent_port():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.slow
@pytest.mark.parametrize("port", [9, None])
def test_a_scheduler_that_does_not_answer_is_one_error(monkeypatch, silent_port, port):
    """Not a wait: without a limit of our own Dask waits for ever for the first word."""
    address = f"tcp://127.0.0.1:{port or silent_port}"
    monkeypatch.setenv("QDM_SCHEDULER", address)
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 1)
    with pytest.raises(SweepError) as caught:
        sweep(abs, [1, 2])
    assert (
        str(caught.value)
        == f"QDM_SCHEDULER={address} cannot be reached within 1 s: is the scheduler running?"
    )
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("address", ["nonsense", "tcp://host", "tcp://host:port", "tcp:// host:1"])
def test_what_is_no_address_is_refused(monkeypatch, address):
    monkeypatch.setenv("QDM_SCHEDULER", address)
    with pytest.raises(
        SweepError,
        match=re.escape(f"must be an address such as tcp://host:8786, but is {address!r}"),
    ):
        sweep(abs, [1, 2])


def test_without_distributed_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setenv("QDM_SCHEDULER", "tcp://127.0.0.1:8786")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        SweepError, match=r"needs the package distributed: pip install -r requirements.lock"
    ):
        sweep(abs, [1, 2])


@pytest.mark.slow
@pytest.mark.parametrize("quiet", ["", "1"])
def test_workers_may_come_late_and_must_not_all_go(monkeypatch, capsys, quiet):
    """A worker of two threads comes after a second: the wait is told, and it does one task at a
    time; then it goes.
    """
    monkeypatch.setenv("QDM_QUIET", quiet)
    monkeypatch.setattr(cluster_module, "PATIENCE_SECONDS", 0.5)
    with started(n_workers=0, threads_per_worker=2) as found:
        monkeypatch.setenv("QDM_SCHEDULER", found.scheduler_address)
        come = threading.Timer(2.0, found.scale, [1])
        come.start()
        assert set(sweep(sweep_tasks.alone_in_its_process, range(6))) == {1}
        said = f"the scheduler at {found.scheduler_address} has no workers yet, waiting …"
        assert capsys.readouterr().err.count(said) == (0 if quiet else 1)
        go = threading.Timer(1.0, found.scale, [0])
        go.start()
        with pytest.raises(
            SweepError,
            match=r"was lost during a sweep: all its workers have gone, and none came in 0.5 s",
        ):
            sweep(time.sleep, [60, 60])
        come.join()
        go.join()
        assert ("no workers any more" in capsys.readouterr().err) is not bool(quiet)


@pytest.mark.slow
def test_a_scheduler_that_goes_ends_the_sweep(monkeypatch, tmp_path, capfd):
    """A scheduler as a user starts it, killed while the sweep waits."""
    monkeypatch.setenv("QDM_QUIET", "1")
    place = tmp_path / "scheduler.json"
    command = [
        sys.executable,
        "-m",
        "dask",
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
    ]
    with (tmp_path / "log").open("w") as log:
        scheduler = subprocess.Popen(
            [*command, "--scheduler-file", str(place)], stdout=log, stderr=log
        )
    with scheduler:
        while not place.exists():
            assert scheduler.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        time.sleep(0.3)
        monkeypatch.setenv("QDM_SCHEDULER", re.search(r"tcp://[\d.:]+", place.read_text())[0])
        timer = threading.Timer(2.0, scheduler.kill)
        timer.start()
        with pytest.raises(SweepError, match="was lost during a sweep"):
            sweep(abs, [1, 2])
        timer.join()
    assert capfd.readouterr().err == ""


@contextmanager
def worker_elsewhere(address, folder):
    """A Dask worker as a user starts it, where `folder` comes before everything else that can be
    imported.
    """
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    command = [
        sys.executable,
        "-m",
        "dask",
        "worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
        "--no-nanny",
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def altered_package(folder):
    shutil.copytree(
        ROOT / "qdm_utils", folder / "qdm_utils", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (folder / "qdm_utils" / "arguments.py").open("a") as code:
        code.write("\n# one line more\n")


def other_version(folder):
    (folder / "tqdm-0.0.1.dist-info").mkdir()
    (folder / "tqdm-0.0.1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tqdm\nVersion: 0.0.1\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (altered_package, r"differs in qdm_utils \(code \w{12} there, code \w{12} here\)\."),
        (other_version, r"differs in tqdm \(0\.0\.1 there, [\d.]+ here\)\."),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_a_worker_with_another_package_or_version_is_refused_by_name(
    monkeypatch, tmp_path, alter, message, late
):
    """Before the first task where it is there already, beside a good one; at its first task where
    it comes later.
    """
    monkeypatch.setenv("QDM_QUIET", "1")
    alter(tmp_path)
    tasks = [tmp_path / f"task {k}" for k in range(4)]
    with started(n_workers=0 if late else 1) as found:
        monkeypatch.setenv("QDM_SCHEDULER", found.scheduler_address)
        with worker_elsewhere(found.scheduler_address, tmp_path):
            while not late and len(found.scheduler_info["workers"]) < 2:
                time.sleep(0.1)
            with pytest.raises(
                SweepError, match=rf"^The worker tcp://[\d.]+:\d+ is refused, it {message}"
            ):
                sweep(Path.touch, tasks)
    assert not any(task.exists() for task in tasks)


@pytest.mark.slow
def test_a_worker_of_another_python_is_refused_before_any_code_is_sent(monkeypatch, cluster):
    monkeypatch.setenv("QDM_SCHEDULER", cluster.scheduler_address)
    versions = {"tcp://far:1": {"host": {"python": "3.99.1.final.0"}}}
    monkeypatch.setattr("distributed.Client.get_versions", lambda _: {"workers": versions})
    with pytest.raises(
        SweepError,
        match=r"^The worker tcp://far:1 is refused, "
        r"it differs in Python \(3\.99 there, 3\.\d+ here\)\.",
    ):
        sweep(abs, [1, 2])


@pytest.fixture
def certificates(tmp_path, monkeypatch):
    """A self-signed certificate that Dask's configuration names for all, as the README says."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-keyout",
    ]
    subprocess.run([*command, key, "-out", certificate], check=True, capture_output=True)
    files = {"key": str(key), "cert": str(certificate)}
    roles = {
        f"{role}.{name}": path
        for role in ("scheduler", "worker", "client")
        for name, path in files.items()
    }
    settings = {"ca-file": str(certificate), **roles}
    with dask.config.set(
        {f"distributed.comm.tls.{name}": value for name, value in settings.items()}
    ):
        yield Security()


@pytest.mark.slow
def test_a_cluster_behind_tls_is_reached_with_the_certificates_of_dasks_configuration(
    monkeypatch, certificates
):
    monkeypatch.setenv("QDM_QUIET", "1")
    with started(n_workers=1, protocol="tls://", security=certificates) as found:
        assert found.scheduler_address.startswith("tls://")
        monkeypatch.setenv("QDM_SCHEDULER", found.scheduler_address)
        assert sweep(abs, [-1, 2, -3]) == [1, 2, 3]


def listening(process: psutil.Process) -> list[str]:
    """Addresses at which a process waits for others; none of one that has ended meanwhile."""
    try:
        return [c.laddr.ip for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
    except psutil.NoSuchProcess:
        return []


@pytest.mark.slow
def test_the_cluster_of_the_readme_listens_on_this_machine_alone(tmp_path):
    """Its two commands as they stand there, on free ports."""
    block = re.search(
        r"## On a cluster.*?```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S
    )[1]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    lines = [
        line.rstrip(" &").replace("8786", port).replace("8787", "0")
        for line in block.splitlines()[:2]
    ]
    lines[0] += f" --port {port}"
    commands = [[sys.executable, "-m", "dask", *line.split()[1:]] for line in lines]
    with (tmp_path / "log").open("w") as log:
        started_here = [
            subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log) for command in commands
        ]
    processes = [psutil.Process(process.pid) for process in started_here]
    try:
        heard, until = [], time.monotonic() + LONG_ENOUGH
        while (
            len(heard) < 3
        ):  # the scheduler and two workers, each with a port for the others and one for its pages
            assert all(process.poll() is None for process in started_here), (
                tmp_path / "log"
            ).read_text()
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.5)
            ports = [
                listening(member)
                for process in processes
                for member in [process, *process.children(recursive=True)]
            ]
            heard = [found for found in ports if len(found) >= 2]
        assert {address for found in ports for address in found} == {"127.0.0.1"}
    finally:
        for process in processes:
            for member in [*process.children(recursive=True), process]:
                with suppress(psutil.NoSuchProcess):
                    member.kill()
        for process in started_here:
            process.wait()


def test_what_dask_logs_is_kept_from_the_reader_only_during_a_sweep(caplog):
    logger, other = logging.getLogger("distributed.client"), logging.getLogger("of.the.reader")
    level = logger.level
    logger.addHandler(caplog.handler)
    try:
        with cluster_module._silence():
            logger.critical("a line that would fail a notebook")
            other.error("a line of somebody else")
        assert [record.message for record in caplog.records] == ["a line of somebody else"]
    finally:
        logger.removeHandler(caplog.handler)
    assert logger.level == level
