import json

import jupytext
import pytest
from nbformat.v4 import new_output

from qdm_utils.companion.runner import run
from qdm_utils.companion.sources import notebook as source
from qdm_utils.companion.sources.notebook import NotebookError, read_preset, read_source


def test_reads_title_parameters_types_and_kernel(project):
    project.notebook("01_line")
    found = read_source("01_line")
    assert found.title == "01 · a line"
    assert found.parameters == {"height": 1.0, "count": 3, "name": "line"}
    assert found.types == {"height": "float", "count": "int", "name": "str"}
    assert found.kernel == "python3"
    assert found.path == project.root / "notebooks/01_line.py"
    assert found.text == found.path.read_text()
    assert {cell["cell_type"] for cell in found.code_cells} == {"code"}
    assert found.code_cells[1]["source"].startswith("height: float = 1.0")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda text: text.replace(' tags=["parameters"]', ""),
            'exactly one cell tagged "parameters", but has 0',
        ),
        (
            lambda text: text + '\n# %% tags=["parameters"]\nmore: int = 1\n',
            'exactly one cell tagged "parameters", but has 2',
        ),
        (lambda text: text.replace("in metres", "in metres = m"), 'no "=" inside a comment'),
        (lambda text: text.replace("count: int = 3", "count = 3"), "typed literals only"),
        (lambda text: text.replace("count: int = 3", "count: int"), "typed literals only"),
        (lambda text: text.replace("count: int = 3", "a.count: int = 3"), "typed literals only"),
        (
            lambda text: text.replace("count: int = 3", "count: int = len('abc')"),
            "must be a literal",
        ),
        (
            lambda text: text.replace("count: int = 3", "count: int = (3"),
            "the parameters cell is no valid Python",
        ),
        (
            lambda text: text.replace("language: python,", "language: [python,"),
            "cannot be read as a notebook",
        ),
        (lambda text: text.replace("# # 01 · a line", "# A line"), "must open with a text cell"),
        (
            lambda text: text.replace("# %% [markdown]\n# # 01", "# %%\n# 01"),
            "must open with a text cell",
        ),
        (lambda text: text.replace("kernelspec:", "#kernel:"), "names no kernel"),
    ],
)
def test_a_faulty_notebook_is_named_with_its_fault(project, spoil, message):
    project.notebook("01_line", change=spoil)
    with pytest.raises(NotebookError, match=message) as caught:
        read_source("01_line")
    assert "01_line" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hight": 2.0}, "01_line has no parameter `hight`; it has: height, count, name"),
        (
            {"height": "banana"},
            "Argument `height` of 01_line must be of type float, but got 'banana'",
        ),
        ({"count": 2.5}, "Argument `count` of 01_line must be of type int, but got 2.5"),
        ({"count": True}, "Argument `count` of 01_line must be of type int, but got True"),
        ({"height": True}, "Argument `height` of 01_line must be of type float, but got True"),
        ({"name": 3}, "Argument `name` of 01_line must be of type str, but got 3"),
        ({"height": None}, "Argument `height` of 01_line must be of type float, but got None"),
    ],
)
def test_values_are_checked_by_name_and_type(project, given, message):
    project.notebook("01_line")
    with pytest.raises(NotebookError, match=message):
        read_source("01_line").resolve(given)


def test_a_whole_number_serves_as_a_float_and_lists_are_checked_inside(project):
    text = "height: float = 1.0  # how high the line lies, in metres"
    project.notebook(
        "01_line", change=lambda t: t.replace(text, text + "\nsizes: list[float] = [1.0, 2.0]")
    )
    found = read_source("01_line")
    assert found.resolve({"height": 2})["height"] == 2.0
    assert isinstance(found.resolve({"height": 2})["height"], float)
    assert found.resolve({"sizes": [1, 2.5]})["sizes"] == [1, 2.5]
    with pytest.raises(NotebookError, match=r"list\[float\], but got \['a'\]"):
        found.resolve({"sizes": ["a"]})


TYPED = "height: float = 1.0  # how high the line lies, in metres"


def test_a_tuple_may_be_given_as_a_list_which_is_all_that_yaml_knows(project):
    line = "sizes: tuple[int, ...] = (1, 2)  # of the lines; of 2 entries and each ≥ 1"
    project.notebook("01_line", change=lambda text: text.replace(TYPED, f"{TYPED}\n{line}"))
    found = read_source("01_line")
    assert found.resolve({})["sizes"] == (1, 2)
    assert found.resolve({"sizes": [3, 4]})["sizes"] == [3, 4]
    with pytest.raises(NotebookError, match=r"of type tuple\[int, \.\.\.\], but got \['a', 3\]"):
        found.resolve({"sizes": ["a", 3]})


def test_a_list_of_anything_is_still_a_list(project):
    line = f"{TYPED}\nsizes: list = [1, 'two']"
    project.notebook("01_line", change=lambda text: text.replace(TYPED, line))
    found = read_source("01_line")
    assert found.resolve({"sizes": ["three", 4.0]})["sizes"] == ["three", 4.0]
    with pytest.raises(NotebookError, match="of type list, but got 3"):
        found.resolve({"sizes": 3})


def test_a_range_stands_behind_the_last_semicolon(project):
    line = f"{TYPED}; more is higher; ≤ 2"
    project.notebook("01_line", change=lambda text: text.replace(TYPED, line))
    with pytest.raises(NotebookError, match=r"`height` of 01_line must be ≤ 2, but got 3\.0"):
        read_source("01_line").resolve({"height": 3.0})


def test_the_overview_comes_last(project):
    for stem in ("00_overview", "02_second", "01_first"):
        project.notebook(stem)
    for other in ("helpers.py", "1_draft.py", "03_Draft.py"):  # no numbered stem, no notebook
        (project.root / "notebooks" / other).write_text("")
    assert source.stems() == ["01_first", "02_second", "00_overview"]


def test_presets_are_checked(project):
    project.notebook("01_line")
    with pytest.raises(NotebookError, match="no preset 'tiny'; the presets are: paper"):
        read_preset("tiny")
    (project.root / "notebooks/presets/smoke.yaml").write_text("09_none: {count: 1}\n")
    with pytest.raises(NotebookError, match="unknown notebooks: 09_none"):
        read_preset("smoke")
    with pytest.raises(NotebookError, match="no preset 'tiny'; the presets are: paper, smoke"):
        read_preset("tiny")
    mixed = "01_line: {count: 1}\n02_other: 3\n"
    for text in ("- 01_line\n", "01_line: 3\n", "smoke\n", mixed):
        (project.root / "notebooks/presets/smoke.yaml").write_text(text)
        with pytest.raises(NotebookError, match=r"smoke\.yaml must map notebooks to parameters"):
            read_preset("smoke")
    (project.root / "notebooks/presets/smoke.yaml").write_text("# all as in the notebooks\n")
    assert read_preset("smoke") == {}


def test_normalised_notebooks_forget_everything_but_source_and_results(project):
    text = project.notebook("01_line").read_text()
    notebooks = []
    for version in ("3.11.7", "3.12.1"):
        notebook = jupytext.reads(text, fmt="py:percent")
        notebook.metadata["language_info"] = {"name": "python", "version": version}
        notebook.metadata["papermill"] = {"duration": version}
        header = notebook.metadata["jupytext"]["text_representation"]
        header["jupytext_version"] = version
        notebook.cells[0].metadata["execution"] = {"iopub.status.busy": version}
        shown = {"text/plain": f"<Styler at 0x7f{version[2:4]}>"}
        notebook.cells[1].outputs = [new_output("display_data", data=shown)]
        notebooks.append(source.normalise(notebook, "01_line"))
    assert notebooks[0] == notebooks[1]
    rendered = json.loads(notebooks[0])
    assert [cell["id"] for cell in rendered["cells"]] == [
        f"01-line-{k:02d}" for k in range(len(rendered["cells"]))
    ]
    assert rendered["cells"][2]["metadata"] == {"tags": ["parameters"]}
    assert rendered["metadata"]["kernelspec"]["name"] == "python3"  # without it nothing opens
    assert rendered["metadata"]["language_info"] == {"name": "python"}
    assert rendered["metadata"]["jupytext"]["formats"] == "ipynb,py:percent"
    assert list(rendered) == sorted(rendered)
    assert all(list(cell) == sorted(cell) for cell in rendered["cells"])


def test_what_is_printed_is_one_text_however_the_kernel_cut_it(project):
    text = project.notebook("01_line").read_text()

    def printed(*pieces):
        notebook = jupytext.reads(text, fmt="py:percent")
        notebook.cells[1].outputs = [
            new_output("stream", name=name, text=said)
            if name in ("stdout", "stderr")
            else new_output(name, data={"text/plain": said})
            for name, said in pieces
        ]
        return source.normalise(notebook, "01_line")

    others = ("stderr", "c"), ("stdout", "d")
    whole = printed(("stdout", "a\nb\n"), *others)
    assert whole == printed(("stdout", "a\n"), ("stdout", "b"), ("stdout", "\n"), *others)
    assert [output["text"] for output in json.loads(whole)["cells"][1]["outputs"]] == [
        "a\nb\n",
        "c",
        "d",
    ]
    # Whatever is shown in between keeps its place.
    apart = printed(("stdout", "a"), ("display_data", "x"), ("stdout", "b"))
    assert len(json.loads(apart)["cells"][1]["outputs"]) == 3


def test_what_is_given_comes_before_the_preset_and_the_preset_before_the_default(project):
    project.notebook("01_line")
    project.notebook("02_other")
    (project.root / "notebooks/presets/smoke.yaml").write_text("01_line: {height: 2.0, count: 5}\n")
    ready, failed = run.plan(run.Options(preset="smoke", given={"count": 7}))
    assert failed == []
    assert ready["01_line"][1] == {"height": 2.0, "count": 7, "name": "line"}
    assert ready["02_other"][1] == {"height": 1.0, "count": 7, "name": "line"}


def test_only_the_papers_own_parameters_are_published(project):
    root = project.root
    assert run.target_tree(run.Options()) == root
    assert run.target_tree(run.Options(preset="smoke")) == root / "build/smoke"
    assert run.target_tree(run.Options(given={"count": 3})) == root / "build/custom"
    assert run.target_tree(run.Options(preset="smoke", given={"count": 3})) == root / "build/custom"
    assert run.target_tree(run.Options(tree=root / "build/verify")) == root / "build/verify"


def test_notebooks_are_selected_by_number_or_in_full(project):
    for stem in ("01_line", "02_other", "00_overview"):
        project.notebook(stem)
    assert run.select(()) == ["01_line", "02_other", "00_overview"]
    assert run.select(("00", "02_other")) == ["02_other", "00_overview"]
    with pytest.raises(NotebookError, match="There is no notebook '0'"):
        run.select(("0",))
