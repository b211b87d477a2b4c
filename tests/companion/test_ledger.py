import numpy as np
import pytest

from qdm_utils.companion import Book, ledger
from qdm_utils.companion.ledger import LedgerError, judge


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
        (1.0, {"verdict": "hinges on a setting", "condition": "with a slower rate"}, "hinges on a setting"),
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
        (float("nan"), 0.1, 0.1, 0.0, "nan"),
        (True, None, None, True, "yes"),
        (None, None, None, 38.2, ""),
    ],
)
def test_numbers_are_shown_with_the_digits_that_mean_something(found, uncertainty, tolerance, stated, shown):
    assert ledger.show_found({"found": found, "uncertainty": uncertainty, "tolerance": tolerance, "stated": stated}) == shown


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
    assert book.verdicts().loc["line-height", "found"] == "1.010 ± 0.002"


def test_a_book_refuses_a_parameter_of_the_wrong_type_at_once(project):
    project.notebook("01_line")
    with pytest.raises(Exception, match="Argument `count` of 01_line must be of type int, but got 'banana'"):
        Book("01_line", {"height": 1.0, "count": "banana", "name": "line"})


def test_a_pending_claim_becomes_a_problem_once_its_notebook_exists(project):
    project.claim("line-height", "01_line")
    assert ledger.problems(project.root) == []
    assert ledger.table(project.root)[0]["verdict"] == "pending"
    project.notebook("01_line")
    assert ledger.problems(project.root) == ["claim line-height has no record although 01_line exists"]


def test_a_record_without_a_claim_is_a_problem(project, claim):
    record = judge(claim, 1.0, tolerance=0.1, why="x")
    ledger.write_records(ledger.record_file(project.root, "01_line"), [record])
    assert ledger.problems(project.root) == []
    (project.root / "data/claims.toml").write_text("[sources.paper]\n")
    assert ledger.problems(project.root) == ["record line-height answers no claim"]


def test_the_readme_block_is_generated_and_stable(project, claim):
    ledger.write_records(ledger.record_file(project.root, "01_line"), [judge(claim, 1.2, tolerance=0.1, why="x")])
    text = ledger.readme_text(project.root)
    assert "1 claims: 1 differs." in text
    assert "| [01](notebooks/01_line.ipynb) | The line lies at 1. | 1 m | 1.2 | differs |" in text
    (project.root / "README.md").write_text(text)
    assert ledger.readme_text(project.root) == text
