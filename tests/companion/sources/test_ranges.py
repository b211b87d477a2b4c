"""Ranges of parameters: the grammar, and that a value outside is refused before anything runs."""

import re

import pytest

from qdm_utils.companion import Book, cli, paths
from qdm_utils.companion.sources.notebook import (
    NotebookError,
    read_parameters,
    read_preset,
    read_source,
    stems,
)
from qdm_utils.companion.sources.ranges import read_range


def met(words, value, **others):
    return all(condition.met(value, others) for condition in read_range(words))


@pytest.mark.parametrize(
    ("words", "inside", "outside"),
    [
        ("≥ 1", [1, 1.0, 7], [0, 0.999, True, "2", [2]]),
        ("> 0", [1e-9, 3], [0, 0.0, -1, float("nan"), float("inf")]),
        ("≤ 1", [1, -5], [1.001, float("-inf")]),
        ("< 1", [0.999], [1, 1.0]),
        ("> 0 and < 1", [0.5], [0, 1, -1, 2]),
        ("in 2 … 12", [2, 7.5, 12], [1, 1.999, 13, None]),
        ("in -1 … 1e-3", [-1, 0.001], [-1.5, 0.01]),
        ("one of 2, 4, 8", [2, 8, 4.0], [3, 0, "2"]),
        ("one of 0, 1", [0, 1], [True, False]),
        ("one of auto, mnist", ["auto", "mnist"], ["mnis", "", 1]),
        ("not empty", [[0], "a"], [[], ""]),
        ("of 3 entries", [[1, 2, 3], (1, 2, 3)], [[], [1, 2], [1, 2, 3, 4], 3]),
        ("of at least 2 entries", [[1, 2], [1, 2, 3]], [[], [1]]),
        ("contains 4, 8", [[8, 2, 4]], [[], [4], [8, 6]]),
        ("increasing", [[], [1], [1, 2.5, 3]], [[1, 1], [2, 1], [1, 3, 2], ["a", "b"], [0, True]]),
        ("each ≥ 1", [[1], [3, 2]], [[], [1, 0], [[0]], 1, ["a"]]),
        ("each in 2 … 12", [[2, 12]], [[2, 13], [1]]),
        ("each one of 4, 6", [[4, 6, 4]], [[4, 5], []]),
        ("each > 0", [[[0.1, 2], [3.0]], ((0.1, 2), (3.0,))], [[[0.1, -2]], [[], 0], ((-2,),)]),
        ("each of 2 entries", [[[1, 2], [3, 4]]], [[[1, 2], [3]], [1, 2], []]),
    ],
)
def test_what_each_condition_lets_pass(words, inside, outside):
    assert [value for value in inside if not met(words, value)] == []
    assert [value for value in outside if met(words, value)] == []


def test_bounds_and_lengths_may_be_those_of_another_parameter():
    assert met("≥ low and ≤ 9", 3, low=3)
    assert not met("≥ low and ≤ 9", 2, low=3)
    assert met("in low … high", 4, low=3, high=5)
    assert not met("in low … high", 6, low=3, high=5)
    assert met("as long as sizes", [1, 2], sizes=[7, 8])
    assert not met("as long as sizes", [1], sizes=[7, 8])


@pytest.mark.parametrize(
    "words", ["", "positive", "≥", "≥ 1 or > 3", "in 2 - 5", "≥ 1, ≤ 3", "each", "of two entries"]
)
def test_words_that_are_no_condition_are_named(words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        read_range(words)


def test_a_bound_that_is_neither_a_number_nor_a_name_is_named():
    with pytest.raises(ValueError, match=r"^1,5$"):
        read_range("≥ 1,5")


@pytest.mark.parametrize(
    ("words", "value", "said"),
    [
        ("not empty", [], "not be empty"),
        ("each ≥ 1", [], "not be empty"),
        ("each ≥ 1", [0], "have every entry ≥ 1"),
        ("of 2 entries", [], "be of 2 entries"),
        ("contains 4, 8", [], "contain 4, 8"),
        ("increasing", [2, 1], "be increasing"),
    ],
)
def test_what_a_value_does_not_do_is_said(words, value, said):
    (condition,) = read_range(words)
    assert condition.demand(value) == said


HEIGHT = "height: float = 1.0  # how high the line lies, in metres"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{HEIGHT}; somewhere", r"the range of `height` cannot be read at 'somewhere'"),
        (f"{HEIGHT}; > 0 and small", r"the range of `height` cannot be read at 'small'"),
        (f"{HEIGHT}; > 2", r"Argument `height` of 01_line must be > 2, but got 1\.0"),
        (f"{HEIGHT}; ≤ cuont", "a range is about another parameter or another type: 'cuont'"),
        (f"{HEIGHT}; ≤ name", "a range is about another parameter or another type"),
        (f"{HEIGHT}; contains 3", "a range is about another parameter or another type"),
    ],
)
def test_a_range_that_cannot_be_read_or_excludes_the_default_is_a_faulty_notebook(
    project, line, message
):
    project.notebook("01_line", change=lambda text: text.replace(HEIGHT, line))
    with pytest.raises(NotebookError, match=message) as caught:
        read_source("01_line")
    assert "01_line" in str(caught.value)


RANGED = (
    f"{HEIGHT}; in 0.5 … 2\n"
    "sizes: list[list[int]] = [\n    [1],\n    [2],\n]  # of the lines; each ≥ 1"
)


@pytest.fixture
def ranged(project):
    project.notebook("01_line", change=lambda text: text.replace(HEIGHT, RANGED))
    return project


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("height=3", "Argument `height` of 01_line must be in 0.5 … 2, but got 3.0."),
        ("sizes=[[1], [0]]", "Argument `sizes` of 01_line must have every entry ≥ 1, but got [[1]"),
        ("sizes=[]", "Argument `sizes` of 01_line must not be empty, but got []."),
        ("sizes=[1]", "Argument `sizes` of 01_line must be of type list[list[int]], but got [1]."),
    ],
)
def test_a_value_outside_is_refused_on_the_command_line_and_in_a_preset(
    ranged, capsys, given, message
):
    before = ranged.published()
    assert ranged.run("-p", given) == 2
    assert message in capsys.readouterr().err
    name, _, value = given.partition("=")
    preset = ranged.root / "notebooks/presets/odd.yaml"
    preset.write_text(f"01_line: {{{name}: {value}}}\n")
    assert ranged.run("--preset", "odd") == 2
    assert message in capsys.readouterr().err
    assert ranged.published() == before
    assert not (ranged.root / "build").exists()


def test_a_value_outside_is_refused_where_the_runner_does_not_look(ranged, monkeypatch):
    """As plain papermill and JupyterLab set it: in the notebook's own globals."""
    monkeypatch.setenv(paths.OUTPUT_VARIABLE, str(ranged.root / "build/out"))
    values = {"height": 1.5, "count": 4, "name": "line", "sizes": [[1]]}
    assert Book("01_line", values).parameters == values
    with pytest.raises(NotebookError, match=r"`height` of 01_line must be in 0\.5 … 2"):
        Book("01_line", values | {"height": 0.1})


@pytest.fixture
def published_project(monkeypatch):
    monkeypatch.delenv("QDM_ROOT", raising=False)


def test_every_parameter_of_ours_has_a_range_that_the_small_sizes_keep(published_project):
    small = read_preset("smoke")
    for stem in stems():
        found = read_parameters(stem)
        free = [name for name, conditions in found.ranges.items() if not conditions]
        assert [name for name in free if found.types[name] != "bool"] == [], stem
        found.resolve(small.get(stem, {}))


@pytest.mark.parametrize(
    ("number", "given", "message"),
    [
        ("01", "seed=-1", "`seed` of 01_no_go_boundary must be ≥ 0, but got -1."),
        ("04", "n_record=[]", "`n_record` of 04_otoc_saturation must not be empty, but got []."),
        (
            "04",
            "n_record=[20, 24]",
            "`n_record` of 04_otoc_saturation must have every entry in 4 …",
        ),
        (
            "04",
            "record_depths=[5000]",
            "`record_depths` of 04_otoc_saturation must have every entry",
        ),
        ("04", "n_kept=0", "`n_kept` of 04_otoc_saturation must be in 2 … 10000, but got 0."),
        ("05", "few_by_size=[2]", "`few_by_size` of 05_sawtooth_curriculum must be as long as"),
        ("06", "wall_sizes=[4]", "`wall_sizes` of 06_barren_plateau must contain 8, but got [4]."),
        ("07", "counts=[]", "`counts` of 07_mnist_latent_qdm must not be empty, but got []."),
        ("07", "counts=[0]", "`counts` of 07_mnist_latent_qdm must have every entry ≥ 20"),
        ("08", "n_grid=1000000000", "`n_grid` of 08_exact_reversal_law must be in 3 … 2001"),
        ("09", "every=0", "No selected notebook (09_state_portraits) has a parameter `every`"),
        ("11", "r=3", "`r` of 11_depolarizing_limits must be one of 2, 4, 8, but got 3."),
        ("11", "alphas=[0]", "`alphas` of 11_depolarizing_limits must have every entry > 0"),
    ],
)
def test_values_that_used_to_fail_late_are_refused_at_once(
    published_project, capsys, number, given, message
):
    assert cli.main(["run", "--preset", "smoke", "--only", number, "-p", given]) == 2
    assert message in capsys.readouterr().err
