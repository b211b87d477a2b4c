"""What a fingerprint sees, and which finished runs still stand; nothing is executed here."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.runner import resume
from qdm_utils.companion.sources import dependencies
from qdm_utils.companion.sources.notebook import read_source

PHYSICS = "from qdm_utils.qubits import haar_states\nhaar_states(1, 1, 1)"


@pytest.fixture
def fingerprint(project):
    """The fingerprint of a notebook with the project's present files, under its own parameters or
    those given.
    """

    def of(stem: str = "01_line", **given) -> str:
        source = read_source(stem)
        return resume.fingerprint(source, source.resolve(given), project.root)

    return of


@pytest.mark.slow
def test_results_depend_on_the_parameters_also_where_the_text_does_not_name_them(
    project, fingerprint
):
    """As a preset or `-p` sets them: the text is the same."""
    project.notebook("01_line")
    assert fingerprint(height=1.0) == fingerprint()
    found = {fingerprint(), fingerprint(height=2.0), fingerprint(count=4), fingerprint(name="1.0")}
    assert len(found) == 4


@pytest.mark.slow
def test_results_depend_on_what_the_source_states_but_not_on_how_we_put_it(project, fingerprint):
    project.notebook("01_line", claims=("line-height",))
    project.notebook("02_other", claims=("other-height",))
    path, before, other = project.root / "data/claims.toml", fingerprint(), fingerprint("02_other")
    whole = path.read_text()
    path.write_text(whole.replace("The line lies at 1.", "It is the line that lies at 1."))
    assert fingerprint() == before
    for old, new in (
        ("stated = 1.0", "stated = 1.5"),
        ('unit = "m"', 'unit = "km"'),
        ('"line-height"', '"line-rise"'),
        ("tolerance = 0.1", "tolerance = 0.2"),
    ):
        path.write_text(whole.replace(old, new, 1))  # the first claim, which is that of 01_line
        assert fingerprint() != before, new
        assert fingerprint("02_other") == other, new


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "changed"),
    [
        ("qubits/states/haar.py", ["02_states"]),
        ("qubits/states/checks.py", ["02_states"]),  # imported by what is imported
        ("qubits/circuits/engine.py", []),  # in another room of the same part
        ("companion/runner/execute.py", ["01_line", "02_states"]),  # concerns all notebooks
        ("companion/cli.py", []),
    ],
)
def test_results_depend_on_the_modules_that_are_reached_and_on_no_others(
    project, fingerprint, monkeypatch, module, changed
):
    assert (resume.PACKAGE / module).exists()
    project.notebook("01_line")
    project.notebook("02_states", PHYSICS)
    stems = ("01_line", "02_states")
    before = {stem: fingerprint(stem) for stem in stems}
    unaltered = dependencies._module

    def altered(path):
        statements = unaltered(path)
        if path != resume.PACKAGE / module:
            return statements
        return tuple(replace(statement, meaning="other code") for statement in statements)

    monkeypatch.setattr(dependencies, "_module", altered)
    assert [stem for stem in stems if fingerprint(stem) != before[stem]] == changed


def test_results_depend_on_the_lock_and_on_code_but_not_on_prose(project, fingerprint):
    path = project.notebook("01_line", "print(1)")
    before, text = fingerprint(), path.read_text()
    path.write_text(
        text.replace("01 · a line", "01 · THE line").replace("# how many points", "# how many")
    )
    assert fingerprint() == before
    path.write_text(text.replace("print(1)", "print(2)"))
    assert fingerprint() != before
    path.write_text(text)
    assert fingerprint() == before
    (project.root / "requirements.lock").write_text("numpy==0\n")
    assert fingerprint() != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("count: int = 3", "count: int = 4"),
        ("print(1)", "print(1);"),  # its value is no longer shown
        ("print(1)", "print(1)\n\n# %%\nprint(1)"),
        ("# %%\nprint(1)", '# %% tags=["hide"]\nprint(1)'),
    ],
)
def test_results_depend_on_all_that_code_cells_compute_and_show(project, fingerprint, old, new):
    path = project.notebook("01_line", "print(1)")
    before = fingerprint()
    path.write_text(path.read_text().replace(old, new))
    assert fingerprint() != before


def test_the_overview_depends_on_what_the_others_recorded_and_they_do_not(project, fingerprint):
    for stem in ("00_overview", "01_line"):
        project.notebook(stem)
    project.claim("line-height", "01_line")

    def record(stem: str, value: float) -> None:
        claim = ledger.load_claims()["line-height"]
        findings = ledger.Findings({claim.id: claim})
        findings.add(claim, "", ledger.measure(claim, value), None)
        ledger.write_records(ledger.record_file(project.root, stem), findings.records())

    record("01_line", 1.0)
    before = [fingerprint(stem) for stem in ("00_overview", "01_line")]
    record("00_overview", 3.0)  # its own record is no input of its
    assert fingerprint("00_overview") == before[0]
    record("01_line", 2.0)
    assert [
        fingerprint(stem) == key
        for stem, key in zip(("00_overview", "01_line"), before, strict=True)
    ] == [False, True]
    # Whose record it is counts, not only what it says.
    before = fingerprint("00_overview")
    path = ledger.record_file(project.root, "01_line")
    path.rename(ledger.record_file(project.root, "02_other"))
    assert fingerprint("00_overview") != before


def test_the_overview_depends_on_how_we_put_what_the_sources_state(project, fingerprint):
    """It shows all statements; a notebook does not."""
    project.notebook("00_overview")
    project.notebook("01_line", claims=("line-height",))
    before = {stem: fingerprint(stem) for stem in ("00_overview", "01_line")}
    path = project.root / "data/claims.toml"
    path.write_text(path.read_text().replace("The line lies at 1.", "It is the line that lies."))
    assert [stem for stem, key in before.items() if fingerprint(stem) != key] == ["00_overview"]


def test_results_depend_on_the_version_of_python(project, fingerprint, monkeypatch):
    project.notebook("01_line")
    before = fingerprint()
    monkeypatch.setattr(sys, "version", sys.version.replace("3.", "4.", 1))
    assert fingerprint() != before


def test_results_depend_on_a_campaigns_records_under_the_notebooks_own_parameters_alone(
    project, fingerprint, monkeypatch
):
    project.notebook("01_line")
    records = ["one"]
    monkeypatch.setattr(resume, "what_counts", lambda stem, own: [stem, records if own else []])
    before = [fingerprint(), fingerprint(height=2.0)]
    records = ["another"]
    assert fingerprint() != before[0]
    assert fingerprint(height=2.0) == before[1]


def test_results_depend_on_the_style_of_the_figures(project, fingerprint, monkeypatch):
    project.notebook("01_line")
    before, read, styles = fingerprint(), Path.read_bytes, []

    def altered(path):
        if path.suffix != ".mplstyle":
            return read(path)
        styles.append(path.name)
        return read(path) + b"lines.linewidth: 9\n"

    monkeypatch.setattr(Path, "read_bytes", altered)
    assert fingerprint() != before
    assert styles


def test_a_module_that_changes_while_the_runner_lives_is_read_again(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("x = 1\n")
    one = dependencies._module(path)
    path.write_text("x = 1  # one\n")
    assert dependencies._module(path) == one
    path.write_text("x = 2000\n")
    assert dependencies._module(path) == dependencies._read("x = 2000") != one


@pytest.fixture
def finished(project):
    """01_line as a run leaves it, and whether that run still stands under a fingerprint."""
    project.notebook("01_line")
    table = paths.processed(project.root) / "01_line.csv"
    table.write_text("height\n1\n")
    row = {"figure": "01_line", "notebook": "01_line", "parameters": {"height": 1.0}, "sha256": {}}
    other = {"figure": "02_other", "notebook": "02_other", "parameters": {}, "sha256": {}}
    paths.manifest(project.root).write_text(json.dumps([row, other]))
    hashes = {"data/processed/01_line.csv": resume.hash_file(table)}
    resume.remember("01_line", project.root, "the key", 12.5, hashes)
    return lambda key="the key": resume.done("01_line", project.root, key)


def test_a_run_stands_while_fingerprint_and_files_are_those_that_it_left(project, finished):
    assert finished() == 12.5
    assert finished("another key") is None
    table = paths.processed(project.root) / "01_line.csv"
    table.write_text("height\n2\n")  # as long as before
    assert finished() is None
    table.write_text("height\n1\n")
    assert finished() == 12.5
    table.unlink()
    assert finished() is None


def test_a_run_stands_while_the_manifest_tells_the_same_of_its_figures(project, finished):
    path = paths.manifest(project.root)
    mine, other = json.loads(path.read_text())
    path.write_text(json.dumps([mine, other | {"parameters": {"count": 2}}]))
    assert finished() == 12.5
    path.write_text(json.dumps([mine | {"parameters": {"height": 2.0}}, other]))
    assert finished() is None
    path.unlink()
    assert finished() is None


def test_a_run_on_other_data_stands_only_while_no_data_appear(project, finished, monkeypatch):
    monkeypatch.delenv(paths.DATA_VARIABLE, raising=False)
    table = paths.processed(project.root) / "01_line.csv"
    hashes = {"data/processed/01_line.csv": resume.hash_file(table)}
    resume.remember("01_line", project.root, "the key", 12.5, hashes, "digits, not MNIST")
    assert finished() == 12.5
    assert resume.remark("01_line", project.root) == "digits, not MNIST"
    monkeypatch.setenv(paths.DATA_VARIABLE, "/somewhere")
    assert finished() is None
    monkeypatch.delenv(paths.DATA_VARIABLE)
    downloads = project.root / "data" / "raw" / "mnist"
    downloads.mkdir(parents=True)
    assert finished() == 12.5
    (downloads / "train-images.gz").write_bytes(b"")
    assert finished() is None


def test_a_run_into_another_tree_is_another_run(project, finished):
    """A smoke run with the same fingerprint says nothing of what is published."""
    side = paths.build() / "smoke"
    assert resume.done("01_line", side, "the key") is None
    resume.remember("01_line", side, "its key", 1.5, {})
    assert resume.done("01_line", side, "its key") == 1.5
    assert finished() == 12.5


def test_new_text_leaves_the_other_files_of_a_run_to_be_checked(project, finished):
    notebook = project.root / "notebooks/01_line.ipynb"
    notebook.write_text("new text")
    hashes = {"notebooks/01_line.ipynb": resume.hash_file(notebook)}
    resume.note_renewed("01_line", project.root, hashes)
    assert finished() == 12.5
    notebook.write_text("old text")
    assert finished() is None
    notebook.write_text("new text")
    (paths.processed(project.root) / "01_line.csv").write_text("height\n2\n")
    assert finished() is None


@pytest.mark.parametrize("state", ["[]", "{}", "null", "3", "{", '{"fingerprint": "the key"}'])
def test_a_state_that_says_too_little_means_that_the_notebook_runs_again(project, finished, state):
    resume.state_file("01_line", project.root).write_text(state)
    assert finished() is None
    assert resume.remark("01_line", project.root) == ""


def test_a_run_on_other_data_stands_beside_what_is_published(project, monkeypatch):
    monkeypatch.delenv(paths.DATA_VARIABLE, raising=False)
    project.notebook("01_line")
    source = read_source("01_line")
    beside = paths.stand_in(project.root)

    def stands():
        key, place = resume.standing(source, source.parameters, project.root)
        assert key == resume.fingerprint(source, source.parameters, project.root)
        return place

    assert stands() is None
    key, _ = resume.standing(source, source.parameters, project.root)
    resume.remember("01_line", beside, key, 1.0, {}, "digits, not MNIST")
    assert stands() == beside
    resume.remember("01_line", project.root, key, 1.0, {})
    assert stands() == project.root  # what was wanted comes first


def test_new_text_takes_over_the_outputs_cell_by_cell_or_not_at_all(project):
    import jupytext

    path = project.notebook("01_line", "print(1)\n\n# %%\nprint(2)")
    notebook = jupytext.reads(path.read_text(), fmt="py:percent")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for position, cell in enumerate(code, start=1):
        cell.execution_count = position
        cell.outputs = [{"output_type": "stream", "name": "stdout", "text": f"of cell {position}"}]
    (project.root / "notebooks/01_line.ipynb").write_text(json.dumps(notebook))
    text = path.read_text()
    path.write_text(
        text.replace("01 · a line", "01 · THE line").replace("print(1)", "# one\nprint(1)")
    )
    renewed = json.loads(resume.renewed(read_source("01_line"), project.root))
    told = [cell for cell in renewed["cells"] if cell["cell_type"] == "code"]
    assert "THE line" in "".join(renewed["cells"][0]["source"])
    assert [cell["outputs"][0]["text"] for cell in told] == [
        f"of cell {k}" for k in range(1, len(code) + 1)
    ]
    assert [cell["execution_count"] for cell in told] == list(range(1, len(code) + 1))
    swapped = (
        text.replace("print(1)", "print(0)")
        .replace("print(2)", "print(1)")
        .replace("print(0)", "print(2)")
    )
    for other in (swapped, text.replace("print(2)", "print(2);"), text + "\n# %%\nprint(3)\n"):
        path.write_text(other)
        assert resume.renewed(read_source("01_line"), project.root) is None
