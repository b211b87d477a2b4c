"""The campaigns of this collection and their records, as they are published."""

import pytest

from qdm_utils.companion import paths
from qdm_utils.companion.campaigns import load, stems, survey
from qdm_utils.companion.sources.notebook import read_preset


@pytest.fixture(autouse=True)
def _published_project(monkeypatch):
    monkeypatch.delenv("QDM_ROOT", raising=False)


@pytest.mark.parametrize("stem", stems())
def test_the_records_are_all_there_and_made_by_the_present_code(stem):
    found = survey(load(stem))
    assert found.complete, f"run: python -m qdm_utils campaign {stem} ({dict(found.counts())})"


@pytest.mark.parametrize("stem", stems())
def test_the_smoke_preset_has_a_grid_of_its_own_that_costs_little(stem):
    published = load(stem)
    parameters = read_preset("smoke")[stem]
    defaults = published.parameters
    smoke = load(stem, defaults | parameters)
    assert not smoke.default
    live = [smoke.small(task.values) for task in smoke.tasks.values()]
    assert sum(map(smoke.seconds, live)) < 60
    assert all(
        task.keys() == small.keys()
        for task, small in zip((task.values for task in smoke.tasks.values()), live, strict=True)
    )


@pytest.mark.parametrize("stem", stems())
def test_records_say_the_pinned_versions_that_made_them(stem):
    campaign = load(stem)
    for record in survey(campaign).current.values():
        made_with = {name: record.versions[name] for name in campaign.packages}
        assert made_with == campaign.packages
    assert paths.campaign_records(stem).exists()
