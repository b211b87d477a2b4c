"""Pictures of pictures: functions that take arrays and an Axes and draw on it."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

_PALETTE = sns.color_palette("colorblind")
QUANTUM, CLASSICAL, FLOOR, OTHER = (_PALETTE[k] for k in (0, 1, 2, 3))
MARKS = "osv^DPX*<>"


def tiles(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Pictures, shape (N, 28, 28), side by side in rows of so many; what does not fill a row is
    left out.

    >>> tiles(np.zeros((7, 28, 28)), 3).shape
    (56, 84)
    """
    rows = len(pictures) // columns
    height, width = pictures.shape[1:]
    kept = pictures[: rows * columns].reshape(rows, columns, height, width)
    return kept.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)


def grid_panel(axes: Axes, pictures: np.ndarray, columns: int, title: str = "") -> None:
    """Pictures in a grid, ink black.

    Args:
        pictures: shape (N, 28, 28) in [0, 1].
        columns: pictures in a row.
    """
    axes.imshow(tiles(pictures, columns), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=6)
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.3)


def pipeline_panel(
    axes: Axes, digit: np.ndarray, state: np.ndarray, again: np.ndarray, made: np.ndarray
) -> None:
    """The way of one digit to amplitudes and back, and of a Haar state through the prior to a new
    digit.

    Args:
        digit, again, made: pictures, shape (28, 28).
        state: amplitudes, shape (2ⁿ,), drawn as bars of |amplitude| coloured by phase.
    """
    axes.set(xlim=(0, 10), ylim=(0, 3.2), xticks=[], yticks=[])
    axes.axis("off")
    for picture, left, label in ((digit, 0.0, "image"), (again, 8.6, "decoded")):
        inset = axes.inset_axes((left, 1.9, 1.2, 1.2), transform=axes.transData)
        grid_panel(inset, picture[None], 1, label)
    inset = axes.inset_axes((8.6, 0.1, 1.2, 1.2), transform=axes.transData)
    grid_panel(inset, made[None], 1, "generated")
    bars = axes.inset_axes((3.6, 1.95, 2.6, 1.0), transform=axes.transData)
    colours = sns.color_palette("husl", 24)
    phase = ((np.angle(state) / (2 * np.pi)) % 1 * 24).astype(int) % 24
    bars.bar(range(len(state)), abs(state), color=[colours[k] for k in phase])
    bars.set(xticks=[], yticks=[])
    bars.set_title(f"{len(state)} amplitudes, colour: phase", fontsize=6)
    boxes = [
        (2.2, 2.5, "encoder"),
        (7.3, 2.5, "phase fixed,\ndecoder"),
        (1.0, 0.7, "Haar\nstate"),
        (4.9, 0.7, "measured\ncircuit"),
        (7.3, 0.7, "phase fixed,\ndecoder"),
    ]
    for x, y, text in boxes:
        axes.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            fontsize=7,
            bbox={"boxstyle": "round", "fc": "0.93", "ec": "0.6"},
        )
    arrows = [
        (1.3, 1.6, 2.5),
        (2.9, 3.5, 2.5),
        (6.3, 6.5, 2.5),
        (8.2, 8.5, 2.5),
        (1.5, 4.1, 0.7),
        (5.7, 6.5, 0.7),
        (8.2, 8.5, 0.7),
    ]
    line = {"arrowstyle": "->", "lw": 0.8, "color": "0.3"}
    for start, end, y in arrows:
        axes.annotate("", (end, y), (start, y), arrowprops=line)


def ladder_panel(
    axes: Axes, values: Mapping[str, Sequence[float]], quantum: Sequence[bool], floor: float
) -> None:
    """Fréchet distances of arrangements, best first: dots are seeds, bars their median; dotted,
    real against real.

    Args:
        values: label → distances of its seeds.
        quantum: whether the latent is a state, in the same order.
        floor: distance of real digits from real ones.
    """
    order = sorted(
        zip(values, quantum, strict=True), key=lambda pair: float(np.median(values[pair[0]]))
    )
    for row, (label, is_quantum) in enumerate(order):
        colour = QUANTUM if is_quantum else CLASSICAL
        axes.barh(row, np.median(values[label]), color=colour, alpha=0.35, height=0.7)
        axes.plot(values[label], [row] * len(values[label]), "o", color=colour, markersize=2.5)
    axes.axvline(floor, color="0.4", linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(order)), [label for label, _ in order], fontsize=6)
    axes.invert_yaxis()
    axes.set(
        xlim=(0, None),
        xlabel="Fréchet distance to held-out digits "
        "(bars: medians, dots: seeds; dotted: real against real)",
    )


def efficiency_panel(
    axes: Axes, counts: Sequence[int], distances: Mapping[str, np.ndarray], quantum: Sequence[bool]
) -> None:
    """Distance against the number of training images: mean over seeds, bands ±1 sd.

    Args:
        distances: label → shape (counts, seeds).
        quantum: whether the latent is a state, in the same order.
    """
    classical = iter((CLASSICAL, OTHER))
    for (label, table), is_quantum, mark in zip(distances.items(), quantum, MARKS, strict=False):
        mean, sd = table.mean(1), table.std(1, ddof=1)
        colour = QUANTUM if is_quantum else next(classical)
        axes.plot(counts, mean, f"{mark}-", color=colour, linewidth=0.9, markersize=3, label=label)
        axes.fill_between(counts, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)
    axes.set(
        xscale="log",
        ylim=(0, None),
        xlabel="training images $N$",
        ylabel="Fréchet distance (band: ±1 sd)",
    )
    axes.set_xticks(counts, [f"{count:,}" for count in counts], fontsize=6)
    axes.minorticks_off()
    axes.legend(loc="best", fontsize=6)


def parameters_panel(
    axes: Axes, points: Mapping[str, tuple[Sequence[int], np.ndarray]], quantum: Sequence[bool]
) -> None:
    """Distance against the parameters of the prior, one line per family: mean over seeds, bars ±1
    sd.

    Args:
        points: label → (parameters, distances of shape (parameters, seeds)).
        quantum: whether the latent is a state, in the same order.
    """
    for (label, (counts, distances)), is_quantum, mark in zip(
        points.items(), quantum, MARKS, strict=False
    ):
        colour, dashes = (QUANTUM, "-") if is_quantum else (CLASSICAL, "--")
        mean, sd = distances.mean(1), distances.std(1, ddof=1)
        axes.errorbar(
            counts,
            mean,
            sd,
            fmt=mark + dashes,
            color=colour,
            linewidth=0.8,
            markersize=3.5,
            capsize=1.5,
            label=label,
        )
    axes.set(
        xlabel="parameters of the prior", ylabel="Fréchet distance (bars: ±1 sd)", ylim=(0, None)
    )
    axes.legend(loc="best", fontsize=6)


def variants_panel(axes: Axes, values: Mapping[str, tuple[float, float]], best: str) -> None:
    """Distances of variants with their bootstrap sd, the chosen one filled.

    Args:
        values: label → (distance, sd).
        best: label of the chosen one.
    """
    for row, (label, (value, sd)) in enumerate(values.items()):
        axes.barh(row, value, color=QUANTUM, alpha=0.8 if label == best else 0.3, height=0.7)
        axes.errorbar(value, row, xerr=sd, color="black", linewidth=0.8, capsize=1.5)
    axes.set_yticks(range(len(values)), list(values), fontsize=6)
    axes.invert_yaxis()
    axes.set(
        xlabel="Fréchet distance to validation images", title="bars: bootstrap sd; dark: chosen"
    )
