"""Which notebooks a run takes, with which parameters, and which it keeps; none is executed here."""

import jupytext
import pytest

from qdm_utils.companion import paths
from qdm_utils.companion.runner import resume, run
from qdm_utils.companion.runner.progress import Outcome
from qdm_utils.companion.runner.run import Options
from qdm_utils.companion.sources.notebook import NotebookError, normalise, read_source


@pytest.mark.parametrize(
    ("only", "chosen"),
    [
        ((), ["01_line", "02_point"]),
        (("02",), ["02_point"]),
        (("01_line",), ["01_line"]),
        (("02_point", "01"), ["01_line", "02_point"]),
    ],
)
def test_notebooks_are_chosen_by_number_or_name_and_come_in_order(project, only, chosen):
    for stem in ("02_point", "01_line"):
        project.notebook(stem)
    assert run.select(only) == chosen


def test_a_project_without_notebooks_is_named(project):
    with pytest.raises(NotebookError, match=f"There are no notebooks in {project.root}/notebooks"):
        run.select(())


@pytest.mark.parametrize(
    ("options", "folder"),
    [
        (Options(), "."),
        (Options(preset="smoke"), "build/smoke"),
        (Options(preset="smoke", given={"height": 2.0}), "build/custom"),
    ],
)
def test_only_the_papers_own_parameters_are_published(project, options, folder):
    assert run.target_tree(options) == project.root / folder
    assert run.target_tree(Options(given={"height": 2.0}, tree=project.root)) == project.root


def test_a_parameter_goes_to_the_notebooks_that_have_it_over_the_preset(project):
    project.notebook("01_line")
    name = 'name: str = "line"  # what it is called'
    wide = f"{name}\nwidth: float = 1.0  # how wide it is, in metres"
    project.notebook("02_wide", change=lambda text: text.replace(name, wide))
    preset = "01_line: {count: 2}\n02_wide: {count: 4, width: 5.0}\n"
    (project.root / "notebooks/presets/smoke.yaml").write_text(preset)
    ready, failed = run.plan(Options(preset="smoke", given={"width": 2.0}))
    assert failed == []
    line = {"height": 1.0, "count": 2, "name": "line"}
    assert {stem: parameters for stem, (_, parameters) in ready.items()} == {
        "01_line": line,
        "02_wide": line | {"count": 4, "width": 2.0},
    }


def test_a_notebook_at_fault_is_named_whatever_parameters_are_given(project):
    project.notebook("01_line", change=lambda text: text.replace(' tags=["parameters"]', ""))
    ready, (failed,) = run.plan(Options(given={"height": 2.0}))
    assert (ready, failed.stem, failed.status) == ({}, "01_line", "failed")
    assert "must have exactly one cell tagged" in failed.error


@pytest.mark.slow
@pytest.mark.parametrize("remark", ["", "digits, not MNIST"])
def test_what_stands_is_kept_with_its_seconds_and_gets_its_new_text(project, remark):
    path = project.notebook("01_line")
    source = read_source("01_line")
    tree = paths.stand_in(project.root) if remark else project.root
    paths.notebooks(tree).mkdir(parents=True, exist_ok=True)
    published = paths.notebooks(tree) / "01_line.ipynb"
    published.write_text(normalise(jupytext.reads(source.text, fmt="py:percent"), "01_line"))
    hashes = {"notebooks/01_line.ipynb": resume.hash_file(published)}
    key = resume.fingerprint(source, source.parameters, project.root)
    resume.remember("01_line", tree, key, 12.5, hashes, remark)
    assert run.run(Options()) == [Outcome("01_line", "kept", 12.5, remark=remark)]
    path.write_text(path.read_text().replace("# how many points", "# how many of them"))
    assert run.run(Options()) == [Outcome("01_line", "text", 12.5, remark=remark)]
    assert "# how many of them" in published.read_text()
    assert run.run(Options()) == [Outcome("01_line", "kept", 12.5, remark=remark)]


def test_an_overview_is_stale_until_it_was_run_and_where_there_is_none_nothing_is(project):
    project.notebook("01_line")
    assert run.stale_overview() is None
    project.notebook("00_overview")
    assert run.stale_overview() == "00_overview"
    source = read_source("00_overview")
    key = resume.fingerprint(source, source.parameters, project.root)
    resume.remember("00_overview", project.root, key, 1.0, {})
    assert run.stale_overview() is None
