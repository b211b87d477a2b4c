"""The notebooks themselves: paired, declared, run in small, and their published results whole and
fresh.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pandas as pd
import pytest
import yaml

from qdm_utils.companion import cli, ledger, paths
from qdm_utils.companion.runner.publish import stale_pages
from qdm_utils.companion.sources.notebook import normalise, read_preset, read_source, stems

ROOT = Path(__file__).parents[1]
STEMS = stems()


@pytest.fixture(autouse=True)
def _published_project(monkeypatch):
    for variable in ("QDM_ROOT", paths.OUTPUT_VARIABLE, paths.RECORDS_VARIABLE):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("stem", STEMS)
def test_a_notebook_has_a_title_and_a_smoke_size(stem):
    source = read_source(stem)
    assert source.title.startswith(f"{stem[:2]} · ")
    source.resolve(read_preset("smoke").get(stem, {}))


@pytest.mark.parametrize("stem", STEMS)
def test_a_notebook_hands_over_measurements_in_its_closing_section_and_nothing_that_judges(stem):
    source = read_source(stem)
    code = "\n".join(cell["source"] for cell in source.code_cells)
    claims = ledger.claims_of(stem)
    ledger.refuse_bad_calls(stem, code, claims)
    if claims:
        before, _, after = source.text.partition("\n# ## Checks and verdicts\n")
        assert "book.check(" not in before
        assert "book.verdicts()" in after


@pytest.mark.parametrize("stem", STEMS)
def test_the_header_of_a_notebook_is_the_full_jupytext_header(stem):
    text = (ROOT / f"notebooks/{stem}.py").read_text(encoding="utf-8")
    header = yaml.safe_load(text.split("# ---\n")[1].replace("# ", "", 1).replace("\n# ", "\n"))[
        "jupyter"
    ]
    assert header["kernelspec"]["name"] == "python3"
    assert header["jupytext"]["formats"] == "ipynb,py:percent"
    assert "jupytext_version" not in header["jupytext"]["text_representation"]


@pytest.mark.parametrize("stem", STEMS)
def test_the_rendered_notebook_belongs_to_the_text_and_is_normalised(stem):
    path = ROOT / f"notebooks/{stem}.ipynb"
    rendered, text = nbformat.read(path, as_version=4), jupytext.read(ROOT / f"notebooks/{stem}.py")
    assert [cell.source for cell in rendered.cells] == [cell.source for cell in text.cells]
    assert not any(
        output.output_type == "error"
        for cell in rendered.cells
        for output in cell.get("outputs", [])
    )
    assert normalise(json.loads(path.read_text(encoding="utf-8")), stem) == path.read_text(
        encoding="utf-8"
    )
    nbformat.validate(rendered)


@pytest.mark.parametrize("stem", STEMS)
def test_round_trips_through_jupytext_leave_the_text_alone(stem):
    text = (ROOT / f"notebooks/{stem}.py").read_text(encoding="utf-8")
    again = jupytext.writes(jupytext.read(ROOT / f"notebooks/{stem}.ipynb"), fmt="py:percent")
    assert again == text


def test_the_ledger_is_whole():
    assert ledger.problems(ROOT) == []


@pytest.mark.parametrize("stem", [stem for stem in STEMS if ledger.claims_of(stem)])
def test_published_verdicts_follow_from_the_measurements_beside_them(stem):
    """Judged again by the criteria of the claims whose names they bear: two measurements that were
    exchanged, or a verdict edited by hand, would not fit.
    """
    claims = ledger.claims_of(stem)
    records = ledger.read_records(ledger.record_file(ROOT, stem))
    again = ledger.judge(claims, {key: record.finding for key, record in records.items()})
    assert records.keys() >= ledger.required(claims)
    assert {key: record.judged_by for key, record in records.items()} == {
        key: claims[key].judged_by for key in records
    }
    assert {key: record.verdict for key, record in records.items()} == {
        key: again[key].verdict for key in records
    }


def test_readme_ledger_page_and_overview_are_fresh():
    assert stale_pages() == [], "run: python -m qdm_utils ledger"
    saved = pd.read_csv(ROOT / "data/processed/00_overview.csv", dtype=str, keep_default_na=False)
    assert saved.to_dict("records") == ledger.table(ROOT), "run: make figures"


def test_the_manifest_tells_the_truth_about_every_figure():
    rows = json.loads(paths.manifest(ROOT).read_text(encoding="utf-8"))
    named = {name: digest for row in rows for name, digest in row["sha256"].items()}
    drawn = {path.name for path in paths.figures(ROOT).iterdir() if path.suffix in (".png", ".pdf")}
    assert set(named) == drawn
    for name, digest in named.items():
        assert hashlib.sha256((paths.figures(ROOT) / name).read_bytes()).hexdigest() == digest, name
    assert {row["notebook"] for row in rows} <= set(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_no_heading_is_lost_in_a_code_cell(stem):
    """Text after a code cell needs a marker of its own, or the reader meets it as comments."""
    code = [
        cell.source
        for cell in jupytext.read(ROOT / f"notebooks/{stem}.py").cells
        if cell.cell_type == "code"
    ]
    assert not [line for source in code for line in source.splitlines() if line.startswith("# #")]


def pictures(rendered: nbformat.NotebookNode) -> list[str]:
    """The sha256 of every picture that a rendered notebook shows, in order."""
    outputs = [output for cell in rendered.cells for output in cell.get("outputs", [])]
    shown = [
        output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})
    ]
    return [hashlib.sha256(base64.b64decode(picture)).hexdigest() for picture in shown]


@pytest.mark.parametrize("stem", STEMS)
def test_every_picture_in_a_rendered_notebook_is_a_saved_figure_and_each_is_shown_once(stem):
    rows = json.loads(paths.manifest(ROOT).read_text(encoding="utf-8"))
    saved = [row["sha256"][f"{row['figure']}.png"] for row in rows if row["notebook"] == stem]
    assert saved
    assert sorted(
        pictures(nbformat.read(ROOT / f"notebooks/{stem}.ipynb", as_version=4))
    ) == sorted(saved)


@pytest.mark.notebooks
def test_all_notebooks_run_in_small_and_touch_nothing_published(capsys):
    watched = [
        p
        for name in ("figures", "data", "notebooks")
        for p in sorted((ROOT / name).rglob("*"))
        if p.is_file()
    ]
    before = {path: path.read_bytes() for path in [*watched, ROOT / "README.md"]}
    assert cli.main(["run", "--preset", "smoke", "--force", "--jobs", "2"]) == 0, (
        capsys.readouterr().out
    )
    assert "Written to build/smoke" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in before}
    for stem in STEMS:
        assert (ROOT / f"build/smoke/figures/{stem}.png").stat().st_size > 0


@pytest.mark.notebooks
@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_plain_papermill_works_from_anywhere(folder, tmp_path):
    notebook = os.path.relpath(ROOT / "notebooks/01_no_go_boundary.ipynb", ROOT / folder)
    sizes = {"n_grid": "31", "n_cut": "3", "n_networks": "2"}
    options = [word for name, value in sizes.items() for word in ("-p", name, value)]
    published = (ROOT / "figures/01_no_go_boundary.png").read_bytes()
    papermill = Path(sys.executable).with_name("papermill")
    subprocess.run(
        [papermill, notebook, str(tmp_path / "out.ipynb"), *options], cwd=ROOT / folder, check=True
    )
    manifest = json.loads(
        (ROOT / "build/interactive/figures/01_no_go_boundary.manifest.json").read_text(
            encoding="utf-8"
        )
    )
    assert manifest[0]["parameters"]["n_grid"] == 31
    assert (ROOT / "figures/01_no_go_boundary.png").read_bytes() == published
