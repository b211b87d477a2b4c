"""What a notebook may say to the ledger is read from its code before it runs."""

import pytest

from qdm_utils.companion.ledger import LedgerError, refuse_bad_calls, required


def claims(make):
    return {"line-height": make(settings=("slow", "fast"))}


@pytest.mark.parametrize(
    "code",
    [
        'book.check("line-height", height)',
        'book.check("line-height", height, setting="slow", error=0.1)',
        'book.check("line-height", runs, setting=name, null=draws)',
        "for name, found in results.items():\n    book.check(name, found)",
        "judge.check(1, tolerance=3)\nbook.check('line-height', 1.0)",
        "judges[0].check(1, tolerance=3)\nbook.check('line-height', 1.0)",
        "print(book.save_table(1, name=2))\nbook.check('line-height', 1.0)",
        "book.check(8, 1.0)",  # no text to look up: refused where it runs
    ],
)
def test_measurements_are_welcome(make, code):
    refuse_bad_calls("01_line.py", code, claims(make))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('book.check("line-height", 1.0, tolerance=0.1)', "but got `tolerance`; what judges"),
        ('book.check("line-height", 1.0, verdict="confirmed")', "but got `verdict`"),
        ('book.check("line-height", 1.0, why="so")', "but got `why`"),
        (
            'book.check("line-height", 1.0, **more)',
            r"but got book.check\(.*\*\*more\); what judges",
        ),
        ('book.check("line-height", 1.0, "slow")', "what judges stands in data/claims.toml"),
        (
            'book.check("line-width", 1.0)',
            "01_line.py has no claim 'line-width'; it has: line-height.",
        ),
        (
            'book.check("line-height", 1.0, setting="late")',
            "declares no setting 'late'; it has: slow, fast.",
        ),
        ("height = 1.0", "01_line.py never checks the claims line-height"),
    ],
)
def test_what_would_judge_is_refused_before_anything_runs(make, code, message):
    with pytest.raises(LedgerError, match=message):
        refuse_bad_calls("01_line.py", code, claims(make))


def test_declared_verdicts_and_waiting_claims_need_no_measurement(make):
    waiting = make(id="waiting", resolve="a campaign")
    told = make(id="told", verdict="not checkable", missing="all", criterion=None)
    refuted = make(id="refuted", verdict="refuted", law="A law.")
    declared = {claim.id: claim for claim in (make(), waiting, told, refuted)}
    assert required(declared) == {"line-height", "refuted"}
