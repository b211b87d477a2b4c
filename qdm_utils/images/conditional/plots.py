"""Pictures of the conditional model: functions that take arrays and an Axes and draw on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

_PALETTE = sns.color_palette("colorblind")
KINDS = {
    "complex": _PALETTE[0],
    "real": _PALETTE[1],
    "t told": _PALETTE[2],
    "own angles": _PALETTE[4],
    "square roots": _PALETTE[3],
}
LINES = ("-", "--", "-.", ":")
LEVEL: dict[str, Any] = {"color": "0.55", "linewidth": 0.8, "linestyle": ":"}


def training_panel(axes: Axes, losses: Mapping[str, np.ndarray], block: int = 40) -> None:
    """Loss against the number of updates, averaged over blocks of updates: mean over runs, and
    their range as a band.

    Args:
        losses: name → shape (updates, runs).
        block: updates averaged, fewer where a training has fewer than ten blocks.
    """
    for (name, values), mark in zip(losses.items(), LINES, strict=False):
        width = max(1, min(block, len(values) // 10))
        whole = len(values) // width * width
        means = values[:whole].reshape(-1, width, values.shape[1]).mean(1)
        middles = width * (np.arange(len(means)) + 0.5)
        colour = KINDS.get(name, "0.5")
        axes.fill_between(middles, means.min(1), means.max(1), color=colour, alpha=0.2, linewidth=0)
        axes.plot(middles, means.mean(1), color=colour, linewidth=0.9, linestyle=mark, label=name)
    axes.set(xlabel="Adam update", ylabel="mean infidelity of a step")
    axes.legend(fontsize=6)


def step_panel(
    axes: Axes, trained: Mapping[str, np.ndarray], baselines: Mapping[str, np.ndarray]
) -> None:
    """Infidelity of step t: trained circuits as marks (mean, and range over runs as a band),
    baselines as lines without marks.

    Args:
        trained: name → shape (runs, T).
        baselines: name → shape (T,).
    """
    for (name, values), mark in zip(trained.items(), "osv^D", strict=False):
        colour, steps = KINDS.get(name, "0.5"), np.arange(1, values.shape[1] + 1)
        axes.fill_between(steps, values.min(0), values.max(0), color=colour, alpha=0.2, linewidth=0)
        axes.plot(
            steps,
            values.mean(0),
            mark,
            color=colour,
            linestyle="-",
            linewidth=0.7,
            markersize=3,
            label=name,
        )
    for (name, values), style in zip(baselines.items(), ("--", ":", "-."), strict=False):
        steps = np.arange(1, len(values) + 1)
        axes.plot(steps, values, color="black", linewidth=1.0, linestyle=style, label=name)
    axes.set(xlabel="step $t$", xticks=steps, ylim=(0, None))


def signal_panel(axes: Axes, fractions: Mapping[str, np.ndarray]) -> None:
    """Fraction of the signal in the mean squared norm of x_t, t = 0 … T, log scale."""
    for (name, values), mark in zip(fractions.items(), "osv^", strict=False):
        axes.plot(
            np.arange(len(values)),
            values,
            mark + "-",
            color=KINDS.get(name, "0.5"),
            linewidth=0.8,
            markersize=3,
            label=name,
        )
    axes.set(xlabel="noise level $t$", ylabel="fraction of signal in $x_t$", yscale="log")
    axes.legend(fontsize=6)


def chance_panel(axes: Axes, labels: Mapping[str, np.ndarray], ancilla: np.ndarray) -> None:
    """Probability of finding the label register in its label at steps T … 1 of generation, and of
    the ancilla's outcome 1.

    Args:
        labels: name → shape (T, runs).
        ancilla: of the first of them, shape (T, runs).
    """
    steps = np.arange(len(ancilla), 0, -1)
    for (name, values), mark in zip(labels.items(), "osv^D", strict=False):
        # Hollow marks, for complex and real noise nearly coincide.
        style = {
            "color": KINDS.get(name, "0.5"),
            "linewidth": 0.8,
            "markersize": 4,
            "markerfacecolor": "none",
        }
        axes.plot(steps, values.mean(1), mark + "-", label=name, **style)
    axes.plot(
        steps, ancilla.mean(1), "x", color="black", markersize=3, label="ancilla in 1, complex"
    )
    axes.axhline(1 / 16, **LEVEL)
    axes.set(xlabel="step $t$", xticks=steps, ylabel="probability", ylim=(0, 0.8))
    axes.invert_xaxis()


def picture_grid(axes: Axes, pictures: np.ndarray, title: str) -> None:
    """Rows of pictures, paper white.

    Args:
        pictures: shape (rows, columns, 28, 28).
    """
    rows, columns, side, _ = pictures.shape
    sheet = pictures.transpose(0, 2, 1, 3).reshape(rows * side, columns * side)
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set(
        xticks=[], yticks=side * np.arange(rows) + side / 2, yticklabels=range(rows), title=title
    )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def confusion_panel(axes: Axes, confusion: np.ndarray, title: str) -> None:
    """Fraction of samples asked to be one digit (row) that are taken for another (column)."""
    axes.imshow(confusion, cmap="Blues", vmin=0, vmax=1)
    axes.set(
        xticks=range(10), yticks=range(10), xlabel="taken for", ylabel="asked for", title=title
    )


def efficiency_panel(
    axes: Axes,
    families: Mapping[str, tuple[Sequence[int], Sequence[Sequence[float]]]],
    levels: Mapping[str, float],
) -> None:
    """Fréchet distance against the parameters of the prior, mean and range over runs; both axes
    log.

    Args:
        families: name → (parameters of each prior, distances of each of its runs).
        levels: name → distance that needs no prior, drawn as a line.
    """
    for (name, (parameters, values)), mark, colour in zip(
        families.items(), "o*sv^", _PALETTE, strict=False
    ):
        middle = np.array([np.mean(each) for each in values])
        least = np.array([np.min(each) for each in values])
        most = np.array([np.max(each) for each in values])
        axes.errorbar(
            parameters,
            middle,
            (middle - least, most - middle),
            fmt=mark,
            color=colour,
            label=name,
            linestyle="none",
            elinewidth=0.7,
            markersize=4,
        )
    for (name, level), style in zip(levels.items(), ("--", ":", "-."), strict=False):
        axes.axhline(level, color="0.4", linewidth=0.8, linestyle=style, label=name)
    axes.set(
        xlabel="parameters of the prior",
        ylabel="Fréchet distance to held-out digits",
        xscale="log",
        yscale="log",
    )
    axes.yaxis.set(
        major_locator=LogLocator(subs=(1, 2, 5)),
        major_formatter="{x:g}",
        minor_formatter=NullFormatter(),
    )
    axes.legend(fontsize=6)


def overview(
    axes: np.ndarray,
    fractions: Mapping[str, np.ndarray],
    losses: Mapping[str, np.ndarray],
    steps: Mapping[str, np.ndarray],
    baselines: Mapping[str, np.ndarray],
    chances: Mapping[str, np.ndarray],
    ancilla: np.ndarray,
) -> None:
    """Noise, training, steps and projections on four Axes; the arguments are those of the four
    panels."""
    signal_panel(axes.flat[0], fractions)
    training_panel(axes.flat[1], losses)
    step_panel(axes.flat[2], steps, baselines)
    chance_panel(axes.flat[3], chances, ancilla)
    axes.flat[2].set_ylabel("infidelity, complex noise")
    axes.flat[2].legend(fontsize=6)
    axes.flat[3].legend(
        fontsize=6, title="label found", title_fontsize=6, loc="upper right", ncols=2
    )
    titles = (
        "(a) forward noise",
        "(b) training",
        "(c) infidelity of every step",
        "(d) projections in generation",
    )
    for axis, title in zip(axes.flat, titles, strict=True):
        axis.set_title(title)


def sample_sheets(
    axes: np.ndarray, sheets: Mapping[str, np.ndarray], confusion: np.ndarray
) -> None:
    """Grids of pictures, one for each Axes but the last, which shows the confusion of the
    classifier.

    Args:
        sheets: title → shape (rows, columns, 28, 28).
        confusion: shape (10, 10).
    """
    for axis, letter, (title, pictures) in zip(axes.flat, "abcdefgh", sheets.items(), strict=False):
        picture_grid(axis, pictures, f"({letter}) {title}")
    confusion_panel(axes.flat[-1], confusion, f"({'abcdefgh'[len(sheets)]}) complex, all runs")
