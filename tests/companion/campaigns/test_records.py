"""Records: all of a result comes back, and every way of not being current has its name."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from qdm_utils.companion.campaigns import CampaignError, load, measure
from qdm_utils.companion.campaigns.records import Survey, differences, plain, read
from qdm_utils.companion.parallel.identity import processor

STANDING = {"current": 4, "stale": 0, "missing": 0, "damaged": 0, "foreign": 0}


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def change_draws(folder, change):
    """Store other draws for line-1, or the same ones otherwise; the JSON file stays as it is."""
    with np.load(folder / "line-1.npz") as stored:
        draws = stored["draws"]
    np.savez_compressed(folder / "line-1.npz", draws=change(draws))


def change_told(folder, **changes):
    path = folder / "line-1.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_record_says_what_it_came_from_and_gives_back_what_it_was_given(campaigns):
    assert campaigns.run() == 0
    told = campaigns.told("line-2")
    assert told["campaign"] == "01_line"
    assert told["parameters"] == {"k": 2, "height": 1.0, "seeds": ["line", 2]}
    assert told["seed"]["entropy"] == 7
    assert told["result"] == {"height": 4.0}
    assert told["versions"].keys() == {"python", "numpy"}
    assert told["processor"] == processor()
    record = read(campaigns.folder / "line-2.json")
    seed = np.random.SeedSequence(7, spawn_key=told["seed"]["spawn_key"])
    draws = np.random.default_rng(seed).normal(size=3)
    assert (record.result["draws"] == draws).all()
    assert record.probe == {"first draw": draws[0]}
    # Object arrays could carry code; numpy refuses to load them unless asked.
    assert np.load(campaigns.folder / "line-2.npz", allow_pickle=False)["draws"].dtype == float


def test_a_record_keeps_the_seconds_of_one_core(campaigns, monkeypatch):
    clock = SimpleNamespace(process_time=iter([100.0, 102.5]).__next__)
    monkeypatch.setattr(measure, "time", clock)
    campaign = load("01_line")
    found = measure.measure(campaign.run, campaign.probe, {}, campaign.tasks["line-1"])
    assert found.seconds == 2.5


def test_numbers_of_numpy_are_kept_as_plain_ones_of_result_and_probe(campaigns):
    campaigns.declare(
        ('{"first draw":', '{"count": np.int64(3), "first draw":'),
        ('{"height": FACTOR', '{"clear": np.bool_(True), "height": FACTOR'),
    )
    assert campaigns.run() == 0
    told = campaigns.told("line-2")
    assert told["probe"]["count"] == 3
    assert told["result"] == {"clear": True, "height": 4.0}


def test_what_the_probe_draws_does_not_change_what_the_result_draws(campaigns):
    """A SeedSequence counts the children it has spawned; everyone gets one that has none."""
    spawning = "np.random.default_rng(seed.spawn(1)[0])"
    campaigns.declare(("np.random.default_rng(seed)", spawning))
    assert campaigns.run() == 0
    record = read(campaigns.folder / "line-2.json")
    assert record.probe["first draw"] == record.result["draws"][0]


@pytest.mark.parametrize(
    ("spoil", "standing"),
    [
        (lambda folder: None, {}),
        (lambda folder: (folder / "line-1.json").unlink(), {"current": 3, "missing": 1}),
        (lambda folder: cut(folder / "line-1.json"), {"current": 3, "damaged": 1}),
        (lambda folder: cut(folder / "line-1.npz"), {"current": 3, "damaged": 1}),
        (lambda folder: (folder / "line-1.npz").unlink(), {"current": 3, "damaged": 1}),
        (
            lambda folder: (folder / "line-2.npz").replace(folder / "line-1.npz"),
            {"current": 2, "damaged": 2},
        ),
        (lambda folder: (folder / "line-1.json").write_text("[]"), {"current": 3, "damaged": 1}),
        (lambda folder: change_told(folder, processor="another", seconds=7.0), {}),
        (lambda folder: change_told(folder, task="line-2"), {"current": 3, "foreign": 1}),
        (lambda folder: change_told(folder, parameters={"k": 1}), {"current": 3, "foreign": 1}),
        (lambda folder: change_told(folder, code="old"), {"current": 3, "stale": 1}),
        (lambda folder: change_draws(folder, lambda x: x), {}),
        (
            lambda folder: change_draws(folder, lambda x: np.nextafter(x, 9)),
            {"current": 3, "damaged": 1},
        ),
        (lambda folder: change_draws(folder, lambda x: x[::-1]), {"current": 3, "damaged": 1}),
        (lambda folder: change_draws(folder, lambda x: x[:, None]), {"current": 3, "damaged": 1}),
        (lambda folder: change_draws(folder, lambda x: x.view("i8")), {"current": 3, "damaged": 1}),
        (
            lambda folder: (folder / "line-2.npz").rename(folder / "line-9.npz"),
            {"current": 3, "damaged": 1, "foreign": 1},
        ),
        (
            lambda folder: (folder / "line-2.json").rename(folder / "line-9.json"),
            {"current": 3, "missing": 1, "foreign": 1},
        ),
        (
            lambda folder: (folder / "line-2.json").replace(folder / "line-1.json"),
            {"current": 2, "missing": 1, "damaged": 1},
        ),
    ],
)
def test_a_record_stands_as_what_is_on_the_disk(campaigns, spoil, standing):
    assert campaigns.run() == 0
    spoil(campaigns.folder)
    assert campaigns.survey().counts() == STANDING | standing


@pytest.mark.parametrize("standing", ["stale", "missing", "damaged", "foreign"])
def test_one_record_that_is_not_current_makes_a_campaign_incomplete(standing):
    assert Survey().complete
    value = {"a": None} if standing == "stale" else ["a"]
    found = Survey(**{standing: value})
    assert not found.complete
    # What belongs to another grid is for the user to take out.
    assert found.to_do == ([] if standing == "foreign" else ["a"])


def test_a_task_that_gives_no_arrays_any_more_leaves_none(campaigns):
    assert campaigns.run() == 0
    campaigns.declare((', "draws": draws + helper(task["k"])', ""))
    assert campaigns.run() == 0
    assert sorted(campaigns.bytes()) == [f"line-{k}.json" for k in range(4)]


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ([("FACTOR = 2.0", "FACTOR = 3.0")], {"current": 0, "stale": 4}),
        ([('"k": k,', '"k": k + (k == 1),')], {"current": 3, "foreign": 1}),
        ([('["line", k]', '["lane", k]')], {"current": 0, "foreign": 4}),
        ([('["line", k]', '["line", 2 * k]')], {"current": 1, "foreign": 3}),
        ([("range(count)", "range(1, count)")], {"current": 3, "foreign": 1}),
        ([("range(count)", "range(count + 1)")], {"missing": 1}),
        ([("One line.", "One")], {}),
    ],
)
def test_a_record_stands_against_the_declaration(campaigns, changes, standing):
    assert campaigns.run() == 0
    campaigns.declare(*changes)
    assert campaigns.survey().counts() == STANDING | standing


def test_records_of_another_root_seed_are_foreign(campaigns):
    assert campaigns.run() == 0
    notebook = campaigns.project.root / "notebooks/01_line.py"
    notebook.write_text(notebook.read_text().replace("seed: int = 7", "seed: int = 8"))
    assert campaigns.survey().counts() == STANDING | {"current": 0, "foreign": 4}


def test_another_pinned_version_makes_stale_what_imports_the_package(campaigns):
    assert campaigns.run() == 0
    lock = campaigns.project.root / "requirements.lock"
    lock.write_text("numpy==2.2.6\ntorch==2.14.0\n")
    assert campaigns.survey().counts() == STANDING
    lock.write_text("numpy==2.3.0\ntorch==2.13.0\n")
    assert campaigns.survey().counts() == STANDING | {"current": 0, "stale": 4}


def test_a_result_is_made_of_scalars_and_arrays():
    assert [plain(x) for x in (np.float32(0.5), np.int64(3), np.bool_(True), "a", None)] == [
        0.5,
        3,
        True,
        "a",
        None,
    ]
    with pytest.raises(CampaignError, match="must be a scalar or an array"):
        plain([1, 2])


def test_floats_come_back_bit_for_bit():
    values = {"pi": np.pi, "third": 1 / 3, "tiny": 5e-324}
    assert json.loads(json.dumps({name: plain(v) for name, v in values.items()})) == values


@pytest.mark.parametrize(
    ("old", "new", "band", "apart", "within"),
    [
        (1.0, 1.5, 0.5, 0.5, True),
        (1.5, 1.0, 0.4, 0.5, False),
        (np.zeros(3), np.array([0.0, -2.0, 1.0]), 1.0, 2.0, False),
        (np.nan, np.nan, 0.0, 0.0, True),
        (np.nan, 1.0, 9.0, np.inf, False),
        (np.zeros(2), np.zeros(3), 9.0, np.inf, False),
        ("a", "a", 0.0, 0.0, True),
        ("a", "b", 9.0, np.inf, False),
        (1.0, None, 9.0, np.inf, False),
        (True, False, 0.5, 1.0, False),
        (1j, 1j, 9.0, np.inf, False),  # no order among them: tell their parts apart
        (1.0, 1.5, {"x": 0.6}, 0.5, True),
        (1.0, 1.5, {"y": 0.6}, 0.5, False),
    ],
)
def test_two_computations_differ_by_their_largest_difference(old, new, band, apart, within):
    ((name, _, _, found, inside),) = differences({"x": old}, {"x": new}, band)
    assert (name, found, inside) == ("x", apart, within)


def test_of_an_array_the_worst_entry_is_told_before_and_after():
    old, new = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.5, 2.0], [1.0, 4.0]])
    assert differences({"x": old}, {"x": new}, 1.0) == [("x", 3.0, 1.0, 2.0, False)]
    assert differences({"x": np.zeros(0)}, {"x": np.zeros(0)}, 0.0) == []


def test_a_quantity_that_only_one_of_them_has_is_a_difference():
    found = differences({"x": 1.0}, {"y": 1.0}, 9.0)
    assert [(name, inside) for name, *_, inside in found] == [("x", False), ("y", False)]
