"""A small project of its own for each test: notebooks as the test writes them, the real runner."""

from pathlib import Path

import pytest

from qdm_utils.companion import cli

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

"""
GOOD = """\
# %% [markdown]
# # TITLE

# %%
import matplotlib.pyplot as plt
from qdm_utils.companion import Book

# %% tags=["parameters"]
height: float = 1.0  # how high the line lies, in metres
count: int = 3  # how many points
name: str = "line"  # what it is called

# %%
book = Book("STEM", globals())
figure, axes = plt.subplots(figsize=(2, 1.5))
axes.plot([height] * count)
book.save_figure(figure)
book.save_table({"height": [height] * count})

# %%
BODY
"""
CLAIM = """
[[claim]]
id = "{id}"
source = "paper"
where = "Eq. 1"
kind = "number"
statement = "The line lies at 1."
measure = "its height"
stated = 1.0
unit = "m"
notebook = "{notebook}"
band = 1e-9
complete = "the height is given"

[claim.criterion]
rule = "equals"
tolerance = 0.1
reason = "a tenth would be seen"
"""
README = "# Toy\n\n<!-- ledger:begin -->\n<!-- ledger:end -->\n"


class Project:
    """A project under `root`; `run(...)` is the command line, in this process."""

    def __init__(self, root: Path):
        self.root = root
        for folder in ("notebooks/presets", "data/processed", "figures"):
            (root / folder).mkdir(parents=True)
        (root / "data" / "claims.toml").write_text('[sources.paper]\ntitle = "A paper"\n')
        (root / "requirements.lock").write_text("")
        (root / "README.md").write_text(README)

    def claim(self, key: str, notebook: str) -> None:
        path = self.root / "data" / "claims.toml"
        path.write_text(path.read_text() + CLAIM.format(id=key, notebook=notebook))

    def notebook(
        self, stem: str, body: str = "", claims: tuple[str, ...] = (), change=lambda text: text
    ) -> Path:
        """Write a notebook that draws a line and then runs `body`; `change` spoils its text."""
        text = (
            GOOD.replace("TITLE", f"{stem[:2]} · a line")
            .replace("STEM", stem)
            .replace("BODY", body)
        )
        path = self.root / "notebooks" / f"{stem}.py"
        path.write_text(change(HEADER + text))
        for key in claims:
            self.claim(key, stem)
        return path

    def run(self, *arguments: str) -> int:
        return cli.main(["run", *arguments])

    def published(self) -> dict[str, bytes]:
        """All files outside build/ and the sources, with their bytes."""
        files = [
            p
            for p in self.root.rglob("*")
            if p.is_file() and p.suffix not in (".py", ".yaml", ".toml", ".lock")
        ]
        return {
            str(p.relative_to(self.root)): p.read_bytes()
            for p in sorted(files)
            if "build" not in p.parts
        }


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    monkeypatch.setenv("QDM_ROOT", str(tmp_path))
    for variable in ("QDM_OUTPUT", "QDM_RECORDS"):
        monkeypatch.delenv(variable, raising=False)
    return Project(tmp_path)
