"""What is drawn is what was handed over: lines, markers and labels are read back from the axes."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from qdm_utils.qubits.depolarizing import path_fidelity, plots

ALPHA = np.linspace(0.0, 1.0, 11)
CEILING = path_fidelity(ALPHA, 16).numpy()


@pytest.fixture
def axes():
    return Figure().subplots()


def test_a_label_lies_beside_its_curve_and_is_turned_with_it(axes):
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for below, side in ((False, 1), (True, -1)):
        plots.label_along(axes, "twice", ALPHA, 2 * ALPHA, 0.3, "black", below)
        label = axes.texts[-1]
        assert label.get_position() == pytest.approx((0.3, 0.6))
        offset = label.get_transform().transform((0.3, 0.6)) - axes.transData.transform((0.3, 0.6))
        assert offset[0] == pytest.approx(0)
        assert side * offset[1] > 0
        run, rise = axes.transData.transform((1, 2)) - axes.transData.transform((0, 0))
        assert label.get_rotation() == pytest.approx(np.degrees(np.arctan2(rise, run)))


def test_the_ceiling_is_a_line_and_trained_circuits_are_dots(axes):
    trained = np.array([[0.2, 0.24], [0.8, 0.81]])
    plots.ceiling_panel(axes, ALPHA, CEILING, trained, (0.5 * CEILING, 0.75 * CEILING))
    line, dots = axes.lines
    assert_allclose(line.get_data(), [ALPHA, CEILING])
    assert_allclose(dots.get_data(), trained.T)
    assert dots.get_linestyle() == "None"
    band = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(0.5 / 16)
    assert band[:, 1].max() == pytest.approx(0.75)


def test_a_remedy_keeps_its_colour_and_marker_from_panel_to_panel(axes):
    names = list(plots.REMEDY_STYLE)
    closed = {name: ALPHA ** (k + 1) for k, name in enumerate(names)}
    found = {name: values[::5] for name, values in closed.items()}
    labels = {name: (f"by {name}", 0.5, False) for name in names}
    plots.remedy_lines(axes, ALPHA, closed, ALPHA[::5], found, labels)
    assert [text.get_text() for text in axes.texts] == [f"by {name}" for name in names]
    for k, name in enumerate(names):
        line, dots = axes.lines[2 * k : 2 * k + 2]
        assert_allclose(line.get_data(), [ALPHA, closed[name]])
        assert_allclose(dots.get_data(), [ALPHA[::5], found[name]])
        assert (dots.get_marker(), dots.get_color()) == plots.REMEDY_STYLE[name]
        assert line.get_color() == dots.get_color()


def test_the_path_has_lines_for_closed_forms_and_markers_for_what_was_computed(axes):
    curves = {"fidelity": (CEILING, CEILING + 1), "purity": (CEILING**2, CEILING**2 + 1)}
    plots.path_panel(axes, curves, "both", 1 / 16, "$1/d$")
    level, *drawn = axes.lines
    assert set(level.get_ydata()) == {1 / 16}
    for k, (closed, computed) in enumerate(curves.values()):
        assert_allclose(drawn[2 * k].get_data(), [np.arange(11), closed])
        assert_allclose(drawn[2 * k + 1].get_data(), [np.arange(11), computed])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(curves)


def test_what_is_left_is_drawn_over_alpha_with_plain_ticks(axes):
    alpha = np.array([0.01, 0.1, 1.0])
    curves = {"distance": (alpha, 2 * alpha), "bits": (alpha**2, 2 * alpha**2)}
    plots.forgetting_panel(axes, alpha, curves)
    shown = [line.get_ydata() for line in axes.lines]
    assert_allclose(shown, [alpha, 2 * alpha, alpha**2, 2 * alpha**2])
    assert axes.xaxis.get_major_formatter()(0.01) == "0.01"


def test_a_training_shows_median_and_quartiles_down_to_the_end_of_the_axis(axes):
    runs = np.array([[0.4, 0.3, 0.2, 0.1, 0.0], [0.04, 0.03, 0.02, 0.01, 1e-9]])
    plots.training_panel(axes, {"infidelity": runs, "trace distance": runs / 10}, 1e-3)
    for line, scale in zip(axes.lines, (1, 0.1), strict=True):
        assert_allclose(line.get_ydata(), [0.2 * scale, 0.02 * scale])
    band = axes.collections[1].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(1e-3)
    assert band[:, 1].max() == pytest.approx(0.03)
    assert axes.get_ylim()[0] == 1e-3


def test_steepness_has_a_line_and_markers_for_each_alpha(axes):
    measured = {0.3: np.array([[0.1, 0.8], [0.9, 1.3]]), 0.7: np.array([[0.1, 0.6], [0.9, 1.6]])}
    plots.slope_panel(axes, ALPHA, {a: ALPHA + a for a in measured}, measured)
    for k, a in enumerate(measured):
        assert_allclose(axes.lines[2 * k].get_data(), [ALPHA, ALPHA + a])
        assert_allclose(axes.lines[2 * k + 1].get_data(), measured[a].T)
