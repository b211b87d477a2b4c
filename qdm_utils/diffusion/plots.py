"""Pictures of classical diffusion: functions that take arrays and an Axes."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

BLUE, ORANGE, GREEN = sns.color_palette("colorblind")[:3]
THEORY = "black"


def reverse_shape_panel(
    axes: Axes, betas: np.ndarray, curves: Mapping[str, np.ndarray], orders: Mapping[str, float]
) -> None:
    """Total variation between true reverse steps and Gaussian models against β, log-log.

    Args:
        betas: shape (m,).
        curves: model → total variation, shape (m,).
        orders: model → fitted power of β, drawn as a line through the smallest β.
    """
    corners = ((0.98, 0.03, "right", "bottom"), (0.03, 0.97, "left", "top"))  # the free ones
    for (label, values), colour, marker, corner in zip(
        curves.items(), (BLUE, ORANGE), "os", corners, strict=True
    ):
        line = values[0] * (betas / betas[0]) ** orders[label]
        axes.plot(betas, line, color=colour, linewidth=0.8, linestyle="--")
        axes.plot(betas, values, marker, color=colour, markersize=3.0)
        x, y, across, along = corner
        axes.text(
            x,
            y,
            f"Gaussian with\n{label}\ndashed: $\\beta^{{{orders[label]:.2f}}}$",
            color=colour,
            fontsize=6,
            ha=across,
            va=along,
            transform=axes.transAxes,
        )
    axes.set(
        xlabel=r"variance of the step $\beta$",
        ylabel="total variation",
        xscale="log",
        yscale="log",
        ylim=(None, 2.0),
    )
    axes.minorticks_off()


def bound_panel(axes: Axes, excess: np.ndarray, gap: np.ndarray) -> None:
    """How far the variational bound lies above the negative log-likelihood for many reverse chains.

    Args:
        excess: negative log-likelihood above the data's entropy, nats, shape (m,).
        gap: bound minus negative log-likelihood, nats, shape (m,).
    """
    axes.plot(excess, gap, ".", color=BLUE, markersize=3.0, markeredgewidth=0)
    axes.set(
        xlabel="$E[-\\log p_\\theta]$ − entropy (nats)",
        ylabel="bound − $E[-\\log p_\\theta]$ (nats)",
        xscale="log",
        yscale="log",
    )
    axes.minorticks_off()


def weight_panel(axes: Axes, weights: Mapping[str, np.ndarray]) -> None:
    """Weights of the squared noise error in the bound against the step, with the simple loss at 1.

    Args:
        weights: label → w_t over its mean, shape (T,).
    """
    for (label, values), colour, marker in zip(weights.items(), (BLUE, ORANGE), "os", strict=True):
        axes.plot(
            np.arange(1, len(values) + 1),
            values,
            f"{marker}-",
            color=colour,
            markersize=2.2,
            linewidth=0.7,
            label=label,
        )
    axes.axhline(1.0, color=THEORY, linewidth=0.9, label="simple loss")
    axes.set(xlabel="step $t$", ylabel="weight / mean weight", xscale="log", yscale="log")
    axes.minorticks_off()
    axes.legend(loc="upper right", fontsize=6)


def cloud_panel(
    axes: Axes, points: np.ndarray, title: str, colour: str | tuple = BLUE, reach: float = 2.4
) -> None:
    """Points in the plane.

    Args:
        points: shape (m, 2).
        title: what they are.
        colour: of the points.
        reach: the axes run from −reach to reach.
    """
    axes.plot(*points.T, ".", color=colour, markersize=1.2, markeredgewidth=0, alpha=0.6)
    axes.set(
        xlim=(-reach, reach),
        ylim=(-reach, reach),
        aspect="equal",
        xticks=[-2, 0, 2],
        yticks=[-2, 0, 2],
    )
    axes.set_title(title, fontsize=7)


def sample_distance_panel(
    axes: Axes,
    rates: Sequence[float],
    distances: Mapping[str, np.ndarray],
    exact: np.ndarray,
    floor: np.ndarray,
    top: float,
) -> None:
    """Energy distance of samples from the data against the learning rate.

    Args:
        rates: learning rates, length R.
        distances: loss → energy distance in 10⁻³, shape (seeds, R).
        exact: of samples made with the exact noise predictor, one value a repetition, in 10⁻³.
        floor: between two samples of the data, one value a repetition, in 10⁻³.
        top: end of the axis in 10⁻³; a rate at which a training lies above it is drawn without
            mean.
    """
    spread = floor.std(ddof=1)
    axes.axhspan(
        floor.mean() - spread,
        floor.mean() + spread,
        color="0.88",
        linewidth=0,
        label="data against data, mean ± sd",
    )
    pairs = zip(distances.items(), (BLUE, ORANGE), "os", (0.93, 1.07), strict=True)
    for (label, values), colour, marker, shift in pairs:
        place = np.asarray(rates) * shift
        axes.plot(
            np.broadcast_to(place, values.shape),
            values,
            ".",
            color=colour,
            markersize=2.5,
            alpha=0.5,
            markeredgewidth=0,
        )
        shown = values.max(0) < 2 * top  # a training that diverged has no finite mean
        axes.errorbar(
            place[shown],
            values[:, shown].mean(0),
            values[:, shown].std(0, ddof=1),
            fmt=marker + "-",
            color=colour,
            linewidth=0.6,
            elinewidth=0.8,
            label=label,
        )
    axes.axhline(
        exact.mean(), color=THEORY, linewidth=0.8, linestyle="--", label="exact predictor, mean"
    )
    axes.set(xlabel="learning rate", ylabel=r"energy distance ($10^{-3}$)", xscale="log")
    axes.set_xticks(list(rates), [f"{rate:g}" for rate in rates], rotation=45)
    axes.minorticks_off()
    axes.set_ylim(-3.0, top)
    axes.legend(loc="upper center", fontsize=6)


def paired_panel(
    axes: Axes,
    gains: Mapping[str, np.ndarray],
    intervals: Mapping[str, tuple[float, float]],
) -> None:
    """Paired differences of two methods: a dot for each pair, their mean and its interval.

    Args:
        gains: what is compared → difference of each pair, shape (pairs,), in 10⁻³.
        intervals: what is compared → lower and upper end of the interval of the mean.
    """
    axes.axvline(0.0, color="0.45", linewidth=0.8, linestyle=":")
    for row, (label, values) in enumerate(gains.items()):
        low, high = intervals[label]
        mean = values.mean()
        axes.plot(
            values,
            np.full(len(values), row + 0.25),
            ".",
            color=BLUE,
            markersize=3,
            alpha=0.6,
            markeredgewidth=0,
        )
        axes.errorbar(
            mean,
            row,
            xerr=[[mean - low], [high - mean]],
            fmt="o",
            color=THEORY,
            markersize=3.5,
            capsize=2,
        )
    axes.set(ylim=(len(gains) - 0.4, -0.5), xlabel=r"bound minus simple ($10^{-3}$)")
    axes.set_yticks(range(len(gains)), list(gains))
