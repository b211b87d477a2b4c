"""The campaign of notebook 06: what is paired with what, and what is kept of a training."""

import numpy as np
import pytest

from qdm_utils.companion.campaigns import load, survey
from qdm_utils.qubits import DenoiserConfig, train_denoiser

STEM = "06_barren_plateau"
TASK = {
    "config": {"n": 3, "layers": 2, "n_states": 4, "depths": [2, 3], "n_eval": 5},
    "runs": 3,
    "epochs": 7,
    "looks": 3,
}


@pytest.fixture(autouse=True)
def _published_project(monkeypatch):
    monkeypatch.delenv("QDM_ROOT", raising=False)


def test_what_is_compared_run_by_run_shares_its_seed_and_what_is_not_does_not():
    tasks = load(STEM).tasks
    by_key = {}
    for name, task in tasks.items():
        by_key.setdefault(task.spawn_key, set()).add(name)
    groups = sorted(by_key.values(), key=len)
    # Eight qubits: part 1 has no others than the sixteen ways on four grounds and 2 parts.
    ways = [name for name in tasks if name.endswith("-part1")]
    assert set(ways) in groups
    assert len(ways) == 2 * 2 * 2**3
    for n in (4, 6, 10):
        assert {f"wall-{n}-ten-fixed", f"wall-{n}-all"} <= next(
            g for g in groups if f"wall-{n}-all" in g
        )
    assert {"curriculum-4-constant", "curriculum-4-falling"} in groups
    first = next(group for group in groups if "wall-8-all" in group)
    assert {"12-chain-haar-global-fixed-part0", "2-brick-local-all", "long-slow"} <= first


def test_the_ways_are_every_input_with_every_cost_and_batch_on_every_ground():
    found = {}
    for task in load(STEM).tasks.values():
        values, config = task.values, task.values["config"]
        if values["study"] == "remedies" and len(values["way"].split(", ")) == 3:
            told = (values["depth"], values["entangler"], values["way"])
            meant = (
                config["depths"],
                config["entangler"],
                config.get("states", "haar"),
                {"marginal": "local"}.get(config.get("cost"), "global"),
                "fresh" if config.get("fresh_batch") else "fixed",
            )
            found[told] = found.get(told, 0) + values["runs"]
            assert meant == ([told[0]], told[1], *told[2].split(", "))
            assert config["learning_rate"] == 0.05
    assert set(found.values()) == {32}
    assert len(found) == 32


def test_a_task_keeps_the_fidelities_of_its_training_in_units_of_chance():
    campaign, seed = load(STEM), np.random.SeedSequence(2)
    found = campaign.run(TASK, seed)
    record = train_denoiser(
        DenoiserConfig(**TASK["config"], epochs=7, eval_every=2, seeds=3, seed=seed)
    )
    assert found["steps"].tolist() == [0, 2, 4, 6, 7, 9, 11, 13]
    for name, measure in (
        ("train", "train_fidelity"),
        ("all", "average_fidelity"),
        ("held", "eval_fidelity"),
        ("new", "fresh_fidelity"),
    ):
        expected = 8 * getattr(record, measure)[:, found["steps"]]
        np.testing.assert_allclose(found[name], expected, rtol=1e-6)
    np.testing.assert_allclose(found["steepest"], record.gradient_norm.max(1), rtol=1e-6)
    logs = campaign.summary(found)
    assert logs["all"] == pytest.approx(np.log2(found["all"][:, -1]).mean())


def test_a_probe_is_the_beginning_of_its_training():
    campaign, seed = load(STEM), np.random.SeedSequence(2)
    probe = campaign.probe(TASK, seed)
    whole = campaign.run(TASK, seed)
    before = probe["fidelity before, of chance"]
    assert before == pytest.approx(whole["train"][:, 0].mean(), rel=1e-6)
    assert probe["fidelity after, of chance"] > before


def test_nobody_waits_long():
    campaign = load(STEM)
    live = [campaign.small(task.values) for task in campaign.tasks.values()]
    assert max(task["runs"] for task in live) == 2
    assert max(task["epochs"] for task in live) == 20
    assert campaign.small(TASK) == TASK | {"runs": 2}


@pytest.mark.slow
def test_kept_runs_end_with_as_many_looks_as_they_should_and_nothing_is_lost():
    campaign = load(STEM)
    for record in survey(campaign).current.values():
        told = record.parameters
        stages = len(told["config"].get("depths", (2, 4, 6, 8, 10, 12)))
        assert record.result["train"].shape == (told["runs"], len(record.result["steps"]))
        assert record.result["steps"][-1] == stages * told["epochs"] - 1
        assert np.isfinite(record.result["all"]).all()
        assert np.isclose(
            record.probe["fidelity before, of chance"], record.result["train"][:, 0].mean()
        )
