"""What a notebook leaves behind: tables, arrays and figures under its stem, with what they were
made from.
"""

import hashlib
import html
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from qdm_utils.companion import Book, figures, ledger, paths
from qdm_utils.companion import book as book_module

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


def test_a_row_of_the_manifest_names_a_figures_origin_and_the_figure_its_data(book, monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "save_figure", lambda figure, folder, name: {f"{name}.png": "a"})
    monkeypatch.setattr(figures, "show", lambda figure, path: shown.append((figure, path.name)))
    monkeypatch.setattr(figures, "package_versions", lambda: {"numpy": "2"})
    monkeypatch.setattr(book_module, "processor", lambda: "a processor")
    paths.figures(book.tree).mkdir(parents=True)
    book.parameters["seed"] = 7
    for part, remark in (("", ""), ("close", "digits, not MNIST")):
        book.use_data("a set of lines", remark)
        figure = plt.figure()
        figure.suptitle("Lines")
        book.save_figure(figure, part)
        plt.close(figure)
    assert json.loads((book.tree / "figures/01_line.manifest.json").read_text())[1] == {
        "figure": "01_line-close",
        "notebook": "01_line",
        "parameters": VALUES | {"seed": 7},
        "seed": 7,
        "dataset": "a set of lines",
        "sha256": {"01_line-close.png": "a"},
        "packages": {"numpy": "2"},
        "processor": "a processor",
    }
    assert [name for _, name in shown] == ["01_line.png", "01_line-close.png"]
    assert [figure.get_suptitle() for figure, _ in shown] == [
        "Lines",
        "Lines\nData: digits, not MNIST",
    ]


def test_what_stands_in_for_missing_data_is_said_and_left_for_the_runner(book, capsys):
    marker = book.tree / paths.STAND_IN
    with pytest.raises(ValueError, match="Argument `remark` must say what stands in, but got ''"):
        book.use_data("digits", stand_in=True)
    book.use_data("MNIST")
    book.use_data("digits", "few of them")
    assert not marker.exists()
    assert capsys.readouterr().out == ""
    book.use_data("digits", "digits, not MNIST", stand_in=True)
    assert marker.read_text() == "digits, not MNIST"
    assert "NOT THE DATA THAT WERE WANTED: digits, not MNIST" in capsys.readouterr().out


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
    styles = re.findall(r"#T_verdicts +(t[hd]) {\s*text-align: left;\s*vertical-align: top;", shown)
    assert styles == ["th", "td"]
    assert shown == book.verdicts().to_html()


def test_the_table_of_verdicts_says_of_each_claim_all_that_a_reader_weighs(project, book):
    project.claim("line-width", "01_line")  # declared, and not checked yet
    book = Book("01_line", VALUES)
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


def test_a_claim_that_there_is_not_is_refused_with_those_that_there_are(project, book):
    message = r"01_line has no claim 'line-rise' in data/claims\.toml; it has: line-height\."
    with pytest.raises(ledger.LedgerError, match=message):
        book.check("line-rise", 1.0)
    project.notebook("02_point")
    with pytest.raises(ledger.LedgerError, match=r"it has: none\."):
        Book("02_point", {}).check("line-height", 1.0)


def test_draws_of_the_null_are_recorded_beside_the_measurement(project, book):
    path = project.root / "data/claims.toml"
    text = path.read_text().replace('rule = "equals"\ntolerance = 0.1', 'rule = "predictive"')
    path.write_text(text.replace("band = 1e-9", 'band = 1e-9\nnull = "any line"'))
    book = Book("01_line", VALUES)
    book.check("line-height", [0.9, 1.0, 1.1, 1.2], null=[7.0, 8.0, 9.0, 10.0])
    (record,) = json.loads((book.tree / "data/processed/01_line.ledger.json").read_text())
    assert record["null"]["value"] == 8.5


@pytest.mark.parametrize("runner", [True, False])
def test_a_plain_run_says_that_nothing_is_published(book, monkeypatch, capsys, runner):
    if not runner:
        monkeypatch.delenv(paths.OUTPUT_VARIABLE)
    book.check("line-height", 1.0)
    book.verdicts()
    told = "" if runner else "Not published: these files are under build/interactive.\n"
    assert capsys.readouterr().err == told
