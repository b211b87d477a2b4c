"""What a notebook gets of its campaign, in its own hands and under the runner."""

import json
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from qdm_utils.companion import Book, paths
from qdm_utils.companion.campaigns import CampaignError, check, records_of
from qdm_utils.companion.runner import resume
from qdm_utils.companion.sources.notebook import read_source

STEM = "01_line"
VALUES = {"height": 1.0, "count": 4, "seed": 7}
COMMAND = "python -m qdm_utils campaign 01_line"


@pytest.fixture
def book(campaigns, monkeypatch):
    """A book of the notebook, for parameters other than its own if they are given."""
    monkeypatch.setenv(paths.OUTPUT_VARIABLE, str(campaigns.project.root / "build/out"))
    monkeypatch.setenv("QDM_WORKERS", "1")
    return lambda **changes: Book(STEM, VALUES | changes)


def test_a_notebook_gets_the_results_by_task(campaigns, book):
    campaigns.run()
    found = records_of(book())
    assert list(found) == ["line-0", "line-1", "line-2", "line-3"]
    assert (found["line-3"].height, found["line-3"]["height"]) == (6.0, 6.0)
    assert found["line-3"].draws.shape == (3,)
    assert found["line-3"].task["k"] == 3
    assert dict(found["line-3"]).keys() == {"height", "draws"}
    assert not found.live
    with pytest.raises(AttributeError, match="no 'width'"):
        found["line-3"].width  # noqa: B018


def test_results_are_selected_by_what_their_task_says(campaigns, book):
    campaigns.run()
    found = records_of(book())
    assert [result.height for result in found.select(height=1.0)] == [0.0, 2.0, 4.0, 6.0]
    assert [result.task["k"] for result in found.select(k=2, height=1.0)] == [2]
    with pytest.raises(CampaignError, match=r"No task of campaign 01_line has \{'k': 9\}"):
        found.select(k=9)


def test_single_precision_comes_in_double(campaigns, book):
    campaigns.declare(("draws + helper", "np.float32(draws) + helper"))
    campaigns.run()
    stored = np.load(campaigns.folder / "line-1.npz")["draws"]
    assert stored.dtype == np.float32
    found = records_of(book())["line-1"].draws
    assert found.dtype == np.float64
    assert (found == stored).all()


def test_an_array_of_no_fractions_comes_as_it_was_kept(campaigns, book):
    campaigns.declare(("draws + helper", "np.sign(draws).astype(np.int8) + helper"))
    campaigns.run()
    assert records_of(book())["line-1"].draws.dtype == np.int8


def test_single_precision_comes_in_double_also_where_it_is_complex(campaigns, book):
    campaigns.declare(("draws + helper", "np.complex64(1j * draws) + helper"))
    campaigns.run()
    found = records_of(book())["line-1"].draws
    assert found.dtype == np.complex128
    assert (found == np.load(campaigns.folder / "line-1.npz")["draws"]).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: (c.folder / "line-1.json").unlink(), "1 missing (such as line-1)"),
        (lambda c: (c.folder / "line-2.npz").write_bytes(b"PK"), "1 damaged (such as line-2)"),
        (lambda c: c.declare(("FACTOR = 2.0", "FACTOR = 3.0")), "4 stale (such as line-0)"),
        (lambda c: c.declare(('"k": k,', '"k": 2 * k,')), "3 of another grid (such as line-1)"),
    ],
)
def test_records_that_are_not_all_current_are_refused_with_the_command_that_mends_it(
    campaigns, book, change, said
):
    campaigns.run()
    change(campaigns)
    with pytest.raises(CampaignError) as caught:
        records_of(book())
    assert f"Of 4 records of campaign 01_line {said}: run `{COMMAND}" in str(caught.value)


def test_where_the_grid_has_changed_pruning_is_part_of_the_mending(campaigns, book):
    campaigns.run()
    campaigns.declare(('"k": k,', '"k": 2 * k,'))
    with pytest.raises(CampaignError, match=f"run `{COMMAND} --prune, then without it`"):
        records_of(book())
    campaigns.declare(("FACTOR = 2.0", "FACTOR = 3.0"))
    with pytest.raises(CampaignError, match=f"run `{COMMAND}`"):
        records_of(book())


def test_records_are_asked_for_before_a_run_only_where_they_will_be_read(campaigns):
    with pytest.raises(CampaignError, match="4 missing"):
        check(STEM, VALUES)
    check(STEM, VALUES | {"count": 3})
    check("02_other", {})
    campaigns.run()
    check(STEM, VALUES)


@pytest.mark.slow
def test_a_fingerprint_sees_the_records_for_the_notebooks_own_parameters_alone(campaigns):
    def fingerprints():
        source = read_source(STEM)
        chosen = (source.parameters, source.resolve({"count": 2}))
        return [resume.fingerprint(source, given, campaigns.project.root) for given in chosen]

    before = fingerprints()
    campaigns.run()
    recorded = fingerprints()
    assert [a == b for a, b in zip(before, recorded, strict=True)] == [False, True]
    campaigns.declare(('{"small": True}', '{"tiny": True}'))
    assert not set(fingerprints()) & set(recorded)


def test_probes_of_a_live_computation_come_out_again_too(campaigns, book):
    """In the same small size."""
    campaigns.declare(("(seed).normal()}", '(seed).normal() + task.get("small", 0)}'))
    found = records_of(book(count=2))
    table = found.recompute(9)
    assert list(table["task"]) == ["line-0", "line-1"]
    assert (table["difference"] == 0).all()
    assert list(table["stored"]) == [result.probe["first draw"] for result in found.values()]


def test_records_of_tasks_that_are_gone_do_no_harm_to_the_others(campaigns, book):
    campaigns.run()
    campaigns.declare(("range(count)", "range(1, count)"))
    assert list(records_of(book())) == ["line-1", "line-2", "line-3"]


def test_without_a_campaign_there_are_no_records(campaigns, book):
    campaigns.file.unlink()
    with pytest.raises(CampaignError, match=r"there is no campaigns/01_line.py"):
        records_of(book())


@pytest.mark.slow
def test_other_parameters_are_computed_live_in_small_and_marked(campaigns, book):
    campaigns.run()
    campaigns.project.claim("line-height", STEM)
    before = campaigns.bytes()
    campaigns.declare(('FACTOR * task["height"]', '100 * task.get("small", 0) * task["height"]'))
    changed = book(height=2.0, count=2)
    found = records_of(changed)
    assert found.live
    assert [result.height for result in found.values()] == [0.0, 200.0]
    figure, _ = plt.subplots(figsize=(2, 1.5))
    changed.save_figure(figure)
    assert "computed live, in a small size" in figure.get_suptitle()
    changed.check("line-height", 1.0)
    assert "computed live, in a small size" in changed.verdicts().data["because"].iloc[0]
    assert campaigns.bytes() == before


def test_what_comes_from_records_bears_no_remark(campaigns, book):
    campaigns.run()
    own = book()
    records_of(own)
    figure, _ = plt.subplots(figsize=(2, 1.5))
    own.save_figure(figure)
    assert figure.get_suptitle() == ""
    (row,) = json.loads((own.tree / "figures/01_line.manifest.json").read_text())
    assert row["dataset"] == "records in data/campaigns/01_line"


def test_a_live_task_that_fails_is_one_sentence(campaigns, book):
    campaigns.declare(("    draws =", "    1 / 0\n    draws ="))
    with pytest.raises(CampaignError, match=r"line-0 of campaign 01_line failed: ZeroDivision"):
        records_of(book(count=2))


def test_a_few_probes_come_out_again_and_the_seed_chooses_which(campaigns, book):
    campaigns.run()
    table = records_of(book()).recompute(2)
    assert list(table.columns) == ["task", "quantity", "stored", "again", "difference"]
    assert (table["difference"] == 0).all()
    assert (table["again"] == table["stored"]).all()
    assert (table["quantity"] == "first draw").all()
    assert table["task"].nunique() == 2
    assert table.equals(records_of(book()).recompute(2))
    assert sorted(records_of(book()).recompute(99)["task"]) == [f"line-{k}" for k in range(4)]
    stored = {name: campaigns.told(name)["probe"]["first draw"] for name in table["task"]}
    assert dict(zip(table["task"], table["stored"], strict=True)) == stored
    chosen = {tuple(records_of(book(count=20, seed=k)).recompute(2)["task"]) for k in range(5)}
    assert len(chosen) > 1


def test_a_probe_that_does_not_come_out_again_is_an_error(campaigns, book):
    campaigns.run()
    path = campaigns.folder / "line-3.json"
    told = campaigns.told("line-3")
    told["probe"]["first draw"] += 2e-9
    path.write_text(json.dumps(told))
    with pytest.raises(CampaignError, match="Task line-3 of campaign 01_line does not come out"):
        records_of(book()).recompute(4)
    told["probe"]["first draw"] -= 1.5e-9
    path.write_text(json.dumps(told))
    found = records_of(book()).recompute(4).iloc[3]
    assert found["stored"] == told["probe"]["first draw"]
    assert found["stored"] - found["again"] == found["difference"] == pytest.approx(5e-10, rel=0.01)


def test_a_probe_that_fails_when_it_is_computed_again_is_one_sentence(campaigns, book):
    campaigns.run()
    found = records_of(book())
    found.campaign = replace(found.campaign, probe=lambda task, seed: 1 / 0)
    with pytest.raises(CampaignError, match=r"line-\d of campaign 01_line failed: ZeroDivision"):
        found.recompute(1)


@pytest.mark.slow
def test_the_runner_meets_the_records_before_it_starts_and_keeps_what_is_published(
    campaigns, capsys
):
    project = campaigns.project
    assert project.run() == 1
    told = capsys.readouterr().out
    assert f"Of 4 records of campaign 01_line 4 missing (such as line-0): run `{COMMAND}`" in told
    assert not (project.root / f"notebooks/{STEM}.ipynb").exists()
    assert campaigns.run() == 0
    assert project.run() == 0
    rendered = (project.root / f"notebooks/{STEM}.ipynb").read_text()
    assert "[0.0, 2.0, 4.0, 6.0]" in rendered
    published = project.published()

    campaigns.declare(("FACTOR = 2.0", "FACTOR = 3.0"))
    assert project.run("--list") == 1
    assert project.run() == 1
    assert "4 stale" in capsys.readouterr().out
    assert project.published() == published
    # Other parameters need no records.
    assert project.run("-p", "count=2") == 0
    assert project.published() == published
    assert campaigns.run() == 0
    assert project.run() == 0
    assert "[0.0, 3.0, 6.0, 9.0]" in (project.root / f"notebooks/{STEM}.ipynb").read_text()


@pytest.mark.slow
def test_a_notebook_is_run_again_exactly_when_its_campaign_gave_something_new(campaigns, capsys):
    def status():
        capsys.readouterr()
        assert campaigns.project.run() == 0
        return "up to date" if "kept" in capsys.readouterr().out else "run"

    campaigns.run()
    assert status() == "run"
    assert status() == "up to date"
    campaigns.declare(("One line.", "One"), ("10.0 + task", "20.0 + task"))
    assert status() == "up to date"
    # A restamped record says so: it was made by other code.
    campaigns.declare(('FACTOR * task["height"]', 'task["height"] * FACTOR'))
    assert campaigns.run("--revalidate") == 0
    assert status() == "run"
    campaigns.declare(
        ('FACTOR * task["height"]', 'task["height"] * FACTOR'), ('{"small"', '{"tiny"')
    )
    assert status() == "run"
