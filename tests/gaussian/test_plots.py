"""What is drawn is what was handed over: lines, markers and colours are read back from the axes."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from qdm_utils.gaussian import (
    attenuate,
    bayes_cp_margin,
    bayes_repair_trace,
    bayes_reverse,
    critical_squeezing,
    exact_reversal,
    exact_reversal_cost,
    minimal_repair,
    noise_floor,
    one_sigma_ellipse,
    petz_cost,
    petz_reverse,
    plots,
    repaired_cost,
    squeezed_thermal,
    step_channel,
    wigner,
)

NU = np.linspace(1.0, 3.0, 5)
R = np.linspace(0.0, 1.0, 4)
MAP = bayes_cp_margin(NU, R[:, None])


@pytest.fixture
def axes():
    return Figure().subplots()


def lines(axes):
    """Data and label of every line."""
    return [(*line.get_data(), line.get_label()) for line in axes.lines]


def line(axes, label):
    """The data of the one line of this label."""
    (found,) = [(x, y) for x, y, name in lines(axes) if name == label]
    return found


def test_the_map_of_the_margin_has_nu_across_and_r_upwards(axes):
    mesh = plots.cp_map(axes, NU, R, MAP)
    assert_allclose(mesh.get_array(), MAP)
    assert_allclose(mesh.get_coordinates()[..., 0], np.tile(NU, (4, 1)))
    assert_allclose(mesh.get_coordinates()[..., 1], np.tile(R[:, None], (1, 5)))
    assert mesh.get_clim() == (-1.0, 1.0)
    assert "nu" in axes.get_xlabel()
    # The contour is the computed zero, which lies on Theorem 1's curve within the coarse grid.
    contour = axes.collections[1]
    assert_allclose(contour.levels, [0.0])
    points = np.concatenate([path.vertices for path in contour.get_paths()])
    assert_allclose(points[:, 1], critical_squeezing(np.maximum(points[:, 0], 1.0)), atol=0.1)


def test_the_map_of_the_repair_has_level_lines_of_the_closed_form(axes):
    exact = 4 * np.maximum(0.0, np.cosh(2 * R[:, None]) / NU - 1)
    mesh = plots.repair_map(axes, NU, R, exact + 1e-7, exact)
    assert_allclose(mesh.get_array(), exact + 1e-7)
    assert mesh.get_clim()[0] == 0.0
    assert_allclose(axes.collections[1].levels, [0.2, 1.0, 3.0])


def test_costs_are_drawn_as_logarithms_and_their_infinities_as_the_last_colour(axes):
    cost = exact_reversal_cost(NU, R[:, None])
    shown = plots.reversal_cost_map(axes, NU, R, cost).get_array()
    assert np.isinf(cost[1, 0])
    assert shown[1, 0] == 2.0
    assert cost[0, 0] == 0.0
    assert shown[0, 0] == -3.0
    assert_allclose(shown[2, 3], np.log10(cost[2, 3]))


@pytest.mark.parametrize("sides", [True, False])
def test_the_boundary_names_its_sides_if_it_is_asked_to(axes, sides):
    plots.boundary(axes, NU, critical_squeezing(NU), sides=sides)
    x, y = line(axes, r"$\cosh 2r = \nu$")
    assert_allclose(np.cosh(2 * y), x)
    assert [text.get_text() for text in axes.texts] == (["not CP", "CP"] if sides else [])


def test_the_witnesses_stand_beside_the_closed_form(axes):
    r = np.linspace(0.0, 1.2, 5)
    learned = np.stack([r, r + 0.2], 1)
    plots.witness_panel(axes, 1.5, r, choi=r + 1, pair=r + 2, learned=learned)
    fine, margin = line(axes, "closed form")
    assert_allclose(margin, bayes_cp_margin(1.5, fine))
    assert_allclose(line(axes, "Choi matrix"), [r, r + 1])
    assert_allclose(line(axes, "entangled pair"), [r, r + 2])
    (bars,) = axes.containers
    assert_allclose(bars.lines[0].get_data(), [r, r + 0.1])
    spread = bars.lines[2][0].get_segments()[0]
    assert_allclose(np.diff(spread[:, 1]), 2 * 0.2 / np.sqrt(2))
    assert_allclose(axes.patches[0].get_x(), critical_squeezing(1.5))


def test_the_band_of_half_loss_ends_where_all_survives(axes):
    eta = np.linspace(0.0, 1.0, 3)
    plots.half_loss_panel(axes, eta, {0.2: 1 - eta, 0.8: -eta})
    assert_allclose(line(axes, "$r=0.8$"), [eta, -eta])
    band = axes.patches[0]
    assert (band.get_x(), band.get_width()) == (0.5, 0.5)


def test_the_ellipses_of_the_three_states_are_told_apart(axes):
    states = {
        "reference": squeezed_thermal(1.5, 0.4),
        "formal reversal": squeezed_thermal(1.2, 0.2, 0.5),
        "repaired decoder": squeezed_thermal(2.0, 0.1),
    }
    plots.phase_space_panel(
        axes, states["reference"], states["formal reversal"], states["repaired decoder"]
    )
    for name, cov in states.items():
        assert_allclose(np.transpose(line(axes, name)), one_sigma_ellipse(cov))
    assert axes.get_xlim() == (-3.9, 3.9)
    assert axes.get_ylim() == (-2.5, 2.5)
    assert axes.get_aspect() == 1.0
    highest = wigner(states["reference"], 0.0, 0.0)
    assert_allclose(axes.collections[0].levels, np.linspace(0.1, 1.0, 7) * highest, rtol=1e-9)


def test_the_curves_of_the_floor_and_their_ratios():
    floor = noise_floor(1.5, 1.0, 2.0, n_depths=41)
    upper, lower = Figure().subplots(2)
    plots.noise_floor_panel(upper, lower, floor)
    drawn = {
        "mean over displaced copies": floor.mean_infidelity,
        "one copy, one-sigma displacement": floor.infidelity,
        "floor": floor.bound,
        "the output (all copies mixed)": floor.averaged_infidelity,
        "exact reversal: zero": 0 * floor.depth,
    }
    for label, values in drawn.items():
        assert_allclose(line(upper, label), [floor.depth, values])
    repaired = floor.bound > 1e-9
    for (x, y, _), values in zip(lines(lower), drawn.values(), strict=False):
        assert_allclose(x, floor.depth[repaired])
        assert_allclose(y, (values / np.where(repaired, floor.bound, 1.0))[repaired])
    assert len(lower.lines) == 4
    assert upper.get_xlim()[0] < floor.onset < upper.get_xlim()[1] == floor.depth[-1]


def test_the_grid_shows_reference_above_decoder_at_the_depths_asked_for():
    floor = noise_floor(1.5, 1.0, 2.0, n_depths=41)
    grid = Figure().subplots(2, 2)
    plots.decoder_grid(grid, floor, [10, 40])
    for row, covs in zip(grid, (floor.reference, floor.decoder), strict=True):
        for axes, k in zip(row, (10, 40), strict=True):
            own, target = axes.lines
            assert_allclose(own.get_xydata(), one_sigma_ellipse(covs[k]))
            assert_allclose(target.get_xydata(), one_sigma_ellipse(floor.reference[-1]))
    assert [axes.get_title() for axes in grid[0]] == ["$S=0.50$", "$S=2.00$"]
    assert grid[0, 0].get_ylabel().startswith("reference")
    assert grid[1, 0].get_ylabel().startswith("decoder")


def test_the_orders_of_the_channels_start_at_their_first_point(axes):
    steps = np.array([4, 8, 16])
    errors = {"start": (0.1 / steps, 0.2 / steps), "midpoint": (0.1 / steps**2, 0.2 / steps**2)}
    plots.channel_panel(axes, steps, errors)
    assert_allclose(line(axes, "covariance, start"), [steps, 0.1 / steps])
    assert_allclose(line(axes, "fidelity, midpoint"), [steps, 0.2 / steps**2])
    expected = [drawn for drawn in axes.lines if drawn.get_color() == plots.THEORY]
    for drawn, (covariance, _) in zip(expected, errors.values(), strict=True):
        assert_allclose(drawn.get_ydata(), covariance)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["4", "8", "16"]


def test_cuts_of_the_repair_are_named_at_their_ends(axes):
    trace = bayes_repair_trace(NU, R[:, None]) + 1e-7
    plots.repair_cuts(axes, NU, R, trace, [1, 4])
    assert [text.get_text() for text in axes.texts] == [r"$\nu=1.5$", r"$\nu=3$"]
    for column, (law, solved) in zip((1, 4), (axes.lines[:2], axes.lines[2:]), strict=True):
        x, y = law.get_data()
        assert_allclose(y, bayes_repair_trace(NU[column], x))
        assert_allclose(solved.get_data(), [R, trace[:, column]])
        assert solved.get_color() == law.get_color()


def test_the_payments_of_a_decoder_begin_at_their_onset(axes):
    depth = np.linspace(0.0, 2.0, 5)
    tax = {(1.5, 1.0): depth, (2.0, 1.2): 2 * depth}
    plots.decoder_payments(axes, depth, tax, dict(zip(tax, (1.4, 1.5), strict=True)))
    assert_allclose(line(axes, r"$\nu_0=2$, $r_0=1.2$"), [depth, 2 * depth])
    marks = [drawn.get_data() for drawn in axes.lines if drawn.get_marker() == "^"]
    assert_allclose(np.ravel(marks), [1.4, 0.0, 1.5, 0.0])
    assert axes.get_xlim() == (1.0, 2.0)


def test_the_prices_of_the_three_legal_reverses(axes):
    r = np.linspace(0.0, 1.0, 4)
    plots.reversal_prices(axes, 1.5, r, solved=r + 0.1, at=0.7)
    laws = {
        "repaired score reversal": repaired_cost,
        "Petz recovery": petz_cost,
        "exact law": exact_reversal_cost,
    }
    marks = [drawn.get_data() for drawn in axes.lines if len(np.atleast_1d(drawn.get_xdata())) == 1]
    for (name, law), mark in zip(laws.items(), marks, strict=True):
        x, y = line(axes, name)
        assert_allclose(y, law(1.5, x))
        assert x[-1] == 1.0
        assert_allclose(np.ravel(mark), [0.7, law(1.5, 0.7)])
    assert any(np.array_equal(y, r + 0.1) for _, y, _ in lines(axes) if len(np.atleast_1d(y)) == 4)


def test_prices_without_a_program_end_where_they_are_told_to(axes):
    plots.reversal_prices(axes, 1.5, r_max=0.4)
    assert_allclose(line(axes, "exact law")[0][[0, -1]], [0.0, 0.4])
    assert len(axes.lines) == 4


def test_the_last_step_back_to_purity_is_held_against_two_over_t(axes):
    times = np.logspace(-3, 0, 4)
    plots.purity_panel(axes, times, exact=3 / times, petz=4 / times, repair=5 / times)
    drawn = [y for _, y, _ in lines(axes)]
    assert_allclose(drawn, np.outer((2, 5, 4, 3), 1 / times))
    colours = [drawn.get_color() for drawn in axes.lines[1:]]
    assert colours == [plots.LEGAL[name][1]["color"] for name in ("repair", "Petz", "exact")]


def test_the_ways_back_keep_their_colours(axes):
    depth = np.linspace(0.0, 1.0, 3)
    plots.ways_back_panel(axes, depth, {"repaired": depth + 1, "exact": depth + 2})
    assert_allclose(line(axes, "repaired score reversal"), [depth, depth + 1])
    assert_allclose(line(axes, "exact law"), [depth, depth + 2])
    assert axes.lines[1].get_color() == plots.THEORY
    assert axes.get_yscale() == "log"


@pytest.mark.parametrize(("r", "verdict"), [(0.4, "legal"), (0.6, "illegal")])
def test_a_point_of_the_plane_is_called_what_theorem_1_calls_it(axes, r, verdict):
    plots.threshold_panel(axes, 1.5, r, 3.0, 1.0)
    assert axes.get_title().endswith(f"the rewind is {verdict}")
    assert f"{bayes_cp_margin(1.5, r):+.2f}" in axes.get_title()
    curve, point = axes.lines
    assert_allclose(np.cosh(2 * curve.get_ydata()), curve.get_xdata())
    assert_allclose(np.ravel(point.get_data()), [1.5, r])


@pytest.mark.parametrize(("r", "kind"), [(0.4, "a quantum state"), (0.7, "no quantum state")])
def test_the_rewind_of_the_vacuum_is_judged_by_its_area(axes, r, kind):
    cov = squeezed_thermal(1.5, r)
    plots.rewind_panel(axes, cov, 0.1)
    assert kind in axes.get_title()
    X, Y = step_channel(*bayes_reverse(cov), 0.1)
    for name, state in (
        ("reference", cov),
        ("reference after loss", attenuate(cov, np.exp(-0.1))),
        ("vacuum", np.eye(2)),
        ("vacuum after the rewind", X @ X.T + Y),
    ):
        assert_allclose(np.transpose(line(axes, name)), one_sigma_ellipse(state))


def test_one_step_of_each_legal_reverse_from_the_vacuum(axes):
    cov = squeezed_thermal(1.5, 0.7)
    plots.one_step_panel(axes, cov, 0.1)
    assert_allclose(np.transpose(line(axes, "reference")), one_sigma_ellipse(cov))
    drift, diffusion = bayes_reverse(cov)
    reverses = {
        "repaired score reversal": (drift, diffusion + minimal_repair(drift)),
        "Petz recovery": petz_reverse(cov),
        "exact law": exact_reversal(cov),
    }
    for name, pair in reverses.items():
        X, Y = step_channel(*pair, 0.1)
        assert_allclose(np.transpose(line(axes, name)), one_sigma_ellipse(X @ X.T + Y))


def test_a_remark_stands_at_the_foot_in_the_colour_of_what_is_illegal(axes):
    plots.remark(axes, "no quantum state")
    (text,) = axes.texts
    assert (text.get_text(), text.get_color()) == ("no quantum state", plots.FORMAL)
    assert text.get_position()[1] < 0.1


def test_what_is_formal_repaired_and_learned_has_a_colour_of_its_own():
    colours = {to_rgba(colour) for colour in (plots.FORMAL, plots.REPAIRED, plots.LEARNED)}
    assert len(colours | {to_rgba(plots.THEORY)}) == 4
