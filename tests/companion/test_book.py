"""What a notebook leaves behind: tables, arrays and figures under its stem, with what they were
made from.
"""

import hashlib
import html
import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from qdm_utils.companion import Book, paths
from qdm_utils.companion.parallel import identity

VALUES = {"height": 1.5, "count": 4, "name": "line"}


@pytest.fixture
def book(project, monkeypatch):
    project.notebook("01_line", claims=("line-height",))
    monkeypatch.setenv(paths.OUTPUT_VARIABLE, str(project.root / "build/out"))
    return Book("01_line", VALUES | {"other": "not a parameter"})


def test_a_parameter_that_the_namespace_lacks_has_its_default(project):
    project.notebook("01_line")
    assert Book("01_line", {"height": 2.5}).parameters == {
        "height": 2.5,
        "count": 3,
        "name": "line",
    }


def test_tables_keep_ten_digits_and_arrays_all(book):
    exact = np.array([np.pi, 1e-12, -2 / 3])
    book.save_table({"x": exact, "k": [1, 2, 3]}, "numbers")
    book.save_arrays("all", x=exact)
    path = book.tree / "data/processed/01_line-numbers.csv"
    assert path.read_bytes() == b"x,k\n3.141592654,1\n1e-12,2\n-0.6666666667,3\n"
    assert pd.read_csv(path)["x"].to_numpy() == pytest.approx(exact, rel=1e-9)
    assert np.array_equal(np.load(book.tree / "data/processed/01_line-all.npz")["x"], exact)


@pytest.mark.slow
def test_the_manifest_says_what_each_figure_was_made_from(book):
    book.use_data("a set of lines")
    for part in ("", "close"):
        figure, axes = plt.subplots(figsize=(2, 1.5))
        axes.plot([0, 1], [0, len(part)])
        book.save_figure(figure, part)
    assert not plt.get_fignums()  # nothing can be drawn on them later
    rows = json.loads((book.tree / "figures/01_line.manifest.json").read_text())
    assert [row["figure"] for row in rows] == ["01_line", "01_line-close"]
    for row in rows:
        assert (row["notebook"], row["parameters"], row["dataset"]) == (
            "01_line",
            VALUES,
            "a set of lines",
        )
        assert set(row["sha256"]) == {f"{row['figure']}.png", f"{row['figure']}.pdf"}
        for name, digest in row["sha256"].items():
            assert hashlib.sha256((book.tree / "figures" / name).read_bytes()).hexdigest() == digest


def test_a_verdict_on_other_data_says_so(book):
    book.use_data("digits", "digits, not MNIST")
    book.check("line-height", 1.0)
    (record,) = json.loads((book.tree / "data/processed/01_line.ledger.json").read_text())
    assert (record["verdict"], record["data"]) == ("confirmed", "digits, not MNIST")
    assert book.verdicts().data.loc["line-height", "because"] == "data: digits, not MNIST"


def test_the_table_of_verdicts_shows_whole_texts_and_is_the_same_in_every_run(book):
    remark = "if 1 < x & every other setting is as the source has it, " * 5
    book.use_data("digits", remark)
    book.check("line-height", 1.0)
    shown = book.verdicts().to_html()
    assert html.escape(remark) in shown
    assert shown == book.verdicts().to_html()


def test_the_table_of_verdicts_says_of_each_claim_all_that_a_reader_weighs(book):
    book.check("line-height", 1.04, error=0.002)
    table = book.verdicts().data
    assert list(table.index) == ["line-height"]
    assert table.loc["line-height"].to_dict() == {
        "stated": "1 m",
        "criterion": "1 within 0.1",
        "measured": "1.040 ± 0.002",
        "verdict": "confirmed",
        "because": "",
    }


def test_workers_are_compared_in_what_computes_and_not_in_what_tests():
    """The dependencies that pyproject.toml declares, and those alone."""
    names = identity.packages()
    assert {"numpy", "torch", "scipy"} <= set(names)
    assert not {"pytest", "hypothesis", "ruff", "psutil"} & set(names)
    there = dict.fromkeys(names, "1") | {"numpy": "2"}
    assert identity.difference(there, dict.fromkeys(names, "1")) == "numpy (2 there, 1 here)"
    assert identity.difference(there, there) == ""
