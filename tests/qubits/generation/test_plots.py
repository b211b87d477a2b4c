"""The page of a score: each measure on its band, and shares that add up."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from benchmarks.calibration import basis, drawn
from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import SCORED, Measure, plots, score


def measure(value: float, inside: bool, two_sided: bool = True) -> Measure:
    ends = (value - 0.5, value + 0.5)
    return Measure("name", value, ends, 0.0, 1.0, 1.0, (2.0, 4.0), two_sided, inside)


def test_a_measure_stands_where_it_lies_on_its_band():
    found = score(haar_states(30, 1, 1), "haar", draws=99)
    rows = (measure(3.0, True), measure(9.0, False), measure(1e6, False), measure(-1e6, False))
    axes = Figure().subplots()
    plots.measures_panel(axes, replace(found, measures=(*rows, measure(0.0, True, False))))
    intervals, marks = axes.lines[0:10:2], axes.lines[1:10:2]
    places = [float(mark.get_xdata()[0]) for mark in marks]
    assert places == [0.5, 2.0, 300.0, -300.0, -0.5]
    assert [mark.get_marker() for mark in marks] == ["o", "X", ">", "<", "o"]
    assert list(intervals[0].get_xdata()) == [0.375, 0.625]
    bands = [part.get_paths()[0].get_extents() for part in axes.collections]
    assert [(band.x0, band.x1) for band in bands] == [(-1.0, 1.0)] * 4 + [(-300.0, 1.0)]
    weights = [text.get_fontweight() for text in axes.texts]
    assert weights == ["normal", "bold", "bold", "bold", "normal"]
    assert axes.texts[3].get_text() == "−1e+06"


def test_shares_add_up_and_the_law_is_that_of_haar_states():
    axes = Figure().subplots()
    plots.histogram_panel(axes, np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.0, 0.5]), "x")
    heights = [patch.get_xy()[:, 1] for patch in axes.patches]
    assert [sorted({*np.round(each, 6)})[-1] for each in heights] == [0.5, 0.75]
    axes = Figure().subplots()
    plots.overlaps_panel(axes, haar_states(400, 2, 3))
    law, shares = (patch.get_data().values for patch in axes.patches)
    assert law.sum() == pytest.approx(1)
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(shares[:20], law[:20], rtol=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("task", list(SCORED))
def test_every_task_has_its_page(task):
    figure = Figure(figsize=(7.0, 3.2), layout="constrained")
    found = score(drawn(task, 30, 1), task, draws=99)
    plots.score_page(figure, found)
    figure.canvas.draw()
    panels = [axes for part in figure.subfigs for axes in part.axes]
    assert len(panels) == (3 if task == "circle" else 2)
    assert panels[0].get_title(loc="left") or panels[0].get_title()
    assert [label.get_text() for label in panels[0].get_yticklabels()] == list(
        SCORED[task].measures
    )


def test_the_title_says_how_many_measures_lie_outside():
    found = score(basis(1, 30, 1), "haar", draws=99)
    figure = Figure()
    plots.score_page(figure, found)
    title = figure.subfigs[0].axes[0].get_title()
    assert title == f"30 states on the task haar: {len(found.differing)} of 6 outside"
