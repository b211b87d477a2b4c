import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from qdm_utils.qubits import (
    density_matrix,
    haar_states,
    zero_states,
)
from qdm_utils.qubits.portraits import (
    discrete_wigner,
    mutual_information,
    pictures,
)
from qdm_utils.qubits.portraits.plots import (
    PHASES,
    RIDGE_STYLES,
    STAGES,
    STATED,
    Ridge,
    Standing,
    hinton,
    information_graph,
    modulus_heatmap,
    porter_thomas_panel,
    portrait_row,
    portrait_sheet,
    recovery_key,
    recovery_panel,
    ridge_key,
    ridge_panel,
    schmidt_bars,
    wigner_map,
)
from tests.qubits.portraits.named_states import BELL, GHZ, amplitudes


def test_pictures_show_their_numbers():
    with mpl.rc_context({"figure.constrained_layout.use": False}):
        axes = Figure().subplots(1, 4)
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


def test_the_area_of_a_hinton_square_is_the_modulus_up_to_twice_the_mean_population():
    axes = Figure().subplots()
    rho = np.diag([0.8, 0.1, 0.1, 0.0]).astype(complex)
    hinton(axes, rho)
    areas = [path.get_extents().width ** 2 for path in axes.collections[0].get_paths()]
    assert np.reshape(areas, (4, 4)).diagonal() == pytest.approx([1.0, 0.2, 0.2, 0.0])


def test_a_hinton_square_stands_in_its_row_and_column_with_the_hue_of_its_phase():
    axes = Figure().subplots()
    state = torch.tensor([1, 0, 0, 1j], dtype=torch.complex128) / 2**0.5
    hinton(axes, density_matrix(state).numpy())
    (squares,) = axes.collections
    hues = {}
    for path, hue in zip(squares.get_paths(), squares.get_facecolors(), strict=True):
        box = path.get_extents()
        if box.width:
            hues[round((box.y0 + box.y1) / 2), round((box.x0 + box.x1) / 2)] = tuple(hue)
    assert hues.keys() == {(0, 0), (0, 3), (3, 0), (3, 3)}
    assert hues[3, 0] == PHASES(0.25)  # ρ₃₀ = ½ i, a quarter of the circle
    assert hues[0, 3] == PHASES(0.75)
    # Rows run downwards, as in a matrix.
    assert axes.yaxis_inverted()


def test_a_sheet_has_a_row_for_each_state_and_every_axis_in_use():
    figure = Figure()
    named = {"first": GHZ, "second": zero_states(1, 4)[0]}
    portraits = {name: pictures(state) for name, state in named.items()}
    portrait_sheet(figure, portraits, np.full(4, 0.25))
    axes = np.array(figure.axes[:12]).reshape(3, 4)
    assert [row[0].get_ylabel() for row in axes[:2]] == ["first", "second"]
    # `discrete_wigner` puts the strings of s along rows.
    assert [row[1].get_ylabel() for row in axes[:2]] == ["strings of $s$"] * 2
    assert axes[1, 1].get_xlabel() == "strings of $s'$"
    side = mpl.rcParams[
        "axes.titlelocation"
    ]  # the house style, if another test has set it, moves titles to the left
    assert [axis.get_title(side)[:3] for axis in axes[0]] == ["(a)", "(b)", "(c)", "(d)"]
    # An axis that nothing was drawn on would stand stray beside the pictures.
    for axis in figure.axes:
        drawn = axis.collections or axis.images or axis.patches or axis.lines
        assert drawn or not axis.axison


def test_a_row_shows_where_the_numbers_of_a_state_lie():
    figure = Figure()
    null, bins = np.linspace(0, 1, 1001), np.linspace(0, 1, 11)
    values = (0.5, 0.99, 1.4, -2.0)
    standings = [Standing(f"number {k}", value, null, bins) for k, value in enumerate(values)]
    portrait_row(figure, pictures(GHZ), np.full(4, 0.25), standings)
    below = figure.axes[4:]
    assert [axis.get_xlabel() for axis in below] == ["number 0", "number 1", "number 2", "number 3"]
    dots = [axis.lines[-1] for axis in below]
    # Inside the central 95 % a dot, outside a diamond; beyond the axis it stands at its end.
    assert [dot.get_marker() for dot in dots] == ["o", "D", "D", "D"]
    assert [dot.get_xdata()[0] for dot in dots] == [0.5, 0.99, 1.0, 0.0]
    assert [axis.texts[0].get_text() for axis in below] == [
        f"this state: {value:.2f}" for value in values
    ]
    for axis in below:
        assert axis.lines[0].get_xdata() == pytest.approx([0.025, 0.975])


def test_a_ridge_stands_on_its_row_with_the_central_part_of_its_null_and_what_is_stated():
    figure = Figure()
    axes = figure.subplots()
    null, bins = np.linspace(0, 1, 1001), np.linspace(0, 2, 5)
    found = {"Haar": np.array([0.1, 0.6]), "low-entangled": np.array([1.6])}
    ridge_panel(axes, [Ridge("upper", null, found, 0.3), Ridge("lower", null + 1, {})], bins)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["upper", "lower"]
    bars = [line for line in axes.lines if line.get_marker() != "^"]
    assert [line.get_ydata().tolist() for line in bars] == [[1, 1], [0, 0]]
    assert bars[0].get_xdata() == pytest.approx([0.025, 0.975])
    assert bars[1].get_xdata() == pytest.approx([1.025, 1.975])
    (triangle,) = [line for line in axes.lines if line.get_marker() == "^"]
    assert triangle.get_xdata() == [0.3]
    assert (triangle.get_color(), axes.texts[0].get_text()) == (STATED, "0.30")
    heights = [np.nan_to_num(patch.get_data().values, nan=-1) for patch in axes.patches]
    # The one low-entangled state is the highest bar of all, twice as high as the two Haar ones,
    # and nothing is drawn where nothing was found.
    assert heights[2] == pytest.approx([-1, -1, -1, 1.75])
    assert heights[1] == pytest.approx([1.375, 1.375, -1, -1])
    assert heights[3][2:] == pytest.approx([0.375, 0.375], abs=1e-3)
    ridge_key(figure, "nothing done")
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[0] == "nothing done"
    assert texts[-1] == "one state of the research log"
    ridge_key(figure, "nothing done", stated=False)
    assert len(figure.legends[1].get_texts()) == len(texts) - 1


def test_recovered_numbers_stand_at_their_fidelity_beside_the_curves():
    figure = Figure()
    axes = figure.subplots()
    levels = np.linspace(0, 1, 3)
    curves = {"Haar": levels**2, "low-entangled": levels}
    points = {"low-entangled": {"held-out states": (0.1, 0.2, 0.01)}}
    recovery_panel(axes, levels, curves, points, stated=0.286)
    lines = {line.get_linestyle(): line for line in axes.lines if len(line.get_xdata()) == 3}
    assert lines["-"].get_ydata().tolist() == [0, 0.25, 1]
    assert lines["--"].get_ydata().tolist() == [0, 0.5, 1]
    (point,) = [line for line in axes.lines if line.get_marker() == "s"]
    assert (point.get_xdata()[0], point.get_ydata()[0]) == (0.1, 0.2)
    assert point.get_markerfacecolor() == "white"  # open for the second setting
    bar = axes.collections[0].get_segments()[0]
    assert bar[:, 1] == pytest.approx([0.18, 0.22])  # two standard errors
    (triangle,) = [line for line in axes.lines if line.get_marker() == "^"]
    assert triangle.get_xdata() == [0.286]
    recovery_key(figure)
    assert len(figure.legends[0].get_texts()) == len(RIDGE_STYLES) + len(STAGES) + 1


def test_moduli_and_their_law_are_drawn():
    axes = Figure().subplots(1, 2)
    image = modulus_heatmap(axes[0], density_matrix(BELL).numpy(), top=0.5)
    assert image.get_array().max() == pytest.approx(0.5)
    porter_thomas_panel(axes[1], {"Haar": haar_states(2000, 4, seed=32).abs().square().numpy()})
    dots, law = axes[1].lines[:2]
    expected = np.interp(dots.get_xdata()[:8], law.get_xdata(), law.get_ydata())
    np.testing.assert_allclose(dots.get_ydata()[:8], expected, rtol=0.15)
