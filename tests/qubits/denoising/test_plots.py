import matplotlib.pyplot as plt
import numpy as np

from qdm_utils.qubits.denoising.gradient_plots import remedy_panel


def test_minor_ticks_are_lighter_than_major_ones():
    figure, axes = plt.subplots(1, 2)
    ways = {"a": np.array([1.0, 50.0]), "b, local cost": np.array([1.0, 2.0])}
    remedy_panel(axes[0], ways, np.array([[25.0, -5.0, 60.0], [1.5, 1.2, 1.8]]))
    remedy_panel(axes[1], {"b": ways["b, local cost"]}, np.array([[1.5, 1.2, 1.8]]))
    figure.canvas.draw()
    assert [axis.get_xscale() for axis in axes] == ["log", "linear"]
    widths = [
        ticks[0].tick1line.get_markeredgewidth()
        for ticks in (axes[0].xaxis.get_minor_ticks(), axes[0].xaxis.get_major_ticks())
    ]
    assert widths[0] < widths[1]
    plt.close(figure)
