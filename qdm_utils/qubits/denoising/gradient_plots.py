"""Pictures of gradients and of training at their limit, drawn on given Axes. Theory is a line."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullLocator, ScalarFormatter

from qdm_utils.qubits.scrambling.plots import LIMIT, LOG, QUBITS, THEORY, size_colours
from qdm_utils.statistics import estimate

VARIANCE = r"variance of $\partial F/\partial\theta$"
BLUE, ORANGE, GREEN = sns.color_palette("colorblind")[:3]
ENTANGLER_STYLE = {"chain": ("o", BLUE), "brick": ("s", ORANGE)}
# What a gradient is estimated from, by more and more states: colour, marker, line.
SOURCE_STYLES = (
    (ORANGE, "o", "-"),
    ("0.35", "s", (0, (4, 1))),
    (ORANGE, "v", ":"),
    (GREEN, "^", "-."),
    (BLUE, "D", "-"),
)


def variance_panel(
    axes: Axes,
    measured: Mapping[tuple[str, str], np.ndarray],
    law: np.ndarray,
    law_label: str,
    other: np.ndarray,
    other_label: str,
    other_colour: str | tuple = LOG,
) -> None:
    """Gradient variance against the number of qubits, binary logarithmic.

    Args:
        measured: (entangler, label of the depth) → rows (n, variance, standard error), shape
            (m, 3).
        law: rows (n, variance), drawn as a line, shape (k, 2).
        law_label: what the line is.
        other, other_label, other_colour: a second law, drawn dashed; by default in the colour of
            what the source states.
    """
    fills = dict(zip(dict.fromkeys(depth for _, depth in measured), (10, 4, 0), strict=False))
    shift = dict(zip(measured, np.linspace(-0.15, 0.15, len(measured)), strict=True))
    axes.plot(*law.T, color=THEORY, linewidth=1.0, zorder=1, label=law_label)
    axes.plot(*other.T, color=other_colour, linewidth=1.0, linestyle="--", label=other_label)
    for (entangler, depth), rows in measured.items():
        marker, colour = ENTANGLER_STYLE[entangler]
        n, variance, error = rows.T
        face = sns.blend_palette(["white", colour], 11)[fills[depth]]
        axes.errorbar(
            n + shift[entangler, depth],
            variance,
            error,
            fmt=marker,
            color=colour,
            mfc=face,
            markersize=3.0,
            markeredgewidth=0.6,
            elinewidth=0.6,
            label=f"{entangler}, {depth}",
        )
    axes.set_yscale("log", base=2)
    axes.set(xlabel=QUBITS, ylabel=VARIANCE)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="lower left", fontsize=6, handlelength=1.3, labelspacing=0.3)


def local_panel(axes: Axes, measured: Mapping[str, np.ndarray], law: np.ndarray) -> None:
    """Gradient variance for product inputs beside the global law of Haar inputs.

    Args:
        measured: label → rows (n, variance, standard error), shape (m, 3); open markers where the
            label says "one state".
        law: rows (n, variance) of the global cost, shape (k, 2).
    """
    greyish = sns.desaturate(ORANGE, 0.3)
    colours = [ORANGE, greyish, BLUE, GREEN, ORANGE, "0.35"]
    axes.plot(*law.T, color=THEORY, linewidth=1.0, label="Haar inputs, global, exact")
    for (label, rows), colour, marker in zip(measured.items(), colours, "ssodv^", strict=False):
        n, variance, error = rows.T
        one = "one state" in label
        axes.errorbar(
            n,
            variance,
            error,
            fmt=f"{marker}{'--' if one else '-'}",
            color=colour,
            mfc="white" if one else colour,
            markersize=3.0,
            linewidth=0.6,
            elinewidth=0.6,
            label=label,
        )
    axes.set_yscale("log", base=2)
    axes.set(xlabel=QUBITS, ylabel=VARIANCE)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper right", fontsize=6, handlelength=1.6, labelspacing=0.2)


def states_panel(
    axes: Axes, measured: Mapping[int, np.ndarray], laws: Mapping[int, np.ndarray]
) -> None:
    """Gradient variance against the number of states in the cost.

    Args:
        measured: n → rows (S, variance, standard error), shape (m, 3).
        laws: n → rows (S, variance), shape (k, 2).
    """
    for n, colour in size_colours(list(measured)).items():
        axes.plot(*laws[n].T, color=colour, linewidth=0.9)
        states, variance, error = measured[n].T
        axes.errorbar(
            states,
            variance,
            error,
            fmt="o",
            color=colour,
            elinewidth=0.7,
            label=f"$n={n}$",
        )
    axes.set(xlabel="states in the cost $S$", ylabel=VARIANCE, xscale="log", yscale="log")
    axes.set_ylim(bottom=0.01 * min(rows[:, 1].min() for rows in measured.values()))
    axes.legend(
        loc="lower left",
        fontsize=6,
        title="line: exact law\nmarker: draws ± se",
        title_fontsize=6,
        handlelength=0.8,
    )


def histogram_panel(axes: Axes, components: Mapping[str, np.ndarray]) -> None:
    """Histogram of gradient components, with the Laplace and normal densities.

    Args:
        components: label → components over their exact standard deviation, shape (m,).
    """
    edges = np.linspace(-6, 6, 61)
    for (label, values), colour in zip(components.items(), (BLUE, ORANGE, GREEN), strict=False):
        density = np.histogram(values, edges)[0] / len(values) / np.diff(edges)
        axes.stairs(density, edges, color=colour, linewidth=0.9, label=label)
    x = np.linspace(-6, 6, 241)
    axes.plot(
        x,
        np.exp(-np.sqrt(2) * np.abs(x)) / np.sqrt(2),
        color=THEORY,
        linewidth=0.7,
        linestyle="--",
        label="Laplace",
    )
    axes.plot(
        x,
        np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
        color=THEORY,
        linewidth=0.7,
        linestyle=":",
        label="normal",
    )
    axes.set(
        xlabel=r"$\partial F/\partial\theta$ (exact standard deviations)",
        ylabel="density",
        yscale="log",
        ylim=(1e-4, 2.0),
    )
    axes.legend(loc="lower center", fontsize=6, handlelength=1.3)


def noise_panel(
    axes: Axes, laws: Mapping[int, np.ndarray], measured: Mapping[int, np.ndarray]
) -> None:
    """Gradient of the Haar average over the sampling noise of a batch, against n.

    Args:
        laws: S → rows (n, ratio), shape (k, 2).
        measured: S → rows (n, ratio, standard error), shape (m, 3).
    """
    for (count, rows), colour in zip(laws.items(), (BLUE, ORANGE, GREEN), strict=False):
        axes.plot(*rows.T, color=colour, linewidth=0.9)
        n, ratio, error = measured[count].T
        axes.errorbar(n, ratio, error, fmt="o", color=colour, elinewidth=0.7, label=f"$S={count}$")
    axes.axhline(1.0, **LIMIT)
    axes.set(xlabel=QUBITS, ylabel="gradient / noise of a batch (rms)", yscale="log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="lower left", fontsize=6, title="fresh batch of $S$ states", title_fontsize=6)


def training_panel(
    axes: Axes, epochs: np.ndarray, curves: Mapping[str, np.ndarray], chance: float, ceiling: float
) -> None:
    """Squared overlap along a training; line: mean over runs, band: lowest to highest run.

    Args:
        epochs: Adam steps, shape (m,).
        curves: label → shape (runs, m).
        chance: 1/d.
        ceiling: the no-free-lunch bound.
    """
    for (label, rows), colour, dash in zip(
        curves.items(), (ORANGE, BLUE, GREEN), ("-", "-", (0, (2, 2))), strict=False
    ):
        axes.plot(epochs, rows.mean(0), color=colour, linestyle=dash, label=label)
        axes.fill_between(epochs, rows.min(0), rows.max(0), color=colour, alpha=0.25, linewidth=0)
    axes.axhline(ceiling, color=THEORY, linewidth=0.8, linestyle="--", label="memorisation ceiling")
    axes.axhline(chance, **LIMIT, label="chance $1/d$")
    axes.set(xlabel="Adam steps", ylabel="squared overlap $F$", yscale="log")
    axes.legend(
        loc="center right",
        fontsize=6,
        title="band: lowest to highest run",
        title_fontsize=6,
        bbox_to_anchor=(1.0, 0.55),
    )


def source_panel(
    axes: Axes,
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    xlabel: str = "Adam steps",
) -> None:
    """Overlap with all states along a training, in units of chance.

    Args:
        curves: what the gradient is estimated from → (steps or states seen, shape (m,); values,
            shape (runs, m)); line: mean, band: lowest to highest run.
        xlabel: what the training is counted in.
    """
    for (label, (steps, values)), (colour, _, dash) in zip(
        curves.items(), SOURCE_STYLES, strict=False
    ):
        axes.plot(steps, values.mean(0), color=colour, linestyle=dash, linewidth=1.1, label=label)
        axes.fill_between(
            steps, values.min(0), values.max(0), color=colour, alpha=0.25, linewidth=0
        )
    axes.axhline(1.0, **LIMIT)
    axes.set(xlabel=xlabel, ylabel="overlap with all states / chance")


def reach_panel(
    axes: Axes, ends: Mapping[str, np.ndarray], ceilings: Mapping[str, np.ndarray]
) -> None:
    """Overlap with all states at the end of training, in units of chance, against n.

    Args:
        ends: what the gradient is estimated from → rows (n, mean, ends of its interval), shape
            (m, 4).
        ceilings: label → rows (n, no-free-lunch bound in units of 1/d), shape (k, 2).
    """
    shifts = np.linspace(-0.24, 0.24, len(ends))
    for (label, rows), (colour, marker, _), shift in zip(
        ends.items(), SOURCE_STYLES, shifts, strict=False
    ):
        n, mean, low, high = rows.T
        axes.errorbar(
            n + shift,
            mean,
            (mean - low, high - mean),
            fmt=marker,
            color=colour,
            markersize=4,
            elinewidth=0.8,
            label=label,
        )
    for (label, rows), dash in zip(ceilings.items(), ("--", "-."), strict=False):
        axes.plot(*rows.T, color=THEORY, linewidth=0.8, linestyle=dash, label=label)
    axes.axhline(1.0, **LIMIT)
    axes.set(xlabel=QUBITS, ylabel="overlap with all states / chance", yscale="log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(ScalarFormatter())


def remedy_panel(axes: Axes, ratios: Mapping[str, np.ndarray]) -> None:
    """Overlap with all states after several ways to train, in units of chance.

    Dots are single runs, diamonds their means with 95 % intervals. The axis is logarithmic where a
    run exceeds ten times chance, and linear otherwise.

    Args:
        ratios: way to train → single runs, shape (m,); open markers where its name says "local
            cost".
    """
    wide = np.concatenate(list(ratios.values())).max() > 10
    least = 0.7 if wide else 0.8
    rows = np.arange(len(ratios))[::-1]
    for row, (way, values) in zip(rows, ratios.items(), strict=True):
        mean = estimate(values)
        low, high = mean.interval()
        below = np.full(len(values), row - 0.25)
        axes.plot(values, below, ".", color=BLUE, ms=3.0, alpha=0.5, markeredgewidth=0)
        axes.plot([max(low, least), high], [row, row], color=BLUE, linewidth=1.4)
        face = "white" if "local cost" in way else BLUE
        axes.plot(mean.mean, row, "d", color=BLUE, mfc=face, markersize=4.5)
    axes.axvline(1.0, **LIMIT)
    axes.set(xlabel="overlap with all states / chance", yticks=rows)
    if wide:
        axes.set(xscale="log", xlim=(least, 320))
    else:
        axes.set_xlim(left=least)
    axes.set_yticklabels(ratios, fontsize=6.5)
    axes.set_ylim(-0.6, len(ratios) - 0.5)


def overlap_panel(axes: Axes, overlaps: Mapping[int, np.ndarray]) -> None:
    """Squared overlaps of independent Haar states in units of 1/d, with their law Beta(1, d − 1).

    Args:
        overlaps: n → shape (m,).
    """
    edges = np.linspace(0, 8, 33)
    for n, colour in size_colours(list(overlaps)).items():
        d = 2**n
        density = np.histogram(d * overlaps[n], edges)[0] / len(overlaps[n]) / np.diff(edges)
        axes.stairs(density, edges, color=colour, linewidth=0.9, label=f"$n={n}$")
        x = np.linspace(0, 8, 161)
        axes.plot(
            x, (d - 1) / d * (1 - x / d) ** (d - 2), color=colour, linewidth=0.8, linestyle="--"
        )
    axes.set(xlabel="squared overlap / chance", ylabel="density", yscale="log", ylim=(2e-4, 2.0))
    axes.legend(loc="upper right", fontsize=6, title="dashed: Beta(1, $d-1$)", title_fontsize=6)


def maximum_panel(
    axes: Axes,
    sizes: Sequence[int],
    expected: np.ndarray,
    stated: Sequence[float],
    trained: Mapping[str, np.ndarray],
) -> None:
    """The source's best evaluations beside what chance and what training give, in units of chance.

    Args:
        sizes: n, length m.
        expected: mean and standard deviation of the chance maximum in units of 1/d, shape (m, 2).
        stated: the source's maxima in units of 1/d, length m.
        trained: label → mean and standard deviation of a trained maximum in units of 1/d, shape
            (m, 2).
    """
    mean, sd = expected.T
    band = (mean - 2 * sd, mean + 2 * sd)
    axes.fill_between(sizes, *band, color="0.85", linewidth=0, label="chance ± 2 sd")
    axes.plot(sizes, mean, color=THEORY, linewidth=0.9, label="chance: largest of 6 means of 50")
    styles = zip(trained.items(), (BLUE, GREEN), "ov", (-0.16, 0.16), strict=False)
    for (label, rows), colour, marker, shift in styles:
        mean, sd = rows.T
        axes.errorbar(
            np.array(sizes) + shift,
            mean,
            sd,
            fmt=marker,
            color=colour,
            markersize=3.5,
            elinewidth=0.8,
            label=label,
        )
    axes.plot(sizes, stated, "^", mfc="none", color=LOG, markersize=5, label="the research log")
    axes.axhline(1.0, **LIMIT)
    ticks = [1.0, 1.5, 2.0, 3.0, 5.0, 8.0]
    axes.set(xlabel=QUBITS, ylabel="largest held-out overlap / chance", xticks=list(sizes))
    axes.set(yscale="log", ylim=(0.8, 9.0), yticks=ticks)
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.legend(loc="upper right", fontsize=6)
