"""What the tests of sweeps do in worker processes, in a module that those import fast."""

import os
import signal
import time


def spectrum(seed):
    """Linear algebra of both libraries, the first tasks slowest, so that they end last."""
    import numpy as np
    import torch

    matrix = np.random.default_rng(seed).normal(size=(150, 150))
    time.sleep(max(0.0, 0.3 - 0.1 * seed))
    return (
        np.linalg.eigvalsh(matrix + matrix.T).tobytes()
        + torch.linalg.svdvals(torch.from_numpy(matrix)).numpy().tobytes()
    )


def process_of(task):
    """Which process runs this, once so many have begun on their first: a slow start must not leave
    all tasks to one.
    """
    folder, processes = task
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(folder.iterdir())) < processes and time.monotonic() < until:
        time.sleep(0.02)
    return os.getpid()


def threads(_):
    """How many threads a task finds; it leaves two behind, which the next one must not find."""
    import torch
    from threadpoolctl import threadpool_info, threadpool_limits

    pools = [pool["num_threads"] for pool in threadpool_info()]
    found = (
        torch.get_num_threads(),
        max(pools),
        os.environ.get("OMP_NUM_THREADS"),
        os.environ.get("OPENBLAS_NUM_THREADS"),
    )
    torch.set_num_threads(2)
    threadpool_limits(limits=2)
    return found


def halve(array):
    array /= 2
    return array.sum()


def total(n):
    from qdm_utils.companion import sweep

    return sum(sweep(abs, range(-n, 0)))


def bad_third(task):
    folder, index = task
    (folder / f"{index}").touch()
    time.sleep(
        0.1 if index < 3 else 0.5
    )  # those after it take long enough for a busy machine to cancel most of them
    if index == 2:
        raise KeyError("task 2 is bad")


class AwkwardError(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def awkward(task):
    raise AwkwardError(task, "more")


def deadly(task):
    """Task `last` ends its process: the first time only if the word is "once"."""
    folder, index, last, word = task
    with (folder / f"{index}").open("a") as runs:
        runs.write("x")
    time.sleep(0.1)
    if index == last:
        time.sleep(0.5)
        mark = folder / "mark"
        if word == "always" or not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return index**2


under_way = 0


def alone_in_its_process(_):
    global under_way
    under_way += 1
    time.sleep(0.2)
    found, under_way = under_way, under_way - 1
    return found
