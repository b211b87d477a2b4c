import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from qdm_utils.qubits.denoising import plots
from qdm_utils.qubits.denoising.gradient_plots import reach_panel, remedy_panel, source_panel


def test_minor_ticks_are_lighter_than_major_ones():
    figure, axes = plt.subplots(1, 2)
    ways = {"a": np.array([1.0, 50.0]), "b, local cost": np.array([1.0, 2.0])}
    remedy_panel(axes[0], ways)
    remedy_panel(axes[1], {"b": ways["b, local cost"]})
    figure.canvas.draw()
    assert [axis.get_xscale() for axis in axes] == ["log", "linear"]
    widths = [
        ticks[0].tick1line.get_markeredgewidth()
        for ticks in (axes[0].xaxis.get_minor_ticks(), axes[0].xaxis.get_major_ticks())
    ]
    assert widths[0] < widths[1]
    plt.close(figure)


def test_a_family_of_rates_is_framed_where_little_comes_late():
    axes = Figure().subplots()
    behind, late = np.array([[0.0, 7.0], [2.0, 9.0]]), np.array([[0.3, 0.05], [0.1, 0.2]])
    factors = np.array([[0.7, 0.8], [0.9, 1.0]])
    mesh = plots.family_panel(axes, [0.01, 0.02], [8, 1000], behind, late, factors)
    assert_allclose(mesh.get_array(), behind)
    assert [text.get_text() for text in axes.texts] == ["0.7", "0.8", "0.9", "1"]
    framed = [tuple(np.floor(patch.get_xy()).astype(int)) for patch in axes.patches]
    assert framed == [(1, 0), (0, 1)]  # (rate, decay)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.01", "0.02"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["8", "none"]


def test_curves_of_several_sources_are_means_inside_bands_from_lowest_to_highest():
    axes = Figure().subplots()
    runs = np.array([[1.0, 2.0, 3.0], [1.0, 4.0, 7.0]])
    steps = np.array([0, 10, 20])
    source_panel(axes, {"ten": (steps, runs), "all": (2 * steps, runs + 1)}, "states seen")
    first, second, _ = axes.lines  # the last one is chance
    assert_allclose(first.get_xydata(), [[0, 1], [10, 3], [20, 5]])
    assert_allclose(second.get_xydata(), [[0, 2], [20, 4], [40, 6]])
    low, high = axes.collections[0].get_paths()[0].get_extents().intervaly
    assert (low, high) == (1.0, 7.0)
    assert axes.get_xlabel() == "states seen"


def test_the_ends_of_training_stand_beside_each_other_on_their_intervals():
    axes = Figure().subplots()
    ends = {name: np.array([[4, 8.0, 7.0, 9.5], [8, 2.0, 1.5, 3.0]]) for name in ("ten", "all")}
    reach_panel(axes, ends, {"ceiling": np.array([[4, 6.9], [8, 1.4]])})
    bars = [container.lines[2][0].get_segments() for container in axes.containers]
    assert_allclose([bar[:, 1] for bar in bars[0]], [[7.0, 9.5], [1.5, 3.0]])
    places = [container.lines[0].get_xdata() for container in axes.containers]
    assert (places[0] < places[1]).all()  # side by side
    assert_allclose(np.mean(places, 0), [4, 8])
    assert axes.get_yscale() == "log"
