"""What is done with a campaign: compute what is missing, revalidate, take out what is foreign."""

import json
from collections.abc import Generator
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np

from qdm_utils.companion import paths
from qdm_utils.companion.campaigns.declaration import RESERVED, Campaign, CampaignError, Task
from qdm_utils.companion.campaigns.measure import Measured, measure, record_of
from qdm_utils.companion.campaigns.progress import Progress
from qdm_utils.companion.campaigns.records import (
    Record,
    Survey,
    differences,
    remove,
    replace_file,
    restamp,
    survey,
    write,
)
from qdm_utils.companion.parallel.sweep import results
from qdm_utils.companion.parallel.task import SweepError

SAMPLE = 3  # records that stand for all the others when a campaign is validated anew


def compute(campaign: Campaign, workers: int | None = None) -> tuple[int, list[str]]:
    """Compute what is missing, damaged or stale, and write each record as its task ends.

    Args:
        campaign: as declared.
        workers: as in `parallel.results`.

    Returns:
        how many records were written; for each task that failed, one sentence.

    Raises:
        CampaignError: there are records of another grid; nothing was computed.
        OSError: a record could not be written; those before it are kept.
        SweepError: the cluster cannot be reached or was lost; what came before is kept.
    """
    found = survey(campaign)
    if found.foreign:
        shown = ", ".join(found.foreign[:3]) + (", …" if len(found.foreign) > 3 else "")
        raise CampaignError(
            f"The grid of campaign {campaign.stem} has changed: {len(found.foreign)} of its "
            f"records are of another one ({shown}). Take them out with `{campaign.command} "
            "--prune`, or restore the grid; nothing was computed."
        )
    for left_over in paths.campaign_records(campaign.stem).glob(".*.part"):
        left_over.unlink()
    factor = calibration(campaign, found)
    tasks = [campaign.tasks[name] for name in found.to_do]
    # The longest first, so that none of them is left to one core at the end.
    tasks.sort(key=lambda task: -campaign.seconds(task.values))
    written, failures = 0, []
    expected = {task.name: factor * campaign.seconds(task.values) for task in tasks}
    with (
        Progress(campaign.stem, expected) as progress,
        closing(_measured(campaign, tasks, workers)) as coming,
    ):
        for task, outcome in coming:
            progress.finished(task.name)
            trouble = outcome if isinstance(outcome, str) else outcome.error
            if not isinstance(outcome, str) and not trouble:
                try:
                    write(record_of(campaign, task, outcome))
                    written += 1
                except CampaignError as error:
                    trouble = str(error)
            if trouble:
                failures.append(f"Task {task.name} of campaign {campaign.stem} failed: {trouble}")
    return written, failures


def _measured(
    campaign: Campaign, tasks: list[Task], workers: int | None
) -> Generator[tuple[Task, Measured | str], None, None]:
    """Tasks with what they gave, as they come; a sentence for one that ends its processes."""
    call = partial(measure, campaign.run, campaign.probe, campaign.packages)
    left = list(tasks)
    while left:
        given = list(left)
        try:
            with closing(results(call, given, workers)) as coming:
                for index, outcome in coming:
                    left.remove(given[index])
                    yield given[index], outcome
        except SweepError as error:
            if error.task is None:
                raise
            # The others go on without the task that kills.
            left.remove(given[error.task])
            yield (
                given[error.task],
                "it ended its worker process twice: it crashes, or needs more memory.",
            )


def calibration(campaign: Campaign, found: Survey) -> float:
    """Core-seconds that the records took, per estimated one; 1 where there are none."""
    known = found.current | found.stale
    estimated = sum(campaign.seconds(record.parameters) for record in known.values())
    return sum(record.seconds for record in known.values()) / estimated if estimated else 1.0


def hours_left(campaign: Campaign, found: Survey, workers: int = 1) -> float:
    """Estimated hours of what has to be computed; the longest task is not divided."""
    estimated = [campaign.seconds(campaign.tasks[name].values) for name in found.to_do]
    longest = max(estimated, default=0.0)
    return calibration(campaign, found) * max(sum(estimated) / workers, longest) / 3600


def prune(campaign: Campaign) -> list[str]:
    """Delete the records of another grid; returns their names."""
    foreign = survey(campaign).foreign
    for name in foreign:
        remove(campaign, name)
    return foreign


def revalidate(campaign: Campaign, count: int, workers: int | None = None) -> tuple[int, list[str]]:
    """Compute a random sample of the stale records whole; if it comes out again, all are restamped.

    The sample follows from the hash of the new code, so that nobody can choose it.

    Args:
        campaign: as declared.
        count: size of the sample.
        workers: as in `parallel.results`.

    Returns:
        how many records were stamped for the new code; for each of the sample that differs, one
        sentence, and then nothing was changed.

    Raises:
        OSError, SweepError: as in `compute`.
    """
    stale = survey(campaign).stale
    if not stale:
        return 0, []
    told = json.dumps([campaign.code, campaign.packages], sort_keys=True).encode()
    choice = np.random.default_rng(list(told)).permutation(len(stale))[:count]
    sample = [campaign.tasks[list(stale)[index]] for index in sorted(choice)]
    expected = {task.name: campaign.seconds(task.values) for task in sample}
    failures, largest, versions = [], 0.0, {}
    with (
        Progress(campaign.stem, expected) as progress,
        closing(_measured(campaign, sample, workers)) as coming,
    ):
        for task, outcome in coming:
            progress.finished(task.name)
            trouble = outcome if isinstance(outcome, str) else outcome.error
            if not isinstance(outcome, str) and not trouble:
                versions = outcome.versions
                most, trouble = _compared(campaign, stale[task.name], outcome)
                largest = max(largest, most)
            if trouble:
                failures.append(f"Task {task.name} of campaign {campaign.stem}: {trouble}")
    if failures:
        return 0, failures
    _log(campaign, stale, [task.name for task in sample], largest, versions)
    for record in stale.values():
        restamp(record, campaign)
    return len(stale), []


def _compared(campaign: Campaign, stored: Record, again: Measured) -> tuple[float, str]:
    """The largest difference of two computations of a task, and what is beyond its band, told."""
    pairs = (
        ("probe", stored.probe, again.probe),
        ("result", campaign.summary(stored.result), campaign.summary(again.result)),
    )
    largest, beyond = 0.0, []
    for part, old, new in pairs:
        for name, before, after, apart, within in differences(old, new, campaign.tolerance[part]):
            largest = max(largest, apart)
            if not within:
                beyond.append(f"{name} of its {part} is {after:.6g} and was {before:.6g}")
    return largest, "; ".join(beyond)


def _log(
    campaign: Campaign,
    stale: dict[str, Record],
    sample: list[str],
    largest: float,
    versions: dict[str, str],
) -> None:
    """Note beside the records what they were validated by."""
    path = paths.campaign_records(campaign.stem) / f"{RESERVED}.json"
    lines: list[dict[str, Any]] = []
    if path.exists():
        lines = json.loads(path.read_text(encoding="utf-8"))
    line = {
        "records": len(stale),
        "sample": sample,
        "largest difference": largest,
        "tolerance": campaign.tolerance,
        "old code": sorted({record.code for record in stale.values()}),
        "new code": campaign.code,
        "packages": campaign.packages,
        "versions": versions,
    }
    text = json.dumps([*lines, line], indent=1, ensure_ascii=False) + "\n"
    replace_file(path, text.encode())
