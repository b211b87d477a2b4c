import numpy as np
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from qdm_utils.qubits.scrambling import BUTTERFLY_VELOCITY, otoc_by_depth
from qdm_utils.qubits.scrambling.plots import decay_panel, spread_panel

CONE = otoc_by_depth(6, 12)[:, 0, 1:]


def test_the_spread_at_a_depth_has_its_front_and_its_light_cone():
    axes = Figure().subplots()
    spread_panel(axes, CONE, 5)
    assert_allclose([bar.get_height() for bar in axes.patches], CONE[5])
    assert_allclose([bar.get_center()[0] for bar in axes.patches], [1, 2, 3, 4, 5])
    assert [line.get_xdata()[0] for line in axes.lines] == [5 * BUTTERFLY_VELOCITY, 5]
    assert axes.get_title() == "depth 5"


def test_the_decay_is_the_mean_over_the_sites_with_one_depth_marked():
    axes = Figure().subplots()
    decay_panel(axes, CONE, 5, 0.9)
    curve, point, level = axes.lines
    assert_allclose(curve.get_ydata(), CONE.mean(1))
    assert_allclose(np.ravel(point.get_data()), [5, CONE[5].mean()])
    assert_allclose(level.get_ydata(), 0.9)
