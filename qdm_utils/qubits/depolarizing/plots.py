"""Pictures of depolarizing diffusion: functions that take arrays and an Axes.

A line is a closed form, a marker a computation.
"""

from collections.abc import Mapping

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

BLUE, ORANGE, GREEN, RED, PURPLE = sns.color_palette("colorblind")[:5]
THEORY = "black"
SURVIVAL = r"what survives of the state $\alpha$"
FIDELITY = r"fidelity with the start $\langle\psi|\rho|\psi\rangle$"
REMEDY_STYLE = {
    "post-selected": ("s", ORANGE),
    "swap test": ("D", PURPLE),
    "reset": ("^", GREEN),
}


def path_panel(
    axes: Axes, closed: np.ndarray, computed: np.ndarray, label: str, floor: float, floor_label: str
) -> None:
    """One quantity along the depolarizing path.

    Args:
        closed: closed form at t = 0 … T, shape (T + 1,).
        computed: from density matrices built step by step, shape (T + 1,).
        label: the quantity, with its unit.
        floor, floor_label: its value at 1/d, drawn as a level.
    """
    t = np.arange(len(closed))
    axes.axhline(floor, color="0.45", linewidth=0.8, linestyle=":")
    axes.annotate(
        floor_label, (0.5, floor), (0, 2), textcoords="offset points", fontsize=6, color="0.35"
    )
    axes.plot(t, closed, color=THEORY, linewidth=0.9, label="closed form")
    axes.plot(t, computed, "o", color=BLUE, markersize=2.8, label="step by step")
    axes.set(xlabel="step $t$", ylabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.legend(loc="upper right", fontsize=6)


def forgetting_panel(
    axes: Axes, alpha: np.ndarray, curves: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    """How what is left of the start falls with α, both axes logarithmic.

    Args:
        alpha: shape (m,).
        curves: label → closed form and computation, each of shape (m,).
    """
    corners = ((0.04, 0.96, "left", "top"), (0.98, 0.03, "right", "bottom"))  # the free ones
    for (label, (closed, computed)), colour, marker, corner in zip(
        curves.items(), (BLUE, ORANGE), "os", corners, strict=True
    ):
        axes.plot(alpha, closed, color=colour, linewidth=0.9)
        axes.plot(alpha, computed, marker, color=colour, markersize=3.0)
        x, y, across, along = corner
        axes.text(
            x, y, label, color=colour, fontsize=6, ha=across, va=along, transform=axes.transAxes
        )
    axes.set(
        xlabel=r"survival $\alpha$",
        ylabel="left at the end",
        xscale="log",
        yscale="log",
        ylim=(1e-8, 1e2),
    )
    axes.set_xticks(10.0 ** np.arange(-4, 1))
    axes.minorticks_off()


def unitary_panel(
    axes: Axes,
    alpha: np.ndarray,
    identity: np.ndarray,
    trained: np.ndarray,
    sampled: tuple[np.ndarray, np.ndarray],
    chance: float,
) -> None:
    """Unitaries on one copy: the identity's line, trained circuits on it, random ones at chance.

    Args:
        alpha: of the line, shape (m,).
        identity: α + (1 − α)/d, shape (m,).
        trained: rows (α, fidelity of the best run), shape (k, 2).
        sampled: 5 % and 95 % quantiles over Haar unitaries at `alpha`, shape (m,) each.
        chance: 1/d, their mean.
    """
    axes.fill_between(alpha, *sampled, color="0.85", linewidth=0, label="Haar unitaries, 5–95 %")
    axes.axhline(chance, color="0.45", linewidth=0.8, linestyle=":", label="their mean $1/d$")
    axes.plot(alpha, identity, color=THEORY, linewidth=1.1, label="identity: best unitary")
    axes.plot(
        *trained.T,
        "o",
        color=BLUE,
        markersize=4.0,
        mfc="white",
        markeredgewidth=1.1,
        label="trained unitary",
        zorder=4,
    )


def remedy_lines(
    axes: Axes,
    alpha: np.ndarray,
    closed: Mapping[str, np.ndarray],
    computed: Mapping[str, np.ndarray],
    labels: Mapping[str, str],
) -> None:
    """What helps: one line and its markers for each map.

    Args:
        alpha: of the lines, shape (m,).
        closed: map → closed form, shape (m,).
        computed: map → rows (α, value from density matrices), shape (k, 2).
        labels: map → what the legend says.
    """
    for name, values in closed.items():
        marker, colour = REMEDY_STYLE[name]
        axes.plot(alpha, values, color=colour, linewidth=1.0)
        axes.plot(*computed[name].T, marker, color=colour, markersize=3.2, label=labels[name])
    axes.set_xlabel(SURVIVAL)


def training_panel(axes: Axes, curves: Mapping[str, np.ndarray], title: str) -> None:
    """Distance from the best fidelity while a unitary is trained with two losses, logarithmic.

    Values below 1e-8 are drawn at 1e-8, the end of the axis; rounding lies at about 1e-15.

    Args:
        curves: loss → F of the identity minus F of the circuit, shape (steps + 1, runs).
        title: what is averaged.
    """
    for (label, rows), colour, dash in zip(
        curves.items(), (BLUE, ORANGE), ("-", (0, (4, 1.5))), strict=True
    ):
        steps = np.arange(len(rows))
        gap = np.maximum(rows, 1e-8)
        low, middle, high = np.quantile(gap, (0.25, 0.5, 0.75), axis=1)
        axes.fill_between(steps, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(steps, middle, color=colour, linestyle=dash, label=label)
    axes.set(
        xlabel="Adam steps",
        ylabel="fidelity short of the identity's",
        yscale="log",
        title=title,
        ylim=(1e-8, 30.0),
    )
    axes.minorticks_off()
    axes.legend(
        loc="upper right",
        fontsize=6,
        title="trained with (band: quartiles of runs)",
        title_fontsize=6,
    )


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
        xlabel=r"overlap $c=|\langle\varphi|\psi\rangle|^2$",
        ylabel=r"$|\nabla T|\,/\,|\nabla(1-F)|$",
        yscale="log",
    )
    axes.set_yticks([0.5, 1.0, 2.0, 4.0], ["0.5", "1", "2", "4"])
    axes.minorticks_off()
    axes.legend(
        loc="upper left", fontsize=6, title="line: closed form\nmarker: circuits", title_fontsize=6
    )
