"""One task of a campaign, wherever it runs: its result, its probe, and what they were made with."""

import platform
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qdm_utils.companion.campaigns.declaration import Campaign, Task, installed
from qdm_utils.companion.campaigns.records import Record
from qdm_utils.companion.parallel.identity import processor


@dataclass(frozen=True)
class Measured:
    """What a task gave, or why it gave nothing."""

    result: dict[str, Any]
    probe: dict[str, Any]
    versions: dict[str, str]
    processor: str
    seconds: float
    error: str = ""
    traceback: str = ""


def measure(
    run: Callable | None, probe: Callable, packages: dict[str, str], task: Task
) -> Measured:
    """Compute a task; what it raises is told, so that the other tasks go on.

    Args:
        run, probe: of the campaign; without `run` only the probe is computed.
        packages: those whose versions are kept.
        task: what to do.
    """
    started = time.process_time()
    result: dict[str, Any] = {}
    first: dict[str, Any] = {}
    error, trace = "", ""
    try:
        first = probe(task.values, task.seed)
        if run is not None:
            result = run(task.values, task.seed)
    except Exception as raised:
        error = f"{type(raised).__name__}: {' '.join(str(raised).split())}"
        trace = traceback.format_exc()
    seconds = round(time.process_time() - started, 3)
    versions = {"python": platform.python_version(), **installed(packages)}
    return Measured(result, first, versions, processor(), seconds, error, trace)


def record_of(campaign: Campaign, task: Task, found: Measured) -> Record:
    """The record of a task."""
    return Record(
        campaign=campaign.stem,
        task=task.name,
        parameters=task.values,
        seed=task.seed_told,
        result=found.result,
        probe=found.probe,
        code=campaign.code,
        packages=campaign.packages,
        versions=found.versions,
        processor=found.processor,
        seconds=found.seconds,
    )
