"""Many independent tasks over the cores of a machine or a cluster: the same numbers everywhere."""

import os
import sys
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from typing import Any

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from qdm_utils.companion.parallel.cluster import run_on_cluster
from qdm_utils.companion.parallel.task import Job, is_worker, one_thread, run_beside, unpack

QUIET_VARIABLE = "QDM_QUIET"  # set by the runner, whose own line shows progress
WORKERS_VARIABLE = "QDM_WORKERS"
SCHEDULER_VARIABLE = "QDM_SCHEDULER"


def sweep(
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    workers: int | None = None,
    label: str = "",
) -> list:
    """`[function(task) for task in tasks]`, spread over processes, in the order of the tasks.

    Args:
        function, tasks, workers: as in `results`.
        label: what the progress bar says.

    Raises:
        ValueError, SweepError: as in `results`.

    >>> sweep(abs, [-1, 2, -3], workers=1)
    [1, 2, 3]
    """
    tasks = list(tasks)
    found = {}
    bar = tqdm(total=len(tasks), desc=label, disable=_quiet() or len(tasks) < 2, leave=False)
    with closing(results(function, tasks, workers)) as coming, bar:
        for index, result in coming:
            found[index] = result
            bar.update()
    return [found[index] for index in range(len(tasks))]


def results(
    function: Callable[[Any], Any], tasks: Iterable[Any], workers: int | None = None
) -> Generator[tuple[int, Any], None, None]:
    """The index of each task with its result, as they come, from many processes.

    Args:
        function: a function of one task; anything random in it takes its seed from the task.
        tasks: what to do; each is sent to a worker by pickling.
        workers: number of processes on this machine; 1 stays in this process. By default the
            cluster whose address is in `QDM_SCHEDULER`, else `QDM_WORKERS` processes, else one per
            core.

    Raises:
        ValueError: workers < 1. An exception of a task ends the work, once what is under way has
            ended, and is raised here.
        SweepError: a task that ends its worker process also when repeated; a cluster that cannot be
            reached or is lost.

    Close it (`contextlib.closing`) where it may be left early.
    """
    tasks = list(tasks)
    address = os.environ.get(SCHEDULER_VARIABLE) if workers is None else None
    workers = default_workers() if workers is None else workers
    if workers < 1:
        raise ValueError(f"Argument `workers` must be ≥ 1, but got {workers}")
    if not tasks:
        return
    # A sweep inside a task finds the cores taken already.
    if is_worker() or (workers == 1 and not address):
        found = _in_this_process(function, tasks)
    else:
        job = Job.of(function, tasks)
        found = run_on_cluster(job, address, _say) if address else _in_processes(job, workers)
    with closing(found):
        yield from found


def default_workers() -> int:
    text = os.environ.get(WORKERS_VARIABLE)
    if not text:
        return os.cpu_count() or 1
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{WORKERS_VARIABLE} must be a whole number ≥ 1, but is {text!r}")
    return int(text)


def _quiet() -> bool:
    return bool(os.environ.get(QUIET_VARIABLE))


def _say(sentence: str) -> None:
    if not _quiet():
        tqdm.write(sentence, file=sys.stderr)


def _in_this_process(
    function: Callable[[Any], Any], tasks: list[Any]
) -> Generator[tuple[int, Any], None, None]:
    with one_thread():
        for index, task in enumerate(tasks):
            yield index, function(task)


def _in_processes(job: Job, workers: int) -> Generator[tuple[int, Any], None, None]:
    """Results as they come.

    What was under way when a worker died is repeated, each alone, so that the culprit shows.
    """
    waiting = dict.fromkeys(range(len(job.tasks)))
    while waiting:
        begun: set[int] = set()
        with closing(_until_a_worker_dies(job, list(waiting), workers, begun)) as outcomes:
            for index, outcome in outcomes:
                del waiting[index]
                yield index, unpack(outcome)
        for index in sorted(begun & waiting.keys()):
            del waiting[index]
            yield index, unpack(_alone(job, index))


def _alone(job: Job, index: int) -> bytes:
    """The outcome of a task in a process for itself.

    Tried twice, because the first process may have died through no fault of the task.
    """
    for _ in range(2):
        for _, outcome in _until_a_worker_dies(job, [index], 1, set()):
            return outcome
    raise job.killer(index)


def _until_a_worker_dies(
    job: Job, indices: list[int], workers: int, begun: set[int]
) -> Generator[tuple[int, bytes], None, None]:
    """The outcomes of these tasks in any order, all of them or those until a worker died.

    What was handed out by then is added to `begun`.

    Closed early, it lets what is under way end and begins nothing more: loky's way of killing
    workers leaves the thread that serves them with an error of its own, on stderr, whenever work is
    still queued (joblib 1.6).
    """
    stopped = False

    def calls() -> Iterator[tuple]:
        for index in indices:
            if stopped:
                return
            begun.add(index)
            yield delayed(run_beside)(os.getpid(), index, job.function, job.packed[index])

    # joblib warns when a worker was replaced for having grown large: that is as it should be.
    with warnings.catch_warnings(action="ignore"):
        # One process alone would be this one.
        processes = max(2, min(workers, len(indices)))
        with parallel_config(backend="loky", inner_max_num_threads=1):
            parallel = Parallel(
                n_jobs=processes, return_as="generator_unordered", pre_dispatch="n_jobs"
            )
        found = parallel(calls())
        try:
            while (
                outcome := next(found, None)
            ) is not None:  # `yield from` would hand an early close on to joblib
                yield outcome
        except BrokenProcessPool:
            return
        except GeneratorExit:
            stopped = True
            with suppress(BrokenProcessPool):
                deque(found, maxlen=0)
            raise
