"""Where things are, whatever the working directory.

The project's root holds the published notebooks, figures and data. Whatever runs outside the runner
(JupyterLab, plain papermill) writes the same tree under `build/interactive` and leaves the
published one alone.
"""

import os
from pathlib import Path

OUTPUT_VARIABLE = "QDM_OUTPUT"  # set by the runner: where a running notebook writes
DATA_VARIABLE = "QDM_DATA"  # set by the user: a folder with data sets
RECORDS_VARIABLE = (
    "QDM_RECORDS"  # set by the runner: the tree whose ledger records 00_overview reads
)
STAND_IN = "stand-in.txt"  # in the tree of a run whose data set was missing: what stood in
EXECUTED = "executed.ipynb"  # in the scratch folder of a run: the notebook as far as it has got


def root() -> Path:
    """The project's root: `QDM_ROOT` when set, else the checkout this package lies in."""
    named = os.environ.get("QDM_ROOT")
    return Path(named).resolve() if named else Path(__file__).resolve().parents[2]


def build() -> Path:
    """Scratch space, state of the runner and everything unpublished; not tracked."""
    return root() / "build"


def output() -> Path:
    """The tree a notebook writes to now: figures/ and data/processed/ below it."""
    named = os.environ.get(OUTPUT_VARIABLE)
    return Path(named) if named else build() / "interactive"


def records() -> Path:
    """The tree whose ledger records count now."""
    named = os.environ.get(RECORDS_VARIABLE)
    return Path(named) if named else root()


def stand_in(tree: Path) -> Path:
    """Where a run goes if another data set stood in for a missing one: beside what is published.

    Trees under build/ hold nothing that others rely on, so there it stays in place; `verify`
    compares, so its tree is kept clean.
    """
    return build() / "stand-in" if tree in (root(), build() / "verify") else tree


def notebooks(tree: Path) -> Path:
    return tree / "notebooks"


def figures(tree: Path) -> Path:
    return tree / "figures"


def processed(tree: Path) -> Path:
    return tree / "data" / "processed"


def declarations() -> Path:
    """What the campaigns compute: one Python file each."""
    return root() / "campaigns"


def campaign_records(stem: str) -> Path:
    """What a campaign has computed: a JSON file for each task, and its arrays beside it."""
    return root() / "data" / "campaigns" / stem


def data_here() -> list[str]:
    """The data sets of this machine: the folder that the user named and what was downloaded."""
    downloads = root() / "data" / "raw"
    found = (
        sorted(str(p.relative_to(downloads)) for p in downloads.rglob("*") if p.is_file())
        if downloads.exists()
        else []
    )
    return [os.environ.get(DATA_VARIABLE, ""), *found]


def claims() -> Path:
    """What the sources claim."""
    return root() / "data" / "claims.toml"


def manifest(tree: Path) -> Path:
    """One row per figure: what it was made from."""
    return figures(tree) / "manifest.json"
