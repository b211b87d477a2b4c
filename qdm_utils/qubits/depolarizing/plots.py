"""Pictures of depolarizing diffusion: functions that take arrays and an Axes.

A line is a closed form, a marker a computation. Blue is a circuit on one copy, black what bounds
it; what goes beyond a unitary on one copy has the three colours of `REMEDY_STYLE`.
"""

from collections.abc import Mapping

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import offset_copy
from matplotlib.typing import ColorType

BLUE, _, _, _, PINK, BROWN, _, _, _, SKY = sns.color_palette("colorblind")
THEORY = "black"
SMALL = 7  # pt, the smallest letters
PLAIN = FuncFormatter(lambda value, _: f"{value:g}")  # 0.01 and not 10⁻²
SURVIVAL = r"surviving share of the state $\alpha$"
REMEDY_STYLE = {
    "post-selection": ("s", BROWN),
    "swap test": ("D", PINK),
    "reset": ("^", SKY),
}


def label_along(
    axes: Axes,
    text: str,
    x: np.ndarray,
    y: np.ndarray,
    at: float,
    colour: ColorType,
    below: bool = False,
) -> None:
    """A label along a curve, centred at `at` and turned with the curve there.

    Args:
        text: the label.
        x, y: the curve, shape (m,), x increasing.
        at: where on the horizontal axis.
        colour: of the letters.
        below: under the curve and not above it.
    """
    height, slope = np.interp(at, x, y), np.interp(at, x, np.gradient(y, x))
    gap = -5.0 if below else 4.0  # points; letters reach higher than they hang
    axes.text(
        at,
        height,
        text,
        color=colour,
        fontsize=SMALL,
        ha="center",
        va="top" if below else "bottom",
        rotation=np.degrees(np.arctan(slope)),
        rotation_mode="anchor",
        transform_rotates_text=True,
        # The stubs know of figures only; a subfigure has the same dpi.
        transform=offset_copy(axes.transData, axes.figure, 0.0, gap, units="points"),  # type: ignore[arg-type]
    )


def path_panel(
    axes: Axes,
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    label: str,
    floor: float,
    floor_label: str,
) -> None:
    """Quantities along the depolarizing path.

    Args:
        curves: quantity → closed form and computation from density matrices built step by step, at
            t = 0 … T, each of shape (T + 1,).
        label: of the axis, with its unit.
        floor, floor_label: what is left of each in the state 1/d, drawn as a level.
    """
    axes.axhline(floor, color="0.45", linewidth=0.8, linestyle=":")
    axes.annotate(
        floor_label, (0.5, floor), (0, 2), textcoords="offset points", fontsize=SMALL, color="0.35"
    )
    for (name, (closed, computed)), colour, marker in zip(
        curves.items(), (BLUE, PINK), "os", strict=False
    ):
        t = np.arange(len(closed))
        axes.plot(t, closed, color=THEORY, linewidth=0.9)
        axes.plot(t, computed, marker, color=colour, markersize=2.8, label=name)
    axes.set(xlabel="step $t$", ylabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    if len(curves) > 1:
        axes.legend(loc="upper right", fontsize=SMALL)


def forgetting_panel(
    axes: Axes, alpha: np.ndarray, curves: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    """How what is left of the start falls with α, both axes logarithmic.

    Args:
        alpha: increasing, shape (m,).
        curves: label → closed form and computation, each of shape (m,).
    """
    for (label, (closed, computed)), colour, marker in zip(
        curves.items(), (BLUE, PINK), "os", strict=True
    ):
        axes.plot(alpha, closed, color=THEORY, linewidth=0.9)
        axes.plot(alpha, computed, marker, color=colour, markersize=3.0, label=label)
    axes.set(xlabel=SURVIVAL, ylabel="left of the start", xscale="log", yscale="log")
    axes.set_ylim(top=100.0)  # room for the legend
    axes.set_yticks([0.001, 0.01, 0.1, 1.0])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PLAIN)
    axes.minorticks_off()
    axes.legend(loc="upper left", fontsize=SMALL)


def ceiling_panel(
    axes: Axes,
    alpha: np.ndarray,
    ceiling: np.ndarray,
    trained: np.ndarray,
    sampled: tuple[np.ndarray, np.ndarray],
) -> None:
    """Unitaries on one copy: the line that none exceeds, trained circuits on it, random ones below.

    Args:
        alpha: of the line, increasing, shape (m,).
        ceiling: α + (1 − α)/d, shape (m,).
        trained: rows (α, fidelity of the best run), shape (k, 2).
        sampled: lower and upper end of the band of random unitaries at `alpha`, shape (m,) each.
    """
    axes.fill_between(alpha, *sampled, color="0.85", linewidth=0)
    axes.annotate(
        "random unitaries",
        (alpha[-1], sampled[1][-1]),
        (0, 3),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        color="0.35",
    )
    axes.plot(alpha, ceiling, color=THEORY, linewidth=1.1)
    label_along(axes, "no unitary passes this line", alpha, ceiling, 0.4, THEORY, below=True)
    axes.plot(
        *trained.T, "o", color=BLUE, markersize=4.5, mfc="white", markeredgewidth=1.1, zorder=4
    )
    axes.annotate(
        "trained\ncircuits",
        trained[-1],
        (-3, -40),
        textcoords="offset points",
        ha="center",
        color=BLUE,
        fontsize=SMALL,
        arrowprops={"arrowstyle": "-", "color": BLUE, "linewidth": 0.5, "shrinkB": 3},
    )


def remedy_lines(
    axes: Axes,
    alpha: np.ndarray,
    closed: Mapping[str, np.ndarray],
    marks: np.ndarray,
    computed: Mapping[str, np.ndarray],
    labels: Mapping[str, tuple[str, float, bool]],
) -> None:
    """What a remedy reaches, or how often it succeeds: one line and its markers for each.

    Args:
        alpha: of the lines, shape (m,).
        closed: remedy, a name in `REMEDY_STYLE` → closed form, shape (m,).
        marks: α of the markers, shape (k,).
        computed: remedy → value from density matrices, shape (k,).
        labels: remedy → what stands along its line, where, and whether below it.
    """
    for name, values in closed.items():
        marker, colour = REMEDY_STYLE[name]
        text, at, below = labels[name]
        label_along(axes, text, alpha, values, at, colour, below)
        axes.plot(alpha, values, color=colour, linewidth=1.0)
        axes.plot(marks, computed[name], marker, color=colour, markersize=3.4)
    axes.set(xlabel=SURVIVAL, xlim=(-0.02, 1.02), ylim=(0, 1.04))


def training_panel(axes: Axes, curves: Mapping[str, np.ndarray], least: float) -> None:
    """Distance from the best fidelity while a unitary is trained with two losses, logarithmic.

    Args:
        curves: loss → F of the identity minus F of the circuit, shape (steps + 1, runs); median and
            quartiles of the runs are drawn.
        least: lower end of the axis; what lies below is drawn there.
    """
    for (label, rows), colour, dash in zip(
        curves.items(), (BLUE, PINK), ("-", (0, (4, 1.5))), strict=True
    ):
        steps = np.arange(len(rows))
        quartiles = np.quantile(rows, (0.25, 0.5, 0.75), axis=1)
        low, middle, high = np.maximum(quartiles, least)
        axes.fill_between(steps, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(steps, middle, color=colour, linestyle=dash, label=label)
    axes.set(xlabel="Adam steps", yscale="log", ylim=(least, 2.0))
    axes.minorticks_off()


def slope_panel(
    axes: Axes,
    overlap: np.ndarray,
    laws: Mapping[float, np.ndarray],
    measured: Mapping[float, np.ndarray],
) -> None:
    """Gradient of the trace distance over that of the infidelity against the overlap.

    Args:
        overlap: c of the lines, shape (m,).
        laws: α → ratio, shape (m,).
        measured: α → rows (c, ratio of gradient lengths of a circuit), shape (k, 2).
    """
    colours = sns.color_palette("viridis_r", len(laws) + 1)[1:]
    for (alpha, ratio), colour in zip(laws.items(), colours, strict=True):
        axes.plot(overlap, ratio, color=colour, linewidth=0.9)
        axes.plot(
            *measured[alpha].T, "o", color=colour, markersize=2.8, label=rf"$\alpha={alpha:g}$"
        )
    axes.axhline(1.0, color="0.45", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel=r"overlap $c$ with the target",
        ylabel=r"$|\nabla T|\,/\,|\nabla(1-F)|$",
        yscale="log",
    )
    axes.set_yticks([0.5, 1.0, 2.0, 4.0], ["0.5", "1", "2", "4"])
    axes.minorticks_off()
    axes.legend(loc="upper left", fontsize=SMALL)
