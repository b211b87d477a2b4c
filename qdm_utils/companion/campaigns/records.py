"""Records of a campaign: a JSON file for each task, its arrays beside it, and how each stands.

A record is written the moment its task ends, its arrays first and each file in one atomic step, so
that whatever ends the campaign loses only what was under way.
"""

import hashlib
import io
import json
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from qdm_utils.companion import paths
from qdm_utils.companion.campaigns.declaration import RESERVED, Campaign, CampaignError, Task

STANDINGS = ("current", "stale", "missing", "damaged", "foreign")


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one task gave, and what it came from.

    Attributes:
        campaign, task: names.
        parameters, seed: of the task, as the grid had them.
        result: scalars and arrays by name.
        probe: numbers by name.
        code: hash of the statements that made it, see `Campaign.code`.
        packages: versions that were pinned when it was made, of the packages these statements
            import.
        versions: what was installed there, Python first.
        processor: its name.
        seconds: of one core.
    """

    campaign: str
    task: str
    parameters: dict[str, Any]
    seed: dict[str, Any]
    result: dict[str, Any]
    probe: dict[str, Any]
    code: str
    packages: dict[str, str]
    versions: dict[str, str]
    processor: str
    seconds: float


@dataclass
class Survey:
    """How the records of a campaign stand against its grid and its code as they are now.

    Attributes:
        current, stale: records by task, in the order of the grid.
        missing, damaged: names of tasks.
        foreign: names of records of another grid: their task is unknown, or not the same.
    """

    current: dict[str, Record] = field(default_factory=dict)
    stale: dict[str, Record] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every task has a current record, and nothing else lies about."""
        return not (self.stale or self.missing or self.damaged or self.foreign)

    @property
    def to_do(self) -> list[str]:
        """Names of the tasks that have to be computed."""
        return [*self.missing, *self.damaged, *self.stale]

    def counts(self) -> Counter:
        """How many there are of each standing."""
        return Counter({name: len(getattr(self, name)) for name in STANDINGS})


def survey(campaign: Campaign) -> Survey:
    """Read every record of a campaign."""
    found = Survey()
    folder = paths.campaign_records(campaign.stem)
    for name, task in campaign.tasks.items():
        path = folder / f"{name}.json"
        if not path.exists():
            found.missing.append(name)
            continue
        record = read(path)
        if record is None:
            found.damaged.append(name)
        elif not _of_this_grid(record, task):
            found.foreign.append(name)
        elif (record.code, record.packages) != (campaign.code, campaign.packages):
            found.stale[name] = record
        else:
            found.current[name] = record
    on_disk = {path.stem for path in folder.glob("*.json")} - {RESERVED}
    on_disk |= {path.stem for path in folder.glob("*.npz")}
    found.foreign += sorted(on_disk - set(campaign.tasks))
    return found


def _of_this_grid(record: Record, task: Task) -> bool:
    told = (record.task, record.parameters, record.seed)
    return told == (task.name, task.values, task.seed_told)


def read(path: Path) -> Record | None:
    """The record in a JSON file with its arrays; None unless all of it is as it was written."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        hashes = told.pop("arrays")
        record = Record(**told)
        if hashes:
            # From bytes: numpy leaves a file open that it finds to be no zip archive.
            packed = io.BytesIO(_arrays_beside(path).read_bytes())
            with np.load(packed, allow_pickle=False) as arrays:
                loaded = {name: arrays[name] for name in hashes}
            if {name: _hash(array) for name, array in loaded.items()} != hashes:
                return None
            record.result.update(loaded)
        return record
    # A zip file cut anywhere, or with bytes changed, raises what it likes: zlib.error, EOFError, …
    except Exception:
        return None


def write(record: Record) -> None:
    """Put a record in its place, arrays first: a JSON file never speaks of what is not there.

    Raises:
        CampaignError: a result that is neither scalar nor array.
        OSError: it could not be written; no part of it is left behind.
    """
    arrays = {name: value for name, value in record.result.items() if isinstance(value, np.ndarray)}
    told = vars(record) | {
        "result": {name: plain(v) for name, v in record.result.items() if name not in arrays},
        "probe": {name: plain(value) for name, value in record.probe.items()},
        "arrays": {name: _hash(array) for name, array in arrays.items()},
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    path = paths.campaign_records(record.campaign) / f"{record.task}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if arrays:
        packed = io.BytesIO()
        np.savez_compressed(packed, allow_pickle=False, **arrays)
        replace_file(_arrays_beside(path), packed.getvalue())
    else:
        _arrays_beside(path).unlink(missing_ok=True)
    replace_file(path, text.encode())


def restamp(record: Record, campaign: Campaign) -> None:
    """Declare that the present code would give this record; its arrays stay untouched."""
    write(replace(record, code=campaign.code, packages=campaign.packages))


def remove(campaign: Campaign, name: str) -> None:
    """Delete a record and its arrays."""
    path = paths.campaign_records(campaign.stem) / f"{name}.json"
    path.unlink(missing_ok=True)
    _arrays_beside(path).unlink(missing_ok=True)


def plain(value: Any) -> Any:
    """A scalar as JSON can hold it.

    Raises:
        CampaignError: no scalar.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is not None and not isinstance(value, bool | int | float | str):
        raise CampaignError(f"a result must be a scalar or an array, but got {value!r:.80}")
    return value


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one atomic step, or leave nothing of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as handle:
            _fill(handle, content)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _fill(handle: IO[bytes], content: bytes) -> None:
    handle.write(content)
    handle.flush()
    os.fsync(handle.fileno())


def _arrays_beside(path: Path) -> Path:
    return path.with_name(f"{path.name.removesuffix('.json')}.npz")


def _hash(array: np.ndarray) -> str:
    told = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(told + np.ascontiguousarray(array).tobytes()).hexdigest()


def differences(
    stored: dict[str, Any], again: dict[str, Any], band: float | dict[str, float]
) -> list[tuple[str, float, float, float, bool]]:
    """Two computations of one thing, quantity by quantity.

    Args:
        stored, again: scalars or arrays by name.
        band: the largest absolute difference that is expected, for all or by name.

    Returns:
        name, value stored and value found again where they differ most, their difference, and
        whether it lies within the band. What cannot be compared differs by infinity.
    """
    found = []
    for name in dict.fromkeys((*stored, *again)):
        allowed = band.get(name, 0.0) if isinstance(band, dict) else band
        old = _numbers(stored.get(name))
        new = _numbers(again.get(name))
        if old is None or new is None or old.shape != new.shape:
            same = type(stored.get(name)) is str and stored.get(name) == again.get(name)
            found.append((name, np.nan, np.nan, 0.0 if same else np.inf, same))
            continue
        if not old.size:
            continue
        apart = np.where(np.isnan(old) & np.isnan(new), 0.0, np.abs(old - new))
        apart = np.where(np.isnan(apart), np.inf, apart)
        worst = int(apart.argmax())
        most = float(apart.flat[worst])
        found.append((name, float(old.flat[worst]), float(new.flat[worst]), most, most <= allowed))
    return found


def _numbers(value: Any) -> np.ndarray | None:
    if value is None or isinstance(value, str):
        return None
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind in "biuf" else None


def refuse_to_mix(campaign: Campaign, found: Survey) -> None:
    """Demand a current record of every task.

    Raises:
        CampaignError: one sentence that names the command that mends it.
    """
    lacking = {
        name: getattr(found, name)
        for name in ("missing", "stale", "damaged")
        if getattr(found, name)
    }
    changed = [name for name in found.foreign if name in campaign.tasks]
    if changed:
        lacking["of another grid"] = changed
    if not lacking:
        return
    told = ", ".join(f"{len(names)} {kind}" for kind, names in lacking.items())
    first = next(iter(next(iter(lacking.values()))))
    mend = f"{campaign.command}{' --prune, then without it' if changed else ''}"
    raise CampaignError(
        f"Of {len(campaign.tasks)} records of campaign {campaign.stem} {told} (such as {first}): "
        f"run `{mend}`."
    )
