"""Interleaved timing: every round visits every engine, so that a busy moment hits all of them."""

from dataclasses import dataclass, field
from time import process_time

import numpy as np

from benchmarks.engines import TOLERANCE, Engine, Job
from benchmarks.workloads import Workload

SLICE = 0.06  # seconds an engine works in a round, at least one call
BUDGET = 10.0  # seconds after which an engine leaves the run, if it has taken part in LEAST rounds
LEAST = 3


@dataclass
class Timing:
    """One engine on one workload: median call of each round (s), largest deviation.

    Attributes:
        compiled: seconds of the first call, for engines that compile in it.
    """

    engine: Engine
    workload: Workload
    difference: float
    compiled: float | None = None
    rounds: list[float] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        return 1e3 * float(np.median(self.rounds))

    def ratio(self, ours: "Timing") -> tuple[float, float, float]:
        """Median and quartiles of the ratios to our time, over the rounds in which both ran."""
        shared = min(len(self.rounds), len(ours.rounds))
        ratios = np.array(self.rounds[:shared]) / np.array(ours.rounds[:shared])
        return tuple(float(value) for value in np.quantile(ratios, (0.5, 0.25, 0.75)))


def compare(
    engines: list[Engine], reference: Engine, workload: Workload, rounds: int
) -> list[Timing]:
    """Time the engines on a workload; the first call of each gives the numbers that are compared.

    Raises:
        RuntimeError: an engine differs from the reference by more than its precision allows.
    """
    expected = numbers(reference.job(workload))
    jobs, timings, spent = [], [], []
    for engine in engines:
        if (job := engine.job(workload)) is None:
            continue
        start = process_time()
        found = numbers(job)
        first = process_time() - start
        difference = float(np.abs(found - expected).max())
        if difference > TOLERANCE[engine.precision]:
            raise RuntimeError(
                f"{engine.name} differs by {difference:.1e} from the reference on {workload.title}"
            )
        jobs.append(job)
        timings.append(Timing(engine, workload, difference, first if engine.compiles else None))
        spent.append(0.0)
    for turn in range(rounds):
        for index, job in enumerate(jobs):
            if turn < LEAST or spent[index] < BUDGET:
                calls = time_slice(job)
                timings[index].rounds.append(float(np.median(calls)))
                spent[index] += sum(calls)
    return timings


def time_slice(job: Job) -> list[float]:
    """Processor seconds of successive calls; with one thread, what a clock shows when idle."""
    calls: list[float] = []
    while not calls or sum(calls) < SLICE:
        start = process_time()
        job()
        calls.append(process_time() - start)
    return calls


def numbers(job: Job) -> np.ndarray:
    """All numbers that one call returns, as one flat array."""
    return np.concatenate([np.asarray(value, dtype=float).ravel() for value in job()])
