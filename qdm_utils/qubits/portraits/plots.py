"""Pictures of single states and of a state within its ensemble, drawn on given Axes."""

from itertools import combinations
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

BLUE, ORANGE, GREEN, _, PINK, _, _, GREY, *_ = sns.color_palette("colorblind")
THEORY = "black"  # closed forms are black lines, measurements coloured
ORIGINAL = BLUE
SCRAMBLED = GREY
DENOISED = ORANGE
OTHER = GREEN
# Round the circle blue (0), pink (π/2), orange (π), green (3π/2): opposite phases differ for every
# kind of colour vision.
PHASES = LinearSegmentedColormap.from_list("phase", [BLUE, PINK, ORANGE, GREEN, BLUE])
BITS = sns.color_palette("rocket_r", as_cmap=True)
STATED = "#d55e00"  # vermilion triangles: what a source states
MOST_BITS = 1.0  # end of the colours of an information graph; 2 would be a Bell pair


def modulus_heatmap(axes: Axes, rho: np.ndarray, top: float) -> AxesImage:
    """|ρ_ij| as brightness from 0 to `top`, rows and columns in the order of basis states.

    Args:
        rho: density matrix, shape (d, d).
        top: modulus that is shown brightest.
    """
    image = axes.imshow(np.abs(rho), cmap="mako", vmin=0.0, vmax=top, interpolation="nearest")
    _bare(axes)
    return image


def hinton(axes: Axes, rho: np.ndarray) -> None:
    """Hinton diagram of a density matrix.

    The area of a square is the modulus relative to the largest one, its hue is the phase.

    Args:
        rho: density matrix, shape (d, d).
    """
    size = np.sqrt(np.abs(rho) / np.abs(rho).max())
    squares = [
        Rectangle((j - side / 2, i - side / 2), side, side) for (i, j), side in np.ndenumerate(size)
    ]
    colours = PHASES(np.angle(rho).ravel() / (2 * np.pi) % 1.0)
    axes.add_collection(PatchCollection(squares, facecolors=colours, linewidths=0))
    d = len(rho)
    axes.set(xlim=(-0.6, d - 0.4), ylim=(d - 0.4, -0.6), aspect="equal")
    _bare(axes)


def wigner_map(axes: Axes, wigner: np.ndarray, reach: float) -> AxesImage:
    """A discrete Wigner function as a map, colours diverging at 0.

    Rows are the strings of s, columns those of s′.

    Args:
        wigner: shape (4ⁿ,); shown times 4ⁿ, so that the maximally mixed state is 1 everywhere.
        reach: value of 4ⁿ|W| at which the colours end.
    """
    side = round(np.sqrt(wigner.size))
    image = axes.imshow(
        wigner.reshape(side, side) * wigner.size,
        cmap="RdBu",
        norm=Normalize(-reach, reach),
        interpolation="nearest",
    )
    _bare(axes)
    return image


def information_graph(axes: Axes, bits: np.ndarray) -> None:
    """Qubits on a circle, an edge for each pair, its width and colour by mutual information.

    Edges are labelled in bits, the leading pair in bold.

    Args:
        bits: mutual information, shape (n, n).
    """
    n = len(bits)
    angles = np.pi / 2 + np.pi / n - 2 * np.pi * np.arange(n) / n
    places = np.stack([np.cos(angles), np.sin(angles)], -1)
    pairs = sorted(combinations(range(n), 2), key=lambda pair: bits[pair])
    for order, (i, j) in enumerate(pairs):
        shared = bits[i, j]
        axes.plot(
            *places[[i, j]].T,
            color=BITS(shared / MOST_BITS),
            linewidth=0.4 + 6 * shared,
            solid_capstyle="round",
            zorder=order,
        )
        # Diagonals cross in the middle, so their labels stand off it.
        part = 0.5 if (j - i) in (1, n - 1) else 0.3
        x, y = places[i] + part * (places[j] - places[i])
        leads = (i, j) == pairs[-1]
        axes.text(
            x,
            y,
            f"{shared:.2f}",
            fontsize=7,
            weight="bold" if leads else "normal",
            ha="center",
            va="center",
            bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.6},
            zorder=100,
        )
    axes.plot(*places.T, "o", color="white", mec="black", mew=0.6, ms=10, zorder=200)
    for qubit, (x, y) in enumerate(places):
        axes.text(x, y, str(qubit), fontsize=7, ha="center", va="center", zorder=300)
    axes.set(xlim=(-0.95, 0.95), ylim=(-0.95, 0.95), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def schmidt_bars(axes: Axes, spectrum: np.ndarray, haar_mean: np.ndarray, purity: float) -> None:
    """Squared Schmidt coefficients as bars, their Haar means as black ticks.

    Args:
        spectrum, haar_mean: shape (k,), largest first.
        purity: Tr ρ² of the whole state, which is written in.
    """
    rank = np.arange(1, len(spectrum) + 1)
    axes.bar(rank, spectrum, color=ORIGINAL, width=0.7, label="this state")
    axes.plot(rank, haar_mean, "_", color=THEORY, ms=12, mew=1.4, label="mean of Haar states")
    text = rf"$\mathrm{{Tr}}\,\rho^2={purity:.3f}$"
    axes.text(0.97, 0.94, text, fontsize=7, ha="right", va="top", transform=axes.transAxes)
    axes.set(xticks=rank, ylim=(0, 1.12), yticks=[0, 0.5, 1])


def portrait_sheet(
    figure: Figure, portraits: dict[str, dict[str, np.ndarray]], haar_mean: np.ndarray
) -> None:
    """Four portraits of each of several states, a row for every state and a key below each column.

    Args:
        figure: an empty figure to draw on.
        portraits: by the name written beside the row, "rho" (d, d), "wigner" (4ⁿ,), "bits" (n, n),
            "schmidt" (k,) and "purity" () of the state.
        haar_mean: mean Schmidt spectrum of Haar states, shape (k,).
    """
    rows = len(portraits)
    ratios: dict[str, Any] = {
        "height_ratios": [1] * rows + [0.055],
        "width_ratios": [1, 1, 1, 0.85],
    }
    axes = figure.subplots(rows + 1, 4, gridspec_kw=ratios)
    for row, (name, portrait) in zip(axes, portraits.items(), strict=False):
        hinton(row[0], portrait["rho"])
        points = wigner_map(row[1], portrait["wigner"], reach=10.0)
        information_graph(row[2], portrait["bits"])
        schmidt_bars(row[3], portrait["schmidt"], haar_mean, float(portrait["purity"]))
        row[0].set_ylabel(name)
        row[1].set_ylabel("strings of $s$")
        row[1].set_xlabel("strings of $s'$")
    titles = (
        "(a) density matrix",
        "(b) Wigner function",
        "(c) mutual information",
        "(d) Schmidt spectrum",
    )
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title)
    axes[-2, 3].set_xlabel("$k$")
    phase = figure.colorbar(
        ScalarMappable(Normalize(0, 2), PHASES), axes[-1, 0], orientation="horizontal"
    )
    phase.set_ticks([0, 0.5, 1, 1.5, 2], labels=["0", "π/2", "π", "3π/2", "2π"])
    phase.set_label(r"phase of $\rho_{ij}$; area: $|\rho_{ij}|$")
    values = figure.colorbar(points, axes[-1, 1], orientation="horizontal", extend="both")
    values.set_ticks([-10, 0, 10])
    values.set_label("$4^n W$")
    shades = ScalarMappable(Normalize(0, MOST_BITS), BITS)
    bits = figure.colorbar(shades, axes[-1, 2], orientation="horizontal", extend="max")
    bits.set_label("bits shared by a pair")
    axes[-1, 3].axis("off")
    handles, labels = axes[0, 3].get_legend_handles_labels()
    axes[-1, 3].legend(handles, labels, loc="center", borderaxespad=0)


def ensemble_panel(
    axes: Axes,
    ensembles: dict[str, np.ndarray],
    bins: np.ndarray,
    marks: dict[str, float],
    mark_colour: str = STATED,
) -> None:
    """Where single states lie within their ensembles.

    Histograms are densities, values of single states triangles above them. Each mark has a height
    of its own, so that triangles which nearly coincide can be told apart.

    Args:
        ensembles: samples by name, shape (m,) each.
        bins: edges of the histograms, shape (k,).
        marks: value of a single state by the name written beside it.
        mark_colour: of the triangles.
    """
    colours = (ORIGINAL, DENOISED, OTHER, SCRAMBLED)
    edges = bins.tolist()
    for (name, values), colour in zip(ensembles.items(), colours, strict=False):
        shape: dict[str, Any] = {"bins": edges, "density": True, "color": colour}
        axes.hist(values, histtype="stepfilled", alpha=0.25, **shape)
        axes.hist(values, histtype="step", linewidth=0.9, label=name, **shape)
    top = axes.get_ylim()[1]
    middle = (bins[0] + bins[-1]) / 2
    for k, (name, value) in enumerate(marks.items()):
        height = (1.06 + 0.11 * k) * top
        axes.plot(value, height, "v", color=mark_colour, ms=4)
        # The name stands on the side where the panel has more room.
        left = value > middle
        text = f"{name}  " if left else f"  {name}"
        axes.text(value, height, text, ha="right" if left else "left", va="center", fontsize=7)
    room = 1.06 + 0.11 * len(marks) if marks else 1.02
    axes.set(ylim=(0, room * top), yticks=[], ylabel="density", xlim=(bins[0], bins[-1]))


def porter_thomas_panel(axes: Axes, populations: dict[str, np.ndarray]) -> None:
    """Histograms of d·|ψ_i|² against the law of Haar states, (1 − 1/d)(1 − x/d)^(d−2).

    Args:
        populations: |ψ_i|² by name, shape (..., d) each.
    """
    for (name, values), colour, marker in zip(
        populations.items(), (DENOISED, ORIGINAL, OTHER), "os^", strict=False
    ):
        d = values.shape[-1]
        density, edges = np.histogram(d * values, np.linspace(0, 8, 25), density=True)
        axes.semilogy(
            (edges[1:] + edges[:-1]) / 2, density, marker, color=colour, label=name, mfc="none"
        )
    x = np.linspace(0, 8, 200)
    axes.semilogy(
        x, (1 - 1 / d) * (1 - x / d) ** (d - 2), color=THEORY, linewidth=0.9, label="Haar, exact"
    )
    axes.axvline(1.0, color="0.5", linestyle=":")
    axes.text(1.15, 1.6e-4, "uniform grey", color="0.35", fontsize=7, va="bottom")
    axes.set(
        xlabel=r"population $d\,|\psi_i|^2$", ylabel="density", ylim=(1e-4, 300), xlim=(0, 8.4)
    )
    axes.set_yticks([1e-4, 1e-2, 1])
    axes.minorticks_off()
    axes.legend(loc="upper right", borderaxespad=0)


def _bare(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set(visible=True, linewidth=0.3, color="0.6")
