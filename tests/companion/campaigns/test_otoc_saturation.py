"""The campaign of notebook 04: what it samples, from which seeds, and what came out."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from qdm_utils.companion.campaigns import load, survey
from qdm_utils.qubits.scrambling import mean_otoc_by_depth, sampled_otoc

STEM = "04_otoc_saturation"
TASK = {"n": 9, "depth": 3, "circuits": 3}


@pytest.fixture(autouse=True)
def _published_project(monkeypatch):
    monkeypatch.delenv("QDM_ROOT", raising=False)


@pytest.mark.parametrize("n_kept", [2, 16, 17, 64])
def test_every_point_gets_its_circuits_in_parts_of_at_most_sixteen(n_kept):
    parameters = {"n_record": [9, 10], "record_depths": [3, 5], "n_kept": n_kept}
    grid = load(STEM, load(STEM).parameters | parameters).tasks.values()
    points = {}
    for task in grid:
        assert 1 <= task.values["circuits"] <= 16
        point = task.values["n"], task.values["depth"]
        points[point] = points.get(point, 0) + task.values["circuits"]
    assert points == {(n, depth): n_kept for n in (9, 10) for depth in (3, 5)}


def test_no_two_tasks_share_a_seed_and_none_has_one_that_the_notebook_draws_from():
    keys = [task.spawn_key for task in load(STEM).tasks.values()]
    assert len(set(keys)) == len(keys)
    assert {key[0] for key in keys} == {4}  # the notebook spawns the children 0 … 3


def test_a_task_samples_what_it_says_and_its_probe_is_its_first_circuit():
    campaign, seed = load(STEM), np.random.SeedSequence(1)
    decay = campaign.run(TASK, seed)["decay"]
    assert np.array_equal(decay, sampled_otoc(9, 3, 3, seed))
    assert campaign.probe(TASK, seed) == {"first circuit": decay[0]}


def test_nobody_waits_for_twenty_qubits():
    campaign = load(STEM)
    live = [campaign.small(task.values) for task in campaign.tasks.values()]
    assert max(task["n"] for task in live) == 12
    assert sum(map(campaign.seconds, live)) < 10
    assert campaign.small(TASK) == TASK


@pytest.mark.slow
def test_the_kept_circuits_average_to_the_exact_chain():
    found = {}
    for record in survey(load(STEM)).current.values():
        decay = record.result["decay"]
        assert len(decay) == record.parameters["circuits"]
        assert record.probe["first circuit"] == decay[0]
        point = record.parameters["n"], record.parameters["depth"]
        found.setdefault(point, []).append(decay)
    exact = {n: mean_otoc_by_depth(n, max(depth for _, depth in found)) for n, _ in found}
    odds = [
        ttest_1samp(np.concatenate(parts), exact[n][depth]).pvalue
        for (n, depth), parts in found.items()
    ]
    assert min(odds) * len(odds) > 1e-3
