"""What a campaign computes: its file in campaigns/, read into tasks, seeds and a hash of its code.

The file bears the stem of its notebook and is loaded by path, so that its functions travel to other
processes by value. It defines

- `grid(**parameters)`: the tasks, name → values that JSON can hold, a pure function of the
  parameters of the notebook. "seeds" in a task names its seed group: tasks that share a group
  share their random numbers. Without it a task has a seed of its own;
- `run(task, seed)`: the result of a task, name → scalar or array;
- `probe(task, seed)`: a cheap beginning of the same computation, name → number;
- `small(task)`: the same task in a size that a reader can wait for;
- `seconds(task)`: about how many core-seconds it takes;
- `TOLERANCE`: {"probe": band, "result": band, "why": reason}: how far two computations of one task
  may lie apart. A band is an absolute difference, or a dict from quantity to such a difference;
- `summary(result)`, if single numbers of a result are not expected to come out the same: what of it
  is (averages, say).
"""

import hashlib
import json
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from qdm_utils.companion import paths
from qdm_utils.companion.sources.dependencies import reached_from
from qdm_utils.companion.sources.notebook import NotebookError, read_parameters

PACKAGE = Path(__file__).resolve().parents[2]
FUNCTIONS = ("grid", "run", "probe", "small", "seconds")
# The names under which packages are pinned, where they are not imported by them.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "ot": "pot", "skimage": "scikit-image", "PIL": "pillow"}
TASK_NAME = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
RESERVED = "revalidated"  # the log of revalidations lies beside the records


class CampaignError(Exception):
    """One sentence: what is wrong with a campaign, where, and what to do about it."""


@dataclass(frozen=True)
class Task:
    """One task of a campaign: its name, what it is, where its random numbers come from."""

    name: str
    values: dict[str, Any]
    root: int
    spawn_key: tuple[int, ...]

    @property
    def seed(self) -> np.random.SeedSequence:
        """The seed, anew each time: one that has spawned children would spawn others."""
        return np.random.SeedSequence(self.root, spawn_key=self.spawn_key)

    @property
    def seed_told(self) -> dict[str, Any]:
        """The seed as JSON can hold it."""
        return {"entropy": self.root, "spawn_key": list(self.spawn_key)}


@dataclass(frozen=True)
class Campaign:
    """A campaign as declared, for one choice of its notebook's parameters.

    Attributes:
        stem: of its file and of its notebook.
        root: the notebook's seed, from which those of all tasks come.
        parameters: of the notebook, as the grid was given them.
        tasks: by name, in the order of the grid.
        default: whether the parameters are those of the parameters cell, which records are for.
        code: hash of all statements that `run` and `probe` can reach; prose does not count.
        packages: the packages that these statements import, with their pinned versions.
        tolerance: TOLERANCE of the file.
    """

    stem: str
    root: int
    parameters: dict[str, Any]
    tasks: dict[str, Task]
    default: bool
    code: str
    packages: dict[str, str]
    run: Callable[[dict, np.random.SeedSequence], dict]
    probe: Callable[[dict, np.random.SeedSequence], dict]
    small: Callable[[dict], dict]
    seconds: Callable[[dict], float]
    summary: Callable[[dict], dict]
    tolerance: dict[str, Any]

    @property
    def command(self) -> str:
        """What computes what is missing."""
        return f"python -m qdm_utils campaign {self.stem}"


def stems() -> list[str]:
    """All campaigns, by number."""
    return sorted(path.stem for path in paths.declarations().glob("[0-9][0-9]_*.py"))


def select(names: list[str]) -> list[str]:
    """The stems that `names` mean, by number ("05") or in full; all of them when it is empty.

    Raises:
        CampaignError: a name that means none.
    """
    known = stems()
    for name in names:
        if not any(name in (stem, stem[:2]) for stem in known):
            there_are = f"the campaigns are: {', '.join(known)}" if known else "there are none"
            raise CampaignError(f"There is no campaign {name!r}; {there_are}.")
    return [stem for stem in known if not names or stem in names or stem[:2] in names]


def load(stem: str, parameters: dict[str, Any] | None = None) -> Campaign:
    """Read a campaign.

    Args:
        stem: of its file in campaigns/.
        parameters: of its notebook; by default those of its parameters cell.

    Raises:
        CampaignError: the file cannot be read, lacks something or declares what cannot be kept.
    """
    defaults = _parameters(stem)
    chosen = defaults if parameters is None else parameters
    text = (paths.declarations() / f"{stem}.py").read_text(encoding="utf-8")
    names = _execute(stem, text)
    lacking = [name for name in (*FUNCTIONS, "TOLERANCE") if name not in names]
    if lacking:
        raise CampaignError(f"campaigns/{stem}.py must define {', '.join(lacking)}.")
    try:
        grid = json.loads(json.dumps(names["grid"](**chosen), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise CampaignError(
            f"campaigns/{stem}.py: `grid` must take the notebook's parameters and give what JSON "
            f"can hold, but: {' '.join(str(error).split())}."
        ) from None
    code, packages = _code(text, ("run", "probe"))
    return Campaign(
        stem=stem,
        root=chosen["seed"],
        parameters=chosen,
        tasks={name: _task(stem, name, values, chosen["seed"]) for name, values in grid.items()},
        default=chosen == defaults,
        code=code,
        packages=packages,
        summary=names.get("summary", lambda result: result),
        tolerance=names["TOLERANCE"],
        **{name: names[name] for name in FUNCTIONS if name != "grid"},
    )


def declared_meaning(stem: str) -> list:
    """What the results of a notebook owe to the declaration of its campaign, for JSON."""
    text = (paths.declarations() / f"{stem}.py").read_text(encoding="utf-8")
    counted = ("grid", "run", "probe", "small", "summary", "TOLERANCE")
    # A name that is not there would count as everything.
    return list(_code(text, tuple(name for name in counted if re.search(rf"\b{name}\b", text))))


def seed_of(root: int, group: list[int | str]) -> np.random.SeedSequence:
    """The child of a root that a seed group names, whatever other groups there are.

    >>> seed_of(7, [0, 3]).spawn_key == np.random.SeedSequence(7).spawn(1)[0].spawn(4)[3].spawn_key
    True
    """
    key = [
        word if isinstance(word, int) else int(hashlib.sha256(word.encode()).hexdigest()[:8], 16)
        for word in group
    ]
    return np.random.SeedSequence(root, spawn_key=key)


def _parameters(stem: str) -> dict[str, Any]:
    try:
        parameters = read_parameters(stem).parameters
    except (NotebookError, OSError) as error:
        raise CampaignError(f"campaigns/{stem}.py needs a notebook {stem}: {error}") from None
    if "seed" not in parameters:
        raise CampaignError(f"Notebook {stem} must have a parameter `seed` for its campaign.")
    return parameters


def _execute(stem: str, text: str) -> dict[str, Any]:
    """The names at the top of a declaration, of a module that nobody can import."""
    module = types.ModuleType(f"campaign_{stem}")
    try:
        exec(compile(text, str(paths.declarations() / f"{stem}.py"), "exec"), module.__dict__)
    except Exception as error:
        told = " ".join(str(error).split())
        raise CampaignError(
            f"campaigns/{stem}.py cannot be loaded: {type(error).__name__}: {told}"
        ) from None
    return vars(module)


def _task(stem: str, name: str, values: Any, root: int) -> Task:
    if not TASK_NAME.fullmatch(name) or name == RESERVED:
        raise CampaignError(f"campaigns/{stem}.py: {name!r} cannot name a task and its file.")
    if not isinstance(values, dict):
        raise CampaignError(f"campaigns/{stem}.py: the task {name!r} must be a dict.")
    return Task(name, values, root, seed_of(root, values.get("seeds", [name])).spawn_key)


def _code(text: str, names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """A hash of what these names of a declaration can reach, and the pinned packages it imports."""
    statements, imported = reached_from(text, names, PACKAGE)
    pinned = _pinned()
    packages = {}
    for name in sorted(imported):
        distribution = DISTRIBUTIONS.get(name, name).lower()
        if distribution in pinned:
            packages[distribution] = pinned[distribution]
    told = json.dumps(statements, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest(), packages


def _pinned() -> dict[str, str]:
    """Versions by distribution, as requirements.lock has them."""
    lock = paths.root() / "requirements.lock"
    lines = lock.read_text(encoding="utf-8").splitlines() if lock.exists() else []
    found = (re.match(r"([A-Za-z0-9_.-]+)==([^\s;\\]+)", line) for line in lines)
    return {match[1].lower(): match[2] for match in found if match}


def installed(packages: dict[str, str]) -> dict[str, str]:
    """The versions of these packages that compute here, build tags dropped."""
    return {name: metadata.version(name).split("+")[0] for name in packages}
