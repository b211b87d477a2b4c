"""Pictures of classical diffusion: functions that take arrays and an Axes.

Green is data, orange and brown are two classical models, black is a closed form.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

_, ORANGE, GREEN, _, _, BROWN, *_ = sns.color_palette("colorblind")
THEORY = "black"
SMALL = 7  # pt, the smallest letters
PLAIN = FuncFormatter(lambda value, _: f"{value:g}")  # 0.01 and not 10⁻²


def reverse_shape_panel(
    axes: Axes,
    shares: Sequence[np.ndarray],
    curves: Mapping[str, Sequence[np.ndarray]],
    limit: float,
    least: float,
) -> None:
    """Total variation between true reverse steps and Gaussian models, log-log.

    Args:
        shares: for each width s of the data β/s², shape (m,); full markers for the first width,
            open ones for the second.
        curves: model → for each width the total variation, shape (m,).
        limit: a total variation that is drawn as a level.
        least: lower end of the axis; what lies below is left out.
    """
    corners = ((0.04, 0.98, "left", "top"), (0.98, 0.04, "right", "bottom"))  # the free ones
    axes.axhline(limit, color="0.45", linewidth=0.8, linestyle=":")
    for (label, rows), colour, marker, corner in zip(
        curves.items(), (ORANGE, BROWN), "os", corners, strict=True
    ):
        x, y, across, along = corner
        axes.text(
            x, y, label, color=colour, fontsize=SMALL, ha=across, va=along, transform=axes.transAxes
        )
        for share, values, fill in zip(shares, rows, (colour, "white"), strict=True):
            shown = values >= least
            axes.plot(
                share[shown],
                values[shown],
                f"{marker}-",
                color=colour,
                mfc=fill,
                markersize=3.0,
                linewidth=0.6,
            )
    axes.set(
        xlabel=r"$\beta/s^2$, step over finest variance",
        ylabel="total variation",
        xscale="log",
        yscale="log",
        ylim=(least, 1.5),
    )
    axes.xaxis.set_major_formatter(PLAIN)
    axes.set_yticks([1e-4, 1e-3, 1e-2, 0.1, 1.0])
    axes.yaxis.set_major_formatter(PLAIN)
    axes.minorticks_off()


def bound_panel(axes: Axes, excess: np.ndarray, gap: np.ndarray, least: float) -> None:
    """How far the variational bound lies above the negative log-likelihood for many reverse chains.

    Args:
        excess: negative log-likelihood above the data's entropy, nats, shape (m,).
        gap: bound minus negative log-likelihood, nats, shape (m,).
        least: lower end of both axes, nats; chains below it are left out.
    """
    shown = (excess >= least) & (gap >= least)
    axes.plot(excess[shown], gap[shown], ".", color=ORANGE, markersize=3.0, markeredgewidth=0)
    axes.axline((1.0, 1.0), (10.0, 10.0), color="0.45", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="log-likelihood lost (nats)",
        ylabel="looseness of the bound (nats)",
        xscale="log",
        yscale="log",
        xlim=(least, None),
        ylim=(least, None),
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([1e-4, 0.01, 1.0, 100.0])
        axis.set_major_formatter(PLAIN)
    axes.minorticks_off()


def weight_panel(axes: Axes, weights: Mapping[str, np.ndarray]) -> None:
    """Weights of the squared noise error in the bound against the step, with the simple loss at 1.

    Args:
        weights: label → w_t over its mean, shape (T,).
    """
    for (label, values), colour, marker in zip(weights.items(), (ORANGE, BROWN), "os", strict=True):
        axes.plot(
            np.arange(1, len(values) + 1),
            values,
            f"{marker}-",
            color=colour,
            markersize=2.2,
            linewidth=0.7,
            label=label,
        )
    axes.axhline(1.0, color=THEORY, linewidth=0.9, label="simplified loss")
    axes.set(xlabel="step $t$", ylabel="weight over mean weight", xscale="log", yscale="log")
    axes.set_xticks([1, 3, 10, 30])
    axes.set_yticks([0.3, 1.0, 3.0, 10.0])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PLAIN)
    axes.minorticks_off()
    axes.legend(loc="upper right", fontsize=SMALL)


def cloud_panel(
    axes: Axes, points: np.ndarray, title: str, colour: str | tuple = ORANGE, reach: float = 2.4
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
    axes.set_title(title)


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
        label="data against data",
    )
    pairs = zip(distances.items(), (ORANGE, BROWN), "os", (0.93, 1.07), strict=True)
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
    axes.axhline(exact.mean(), color=THEORY, linewidth=0.8, linestyle="--", label="exact predictor")
    axes.set(xlabel="learning rate", ylabel=r"energy distance ($10^{-3}$)", xscale="log")
    axes.set_xticks(list(rates), [f"{rate:g}" for rate in rates], rotation=45)
    axes.minorticks_off()
    axes.set_ylim(-3.0, top)


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
            color="0.5",
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
    axes.set(ylim=(len(gains) - 0.4, -0.5), xlabel=r"bound less simplified ($10^{-3}$)")
    axes.set_yticks(range(len(gains)), list(gains))
