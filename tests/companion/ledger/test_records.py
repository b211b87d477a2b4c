"""What a notebook measured is kept whole, and judged together while it runs."""

import json

import numpy as np
import pytest

from qdm_utils.companion import ledger
from qdm_utils.companion.ledger import Findings, LedgerError, measure
from qdm_utils.companion.ledger.records import Record


def test_a_measurement_under_each_setting_is_kept_and_judged(make):
    claim = make(settings=("slow", "fast"))
    findings = Findings({claim.id: claim})
    findings.add(claim, "slow", measure(claim, 1.0), None)
    assert findings.judged()[claim.id].verdict == "confirmed"
    findings.add(claim, "fast", measure(claim, 2.0), None)
    (record,) = findings.records(data="digits")
    assert (record.verdict, record.because) == (
        "hinges on a setting",
        "comes out with: slow. not with: fast",
    )
    assert (record.claim, record.judged_by, record.data) == (claim.id, claim.judged_by, "digits")
    assert {name: found.value for name, found in record.measured.items()} == {
        "slow": 1.0,
        "fast": 2.0,
    }


def test_a_null_handed_over_once_is_kept_beside_all_settings(make):
    claim = make("predictive", settings=("slow", "fast"), null="nothing learned")
    findings, runs = Findings({claim.id: claim}), np.arange(7.0)
    findings.add(claim, "slow", measure(claim, runs), measure(claim, runs - 3))
    findings.add(claim, "fast", measure(claim, runs + 50), None)
    (record,) = findings.records()
    assert record.null == measure(claim, runs - 3)
    assert record.verdict == "ordinary draw"
    with pytest.raises(LedgerError, match="its null is handed over twice"):
        findings.add(claim, "", measure(claim, runs), measure(claim, runs + 1))


def test_an_undeclared_setting_or_null_and_a_second_check_are_refused(make):
    claim = make("predictive", settings=("slow",))
    findings, found = Findings({claim.id: claim}), measure(claim, [1.0, 2.0])
    with pytest.raises(LedgerError, match=r"the setting 'late' is not among .* \('slow'\)"):
        findings.add(claim, "late", found, None)
    with pytest.raises(LedgerError, match="line-height: no null is declared"):
        findings.add(claim, "", found, found)
    findings.add(claim, "slow", found, None)
    with pytest.raises(LedgerError, match="line-height is checked twice with the setting 'slow'"):
        findings.add(claim, "slow", found, None)


def test_records_come_back_as_they_were_written_in_the_order_of_their_claims(make, tmp_path):
    claims = {key: make("predictive", id=key, null="chance", settings=("x",)) for key in ("b", "a")}
    findings = Findings(claims)
    for shift, claim in enumerate(claims.values()):
        null = measure(claim, [shift, 2.0])
        findings.add(claim, "x", measure(claim, np.arange(5.0)), null if shift else None)
    path = tmp_path / "data" / "processed" / "01_line.ledger.json"
    ledger.write_records(path, findings.records())
    assert [row["claim"] for row in json.loads(path.read_text())] == ["a", "b"]
    assert ledger.read_records(path) == {record.claim: record for record in findings.records()}
    first = path.read_bytes()
    ledger.write_records(path, findings.records()[::-1])
    assert path.read_bytes() == first


def test_nothing_was_measured_where_there_is_no_file(tmp_path):
    assert ledger.read_records(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<<<<<<< HEAD\n[]", "Expecting value"),
        ('[{"claim": "a"}]', "'measured'"),
        ('{"claim": 1}', "string indices"),
        ("[3]", "'int' object"),
    ],
)
def test_a_file_that_is_no_ledger_is_named_with_the_reason(tmp_path, text, why):
    path = tmp_path / "01_line.ledger.json"
    path.write_text(text)
    with pytest.raises(LedgerError, match=rf"01_line.ledger.json is no valid ledger \({why}"):
        ledger.read_records(path)


def test_contradicted_without_a_best_case_is_refused(make, tmp_path):
    record = Record("line-height", make().judged_by, {}, "contradicted")
    path = tmp_path / "01_line.ledger.json"
    ledger.write_records(path, [record])
    with pytest.raises(LedgerError, match="line-height is called contradicted without its best"):
        ledger.read_records(path)


def test_records_about_to_be_published_come_before_the_published_ones(project, make):
    old, new = (Record("line-height", "x", {}, verdict) for verdict in ("confirmed", "unresolved"))
    ledger.write_records(ledger.record_file(project.root, "01_line"), [old])
    assert ledger.all_records(project.root) == {"line-height": old}
    replacing = {"01_line": {"line-height": new}}
    assert ledger.all_records(project.root, replacing) == {"line-height": new}
