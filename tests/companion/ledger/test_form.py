"""A claim that cannot be judged is refused by name as it is read."""

import pytest

from qdm_utils.companion import ledger
from qdm_utils.companion.ledger import LedgerError
from qdm_utils.companion.ledger.claims import Criterion, Unstated
from qdm_utils.companion.ledger.form import complaints


@pytest.mark.parametrize("rule", ["equals", "bound", "predictive", "difference", "exists", "share"])
def test_a_complete_claim_raises_no_complaint(make, rule):
    assert list(complaints(make(rule, settings=("slow", "fast")))) == []
    assert list(complaints(make(rule, complete="all is given"))) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "rumour"}, "the kind must be one of"),
        ({"criterion": None}, "there is no criterion"),
        ({"kind": "law", "criterion": Criterion("predictive", "x")}, "a law cannot be judged by"),
        ({"kind": "law"}, "a law needs the independent `route`"),
        ({"kind": "outlook"}, "an outlook is declared not checkable"),
        ({"unstated": ()}, "say what the source leaves `unstated`, or why it is `complete`"),
        ({"unstated": (Unstated("a", "", ("x",)),)}, "an unstated setting needs the range"),
        ({"unstated": (Unstated("a", "all", ()),)}, "an unstated setting needs the range"),
        ({"unstated": (Unstated("a", "all", ("x", "x")),)}, "two unstated settings have one name"),
        ({"band": "wide"}, "a band must be"),
        ({"band": 0.0}, "a band must be"),
        ({"band": True}, "a band must be"),
        ({"criterion": Criterion("taste", "x")}, "a number cannot be judged by 'taste'"),
        ({"criterion": Criterion("equals", " ", tolerance=1.0)}, "the criterion needs its reason"),
        ({"criterion": Criterion("equals", "x")}, "equals needs `tolerance`"),
        ({"criterion": Criterion("equals", "x", tolerance=-1.0)}, "must be ≥ 0"),
        (
            {"criterion": Criterion("equals", "x", tolerance=1.0, effect=1.0)},
            "equals takes no `effect`",
        ),
        ({"stated": True}, "equals needs a stated number"),
        ({"criterion": Criterion("bound", "x", side="above")}, "the side must be one of"),
        ({"kind": "trend", "criterion": Criterion("share", "x", least=1.5)}, "the least share"),
        ({"kind": "trend", "criterion": Criterion("share", "x", least=0.0)}, "the least share"),
        ({"null": "nothing learned"}, "a null goes with the rule predictive"),
        ({"verdict": "contradicted"}, "a verdict can only be declared as one of"),
        ({"verdict": "confirmed"}, "a verdict can only be declared as one of"),
        ({"verdict": "refuted"}, "refuted needs `law`"),
        ({"verdict": "refuted", "law": "A law.", "criterion": None}, "for the residual"),
        ({"verdict": "inconsistent"}, "inconsistent needs `places`"),
        ({"verdict": "inconsistent", "places": ("one",)}, "inconsistent needs the two places"),
        ({"verdict": "not checkable"}, "not checkable needs `missing`"),
    ],
)
def test_what_is_missing_is_named(make, changes, message):
    claim = make(**({"unstated": (Unstated("a", "all", ("x",)),)} | changes))
    assert any(message in complaint for complaint in complaints(claim))


def test_a_bound_may_bring_its_limit_where_no_number_is_stated(make):
    claim = make("bound", stated=True, limit=3.0, complete="all is given")
    assert list(complaints(claim)) == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text + text[text.index("[[claim]]") :], "twice"),
        (lambda text: text.replace('"paper"', '"rumour"'), "unknown source 'rumour'"),
        (lambda text: text.replace('where = "Eq. 1"\n', ""), "where"),
        (lambda text: text.replace("stated = ", "guessed = "), "guessed"),
        (lambda text: text.replace("tolerance = ", "slope = "), "slope"),
        (lambda text: text.replace("tolerance = 0.1\n", ""), "equals needs `tolerance`"),
        (lambda text: text.replace("[[claim]]", "[[claim"), "no valid TOML"),
    ],
)
def test_claims_are_checked_as_they_are_read(project, spoil, message):
    project.claim("line-height", "01_line")
    path = project.root / "data/claims.toml"
    path.write_text(spoil(path.read_text()))
    with pytest.raises(LedgerError, match=message):
        ledger.load_claims()


def test_a_changed_criterion_changes_what_a_claim_is_judged_by(make):
    claim = make("difference", settings=("slow",))
    changed = [
        make("difference", settings=("slow",), effect=0.6),
        make("difference", settings=("fast",)),
        make("difference", settings=("slow",), kind="design"),
        make("difference", settings=("slow",), stated=2.0),
        make("difference", settings=("slow",), unit="km"),
        make("difference", settings=("slow",), measure="its width"),
        make("difference", settings=("slow",), group="all"),
        make("share", settings=("slow",)),
    ]
    hashes = {claim.judged_by, *(other.judged_by for other in changed)}
    assert len(hashes) == 1 + len(changed)
    other_words = make("difference", settings=("slow",), statement="So it is.", condition="if")
    assert other_words.judged_by == claim.judged_by
