"""Pictures of scrambling, drawn on given Axes. Theory is a line, a measurement a marker."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from qdm_utils.qubits.scrambling.exact_chain import BUTTERFLY_VELOCITY

THEORY = "black"
LIMIT: dict[str, Any] = {"color": "0.45", "linewidth": 0.8, "linestyle": ":"}
DEPTH = "depth (half-layers)"
QUBITS = "qubits $n$"
LOG = sns.color_palette("colorblind")[3]


def size_colours(sizes: list[int]) -> dict[int, tuple]:
    """One colour for each number of qubits, light to dark."""
    palette = sns.color_palette("viridis_r", len(sizes) + 1)[1:]
    return dict(zip(sizes, palette, strict=True))


def otoc_panel(
    axes: Axes, exact: Mapping[int, np.ndarray], sampled: Mapping[int, np.ndarray], threshold: float
) -> None:
    """OTOC decay against depth.

    Args:
        exact: for each n the exact C at depths 0, 1, …
        sampled: for each n rows (depth, mean, standard error), shape (m, 3).
        threshold: drawn as a level.
    """
    for n, colour in size_colours(list(exact)).items():
        axes.plot(exact[n], color=colour, linewidth=0.9)
        depth, mean, error = sampled[n].T
        axes.errorbar(
            depth,
            mean,
            error,
            fmt="o",
            color=colour,
            markersize=2.2,
            elinewidth=0.7,
            label=f"$n={n}$",
        )
    axes.axhline(threshold, **LIMIT)
    axes.text(0.0, threshold + 0.015, f"{threshold:g}", color=LIMIT["color"], fontsize=6)
    axes.axhline(1.0, color="0.8", linewidth=0.6, zorder=0)
    axes.set(xlabel=DEPTH, ylabel="OTOC decay $C$", ylim=(-0.04, 1.12))
    axes.legend(
        loc="lower right",
        fontsize=6,
        handlelength=0.8,
        title="line: exact chain\nmarker: circuits, sem",
        title_fontsize=6,
    )


def saturation_panel(
    axes: Axes, exact: Mapping[int, int], stated: Mapping[int, int], walk: Mapping[int, int]
) -> None:
    """Saturation depth against the number of qubits.

    Args:
        exact: n → depth by the exact chain.
        stated: n → depth as the source states it.
        walk: n → depth by the front's walk, for larger n.
    """
    sizes = np.array(list(exact))
    axes.plot(sizes, list(exact.values()), "o", color=THEORY, markersize=3, label="exact chain")
    axes.plot(
        list(stated),
        list(stated.values()),
        "s",
        mfc="none",
        color=LOG,
        markersize=6.5,
        label="research log",
    )
    axes.plot(
        list(walk),
        list(walk.values()),
        "^",
        mfc="none",
        color="0.5",
        markersize=3,
        label="front only",
    )
    slope, offset = np.polyfit(list(stated), list(stated.values()), 1)
    far = np.array([min(sizes), max(*sizes, *walk)])
    axes.plot(
        far,
        slope * far + offset,
        color=LOG,
        linewidth=0.8,
        label=f"fit to the research log: slope {slope:.2f}",
    )
    axes.plot(
        far,
        0.9 * far / BUTTERFLY_VELOCITY,
        color=THEORY,
        linestyle="--",
        linewidth=0.8,
        label=r"$0.9\,n/v_B=1.5\,n$",
    )
    axes.plot(far, far - 1, **LIMIT, label="light cone: far edge reached")
    axes.set(xlabel=QUBITS, ylabel="saturation depth (half-layers)")
    axes.legend(loc="upper left", fontsize=6)


def light_cone_panel(axes: Axes, otoc: np.ndarray, cmap: str | Colormap = "mako_r") -> AxesImage:
    """C_j as colours over site and depth, with light cone and butterfly front; returns the image.

    Args:
        otoc: C[depth, site] for sites 1 … n−1, shape (max_depth+1, n−1).
    """
    depths, sites = otoc.shape
    extent = (0.5, sites + 0.5, -0.5, depths - 0.5)
    image = axes.imshow(
        otoc,
        origin="lower",
        aspect="auto",
        extent=extent,
        cmap=cmap,
        vmin=0.0,
        vmax=4 / 3,
        interpolation="none",
    )
    j = np.array([0.5, sites + 0.5])
    # The cone runs over dark and light cells alike: a light line beneath keeps its dark dots
    # visible on both.
    axes.plot(j, j, color="0.9", linewidth=2.4)
    axes.plot(j, j, color="0.1", linestyle=":", linewidth=1.2, label="light cone, $v=1$")
    axes.plot(
        j, j / BUTTERFLY_VELOCITY, color="white", linestyle="--", linewidth=1.0, label="$v_B=3/5$"
    )
    axes.set(xlabel="site $j$ of $V$", ylabel=DEPTH, xlim=extent[:2], ylim=extent[2:])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    return image


def entropy_panel(
    axes: Axes,
    entropy: Mapping[int, np.ndarray],
    page: Mapping[int, float],
    approximate: Mapping[int, float],
    stated: float,
) -> None:
    """Half-chain entropy from |0…0⟩ against depth.

    Args:
        entropy: n → (mean, standard error) by depth, shape (max_depth+1, 2).
        page: n → Page's exact value in bits, dashed.
        approximate: n → the textbook approximation of it in bits, dotted.
        stated: the value the source gives for four qubits.
    """
    for n, colour in size_colours(list(entropy)).items():
        mean, error = entropy[n].T
        axes.errorbar(
            range(len(mean)),
            mean,
            error,
            fmt="o-",
            color=colour,
            markersize=2.2,
            linewidth=0.7,
            label=f"$n={n}$",
        )
        axes.axhline(page[n], color=colour, linestyle="--", linewidth=0.8)
        axes.axhline(approximate[n], color=colour, linestyle=":", linewidth=0.8)
    axes.annotate(
        f"{stated} bits",
        (0.0, stated),
        (2, 3),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        color=LOG,
        fontsize=6,
    )
    axes.set(xlabel=DEPTH, ylabel="half-chain entropy (bits)", ylim=(0.0, None))
    axes.legend(loc="lower right", fontsize=6, handlelength=0.8, ncols=2, columnspacing=1.0)


def share_panel(
    axes: Axes,
    shares: Mapping[str, np.ndarray],
    level: float,
    stated: int,
) -> None:
    """Share of Page's value against depth, for several forms of that value.

    Args:
        shares: formula → (mean, standard error) by depth, shape (max_depth+1, 2).
        level: the share that counts as reached, drawn as a level.
        stated: depth at which the source reaches it, drawn as a triangle.
    """
    for (label, rows), fill in zip(shares.items(), ("full", "none"), strict=True):
        mean, error = rows.T
        axes.errorbar(
            range(len(mean)),
            mean,
            error,
            fmt="o-",
            fillstyle=fill,
            color=THEORY,
            markersize=3.0,
            linewidth=0.7,
            label=label,
        )
    axes.axhline(level, **LIMIT)
    axes.text(0.0, level + 0.003, f"{level:g}", color=LIMIT["color"], fontsize=6)
    axes.plot(stated, level, "^", color=LOG, markersize=5, label="research log", zorder=4)
    axes.set(xlabel=DEPTH, ylabel="share of Page's value", ylim=(0.86, 1.06))
    axes.legend(loc="lower right", fontsize=6, handlelength=0.8)


def purity_panel(
    axes: Axes,
    exact: Mapping[int, np.ndarray],
    sampled: Mapping[int, np.ndarray],
    limit: Mapping[int, float],
) -> None:
    """Half-chain purity from |0…0⟩ against depth, above its Haar mean, on a logarithmic axis.

    Args:
        exact: n → exact mean purity by depth, shape (max_depth+1,).
        sampled: n → (mean, standard error) by depth, shape (max_depth+1, 2).
        limit: n → mean purity of a Haar state.
    """
    for n, colour in size_colours(list(exact)).items():
        axes.plot(exact[n] - limit[n], color=colour, linewidth=0.9)
        mean, error = sampled[n].T
        # Where it has once sunk into the noise nothing more is shown.
        seen = np.logical_and.accumulate(mean - limit[n] > 2 * error)
        axes.errorbar(
            np.flatnonzero(seen),
            (mean - limit[n])[seen],
            error[seen],
            fmt="o",
            color=colour,
            markersize=2.2,
            elinewidth=0.7,
        )
    axes.set(xlabel=DEPTH, ylabel="half-chain purity − Haar mean", yscale="log", ylim=(1e-4, 1.2))
    axes.minorticks_off()


def spread_panel(axes: Axes, otoc: np.ndarray, depth: int) -> None:
    """C_j along the chain at one depth, with the butterfly front and the light cone.

    Args:
        otoc: C[depth, site] for sites 1 … n−1, shape (max_depth+1, n−1).
        depth: which row.
    """
    sites = np.arange(1, otoc.shape[1] + 1)
    axes.bar(sites, otoc[depth], color=sns.color_palette("colorblind")[0])
    axes.axvline(BUTTERFLY_VELOCITY * depth, color=THEORY, linestyle="--", linewidth=0.8)
    axes.axvline(depth, **LIMIT)
    axes.set(xlabel="site $j$", ylabel="decay $C_j$", ylim=(0, 1.12), xlim=(0.4, sites[-1] + 0.6))
    axes.set_title(f"depth {depth}")


def decay_panel(axes: Axes, otoc: np.ndarray, depth: int, threshold: float) -> None:
    """The mean of C_j over the chain against depth, one depth marked.

    Args:
        otoc: C[depth, site] for sites 1 … n−1, shape (max_depth+1, n−1).
        depth: the one that is marked.
        threshold: drawn as a level.
    """
    mean = otoc.mean(1)
    axes.plot(mean, color=THEORY, linewidth=0.9)
    axes.plot(depth, mean[depth], "o", color=sns.color_palette("colorblind")[0])
    axes.axhline(threshold, **LIMIT)
    axes.set(xlabel=DEPTH, ylabel="OTOC decay $C$", ylim=(-0.04, 1.12))
    axes.set_title(f"$C={mean[depth]:.3f}$")
