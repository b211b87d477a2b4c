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
    assert book.verdicts().loc["line-height", "found"] == "1.01 ± 0.002"


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
