import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from qdm_utils.qubits import (
    density_matrix,
    haar_states,
    zero_states,
)
from qdm_utils.qubits.portraits import (
    discrete_wigner,
    mutual_information,
)
from qdm_utils.qubits.portraits.plots import (
    ensemble_panel,
    hinton,
    information_graph,
    modulus_heatmap,
    porter_thomas_panel,
    portrait_sheet,
    schmidt_bars,
    wigner_map,
)
from tests.qubits.portraits.named_states import BELL, GHZ, amplitudes


def test_pictures_show_their_numbers():
    with mpl.rc_context({"figure.constrained_layout.use": False}):
        axes = Figure().subplots(1, 5)
    rho = density_matrix(BELL).numpy()
    hinton(axes[0], rho)
    sides = sorted(path.get_extents().width for path in axes[0].collections[0].get_paths())
    assert sides[-4:] == pytest.approx([1.0] * 4)
    assert sides[0] == 0.0
    image = wigner_map(axes[1], discrete_wigner(BELL).numpy(), reach=4.0)
    assert image.get_array().shape == (4, 4)
    assert image.get_array().mean() == pytest.approx(1.0)
    information_graph(axes[2], mutual_information(amplitudes(b000=1, b101=1)).numpy())
    bold = [text.get_text() for text in axes[2].texts if text.get_weight() == "bold"]
    assert bold == ["2.00"]
    schmidt_bars(axes[3], np.array([0.7, 0.3]), np.array([0.6, 0.4]), 1.0)
    assert [bar.get_height() for bar in axes[3].patches] == [0.7, 0.3]
    ensemble_panel(axes[4], {"a": np.zeros(5)}, np.linspace(-1, 1, 3), {"here": 0.5, "there": 0.51})
    assert [text.get_text().strip() for text in axes[4].texts] == ["here", "there"]
    marks = [line for line in axes[4].lines if line.get_marker() == "v"]
    assert [mark.get_xdata()[0] for mark in marks] == [0.5, 0.51]
    assert marks[1].get_ydata()[0] > marks[0].get_ydata()[0]
    assert axes[4].get_ylim()[1] > marks[1].get_ydata()[0]


def test_a_sheet_has_a_row_for_each_state_and_every_axis_in_use():
    figure = Figure()
    states = {"first": GHZ, "second": zero_states(1, 4)[0]}
    portraits = {
        name: {
            "rho": density_matrix(state).numpy(),
            "wigner": discrete_wigner(state).numpy(),
            "bits": mutual_information(state).numpy(),
            "schmidt": np.array([0.5, 0.5, 0.0, 0.0]),
            "purity": np.array(1.0),
        }
        for name, state in states.items()
    }
    portrait_sheet(figure, portraits, np.full(4, 0.25))
    axes = np.array(figure.axes[:12]).reshape(3, 4)
    assert [row[0].get_ylabel() for row in axes[:2]] == ["first", "second"]
    # `discrete_wigner` puts the strings of s along rows.
    for row in axes[:2]:
        assert (row[1].get_xlabel(), row[1].get_ylabel()) == ("strings of $s'$", "strings of $s$")
    side = mpl.rcParams[
        "axes.titlelocation"
    ]  # the house style, if another test has set it, moves titles to the left
    assert [axis.get_title(side)[:3] for axis in axes[0]] == ["(a)", "(b)", "(c)", "(d)"]
    # An axis that nothing was drawn on would stand stray beside the pictures.
    for axis in figure.axes:
        drawn = axis.collections or axis.images or axis.patches or axis.lines
        assert drawn or not axis.axison


def test_moduli_and_their_law_are_drawn():
    axes = Figure().subplots(1, 2)
    image = modulus_heatmap(axes[0], density_matrix(BELL).numpy(), top=0.5)
    assert image.get_array().max() == pytest.approx(0.5)
    porter_thomas_panel(axes[1], {"Haar": haar_states(2000, 4, seed=32).abs().square().numpy()})
    dots, law = axes[1].lines[:2]
    expected = np.interp(dots.get_xdata()[:8], law.get_xdata(), law.get_ydata())
    np.testing.assert_allclose(dots.get_ydata()[:8], expected, rtol=0.15)
