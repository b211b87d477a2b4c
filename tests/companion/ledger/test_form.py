"""A claim that cannot be judged is refused by name as it is read."""

from dataclasses import replace

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
    ("rule", "changes"),
    [
        ("equals", {"tolerance": 0.0, "complete": "all is given"}),
        ("equals", {"band": "bits", "complete": "all is given"}),
        ("equals", {"band": "statistical", "complete": "all is given"}),
        ("bound", {"side": "at most", "slack": 0.0, "complete": "all is given"}),
        ("share", {"least": 1.0, "complete": "all is given"}),
        ("predictive", {"null": "nothing learned", "complete": "all is given"}),
        ("equals", {"kind": "law", "route": "another way"}),
        ("equals", {"kind": "design"}),
        ("equals", {"verdict": "refuted", "law": "A law."}),
        ("equals", {"verdict": "inconsistent", "places": ("a", "b"), "criterion": None}),
        ("equals", {"verdict": "not checkable", "missing": "all", "criterion": None}),
        ("equals", {"kind": "outlook", "verdict": "not checkable", "missing": "all"}),
    ],
)
def test_what_a_claim_does_not_need_is_not_asked_for(make, rule, changes):
    assert list(complaints(make(rule, **changes))) == []


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        ("law", {"equals", "bound", "share"}),
        ("number", {"equals", "bound", "predictive", "exists"}),
        ("trend", {"equals", "bound", "difference", "exists", "share"}),
        ("design", {"equals", "bound", "exists", "share"}),
    ],
)
def test_each_kind_of_claim_has_criteria_of_its_own(make, kind, rules):
    every = ("equals", "bound", "predictive", "difference", "exists", "share")
    told = {rule: " ".join(complaints(make(rule, kind=kind))) for rule in every}
    assert {rule for rule in every if "cannot be judged by" not in told[rule]} == rules


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
        (
            {"unstated": (Unstated("a", "all", ("x",)), Unstated("b", "", ("y",)))},
            "an unstated setting needs the range",
        ),
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
    assert any(message in complaint for complaint in list(complaints(claim)))


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


def test_settings_and_places_are_read_in_the_order_of_the_file(project):
    project.claim("line-height", "01_line")
    project.claim("line-width", "02_other")
    path = project.root / "data/claims.toml"
    text = path.read_text().replace("band =", 'places = ["page 1", "page 2"]\nband =', 1)
    unstated = '[[claim.unstated]]\nsetting = "pace"\nrange = "any"\nvalues = ["slow", "fast"]\n'
    path.write_text(f"{text}{unstated}")
    claims = ledger.load_claims()
    assert claims["line-height"].places == ("page 1", "page 2")
    assert claims["line-height"].settings == ()
    assert claims["line-width"].unstated == (Unstated("pace", "any", ("slow", "fast")),)
    assert list(ledger.claims_of("02_other")) == ["line-width"]


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
        make("difference", settings=("slow",), null="nothing learned"),
        make("difference", settings=("slow",), verdict="refuted"),
        make("share", settings=("slow",)),
    ]
    hashes = {claim.judged_by, *(other.judged_by for other in changed)}
    assert len(hashes) == 1 + len(changed)
    other_words = make("difference", settings=("slow",), statement="So it is.", condition="if")
    other_reason = make(
        settings=("slow",),
        kind="trend",
        stated=True,
        criterion=replace(claim.criterion, reason="x"),
    )
    assert {other_words.judged_by, other_reason.judged_by} == {claim.judged_by}
