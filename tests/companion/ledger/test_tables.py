"""Claims and measurements side by side, in rows, in the README's line and as a page."""

import numpy as np
import pytest

from qdm_utils.companion import Book, ledger
from qdm_utils.companion.ledger.tables import totals, totals_line

VALUES = {"height": 1.0, "count": 3, "name": "line"}


@pytest.fixture
def two(project, monkeypatch):
    """A book of a notebook with two claims that differ in all they state, and its rows."""
    project.notebook("01_line", claims=("line-width", "line-height"))
    path = project.root / "data/claims.toml"
    head, wide, high = path.read_text().split("[[claim]]\n")
    wide = wide.replace("lies at 1.", "is |7| wide.").replace("stated = 1.0", "stated = 7.0")
    wide = wide.replace('unit = "m"', 'unit = "mm"').replace("band =", 'condition = "if"\nband =')
    path.write_text(f"{head}[[claim]]\n{wide}[[claim]]\n{high}")
    book = Book("01_line", VALUES)
    monkeypatch.setattr(book, "tree", project.root)
    return book


@pytest.mark.parametrize("order", [("line-width", "line-height"), ("line-height", "line-width")])
def test_each_measurement_stands_beside_its_own_claim_in_whatever_order_it_came(
    project, two, order
):
    found = {"line-width": 7.05, "line-height": 3.0}
    for claim in order:
        two.check(claim, found[claim])
    rows = ledger.table(project.root)
    names = ("claim", "statement", "stated", "unit", "criterion", "found", "verdict", "condition")
    for row in rows:
        told = [row[name] for name in ("notebook", "source", "kind", "measurement")]
        assert told == ["01_line", "paper", "number", row["claim"]]
    assert [[row[name] for name in names] for row in rows] == [
        [
            "line-width",
            "The line is |7| wide.",
            "7",
            "mm",
            "7 within 0.1",
            "7.05",
            "confirmed",
            "if",
        ],
        ["line-height", "The line lies at 1.", "1", "m", "1 within 0.1", "3", "contradicted", ""],
    ]
    assert rows[1]["because"] == "nearest: 3; varied: nothing, the height is given"
    shown = two.verdicts().data
    assert list(shown.index) == ["line-width", "line-height"]
    assert shown.loc["line-height"].to_dict() == {
        "stated": "1 m",
        "criterion": "1 within 0.1",
        "measured": "3",
        "verdict": "contradicted",
        "because": rows[1]["because"],
    }


def test_the_page_has_a_row_for_each_claim_under_its_notebook(project, two):
    two.check("line-width", 7.05)
    page = ledger.page_text(project.root).splitlines()
    assert "## [01 line](../notebooks/01_line.ipynb#Checks-and-verdicts)" in page
    rows = [line for line in page if line.startswith("| The line")]
    assert rows == [
        r"| The line is \|7\| wide. <br> `line-width` | 7 mm | 7 within 0.1 | 7.05 "
        "| **confirmed** (if) |",
        "| The line lies at 1. <br> `line-height` | 1 m | 1 within 0.1 |  | **pending** |",
    ]
    assert ledger.totals_line(ledger.table(project.root)) in page


@pytest.mark.parametrize(
    ("verdict", "when"),
    [
        ("confirmed", "a law that holds"),
        ("ordinary draw", "the stated value is one that the null"),
        ("by definition", "true once the design is fixed"),
        ("hinges on a setting", "comes out under one fair reading"),
        ("unresolved", "the interval covers both answers"),
        ("contradicted", "fails under every fair reading"),
        ("refuted", "an exact law excludes it"),
        ("inconsistent", "the source contradicts itself"),
        ("not checkable", "the source does not determine"),
        ("pending", "its measurement has not been made"),
    ],
)
def test_the_page_says_what_each_verdict_means(project, verdict, when):
    assert f"| {verdict} | {when}" in ledger.page_text(project.root)


def test_each_notebook_has_a_table_of_its_own_claims(project):
    project.claim("line-height", "01_line")
    project.claim("point-height", "02_point")
    path = project.root / "data/claims.toml"
    path.write_text(path.read_text().replace('unit = "m"\n', ""))
    _, first, second = ledger.page_text(project.root).split("\n## ")
    assert ["`line-height` | 1 | 1 within" in part for part in (first, second)] == [True, False]
    assert ["`point-height` | 1 | 1 within" in part for part in (first, second)] == [False, True]


def test_differences_of_different_notebooks_are_not_corrected_together(project, make):
    path = project.root / "data/claims.toml"
    for notebook in ("01_line", "02_point"):
        project.claim(notebook, notebook)
    text = path.read_text().replace('"number"', '"trend"').replace("stated = 1.0", "stated = true")
    path.write_text(text.replace('"equals"', '"difference"').replace("tolerance", "effect"))
    for notebook, claim in ledger.load_claims().items():
        measured = {"": ledger.measure(claim, np.arange(-3.0, 4.0) + 2.1)}  # p = 0.042
        record = ledger.Record(notebook, claim.judged_by, measured, "confirmed")
        ledger.write_records(ledger.record_file(project.root, notebook), [record])
    assert [row["verdict"] for row in ledger.table(project.root)] == ["confirmed", "confirmed"]


def test_readme_and_page_agree_and_are_stable(project, two):
    two.check("line-width", 7.05)
    text = ledger.readme_text(project.root)
    assert "counted once: 1 confirmed · 1 pending." in text
    (project.root / "README.md").write_text(text)
    assert ledger.readme_text(project.root) == text
    (project.root / "README.md").write_text("No ledger here.\n")
    assert ledger.readme_text(project.root) is None


def test_a_group_counts_once_and_designs_apart():
    rows = [
        {"verdict": verdict, "measurement": group}
        for verdict, group in (
            ("confirmed", "a"),
            ("confirmed", "a"),
            ("confirmed", "b"),
            ("unresolved", "a"),
            ("by definition", "c"),
        )
    ]
    assert totals(rows) == {"confirmed": 2, "by definition": 1, "unresolved": 1}
    assert totals_line(rows) == (
        "5 claims, those settled by one measurement counted once: 2 confirmed · 1 unresolved; "
        "1 more hold by definition and are no evidence."
    )


def test_a_pending_claim_becomes_a_problem_once_its_notebook_exists(project):
    project.claim("line-height", "01_line")
    assert ledger.problems(project.root) == []
    project.notebook("01_line")
    assert ledger.problems(project.root) == [
        "claim line-height has no record although 01_line exists"
    ]


def test_a_claim_that_waits_for_its_experiment_is_no_problem(project):
    project.notebook("01_line", claims=("line-height",))
    path = project.root / "data/claims.toml"
    path.write_text(path.read_text().replace("band =", 'resolve = "a ladder"\nband ='))
    assert ledger.problems(project.root) == []
    assert ledger.table(project.root)[0]["because"] == "a ladder"


def test_a_record_without_a_claim_is_a_problem(project, two):
    two.check("line-height", 1.0)
    two.check("line-width", 7.0)
    assert ledger.problems(project.root) == []
    (project.root / "data/claims.toml").write_text("[sources.paper]\n")
    assert ledger.problems(project.root) == [
        "record line-height answers no claim",
        "record line-width answers no claim",
    ]


def test_a_criterion_changed_after_the_measurement_is_visible(project, two):
    two.check("line-height", 1.05)
    two.check("line-width", 7.0)
    path = project.root / "data/claims.toml"
    path.write_text(path.read_text().replace("tolerance = 0.1", "tolerance = 0.01"))
    found = ledger.problems(project.root)
    assert len(found) == 2
    assert "the criterion of line-height was changed after it was measured" in found[1]
    row = ledger.table(project.root)[1]
    assert (row["verdict"], row["found"]) == ("pending", "")
    assert row["because"] == "its criterion was changed after the measurement"


def test_a_verdict_that_does_not_follow_is_a_problem(project, two):
    two.check("line-height", 3.0)
    two.check("line-width", 7.0)
    path = ledger.record_file(project.root, "01_line")
    path.write_text(path.read_text().replace('"contradicted"', '"confirmed"'))
    assert ledger.problems(project.root) == [
        "the verdict on line-height is recorded as confirmed, "
        "but its measurement gives contradicted"
    ]
    assert ledger.table(project.root)[1]["verdict"] == "contradicted"


def test_a_book_refuses_unknown_claims_and_second_checks(project, two):
    with pytest.raises(ledger.LedgerError, match="01_line has no claim 'line-colour'"):
        two.check("line-colour", 1.0)
    two.check("line-height", 1.0, error=0.002)
    with pytest.raises(ledger.LedgerError, match="line-height is checked twice"):
        two.check("line-height", 1.0)
    assert two.verdicts().data.loc["line-height", "measured"] == "1.000 ± 0.002"
