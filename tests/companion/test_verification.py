"""What was regenerated is compared by meaning: within bands, verdicts unchanged, on any machine."""

import hashlib
import json

import numpy as np
import pytest

from qdm_utils.companion import Book, cli, ledger, paths, verification
from qdm_utils.companion.ledger import LedgerError
from qdm_utils.companion.verification import Pair

VALUES = {"height": 1.0, "count": 3, "name": "line"}
RUNS = np.array([0.96, 0.98, 1.0, 1.02, 1.04])
SAME = np.ones(5)
COMPARED = ("compared", "meaning", "bytes")  # a column of the report, from the head down
ARRAYS = {"x": [1.0, 2.0], "y": [3.0]}


@pytest.fixture
def trees(project, monkeypatch):
    """Write the same notebook's results into the published tree and into another one.

    `write(tree, processor, height=…, table=…, arrays=…)`; the claim's band may be changed before.
    """
    project.notebook("01_line", claims=("line-height",))
    again = project.root / "build" / "again"

    def write(tree, processor="A", height=1.0, table=None, arrays=None):
        book = Book("01_line", VALUES)
        monkeypatch.setattr(book, "tree", tree)
        book.check("line-height", height)
        book.save_table({"x": [1.0, 2.0]} if table is None else table)
        arrays = ARRAYS | (arrays or {})
        book.save_arrays("all", **{key: np.array(value) for key, value in arrays.items()})
        paths.figures(tree).mkdir(parents=True, exist_ok=True)
        row = {"notebook": "01_line", "sha256": {}, "processor": processor}
        row |= {"parameters": VALUES, "dataset": "none"}
        # What another notebook drew, elsewhere and from something else, is not its concern.
        other = {"figure": "02_other", "notebook": "02_other", "processor": str(tree)}
        rows = [row | {"figure": "01_line"}, row | {"figure": "01_line-close"}, row | other]
        paths.manifest(tree).write_text(json.dumps(rows))
        return book

    write(project.root)
    return project, again, write


def change_claim(project, old, new):
    path = project.root / "data/claims.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def bands(project, text):
    (project.root / "data/bands.toml").write_text(text)


def test_equal_files_on_the_same_processor_are_compared_byte_for_byte(trees):
    _, again, write = trees
    write(again)
    found = verification.compare("01_line", again)
    assert (found.same, found.values, found.columns, found.drifts) == (True, 1, 1, [])


def test_a_last_digit_counts_on_the_same_processor_and_not_on_another(trees):
    _, again, write = trees
    table = {"x": [1.0, 2.0 + 1e-8]}
    write(again, table=table)
    assert verification.compare("01_line", again).drifts == [
        "data/processed/01_line.csv: other bytes on the same processor"
    ]
    write(again, "B", table=table)
    found = verification.compare("01_line", again)
    assert (found.same, found.drifts) == (False, [])


def test_unknown_processors_are_not_the_same(trees):
    project, again, write = trees
    write(again)
    for tree in (project.root, again):
        text = paths.manifest(tree).read_text()
        paths.manifest(tree).write_text(text.replace('"processor": "A"', '"none": 1'))
    assert not verification.compare("01_line", again).same


@pytest.mark.parametrize(
    ("table", "drifts"),
    [
        ({"x": [1.0, 2.0 + 1.9e-6]}, 0),  # a millionth of the column's largest entry
        ({"x": [1.0 + 1.9e-6, 2.0]}, 0),
        ({"x": [1.0, 2.0 + 2.1e-6]}, 1),
        ({"x": [1.0, 2.0 - 2.1e-6]}, 1),
        ({"x": [1.1, 2.1]}, 1),  # the worst row of a column stands for it
        ({"x": [1.0, np.nan]}, 1),
        ({"x": [1.0, 2.0, 3.0]}, 1),
        ({"y": [1.0, 2.0]}, 1),
        ({"x": ["1", "two"]}, 1),
    ],
)
def test_a_table_column_lies_within_its_band(trees, table, drifts):
    _, again, write = trees
    write(again, "B", table=table)
    assert len(verification.compare("01_line", again).drifts) == drifts


@pytest.mark.parametrize(
    ("then", "now", "drifts"),
    [
        ([-2.0, -1.0], [-2.0, -1.0 + 1.9e-6], 0),  # its largest entry by absolute value
        (["one", "two"], ["one", "two"], 0),
        (["one", "two"], ["two", "one"], 1),
        (["one", "two"], [1.0, 2.0], 1),
    ],
)
def test_so_does_a_column_of_negative_numbers_and_words_are_the_same(trees, then, now, drifts):
    project, again, write = trees
    write(project.root, "A", table={"x": then})
    write(again, "B", table={"x": now})
    assert len(verification.compare("01_line", again).drifts) == drifts


@pytest.mark.parametrize(
    ("now", "drifts"),
    [
        ([np.inf, 2.0, np.nan], 0),
        ([np.inf, 2.1, np.nan], 1),
        ([5.0, 2.0, np.nan], 1),
        ([np.inf, 2.0, 3.0], 1),
    ],
)
def test_infinite_and_missing_entries_are_equal_to_themselves_alone(trees, now, drifts):
    project, again, write = trees
    write(project.root, "A", table={"x": [np.inf, 2.0, np.nan]})
    write(again, "B", table={"x": now})
    assert len(verification.compare("01_line", again).drifts) == drifts


def test_a_drift_names_table_column_row_and_size(trees):
    _, again, write = trees
    write(again, "B", table={"x": [1.1, 2.5]})
    assert verification.compare("01_line", again).drifts == [
        "01_line.csv, column 'x', row 1: 2 then, 2.5 now, allowed ± 2e-06"
    ]


@pytest.mark.parametrize(
    ("band", "shift", "drifts"),
    [
        ("0.2", 0.39, 0),
        ("0.2", 0.41, 1),
        ("0.25", 0.5, 0),  # its ends belong to it
        ('"bits"', 1e-9, 1),
        ('"rounding"', 0.9e-6, 0),
        ('"rounding"', 1.1e-6, 1),
        ('"free"', 9.0, 0),
    ],
)
@pytest.mark.parametrize("name", ["x", '"*"'])
def test_a_column_may_declare_its_band(trees, name, band, shift, drifts):
    project, again, write = trees
    bands(project, f"[01_line]\n{name} = {band}\n")
    write(again, "B", table={"x": [1.0, 2.0 + shift]})
    assert len(verification.compare("01_line", again).drifts) == drifts


@pytest.mark.parametrize(("shift", "told"), [(0.45, []), (0.48, ["1 then, 1.48 now"])])
def test_a_statistical_column_is_compared_by_its_errors(trees, shift, told):
    """Two numbers of errors .1 each: 3.29·√2·.1 = .465, as an error of 10⁻³ for all of them."""
    project, again, write = trees
    bands(project, '[01_line]\nx = "error"\nerror = "free"\n')
    for tree, move in ((project.root, 0.0), (again, shift)):
        write(tree, str(tree), table={"x": [1.0 + move], "error": [0.1]})
    found = verification.compare("01_line", again).drifts
    assert [text.split(", row 0: ")[1].split(", allowed")[0] for text in found] == told


def test_the_more_is_compared_the_wider_each_band(trees):
    project, again, write = trees
    bands(project, '[01_line]\nx = "error"\nerror = "free"\n')
    for tree, move in ((project.root, 0.0), (again, 0.55)):
        x = np.ones(100)
        x[0] += move
        write(tree, str(tree), table={"x": x, "error": np.full(100, 0.1)})
    assert verification.compare("01_line", again).drifts == []


@pytest.mark.parametrize(
    ("names", "counts", "x", "drifts"),
    [
        (["a", "b", "b"], [1, 1, 2], [1.0, 2.0, 3.0], []),
        (["b", "a", "b"], [2, 1, 1], [3.0, 1.0, 2.0], []),
        (["b", "b", "a"], [1, 2, 1], [3.0, 2.0, 1.0], ["column 'x', row 1"]),
        (["b", "a", "c"], [1, 1, 2], [2.0, 1.0, 3.0], ["column 'name': another text"]),
        (["b", "a", "b"], [3, 1, 1], [3.0, 1.0, 2.0], ["column 'count', row 2"]),
    ],
)
def test_rows_in_the_order_of_a_result_are_known_by_their_names(trees, names, counts, x, drifts):
    project, again, write = trees
    bands(project, '[01_line]\nname = "row"\ncount = "row"\n')
    published = {"name": ["a", "b", "b"], "count": [1, 1, 2], "x": [1.0, 2.0, 3.0]}
    write(project.root, "A", table=published)
    write(again, "B", table={"name": names, "count": counts, "x": x})
    found = verification.compare("01_line", again).drifts
    assert [text.split(".csv, ")[1].split(": 2")[0].split(": 3")[0] for text in found] == drifts


def test_a_band_that_names_no_column_is_refused(trees):
    project, again, write = trees
    bands(project, '[01_line]\nx = "slope"\n')
    write(again, "B")
    with pytest.raises(LedgerError, match="has no column of errors 'slope'"):
        verification.compare("01_line", again)


@pytest.mark.parametrize(
    ("arrays", "drifts"),
    [
        ({"x": [1.0, 2.0 + 1e-7]}, []),
        (
            {"x": [1.1, 2.0]},
            ["01_line-all.npz, array 'x', row 0: 1 then, 1.1 now, allowed ± 2e-06"],
        ),
        ({"x": [1.0]}, ["01_line-all.npz: not the same arrays"]),
        ({"z": [1.0]}, ["01_line-all.npz: not the same arrays"]),
    ],
)
def test_arrays_are_compared_like_columns(trees, arrays, drifts):
    _, again, write = trees
    write(again, "B", arrays=arrays)
    assert verification.compare("01_line", again).drifts == drifts


def test_an_array_that_is_not_made_any_more_is_a_drift(trees):
    project, again, write = trees
    write(project.root, "A", arrays={"z": [1.0]})
    write(again, "B")
    assert verification.compare("01_line", again).drifts == ["01_line-all.npz: not the same arrays"]


@pytest.mark.parametrize(
    ("band", "then", "now", "drifts"),
    [
        ("band = 0.01", 1.0, 1.009, 0),
        ("band = 0.01", 1.0, 0.989, 1),
        ('band = "bits"', 1.0, 1.0, 0),
        ('band = "bits"', 1.0, 1.0 + 1e-12, 1),
        # standard errors .0141 each: 3.29·.02 = .066
        ('band = "statistical"', RUNS, RUNS + 0.06, 0),
        ('band = "statistical"', RUNS, RUNS + 0.07, 1),
        # one such error: 3.29·.0141 = .047
        ('band = "statistical"', SAME, RUNS + 0.05, 1),
        ('band = "statistical"', RUNS, SAME + 0.05, 1),
        ('band = "statistical"', RUNS, SAME + 0.04, 0),
        ('band = "statistical"', SAME, SAME + 0.05, 0),  # none: the verdict alone counts
    ],
)
def test_a_ledger_value_lies_within_the_band_of_its_claim(trees, band, then, now, drifts):
    project, again, write = trees
    change_claim(project, "band = 1e-9", band)
    change_claim(project, "tolerance = 0.1", "tolerance = 0.3")
    write(project.root, "A", then)
    write(again, "B", now)
    found = verification.compare("01_line", again).drifts
    assert len(found) == drifts
    assert all(text.startswith("ledger row line-height: 1 then,") for text in found)


def test_another_verdict_is_a_drift_within_any_band(trees):
    project, again, write = trees
    change_claim(project, "band = 1e-9", "band = 5.0")
    write(project.root, "A", 1.09)
    write(again, "B", 1.11)
    assert verification.compare("01_line", again).drifts == [
        "ledger row line-height: confirmed then, contradicted now"
    ]


def test_a_criterion_changed_between_the_two_is_a_drift(trees):
    project, again, write = trees
    change_claim(project, "tolerance = 0.1", "tolerance = 0.2")
    write(again, "B")
    assert verification.compare("01_line", again).drifts == [
        "ledger row line-height: its criterion was changed after the measurement"
    ]


def test_a_ledger_row_on_one_side_only_is_a_drift(trees):
    project, again, write = trees
    drift = ["ledger row line-height: it stands on one side only"]
    write(again, "B")
    change_claim(project, 'id = "line-height"', 'id = "line-rise"')
    assert verification.compare("01_line", again).drifts == drift
    change_claim(project, 'id = "line-rise"', 'id = "line-height"')
    for tree in (project.root, again):
        path = ledger.record_file(tree, "01_line")
        whole = path.read_text()
        path.write_text("[]")
        assert verification.compare("01_line", again).drifts == drift
        path.write_text(whole)
    assert verification.compare("01_line", again).drifts == []


def test_files_on_one_side_only_and_a_figure_that_was_replaced_are_named(trees):
    project, again, write = trees
    write(again, "B")
    (paths.processed(again) / "01_line.csv").unlink()
    paths.notebooks(again).mkdir()
    (paths.notebooks(again) / "01_line.ipynb").write_text("{}")
    (paths.figures(project.root) / "01_line.png").write_bytes(b"another")
    for tree in (project.root, again):
        (paths.figures(tree) / "01_line.pdf").write_bytes(b"the same")
    hashes = {
        "01_line.png": "0" * 64,
        "01_line.pdf": hashlib.sha256(b"the same").hexdigest(),
        "01_line.svg": "0" * 64,  # a file that is gone has no bytes to compare
    }
    rows = json.loads(paths.manifest(project.root).read_text())
    rows[0]["sha256"] = hashes
    paths.manifest(project.root).write_text(json.dumps(rows))
    assert sorted(verification.compare("01_line", again).drifts) == [
        "data/processed/01_line.csv: not regenerated",
        "figures/01_line.png: not regenerated",
        "figures/01_line.png: not the file that its manifest row describes",
        "notebooks/01_line.ipynb: not published",
    ]


@pytest.mark.parametrize("rows", [[], [{"parameters": VALUES | {"count": 4}}]])
def test_other_figures_or_parameters_are_a_drift(trees, rows):
    project, again, write = trees
    write(again, "B")
    first, close, other = json.loads(paths.manifest(again).read_text())
    changed = [first, *(close | change for change in rows), other]
    paths.manifest(project.root).write_text(json.dumps(changed))
    assert verification.compare("01_line", again).drifts == [
        "figures/manifest.json: not the same figures, parameters and data"
    ]


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([Pair("a", 1.0, 2.0), Pair("b", 1.0, 3.0)], ["a: 1 then, 2 now", "b: 1 then, 3 now"]),
        # the first of equals
        ([Pair("a, row 0", 1.0, 2.0), Pair("a, row 1", 1.0, 3.0)], ["a, row 0: 1 then, 2 now"]),
        # the furthest by its own errors, not the largest difference
        (
            [
                Pair("a, row 0", 1.0, 2.0, errors=(0.1, 0.1)),
                Pair("a, row 1", 1.0, 9.0, errors=(1.0, 1.0)),
            ],
            ["a, row 0: 1 then, 2 now"],
        ),
    ],
)
def test_the_worst_number_of_each_place_is_told(pairs, told):
    assert [text.split(", allowed")[0] for text in verification._outside(pairs)] == told


def test_the_report_has_a_row_for_each_notebook_and_a_line_for_each_drift(trees):
    _, again, write = trees
    write(again, "B", table={"x": [1.0, 3.0]})
    longer = verification.Comparison("02_a_longer_name", same=True)
    found = [verification.compare("01_line", again), longer]
    head, *rows, drift = verification.report(found).splitlines()
    assert [row.split() for row in rows] == [
        ["01_line", "meaning", "1", "1", "1"],
        ["02_a_longer_name", "bytes", "0", "0", "0"],
    ]
    assert {line.index(word) for line, word in zip((head, *rows), COMPARED, strict=True)} == {18}
    assert drift.startswith("differs: 01_line.csv, column 'x', row 1: 2 then, 3 now")


def test_bands_that_cannot_be_read_are_named(project):
    bands(project, "[[")
    with pytest.raises(LedgerError, match=r"bands\.toml is no valid TOML"):
        verification.load_bands()


DIGITS = """\
import os

book.check("line-height", height + (1e-12 if "OPENBLAS_CORETYPE" in os.environ else 0.0))
"""


@pytest.mark.notebooks
def test_verify_ends_well_on_another_processor_and_finds_what_was_touched(
    project, capsys, monkeypatch
):
    project.notebook("01_line", DIGITS, claims=("line-height",))
    assert project.run() == 0
    assert cli.main(["verify"]) == 0
    assert "01_line  bytes" in capsys.readouterr().out
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    assert cli.main(["verify"]) == 0
    out = capsys.readouterr().out
    assert "01_line  meaning" in out
    assert "means the same as what is published" in out
    (project.root / "data/processed/01_line.csv").write_text("height\n1.0\n9.0\n1.0\n")
    (project.root / "README.md").write_text("<!-- ledger:begin -->\n<!-- ledger:end -->\n")
    assert cli.main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "differs: 01_line.csv, column 'height', row 1: 9 then, 1 now" in out
    assert "differs: README.md: not what the records give" in out
