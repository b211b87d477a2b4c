"""Panels of pictures and scores: what is drawn where."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from qdm_utils.images import plots


@pytest.fixture
def axes():
    figure, axis = plt.subplots()
    yield axis
    plt.close(figure)


def test_tiles_lie_side_by_side_and_what_fills_no_row_is_left_out():
    pictures = np.arange(7)[:, None, None] * np.ones((1, 28, 28))
    sheet = plots.tiles(pictures, 3)
    assert sheet[::28, ::28].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_the_ladder_has_the_nearest_median_on_top(axes):
    values = {"far": [9.0, 9.0, 1.0], "near": [2.0, 3.0, 4.0]}
    plots.ladder_panel(axes, values, [False, True], 0.5)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["near", "far"]
    assert axes.yaxis_inverted()
    near, far = axes.patches
    assert (near.get_width(), far.get_width()) == (3.0, 9.0)
    assert near.get_facecolor()[:3] == pytest.approx(plots.QUANTUM)
    assert far.get_facecolor()[:3] == pytest.approx(plots.CLASSICAL)
    *dots, floor = axes.lines
    assert [sorted(line.get_xdata()) for line in dots] == [[2.0, 3.0, 4.0], [1.0, 9.0, 9.0]]
    assert floor.get_xdata()[0] == 0.5


def test_efficiency_is_drawn_as_means_with_one_sample_deviation(axes):
    table = np.array([[1.0, 3.0], [5.0, 9.0]])
    plots.efficiency_panel(axes, [100, 1000], {"states": table}, [True])
    (line,) = axes.lines
    assert line.get_ydata().tolist() == [2.0, 7.0]
    (band,) = axes.collections
    box = band.get_paths()[0].get_extents()
    assert (box.ymin, box.ymax) == pytest.approx((2 - 2**0.5, 7 + 8**0.5))


def test_parameters_are_drawn_as_means_with_one_sample_deviation(axes):
    points = {"circuit": ([0, 504], np.array([[1.0, 3.0], [5.0, 9.0]]))}
    plots.parameters_panel(axes, points, [True])
    line, *_ = axes.lines
    assert (line.get_xdata().tolist(), line.get_ydata().tolist()) == ([0, 504], [2.0, 7.0])
    (bars,) = axes.collections
    reach = [segment[:, 1].tolist() for segment in bars.get_segments()]
    assert reach == [
        pytest.approx([2 - 2**0.5, 2 + 2**0.5]),
        pytest.approx([7 - 8**0.5, 7 + 8**0.5]),
    ]


def test_only_the_chosen_variant_is_dark(axes):
    plots.variants_panel(axes, {"one": (3.0, 0.1), "two": (2.0, 0.1)}, "two")
    alphas = [bar.get_facecolor()[3] for bar in axes.patches]
    assert alphas == [0.3, 0.8]


def test_the_pipeline_shows_amplitudes_as_heights_and_phases_as_colours(axes):
    picture = np.zeros((28, 28))
    state = np.array([0.5, 0.5, 0.5j, -0.5])
    plots.pipeline_panel(axes, picture, state, picture, picture)
    bars = next(child for child in axes.child_axes if child.patches)
    assert [bar.get_height() for bar in bars.patches] == [0.5] * 4
    colours = [bar.get_facecolor() for bar in bars.patches]
    assert colours[0] == colours[1]
    assert len({*colours}) == 3
