"""A project with one campaign of four quick tasks, and the command line in this process."""

import json
from pathlib import Path

import pytest

from qdm_utils.companion import cli, paths
from qdm_utils.companion.campaigns import load, survey
from qdm_utils.companion.campaigns.records import read

STEM = "01_line"
DECLARATION = '''\
"""Lines."""

import numpy as np

from qdm_utils.randomness import generator, spawn

FACTOR = 2.0
TOLERANCE = {"probe": 1e-9, "result": 1e-9, "why": "a closed form"}


def grid(height, count, seed):
    """All lines."""
    return {f"line-{k}": {"k": k, "height": height, "seeds": ["line", k]} for k in range(count)}


def run(task, seed):
    """One line."""
    draws = np.random.default_rng(seed).normal(size=3)
    return {"height": FACTOR * task["height"] * task["k"], "draws": draws + helper(task["k"])}


def probe(task, seed):
    return {"first draw": np.random.default_rng(seed).normal()}


def helper(k):
    return 0 * k


def small(task):
    return task | {"small": True}


def seconds(task):
    return 10.0 + task["k"]


def unused():
    return spawn(0, 1)
'''
LOCK = "numpy==2.2.6\ntorch==2.13.0\n"
BODY = """
from qdm_utils.companion.campaigns import records_of

records = records_of(book)
print([result.height for result in records.values()])
"""


class Campaigns:
    """The project, its campaign and its records; `run` is `python -m qdm_utils campaign 01`."""

    def __init__(self, project):
        self.project = project
        self.folder: Path = paths.campaign_records(STEM)
        self.file: Path = project.root / "campaigns" / f"{STEM}.py"
        self.file.parent.mkdir()
        self.declare()
        (project.root / "requirements.lock").write_text(LOCK)
        self.notebook()

    def notebook(self, body: str = BODY, count: int = 4) -> None:
        old = 'name: str = "line"  # what it is called'

        def change(text: str) -> str:
            text = text.replace(old, "seed: int = 7  # root of everything random")
            return text.replace("count: int = 3", f"count: int = {count}")

        self.project.notebook(STEM, body=body, change=change)

    def declare(self, *changes: tuple[str, str]) -> None:
        """Write the campaign, with some words of it replaced."""
        text = DECLARATION
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.file.write_text(text, encoding="utf-8")

    def second(self, stem: str = "02_longer_line") -> None:
        """A second campaign, without any tasks."""
        change = "count: int = 3", "seed: int = 7"
        self.project.notebook(stem, change=lambda text: text.replace(*change))
        empty = "def grid(height, seed, name):\n    return {}\n\n\n"
        rest = DECLARATION[DECLARATION.index("def run(") :]
        self.file.with_name(f"{stem}.py").write_text(f"TOLERANCE = {{}}\n{empty}{rest}")

    def run(self, *arguments: str, jobs: int = 1) -> int:
        return cli.main(["campaign", *arguments, "--jobs", str(jobs)])

    def survey(self):
        return survey(load(STEM))

    def bytes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.folder.glob("*"))}

    def told(self, name: str) -> dict:
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    def results(self) -> dict[str, dict]:
        """What the records hold, without how long it took."""
        found = {}
        for path in sorted(self.folder.glob("*.json")):
            record = read(path)
            told = {**vars(record), "result": None, "seconds": None}
            arrays = {name: repr(value) for name, value in record.result.items()}
            found[path.stem] = told | arrays
        return found


@pytest.fixture
def campaigns(project, monkeypatch) -> Campaigns:
    for name in ("QDM_SCHEDULER", "QDM_WORKERS", "QDM_QUIET"):
        monkeypatch.delenv(name, raising=False)
    return Campaigns(project)
