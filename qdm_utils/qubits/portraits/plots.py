"""Pictures of single states and of a state within its ensemble, drawn on given Axes."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

BLUE, ORANGE, GREEN, _, PINK, _, _, GREY, *_ = sns.color_palette("colorblind")
THEORY = "black"  # closed forms are black lines, measurements coloured
NULL = "0.82"  # histograms of what nothing was done to
# Round the circle blue (0), pink (π/2), orange (π), green (3π/2): opposite phases differ for every
# kind of colour vision.
PHASES = LinearSegmentedColormap.from_list("phase", [BLUE, PINK, ORANGE, GREEN, BLUE])
BITS = sns.color_palette("rocket_r", as_cmap=True)
STATED = "#d55e00"  # vermilion triangles: what a source states
MOST_BITS = 1.0  # end of the colours of an information graph; 2 would be a Bell pair
REACH = 10.0  # value of 4ⁿ|W| at which the colours of a Wigner function end
CENTRAL = (0.025, 0.975)  # quantiles between which the central 95 % lie
PORTRAITS = (
    "(a) density matrix",
    "(b) Wigner function",
    "(c) mutual information",
    "(d) Schmidt",
)
# The notebook's ensemble is drawn solid, the second setting dashed.
RIDGE_STYLES: dict[str, dict[str, Any]] = {
    "Haar": {"color": BLUE, "linestyle": "-", "linewidth": 1.1},
    "low-entangled": {"color": BLUE, "linestyle": "--", "linewidth": 1.1},
}
STAGES: dict[str, dict[str, Any]] = {
    "stopped at the research log's F": {"fmt": "o", "color": BLUE},
    "end of training": {"fmt": "D", "color": BLUE},
    "held-out states": {"fmt": "s", "color": GREEN},
}


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

    The area of a square is the modulus, its hue is the phase. An entry of modulus 2/d, twice the
    mean population, or more fills its cell, whatever the state, so that diagrams compare.

    Args:
        rho: density matrix, shape (d, d).
    """
    d = len(rho)
    side = np.sqrt(np.minimum(np.abs(rho) * d / 2, 1))
    rows, columns = np.indices(rho.shape)
    centres = np.stack([columns, rows], -1).reshape(-1, 1, 2)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    squares = centres + side.reshape(-1, 1, 1) * corners
    colours = PHASES(np.angle(rho).ravel() / (2 * np.pi) % 1.0)
    axes.add_collection(PolyCollection(squares, facecolors=colours, linewidths=0))
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
            f"{shared:z.2f}",
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
    axes.bar(rank, spectrum, color=BLUE, width=0.7, label="this state")
    axes.plot(rank, haar_mean, "_", color=THEORY, ms=10, mew=1.4, label="mean of Haar states")
    text = rf"$\mathrm{{Tr}}\,\rho^2={purity:.3f}$"
    axes.text(0.97, 0.94, text, fontsize=7, ha="right", va="top", transform=axes.transAxes)
    axes.set(xticks=rank, ylim=(0, 1.15), yticks=[0, 0.5, 1])


def portrait_sheet(
    figure: Figure, portraits: Mapping[str, Mapping[str, ArrayLike]], haar_mean: np.ndarray
) -> None:
    """Four portraits of each of several states, a row for every state and a key below each column.

    Args:
        figure: an empty figure to draw on.
        portraits: by the name written beside the row, the arrays of `portraits.pictures`.
        haar_mean: mean Schmidt spectrum of Haar states, shape (k,).
    """
    rows = len(portraits)
    axes = figure.subplots(
        rows + 1, 4, height_ratios=[1] * rows + [0.05], width_ratios=[1.12, 1.12, 1.12, 0.62]
    )
    for row, (name, portrait) in zip(axes, portraits.items(), strict=False):
        _portrait(row, portrait, haar_mean)
        row[0].set_ylabel(name)
    for axis, title in zip(axes[0], PORTRAITS, strict=True):
        axis.set_title(title)
    axes[-2, 1].set_xlabel("strings of $s'$")
    axes[-2, 3].set_xlabel("$k$")
    _keys(figure, axes[-1])
    handles, labels = axes[0, 3].get_legend_handles_labels()
    texts = [label.replace(" of", "\nof") for label in labels]
    axes[-1, 3].legend(handles, texts, loc="center", borderaxespad=0)


def portrait_row(
    figure: Figure,
    portrait: Mapping[str, ArrayLike],
    haar_mean: np.ndarray,
    numbers: Sequence["Standing"],
) -> None:
    """The four portraits of one state, and below them where its numbers lie among random states.

    Args:
        figure: an empty figure to draw on.
        portrait: the arrays of `portraits.pictures`.
        haar_mean: mean Schmidt spectrum of Haar states, shape (k,).
        numbers: four of them, one below each portrait.
    """
    # Fixed margins: finding them anew would take longer than the rest of a slider's redraw.
    figure.set_layout_engine("none")
    place = {
        "left": 0.03,
        "right": 0.985,
        "bottom": 0.15,
        "top": 0.93,
        "wspace": 0.2,
        "hspace": 0.5,
    }
    axes = figure.subplots(2, 4, height_ratios=[1, 0.36], gridspec_kw=place)
    _portrait(axes[0], portrait, haar_mean)
    for axis, title in zip(axes[0], PORTRAITS, strict=True):
        axis.set_title(title)
    axes[0, 3].set_xlabel("$k$")
    for axis, number in zip(axes[1], numbers, strict=True):
        low, high = np.quantile(number.null, CENTRAL)
        density, _ = np.histogram(number.null, number.bins, density=True)
        height = density.max()
        axis.stairs(density, number.bins, fill=True, color=NULL)
        axis.plot([low, high], [0, 0], color=THEORY, linewidth=2)
        # A state far outside stands at the edge, and its number says where it lies.
        place = np.clip(number.value, number.bins[0], number.bins[-1])
        marker = "o" if low <= number.value <= high else "D"
        axis.plot(place, 0.25 * height, marker, color=BLUE, ms=5, clip_on=False, zorder=5)
        written = f"this state: {number.value:{number.digits}}"
        axis.text(0.02, 0.95, written, color=BLUE, fontsize=7, va="top", transform=axis.transAxes)
        axis.set(ylim=(-0.1 * height, 1.5 * height), yticks=[])
        axis.set(xlim=(number.bins[0], number.bins[-1]), xlabel=number.label)
        axis.spines["left"].set_visible(False)


class Standing(NamedTuple):
    """A number of one state beside the same number of many random ones.

    Args:
        label: name and unit.
        value: of the one state.
        null: of random states, shape (m,).
        bins: edges of the histogram, shape (k,).
        digits: format of the value that is written above.
    """

    label: str
    value: float
    null: np.ndarray
    bins: np.ndarray
    digits: str = "z.2f"


class Ridge(NamedTuple):
    """One number that is judged: what random states give, what was found here, what is stated.

    Args:
        name: written beside the row.
        null: single draws of the null, shape (m,).
        found: by the name of an entry of `RIDGE_STYLES`, single draws, shape (m,) each.
        stated: value of a single state in the source, None where there is none.
    """

    name: str
    null: np.ndarray
    found: Mapping[str, np.ndarray]
    stated: float | None = None


def ridge_panel(axes: Axes, ridges: Sequence[Ridge], bins: np.ndarray, digits: str = ".2f") -> None:
    """A row for each number: its null in grey, what was found as outlines, what is stated below.

    Histograms are densities on one scale. A black bar is the central 95 % of the null.

    Args:
        ridges: from top to bottom.
        bins: edges of all histograms, shape (k,).
        digits: format of the stated values.
    """
    samples = [sample for ridge in ridges for sample in (ridge.null, *ridge.found.values())]
    shapes = [np.histogram(sample, bins, density=True)[0] for sample in samples]
    scale = 0.75 / max(shape.max() for shape in shapes)
    densities = iter(shapes)
    for row, ridge in enumerate(ridges):
        base = len(ridges) - 1 - row
        axes.stairs(base + scale * next(densities), bins, baseline=base, fill=True, color=NULL)
        for name in ridge.found:
            density = next(densities)
            height = np.where(density > 0, base + scale * density, np.nan)
            axes.stairs(height, bins, baseline=None, zorder=3, **RIDGE_STYLES[name])
        axes.plot(np.quantile(ridge.null, CENTRAL), [base] * 2, color=THEORY, linewidth=2, zorder=4)
        if ridge.stated is not None:
            axes.plot(ridge.stated, base - 0.1, "^", color=STATED, ms=6, zorder=5)
            place = (6, -3)  # points, to the right of the triangle and below the bar
            text: dict[str, Any] = {
                "textcoords": "offset points",
                "ha": "left",
                "va": "center",
                "fontsize": 7,
            }
            written = f"{ridge.stated:{digits}}"
            axes.annotate(written, (ridge.stated, base - 0.1), place, color=STATED, **text)
    axes.set_yticks(range(len(ridges))[::-1], [ridge.name for ridge in ridges])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set(ylim=(-0.3, len(ridges) - 0.2), xlim=(bins[0], bins[-1]))


def ridge_key(figure: Figure, null: str, stated: bool = True) -> None:
    """The legend of `ridge_panel` below a figure.

    Args:
        null: what the grey histograms are.
        stated: whether there are triangles.
    """
    entries: list[Any] = [
        Patch(color=NULL, label=null),
        Line2D([], [], color=THEORY, linewidth=2, label="its central 95 %"),
        *(Line2D([], [], label=f"{name} originals", **RIDGE_STYLES[name]) for name in RIDGE_STYLES),
    ]
    if stated:
        triangle: dict[str, Any] = {"marker": "^", "linestyle": "none", "color": STATED, "ms": 6}
        entries.append(Line2D([], [], label="one state of the research log", **triangle))
    figure.legend(handles=entries, loc="outside lower center", ncols=3)


def recovery_panel(
    axes: Axes,
    levels: np.ndarray,
    curves: Mapping[str, np.ndarray],
    points: Mapping[str, Mapping[str, tuple[float, float, float]]],
    stated: float,
) -> None:
    """A mean over states against their fidelity to the original: chance states and denoised ones.

    Args:
        levels: fidelities of the chance states, shape (m,).
        curves: their means by kind of original, an entry of `RIDGE_STYLES`, shape (m,) each.
        points: by kind of original and by name of an entry of `STAGES`, fidelity, mean and its
            standard error, of which two are drawn as a bar.
        stated: fidelity of the source, a dotted line with a triangle.
    """
    axes.axvline(stated, color=STATED, linestyle=":", linewidth=0.9)
    for kind, curve in curves.items():
        axes.plot(levels, curve, color=THEORY, linestyle=RIDGE_STYLES[kind]["linestyle"])
    for kind, stages in points.items():
        open_marker = {"mfc": "white"} if RIDGE_STYLES[kind]["linestyle"] == "--" else {}
        for name, (fidelity, mean, error) in stages.items():
            style = STAGES[name] | open_marker
            axes.errorbar(fidelity, mean, yerr=2 * error, ms=4.5, zorder=4, **style)
    axes.set_xlim(-0.03, 1.03)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    axes.plot(stated, low, "^", color=STATED, ms=5, clip_on=False, zorder=5)


def recovery_key(figure: Figure) -> None:
    """The legend of `recovery_panel` below a figure."""
    line = {"color": THEORY}
    entries = [
        *(
            Line2D([], [], label=f"chance states, {kind} originals", **style | line)
            for kind, style in RIDGE_STYLES.items()
        ),
        *(
            Line2D([], [], linestyle="none", marker=style["fmt"], color=style["color"], label=name)
            for name, style in STAGES.items()
        ),
        Line2D([], [], linestyle="none", marker="^", color=STATED, label="research log, depth 6"),
    ]
    figure.legend(handles=entries, loc="outside lower center", ncols=3)


def porter_thomas_panel(axes: Axes, populations: dict[str, np.ndarray]) -> None:
    """Histograms of d·|ψ_i|² against the law of Haar states, (1 − 1/d)(1 − x/d)^(d−2).

    Args:
        populations: |ψ_i|² by name, shape (..., d) each, three of them at most.
    """
    for (name, values), marker, fill in zip(
        populations.items(), "os^", ("none", BLUE, "none"), strict=False
    ):
        d = values.shape[-1]
        density, edges = np.histogram(d * values, np.linspace(0, 8, 25), density=True)
        middles = (edges[1:] + edges[:-1]) / 2
        axes.semilogy(middles, density, marker, color=BLUE, label=name, mfc=fill)
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


def _portrait(row: Sequence[Axes], portrait: Mapping[str, ArrayLike], haar: np.ndarray) -> None:
    hinton(row[0], np.asarray(portrait["rho"]))
    wigner_map(row[1], np.asarray(portrait["wigner"]), REACH)
    row[1].set_ylabel("strings of $s$")
    information_graph(row[2], np.asarray(portrait["bits"]))
    schmidt_bars(
        row[3], np.asarray(portrait["schmidt"]), haar, np.asarray(portrait["purity"]).item()
    )


def _keys(figure: Figure, row: Sequence[Axes]) -> None:
    """Colour bars below the first three columns of a sheet; the axis of the fourth is emptied."""
    phase = figure.colorbar(
        ScalarMappable(Normalize(0, 2), PHASES), row[0], orientation="horizontal"
    )
    phase.set_ticks([0, 0.5, 1, 1.5, 2], labels=["0", "π/2", "π", "3π/2", "2π"])
    phase.set_label(r"phase of $\rho_{ij}$; area: $|\rho_{ij}|$")
    points = ScalarMappable(Normalize(-REACH, REACH), "RdBu")
    values = figure.colorbar(points, row[1], orientation="horizontal", extend="both")
    values.set_ticks([-REACH, 0, REACH])
    values.set_label("$4^n W$")
    shades = ScalarMappable(Normalize(0, MOST_BITS), BITS)
    bits = figure.colorbar(shades, row[2], orientation="horizontal", extend="max")
    bits.set_label("bits shared by a pair")
    row[3].axis("off")


def _bare(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set(visible=True, linewidth=0.3, color="0.6")
