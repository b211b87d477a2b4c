"""One task of a sweep, wherever it runs: on one thread, with an outcome that always comes home."""

import functools
import os
import pickle
import reprlib
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cloudpickle
from threadpoolctl import threadpool_limits

# Results must not depend on how many threads a machine has: work is spread over processes instead.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

LOOK_AT_PARENT_SECONDS = 1.0

# A Dask worker may have several threads; a process still does one task at a time.
_one_at_a_time = threading.Lock()
_is_worker = False


class SweepError(RuntimeError):
    """One sentence: why a sweep could not be finished, and what to do about it.

    `task` is the index of the task that ends every process it runs in, where that is the reason.
    """

    def __init__(self, sentence: str, task: int | None = None):
        super().__init__(sentence)
        self.task = task


@dataclass(frozen=True)
class Job:
    """A function and its tasks as bytes, so that every backend hands over the same copies.

    Functions that a notebook defines are packed with their code, which workers cannot import.
    """

    function: bytes
    packed: list[bytes]
    tasks: list[Any]

    @classmethod
    def of(cls, function: Callable[[Any], Any], tasks: list[Any]) -> "Job":
        return cls(cloudpickle.dumps(function), [cloudpickle.dumps(task) for task in tasks], tasks)

    def killer(self, index: int) -> SweepError:
        """The error that names the task which ends its process whenever it runs."""
        shown = " ".join(reprlib.repr(self.tasks[index]).split())
        return SweepError(
            f"Task {index}, {shown}, ended its worker process again when it was repeated alone: "
            "it crashes, or needs more memory.",
            index,
        )


def is_worker() -> bool:
    """Whether this process runs tasks of another one's sweep."""
    return _is_worker


def run_packed(index: int, function: bytes, task: bytes) -> tuple[int, bytes]:
    """What a worker does with one task: its index and what `unpack` reads. It never raises."""
    global _is_worker
    with _one_at_a_time:
        _is_worker = True
        try:
            os.environ.update(ONE_THREAD)  # for what is imported from here on
            call, argument = pickle.loads(function), pickle.loads(task)
            _use_one_thread()
            return index, cloudpickle.dumps((True, call(argument)))
        except BaseException as error:
            return index, _packed_error(error)


def run_beside(parent: int, index: int, function: bytes, task: bytes) -> tuple[int, bytes]:
    """`run_packed` in a process that ends with `parent`, the one that sweeps, however that ends."""
    _end_with(parent)
    return run_packed(index, function, task)


@functools.cache
def _end_with(parent: int) -> None:
    """Watch the parent from a thread: in a long task a worker would outlive a killed runner."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_AT_PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def unpack(outcome: bytes) -> Any:
    """The result of a task; an exception that the task raised is raised here, as it was."""
    succeeded, value = pickle.loads(outcome)
    if succeeded:
        return value
    raise value


def _packed_error(error: BaseException) -> bytes:
    error.add_note(f"Raised in a worker process:\n{''.join(traceback.format_exception(error))}")
    try:
        packed = cloudpickle.dumps((False, error))
        pickle.loads(packed)
        return packed
    except Exception:  # some exceptions cannot be pickled, or not be made again from their message
        return cloudpickle.dumps(
            (False, SweepError(f"A task raised {type(error).__name__}: {error}"))
        )


def _use_one_thread() -> threadpool_limits:
    limits = threadpool_limits(limits=1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    return limits


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for linear algebra in this process, as in a worker; afterwards as many as before.

    >>> with one_thread():
    ...     os.environ["OMP_NUM_THREADS"]
    '1'
    """
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch else None
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    limits = _use_one_thread()
    try:
        yield
    finally:
        limits.restore_original_limits()
        if torch:
            torch.set_num_threads(threads)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
