import json

import numpy as np
import pytest

from qdm_utils.companion import Book, ledger
from qdm_utils.companion.ledger import LedgerError, judge
from qdm_utils.companion.ledger.tables import readme_block


@pytest.fixture
def claim(project):
    project.claim("line-height", "01_line")
    return ledger.load_claims()["line-height"]


@pytest.mark.parametrize(
    ("value", "options", "verdict"),
    [
        (1.04, {"tolerance": 0.05}, "reproduced"),
        (1.04, {"tolerance": 0.05, "beyond": True}, "reproduced beyond the source"),
        (1.06, {"tolerance": 0.05}, "differs"),
        (1.06, {"tolerance": 0.05, "beyond": True}, "differs"),
        (float("nan"), {"tolerance": 0.05}, "differs"),
        (1.0, {"tolerance": 0.0}, "reproduced"),
        (None, {"verdict": "not checkable"}, "not checkable"),
        (None, {"verdict": "source inconsistent"}, "source inconsistent"),
        (1.0, {"verdict": "unresolved"}, "unresolved"),
        (
            1.0,
            {"verdict": "hinges on a setting", "condition": "with a slower rate"},
            "hinges on a setting",
        ),
        (0.94, {"tolerance": 0.05}, "differs"),
        (0.96, {"tolerance": 0.05}, "reproduced"),
    ],
)
def test_verdicts_follow_from_the_numbers(claim, value, options, verdict):
    assert judge(claim, value, why="a reason", **options).verdict == verdict


@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        (1.0, {}, "a number needs a tolerance"),
        (True, {"tolerance": 0.1}, "the claim states 1.0, the value is True"),
        (None, {"tolerance": 0.1}, "the value is None"),
        (1.0, {"verdict": "reproduced"}, "by hand a verdict can only be"),
        (1.0, {"verdict": "splendid"}, "by hand a verdict can only be"),
        (1.0, {"verdict": "hinges on a setting"}, "name the setting"),
        (1.0, {"tolerance": 0.1, "why": " "}, "say why"),
    ],
)
def test_a_record_that_says_too_little_is_refused(claim, value, options, message):
    with pytest.raises(LedgerError, match=message):
        judge(claim, value, **{"why": "a reason", **options})


@pytest.mark.parametrize(
    ("found", "uncertainty", "tolerance", "stated", "shown"),
    [
        (5.551e-17, None, 1e-12, 0.0, "holds to 1e-12"),
        (-5.464e-17, None, 1e-12, 0.0, "holds to 1e-12"),
        (2.0e-12, None, 1e-12, 0.0, "2e-12"),  # it does not hold
        (3e-8, None, 2e-7, 0.0, "holds to 2e-7"),
        (0.0, None, 0.0, 0.0, "0"),
        (0.01907, None, 0.05, 0.0, "0.01907"),  # a tolerance for something else than rounding
        (3e-17, None, 1e-12, 1.0, "3e-17"),  # 0 where 1 is stated
        (0.6869, 0.00812, 0.1, 0.301, "0.687 ± 0.008"),
        (0.19996, 0.0097, 0.1, 0.0, "0.20 ± 0.01"),
        (-0.0001338, 0.0068, 0.02, 0.0, "0.000 ± 0.007"),
        (215.3, 6.2, 1.6, 16.0, "215 ± 6"),
        (1534.0, 62.0, 1.6, 16.0, "1530 ± 60"),
        (8.7634e-4, 9.1e-6, 5e-4, 4e-3, "0.000876 ± 0.000009"),
        (3.14e-9, 2.2e-10, 1e-8, 1e-9, "3.1e-9 ± 2e-10"),
        (0.9999999999999, 9e-15, 1e-9, 1.0, "1"),
        (-1.0, 1e-9, 0.1, -1.0, "-1"),  # an uncertainty that is rounding
        (-0.6869, 0.00812, 0.1, 0.301, "-0.687 ± 0.008"),
        (float("nan"), 0.1, 0.1, 0.0, "nan"),
        (True, None, None, True, "yes"),
        (None, None, None, 38.2, ""),
    ],
)
def test_numbers_are_shown_with_the_digits_that_mean_something(
    found, uncertainty, tolerance, stated, shown
):
    assert (
        ledger.show_found(
            {"found": found, "uncertainty": uncertainty, "tolerance": tolerance, "stated": stated}
        )
        == shown
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (999999.0, "999999"),
        (1e6, "1e6"),
        (-999999.0, "-999999"),
        (-1e7, "-1e7"),
        (0.123456, "0.1235"),
        (1.5e-12, "1.5e-12"),
        (False, "no"),
        (None, ""),
    ],
)
def test_numbers_are_stated_with_few_digits(value, shown):
    assert ledger.show_number(value) == shown


def test_records_are_written_by_claim_in_whatever_order_they_come(project, two_claims):
    claims = ("line-width", "line-height")
    found = [judge(two_claims.claims[key], 1.0, tolerance=9.0, why="x") for key in claims]
    path = ledger.record_file(project.root, "01_line")
    ledger.write_records(path, found)
    first = path.read_bytes()
    assert [row["claim"] for row in json.loads(first)] == ["line-height", "line-width"]
    ledger.write_records(path, found[::-1])
    assert path.read_bytes() == first


def test_the_readme_names_conditions_and_units_only_where_there_are_some():
    row = {
        "notebook": "01_line",
        "statement": "It is |so|.",
        "stated": True,
        "found": True,
        "uncertainty": None,
        "tolerance": None,
        "unit": "",
        "verdict": "reproduced",
        "condition": "",
    }
    other = row | {"stated": 2.0, "found": 3.0, "unit": "km", "condition": "if it is long"}
    lines = readme_block([row, other]).splitlines()
    assert [line for line in lines if "](notebooks/" in line] == [
        r"| [01](notebooks/01_line.ipynb) | It is \|so\|. | yes | yes | reproduced |",
        r"| [01](notebooks/01_line.ipynb) | It is \|so\|. | 2 km | 3 | reproduced, if it is long |",
    ]


def test_the_readme_counts_what_is_pending_by_notebook_and_shows_none_of_it(project, claim):
    for key, stem in (("a", "03_c"), ("b", "02_b"), ("c", "03_c")):
        project.claim(key, stem)
    record = judge(claim, 1.0, tolerance=0.1, why="x")
    ledger.write_records(ledger.record_file(project.root, "01_line"), [record])
    block = ledger.readme_text(project.root)
    assert "4 claims: 1 reproduced · 3 pending." in block
    assert block.count("](notebooks/") == 1
    assert "Pending, by the notebook that will check them: 02_b (1), 03_c (2).\n" in block


def test_claims_are_checked_as_they_are_read(project):
    path = project.root / "data/claims.toml"
    project.claim("line-height", "01_line")
    whole = path.read_text()
    for spoiled, message in [
        (whole + whole.split("\n\n", 1)[1], "twice"),
        (whole.replace('source = "paper"', 'source = "rumour"'), "unknown source 'rumour'"),
        (whole.replace('unit = "m"\n', ""), "unit"),
        (whole.replace("stated", "guessed"), "guessed"),
    ]:
        path.write_text(spoiled)
        with pytest.raises(LedgerError, match=message):
            ledger.load_claims()


def test_a_book_refuses_unknown_and_double_claims(project):
    project.notebook("01_line", claims=("line-height",))
    book = Book("01_line", {"height": 1.0, "count": 3, "name": "line"})
    with pytest.raises(LedgerError, match="01_line has no claim 'line-colour'"):
        book.record("line-colour", 1.0, tolerance=0.1, why="x")
    book.record("line-height", np.float64(1.01), uncertainty=0.002, tolerance=0.1, why="x")
    with pytest.raises(LedgerError, match="twice"):
        book.record("line-height", 1.0, tolerance=0.1, why="x")
    assert book.verdicts().data.loc["line-height", "found"] == "1.010 ± 0.002"


def test_a_book_refuses_a_parameter_of_the_wrong_type_at_once(project):
    project.notebook("01_line")
    with pytest.raises(
        Exception, match="Argument `count` of 01_line must be of type int, but got 'banana'"
    ):
        Book("01_line", {"height": 1.0, "count": "banana", "name": "line"})


def test_a_pending_claim_becomes_a_problem_once_its_notebook_exists(project):
    project.claim("line-height", "01_line")
    assert ledger.problems(project.root) == []
    assert ledger.table(project.root)[0]["verdict"] == "pending"
    project.notebook("01_line")
    assert ledger.problems(project.root) == [
        "claim line-height has no record although 01_line exists"
    ]


def test_a_record_without_a_claim_is_a_problem(project, claim):
    record = judge(claim, 1.0, tolerance=0.1, why="x")
    ledger.write_records(ledger.record_file(project.root, "01_line"), [record])
    assert ledger.problems(project.root) == []
    (project.root / "data/claims.toml").write_text("[sources.paper]\n")
    assert ledger.problems(project.root) == ["record line-height answers no claim"]


def test_the_readme_block_is_generated_and_stable(project, claim):
    ledger.write_records(
        ledger.record_file(project.root, "01_line"), [judge(claim, 1.2, tolerance=0.1, why="x")]
    )
    text = ledger.readme_text(project.root)
    assert "1 claims: 1 differs." in text
    assert "| [01](notebooks/01_line.ipynb) | The line lies at 1. | 1 m | 1.2 | differs |" in text
    (project.root / "README.md").write_text(text)
    assert ledger.readme_text(project.root) == text


@pytest.fixture
def two_claims(project):
    """A book of a notebook with two claims that differ in all they state, in an order that is not
    that of their names.
    """
    project.notebook("01_line", claims=("line-width", "line-height"))
    path = project.root / "data/claims.toml"
    wide, high = path.read_text().split("[[claim]]\n")[1:]
    wide = (
        wide.replace("lies at 1.", "is 7 wide.")
        .replace("stated = 1.0", "stated = 7.0")
        .replace('unit = "m"', 'unit = "mm"')
    )
    path.write_text(f'[sources.paper]\ntitle = "A paper"\n\n[[claim]]\n{wide}[[claim]]\n{high}')
    return Book("01_line", {"height": 1.0, "count": 3, "name": "line"})


@pytest.mark.parametrize("order", [("line-width", "line-height"), ("line-height", "line-width")])
def test_each_finding_stands_beside_its_own_claim_in_whatever_order_it_was_recorded(
    project, two_claims, order, monkeypatch
):
    monkeypatch.setattr(two_claims, "tree", project.root)
    found = {"line-width": (7.2, 0.1, 0.5, "as wide"), "line-height": (3.0, 0.2, 0.25, "too high")}
    for claim in order:
        value, uncertainty, tolerance, why = found[claim]
        two_claims.record(claim, value, uncertainty=uncertainty, tolerance=tolerance, why=why)
    rows = ledger.table(project.root)
    assert [row["claim"] for row in rows] == [
        "line-width",
        "line-height",
    ]  # the order of claims.toml
    told = [
        [row[name] for name in ("statement", "stated", "found", "unit", "verdict", "why")]
        for row in rows
    ]
    assert told == [
        ["The line is 7 wide.", 7.0, 7.2, "mm", "reproduced", "as wide"],
        ["The line lies at 1.", 1.0, 3.0, "m", "differs", "too high"],
    ]
    assert [(row["uncertainty"], row["tolerance"]) for row in rows] == [(0.1, 0.5), (0.2, 0.25)]
    page = ledger.readme_text(project.root)
    assert "The line is 7 wide. | 7 mm | 7.2 ± 0.1 | reproduced |" in page
    assert "The line lies at 1. | 1 m | 3.0 ± 0.2 | differs |" in page
    shown = two_claims.verdicts().data
    assert [shown.loc[claim, "found"] for claim in ("line-width", "line-height")] == [
        "7.2 ± 0.1",
        "3.0 ± 0.2",
    ]
    assert [shown.loc[claim, "stated"] for claim in ("line-width", "line-height")] == ["7", "1"]


def test_a_claim_without_a_record_does_not_take_that_of_another(project, two_claims, monkeypatch):
    monkeypatch.setattr(two_claims, "tree", project.root)
    two_claims.record("line-height", 1.0, tolerance=0.1, why="a test")
    assert [(row["found"], row["verdict"]) for row in ledger.table(project.root)] == [
        (None, "pending"),
        (1.0, "reproduced"),
    ]


def test_records_about_to_be_published_come_before_the_published_ones(project, claim):
    old, new = (judge(claim, value, tolerance=0.1, why="x") for value in (1.2, 1.0))
    ledger.write_records(ledger.record_file(project.root, "01_line"), [old])
    told = ledger.readme_text(project.root, replacing={"01_line": {"line-height": new}})
    assert "1 claims: 1 reproduced." in told
    assert "| 1 m | 1 | reproduced |" in told
    assert ledger.all_records(project.root)["line-height"] == old
