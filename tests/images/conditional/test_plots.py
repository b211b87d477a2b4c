"""Panels of the conditional model."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from qdm_utils.images.conditional.plots import training_panel


def test_the_training_panel_shows_means_over_blocks_of_updates_and_over_runs():
    figure, axes = plt.subplots()
    losses = np.arange(1000.0)[:, None] + np.array([0.0, 10.0])
    training_panel(axes, {"complex": losses}, block=100)
    (line,) = axes.get_lines()
    assert line.get_xdata()[:2] == pytest.approx([50, 150])
    assert line.get_ydata()[:2] == pytest.approx([54.5, 154.5])
    (band,) = axes.collections
    assert band.get_paths()[0].get_extents().ymin == pytest.approx(49.5)
    plt.close(figure)
