"""Many independent tasks over the cores of one machine, with a progress bar and the same numbers for any worker count."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from joblib import Parallel, delayed
from tqdm import tqdm

QUIET_VARIABLE = "QDM_QUIET"  # set by the runner, whose own line shows progress


def sweep(function: Callable[[Any], Any], tasks: Iterable[Any], workers: int | None = None, label: str = "") -> list:
    """`[function(task) for task in tasks]`, spread over processes, in the order of the tasks.

    Args:
        function: a module-level function of one task; anything random in it takes its seed from the task.
        tasks: what to do; each is sent to a worker by pickling.
        workers: number of processes; by default one per core, or `QDM_WORKERS` when set. 1 stays in this process.
        label: what the progress bar says.

    Raises:
        ValueError: workers < 1. An exception of a task ends the sweep and is raised here.

    >>> sweep(abs, [-1, 2, -3], workers=1)
    [1, 2, 3]
    """
    tasks = list(tasks)
    if workers is None:
        workers = int(os.environ.get("QDM_WORKERS", os.cpu_count() or 1))
    if workers < 1:
        raise ValueError(f"Argument `workers` must be ≥ 1, but got {workers}")
    results = Parallel(n_jobs=min(workers, max(1, len(tasks))), return_as="generator")(delayed(function)(task) for task in tasks)
    quiet = bool(os.environ.get(QUIET_VARIABLE)) or len(tasks) < 2
    return list(tqdm(results, total=len(tasks), desc=label, disable=quiet, leave=False))
