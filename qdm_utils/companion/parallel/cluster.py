"""The tasks of a sweep on a Dask cluster, which is found by the address of its scheduler."""

import asyncio
import importlib
import logging
import re
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from qdm_utils.companion.parallel import identity
from qdm_utils.companion.parallel.task import Job, SweepError, unpack

CONNECT_SECONDS = 5
LOOK_SECONDS = 1.0  # between looks at a cluster from which nothing came
GATHER_SECONDS = (
    300.0  # for one result to come over; then a look at the cluster, and it is asked for again
)
PATIENCE_SECONDS = 600.0  # without any worker, after there were some


def run_on_cluster(
    job: Job, address: str, say: Callable[[str], None]
) -> Generator[tuple[int, Any], None, None]:
    """Index and result of each task, as they come.

    Args:
        job: what to run.
        address: of the scheduler, such as tcp://host:8786.
        say: shows a sentence to whoever waits.

    Raises:
        SweepError: no such cluster, or it was lost; a worker with another Python, package or
            version of this code; a task that ends its worker each time. An exception of a task as
            it is.
    """
    _refuse(address)
    with _silence(), _connected(address) as client:
        cluster = _Cluster(client, address, say)
        killed = []
        for index, outcome in cluster.outcomes(job, list(range(len(job.tasks)))):
            if outcome is None:
                killed.append(index)
            else:
                yield index, unpack(outcome)
        # The scheduler blames every task of a lost worker; alone, only the culprit fails again.
        for index in killed:
            for _, outcome in cluster.outcomes(job, [index]):
                if outcome is None:
                    raise job.killer(index)
                yield index, unpack(outcome)


class _Cluster:
    """A connected client that never waits in silence or for ever."""

    def __init__(self, client: Any, address: str, say: Callable[[str], None]):
        self.client, self.address, self.say = client, address, say
        self.had_workers = False
        self.empty_since: float | None = None
        names = identity.packages()
        self.here = identity.describer()(names)
        self.run = _run_where_all_is_the_same(names, self.here)
        self._look()
        self._refuse_strangers(names)

    def outcomes(self, job: Job, indices: list[int]) -> Iterator[tuple[int, bytes | None]]:
        """Index and outcome of each task; no outcome where the scheduler gave it up.

        It does so when the workers of a task have died.
        """
        packed = [job.packed[index] for index in indices]
        futures = self.client.map(
            self.run, indices, [job.function] * len(indices), packed, pure=False
        )
        ended: SimpleQueue = SimpleQueue()
        waiting = dict(zip(futures, indices, strict=True))
        del futures  # a future that nobody holds frees its result on the cluster
        for future in waiting:
            future.add_done_callback(ended.put)
        while waiting:
            future = self._next(ended)
            try:
                outcome = self._outcome(future)
            except TimeoutError:  # its worker died with the result, which is being computed anew
                future.add_done_callback(ended.put)
                continue
            yield waiting.pop(future), outcome

    def _next(self, ended: SimpleQueue) -> Any:
        while True:
            try:
                return ended.get(timeout=LOOK_SECONDS)
            except Empty:
                self._look()

    def _outcome(self, future: Any) -> bytes | None:
        from distributed import KilledWorker

        try:
            outcome = future.result(timeout=GATHER_SECONDS)[1]
        except KilledWorker:
            return None
        except TimeoutError:
            self._look()
            raise
        # Tasks themselves do not raise: this one could not be sent, or its cluster has gone.
        except Exception as error:
            raise self._lost(error) from error
        if isinstance(outcome, tuple):
            raise self._strange(*outcome)
        return outcome

    def _refuse_strangers(self, names: tuple[str, ...]) -> None:
        """Refuse workers that would compute something else, before any has a task.

        Workers that join later refuse by themselves, see `_run_where_all_is_the_same`.

        Raises:
            SweepError: names the first such worker and what differs.
        """
        try:
            versions = self.client.get_versions()[
                "workers"
            ]  # told by Dask itself: no code of ours would run on another Python
            for address, told in sorted(versions.items()):
                python = ".".join(told["host"]["python"].split(".")[:2])
                if python != self.here["Python"]:
                    raise self._strange(address, {**self.here, "Python": python})
            described = self.client.run(identity.describer(), names)
        except SweepError:
            raise
        except Exception as error:
            raise self._lost(error) from error
        for address, there in sorted(described.items()):
            if there != self.here:
                raise self._strange(address, there)

    def _strange(self, address: str, there: dict[str, str]) -> SweepError:
        return SweepError(
            f"The worker {address} is refused, "
            f"it differs in {identity.difference(there, self.here)}. "
            "Give it the environment and the code of this run, and run again."
        )

    def _look(self) -> None:
        """Notice a scheduler that has gone, and say when there is no worker."""
        try:
            workers = self.client.status == "running" and self.client.nthreads()
        except Exception as error:
            raise self._lost(error) from error
        if workers is False:
            raise self._lost("the connection is closed")
        if workers:
            self.had_workers, self.empty_since = True, None
        elif self.empty_since is None:
            self.empty_since = time.monotonic()
            left = "no workers any more" if self.had_workers else "no workers yet"
            self.say(f"the scheduler at {self.address} has {left}, waiting …")
        elif self.had_workers and time.monotonic() - self.empty_since > PATIENCE_SECONDS:
            raise self._lost(f"all its workers have gone, and none came in {PATIENCE_SECONDS:g} s")

    def _lost(self, reason: object) -> SweepError:
        return SweepError(
            f"The cluster at {self.address} was lost during a sweep: "
            f"{reason or type(reason).__name__}."
        )


def _run_where_all_is_the_same(
    names: tuple[str, ...], here: dict[str, str]
) -> Callable[[int, bytes, bytes], tuple]:
    """`task.run_packed` for a worker whose environment and code are those described by `here`.

    Any other worker gives back (its address, its description) as the outcome, and runs nothing.
    This travels as its own code.
    """
    describe = identity.describer()

    def run(index: int, function: bytes, task: bytes) -> tuple:
        from distributed import get_worker

        worker = get_worker()
        # Kept on the worker, which does many tasks.
        description = getattr(worker, "qdm_description", None) or describe(names)
        setattr(worker, "qdm_description", description)  # noqa: B010 (no attribute of Dask's)
        if description != here:
            return index, (worker.address, description)
        from qdm_utils.companion.parallel.task import run_packed

        return run_packed(index, function, task)

    return run


def _refuse(address: str) -> None:
    """Say what is wrong before anything is tried."""
    if not re.fullmatch(r"(\w+://)?[^\s/]+:\d+", address):
        raise SweepError(
            f"QDM_SCHEDULER must be an address such as tcp://host:8786, but is {address!r}."
        )
    try:
        importlib.import_module("distributed")
    except ImportError:
        raise SweepError(
            "QDM_SCHEDULER needs the package distributed: pip install -r requirements.lock"
        ) from None


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    from distributed import Client

    try:
        # In a thread of its own, because a notebook's has its own event loop. A client alone would
        # wait for ever for the first word of something that listens but is no scheduler.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _answer(address)).result()
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception:
        raise SweepError(
            f"QDM_SCHEDULER={address} cannot be reached within {CONNECT_SECONDS} s: "
            "is the scheduler running?"
        ) from None
    with client:
        yield client


async def _answer(address: str) -> None:
    from distributed import Security, rpc

    # Certificates as Dask's own configuration names them, from where the client takes them as well.
    certificates = Security().get_connection_args("client")
    async with (
        asyncio.timeout(CONNECT_SECONDS),
        rpc(address, connection_args=certificates) as scheduler,
    ):
        await scheduler.identity()


@contextmanager
def _silence() -> Iterator[None]:
    """No log lines and warnings of Dask, which would fail a notebook; what matters is raised."""
    names = [
        name
        for name in logging.root.manager.loggerDict
        if name.split(".")[0] in ("distributed", "tornado", "asyncio")
    ]
    levels = {logger: logger.level for logger in map(logging.getLogger, names)}
    try:
        for logger in levels:
            logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)
