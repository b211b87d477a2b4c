"""What a notebook sees of its campaign: results by task, and a few of them computed again."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from qdm_utils.companion import paths
from qdm_utils.companion.book import Book
from qdm_utils.companion.campaigns.declaration import (
    Campaign,
    CampaignError,
    Task,
    declared_meaning,
    load,
    seed_of,
    stems,
)
from qdm_utils.companion.campaigns.measure import Measured, measure
from qdm_utils.companion.campaigns.records import differences, refuse_to_mix, survey
from qdm_utils.companion.parallel.sweep import sweep

LIVE = "computed live, in a small size"


class Result(Mapping):
    """What one task gave: scalars and arrays, as attributes and as items.

    Numbers that were kept in single precision come in double, so that averages over them lose
    nothing.

    Attributes:
        task: what the grid says of it.
        probe: numbers from its cheap beginning.
    """

    def __init__(self, task: Task, values: dict[str, Any], probe: dict[str, Any]):
        self.task = task.values
        self.probe = probe
        self._name = task.name
        self._values = {name: _in_double(value) for name, value in values.items()}

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"the result of a task has no {name!r}") from None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<result of {self._name}: {', '.join(self._values)}>"


def _in_double(value: Any) -> Any:
    double = {"f": np.float64, "c": np.complex128}
    if isinstance(value, np.ndarray) and value.dtype.kind in double:
        return value.astype(double[value.dtype.kind])
    return value


class Records(Mapping[str, Result]):
    """The results of a campaign for a notebook's parameters, by task, in the order of the grid.

    Attributes:
        source: where they come from, in words.
        live: whether they were computed now, in a small size, because no records are kept for these
            parameters.
    """

    def __init__(self, campaign: Campaign, results: dict[str, Result], live: bool):
        self.campaign = campaign
        self.live = live
        folder = paths.campaign_records(campaign.stem).relative_to(paths.root()).as_posix()
        self.source = LIVE if live else f"records in {folder}"
        self._results = results

    def __getitem__(self, name: str) -> Result:
        return self._results[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def select(self, **wanted: Any) -> list[Result]:
        """The results of all tasks that have these values, in the order of the grid.

        Raises:
            CampaignError: there are none.
        """
        found = [
            result
            for result in self._results.values()
            if all(result.task.get(name) == value for name, value in wanted.items())
        ]
        if not found:
            raise CampaignError(f"No task of campaign {self.campaign.stem} has {wanted!r}.")
        return found

    def recompute(self, count: int) -> pd.DataFrame:
        """Compute the probes of a few tasks again, chosen by the seed of the notebook.

        Args:
            count: how many tasks.

        Returns:
            one row for each task and number: task, quantity, stored, again, difference.

        Raises:
            CampaignError: a number lies outside the band that the campaign declares.
        """
        campaign = self.campaign
        draw = np.random.default_rng(seed_of(campaign.root, ["recompute"]))
        chosen = sorted(draw.permutation(len(campaign.tasks))[:count])
        tasks = [list(campaign.tasks.values())[index] for index in chosen]
        tasks = [_as_computed(campaign, task, self.live) for task in tasks]
        found = sweep(_Call(campaign, whole=False), tasks, label="probes")
        rows = []
        for task, again in zip(tasks, found, strict=True):
            _refuse_failure(campaign, task, again)
            stored = self._results[task.name].probe
            band = campaign.tolerance["probe"]
            for name, old, new, apart, within in differences(stored, again.probe, band):
                if not within:
                    raise CampaignError(
                        f"Task {task.name} of campaign {campaign.stem} does not come out again: "
                        f"{name} is {new:.6g} and was {old:.6g}, further apart than its band. "
                        "Its record was made by other code or is spoiled."
                    )
                rows.append(
                    {
                        "task": task.name,
                        "quantity": name,
                        "stored": old,
                        "again": new,
                        "difference": apart,
                    }
                )
        return pd.DataFrame(rows)


class _Call:
    """`measure` for one campaign, as a function of a task, without what only records need."""

    def __init__(self, campaign: Campaign, whole: bool):
        self.run = campaign.run if whole else None
        self.probe = campaign.probe

    def __call__(self, task: Task) -> Measured:
        return measure(self.run, self.probe, {}, task)


def records_of(book: Book) -> Records:
    """What the campaign of a notebook has computed, by task.

    Where the parameters are those of the parameters cell these are its records. For other
    parameters the campaign's tasks are computed now, in a small size, which is then said on every
    figure and beside every verdict.

    Args:
        book: of the notebook.

    Raises:
        CampaignError: there is no campaign, or not every record is there and made by the present
            code; the sentence names the command that mends it.
    """
    found = of_notebook(book.stem, book.parameters)
    book.use_data(found.source, remark=found.source if found.live else "")
    return found


def of_notebook(stem: str, parameters: dict[str, Any]) -> Records:
    """The records of a notebook's campaign, or for other parameters a small live computation.

    Raises:
        CampaignError: there is no such campaign; a record is missing, stale, damaged or of another
            grid; a task of the live computation failed.
    """
    if stem not in stems():
        raise CampaignError(f"Notebook {stem} has no campaign: there is no campaigns/{stem}.py.")
    campaign = load(stem, parameters)
    if campaign.default:
        found = survey(campaign)
        refuse_to_mix(campaign, found)
        results = {
            name: Result(campaign.tasks[name], record.result, record.probe)
            for name, record in found.current.items()
        }
        return Records(campaign, results, live=False)
    tasks = [_as_computed(campaign, task, live=True) for task in campaign.tasks.values()]
    done = sweep(_Call(campaign, whole=True), tasks, label=f"{stem}, small")
    results = {}
    for task, measured in zip(tasks, done, strict=True):
        _refuse_failure(campaign, task, measured)
        results[task.name] = Result(task, measured.result, measured.probe)
    return Records(campaign, results, live=True)


def _as_computed(campaign: Campaign, task: Task, live: bool) -> Task:
    return replace(task, values=campaign.small(task.values)) if live else task


def _refuse_failure(campaign: Campaign, task: Task, found: Measured) -> None:
    if found.error:
        raise CampaignError(f"Task {task.name} of campaign {campaign.stem} failed: {found.error}")


def check(stem: str, parameters: dict[str, Any]) -> None:
    """Refuse, before a notebook runs, what it would meet in its records, if it has a campaign.

    Raises:
        CampaignError: as in `of_notebook`.
    """
    if stem in stems():
        campaign = load(stem, parameters)
        if campaign.default:
            refuse_to_mix(campaign, survey(campaign))


def what_counts(stem: str, default: bool) -> list:
    """What the results of a notebook owe to its campaign, as a list for JSON.

    Args:
        stem: of the notebook.
        default: whether its parameters are those that records are kept for.
    """
    if stem not in stems():
        return []
    files = sorted(paths.campaign_records(stem).glob("*")) if default else []
    return [
        declared_meaning(stem),
        [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in files],
    ]
