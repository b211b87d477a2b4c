"""What is drawn is what was handed over: lines, markers and labels are read back from the axes."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from qdm_utils.diffusion import plots

RATES = [0.01, 0.02, 0.04]


@pytest.fixture
def axes():
    return Figure().subplots()


def test_reverse_steps_are_drawn_down_to_the_end_of_the_axis(axes):
    shares = [np.array([0.01, 0.1, 1.0]), np.array([0.1, 1.0, 10.0])]
    rows = [np.array([1e-6, 1e-3, 0.1]), np.array([0.01, 0.1, 0.5])]
    curves = {"fixed": rows, "own": [values / 10 for values in rows]}
    plots.reverse_shape_panel(axes, shares, curves, 0.01, 1e-4)
    level, *drawn = axes.lines
    assert set(level.get_ydata()) == {0.01}
    assert_allclose(drawn[0].get_data(), [[0.1, 1.0], [1e-3, 0.1]])
    assert_allclose(drawn[1].get_data(), [shares[1], rows[1]])
    assert_allclose(drawn[2].get_data(), [[0.1, 1.0], [1e-4, 0.01]])
    assert drawn[0].get_markerfacecolor() == drawn[0].get_color()
    assert drawn[1].get_markerfacecolor() == "white"
    assert [text.get_text() for text in axes.texts] == list(curves)


def test_the_bound_is_drawn_over_what_a_chain_loses_and_small_ones_are_left_out(axes):
    lost, gap = np.array([1e-6, 0.1, 10.0]), np.array([1.0, 2.0, 1e-5])
    plots.bound_panel(axes, lost, gap, 1e-4)
    assert_allclose(axes.lines[0].get_data(), [[0.1], [2.0]])
    assert axes.get_xlim()[0] == axes.get_ylim()[0] == 1e-4


def test_weights_begin_at_step_one(axes):
    weights = {"posterior": np.array([2.0, 0.5]), "forward": np.array([1.5, 0.5])}
    plots.weight_panel(axes, weights)
    for line, values in zip(axes.lines, weights.values(), strict=False):
        assert_allclose(line.get_data(), [[1, 2], values])
    assert set(axes.lines[2].get_ydata()) == {1.0}


def test_a_cloud_shows_its_points(axes):
    points = np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    plots.cloud_panel(axes, points, "data", "green")
    assert_allclose(axes.lines[0].get_data(), points.T)
    assert axes.get_title(loc="left") + axes.get_title() == "data"


def test_distances_have_a_mean_where_no_training_diverged(axes):
    found = np.array([[4.0, 2.0, np.inf], [6.0, 4.0, 5.0]])
    controls = np.array([-1.0, 1.0]), np.array([0.0, 2.0])
    plots.sample_distance_panel(
        axes, RATES, {"simplified": found, "bound": 2 * found}, *controls, 20.0
    )
    means = [container.lines[0].get_ydata() for container in axes.containers]
    assert_allclose(means[0], [5.0, 3.0])
    assert_allclose(means[1], [10.0, 6.0])
    band = axes.patches[0].get_extents().transformed(axes.transData.inverted())
    assert (band.y0, band.y1) == pytest.approx((1 - 2**0.5, 1 + 2**0.5))
    dashed = next(line for line in axes.lines if line.get_linestyle() == "--")
    assert set(dashed.get_ydata()) == {0.0}


def test_differences_of_pairs_have_their_mean_and_its_interval(axes):
    plots.paired_panel(axes, {"short": np.array([1.0, 3.0])}, {"short": (0.5, 3.5)})
    (interval,) = axes.containers
    assert interval.lines[0].get_xdata() == 2.0
    ends = interval.lines[2][0].get_segments()[0][:, 0]
    assert_allclose(ends, [0.5, 3.5])
    dots = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_marker() == "."]
    assert_allclose(dots[0].get_xdata(), [1.0, 3.0])
