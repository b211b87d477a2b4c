"""Pictures of training, drawn on given Axes. `gradient_plots` has those of gradients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from qdm_utils.qubits.denoising.limits import no_free_lunch_bound
from qdm_utils.qubits.denoising.records import TrainingRecord

BLUE, ORANGE, GREEN, VERMILION, PINK, _, _, GREY, *_ = sns.color_palette("colorblind")
TRAIN = BLUE
HELD = GREEN
FRESH = GREY
LOG = VERMILION  # what the research log states
ENTANGLER_COLOURS = {"chain": BLUE, "ring": ORANGE, "brick": PINK}
CHANCE: dict[str, Any] = {"color": "0.55", "linewidth": 0.8, "linestyle": ":"}
CEILING: dict[str, Any] = {"color": "black", "linewidth": 1.0, "linestyle": "--"}
FIDELITY = "fidelity (squared overlap)"


def sawtooth_panel(axes: Axes, record: TrainingRecord, stated: Sequence[float]) -> None:
    """Fidelities along the curriculum, median and 10–90 % band over seeds.

    Epochs at which nothing was evaluated are left out of the evaluated curves.

    Args:
        record: the training.
        stated: the source's maximum of each stage.
    """
    config = record.config
    epochs = np.arange(len(record.stage))
    d = 2**config.n
    shown = (
        ("train_fidelity", TRAIN, f"training states ($S={config.n_states}$)"),
        ("average_fidelity", HELD, "all states, same scrambler"),
        ("fresh_fidelity", FRESH, "50 held-out states, another scrambler"),
    )
    for name, colour, label in shown:
        values = getattr(record, name)
        known = np.isfinite(values).all(0)
        low, middle, high = np.quantile(values[:, known], (0.1, 0.5, 0.9), axis=0)
        axes.fill_between(epochs[known], low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(epochs[known], middle, color=colour, linewidth=1.0, label=label)
    centres = (np.arange(len(config.depths)) + 0.5) * config.epochs
    axes.plot(
        centres, stated, "v", color=LOG, markersize=5, label="stage maxima of the research log"
    )
    bound = float(no_free_lunch_bound(config.n_states, d))
    axes.axhline(bound, label="memorisation ceiling for all states", **CEILING)
    axes.axhline(1 / d, label="chance, $1/d$", **CHANCE)
    for centre, depth in zip(centres, config.depths, strict=True):
        axes.axvline(centre - config.epochs / 2, color="0.9", linewidth=0.6, zorder=0)
        axes.text(centre, 0.86, f"depth {depth}", ha="center", fontsize=7)
    axes.set(ylabel=FIDELITY, xlim=(0, epochs[-1]), ylim=(0.0, 0.92))


def rate_panel(
    axes: Axes, rates: np.ndarray, best: Sequence[np.ndarray], stated: Sequence[float]
) -> None:
    """Stage maxima against a constant learning rate; they coincide, so one band holds them all.

    Args:
        rates: learning rates, shape (m,).
        best: for each rate the stage maxima, shape (seeds, stages); the number of seeds may differ.
        stated: the source's maxima, drawn as levels.
    """
    low, high = np.array([np.quantile(values, (0.025, 0.975)) for values in best]).T
    means = np.array([values.mean(0) for values in best])
    axes.fill_between(rates, low, high, color=TRAIN, alpha=0.2, linewidth=0)
    axes.plot(rates, means, "-", color=TRAIN, linewidth=0.6)
    for value in stated:
        axes.axhline(value, color=LOG, linewidth=0.7, linestyle=":")
    axes.plot(
        np.full(len(stated), rates[0]),
        stated,
        "v",
        color=LOG,
        markersize=4,
        clip_on=False,
        zorder=3,
    )
    axes.text(
        rates[-1],
        max(stated) + 0.01,
        "the research log",
        color=LOG,
        fontsize=7,
        ha="right",
        va="bottom",
    )
    axes.text(
        0.05,
        0.82,
        "six lines: mean of each stage\nband: 95 % of all runs and stages",
        color=TRAIN,
        fontsize=7,
        ha="right",
    )
    axes.set(
        xlabel="constant learning rate of Adam",
        ylabel="best training fidelity of a stage",
        xscale="log",
        ylim=(0, 1),
    )
    axes.set_xticks(rates, [f"{rate:g}" for rate in rates], rotation=60)
    axes.minorticks_off()


def settings_panel(
    axes: Axes,
    depths: Sequence[int],
    best: Mapping[str, np.ndarray],
    stated: Sequence[float],
    colours: Sequence,
    heights: Sequence[float],
) -> None:
    """Stage maxima against depth under several settings: mean and central 95 % of single runs.

    Args:
        depths: of the stages.
        best: label → stage maxima, shape (seeds, stages); the label is written beside its curve.
        stated: the source's maxima.
        colours: one for each label.
        heights: where each label stands, in the units of the vertical axis.
    """
    for (label, values), colour, height in zip(best.items(), colours, heights, strict=True):
        low, high = np.quantile(values, (0.025, 0.975), axis=0)
        axes.fill_between(depths, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(depths, values.mean(0), "o-", color=colour, markersize=2.5, linewidth=1.0)
        axes.text(depths[-1], height, label, color=colour, fontsize=7, ha="right", va="bottom")
    axes.plot(depths, stated, "v", color=LOG, markersize=5, zorder=4)
    axes.set(
        xlabel="scrambling depth of the stage (half-layers)",
        ylabel="best training fidelity of a stage",
        xticks=depths,
    )
    axes.set_ylim(0.0, 0.95)


def gain_panel(
    axes: Axes, gained: Mapping[str, np.ndarray], colours: Sequence, places: Sequence[tuple]
) -> None:
    """The fraction of a stage's gain that is made by each epoch, one labelled curve per setting.

    Args:
        gained: label → fraction, mean over stages and runs, shape (epochs,).
        colours: one for each label.
        places: (epoch, fraction) at which each label stands.
    """
    for (label, values), colour, (x, y) in zip(gained.items(), colours, places, strict=True):
        axes.plot(np.arange(len(values)), values, color=colour)
        axes.text(x, y, label, color=colour, fontsize=7)
    axes.axvline(30, color="0.55", linewidth=0.8, linestyle=":")
    axes.text(31, 0.02, "epoch 30", fontsize=7, color="0.35")
    axes.set(xlabel="epoch within a stage", ylabel="share of the stage's gain", ylim=(0.0, 1.08))


def states_panel(
    axes: Axes, counts: np.ndarray, train: np.ndarray, held: np.ndarray, d: int
) -> None:
    """Training and held-out fidelity against the number of training states, with the ceiling.

    Markers: median over seeds, bars: 10–90 %.

    Args:
        counts: S, shape (m,).
        train, held: shape (m, seeds).
        d: dimension 2ⁿ.
    """
    for values, colour, label in ((train, TRAIN, "training states"), (held, HELD, "all states")):
        low, middle, high = np.quantile(values, (0.1, 0.5, 0.9), axis=1)
        axes.errorbar(
            counts, middle, (middle - low, high - middle), fmt="o", color=colour, label=label
        )
    fine = np.linspace(0, counts.max(), 400)
    axes.plot(fine, no_free_lunch_bound(fine, d), label="memorisation ceiling", **CEILING)
    axes.axhline(1 / d, label="chance, $1/d$", **CHANCE)
    axes.set(xlabel="training states $S$", ylabel=FIDELITY, ylim=(0.0, 1.55))
    axes.legend(loc="upper right", fontsize=7)


def reach_panel(
    axes: Axes, depths: Sequence[int], reach: Mapping[tuple[str, int], np.ndarray]
) -> None:
    """What the ansatz can reach with the exact average fidelity as its cost.

    Markers: median over seeds, bars: 10–90 %.

    Args:
        depths: of the scrambler, half-layers.
        reach: (entangler, layers) → average fidelity, shape (depths, seeds).
    """
    entanglers = dict.fromkeys(entangler for entangler, _ in reach)
    dashes: Sequence[Any] = ("-", "--", ":")
    styles = dict(zip(sorted({layers for _, layers in reach}), dashes, strict=False))
    # Bars of the same depth stand side by side.
    shift = dict(zip(entanglers, (-0.12, 0.0, 0.12), strict=False))
    for (entangler, layers), values in reach.items():
        low, middle, high = np.quantile(values, (0.1, 0.5, 0.9), axis=1)
        axes.errorbar(
            np.array(depths) + shift[entangler],
            middle,
            (middle - low, high - middle),
            marker="o",
            linestyle=styles[layers],
            color=ENTANGLER_COLOURS[entangler],
            markersize=2.5,
            linewidth=0.9,
            elinewidth=0.6,
        )
    handles = [Line2D([], [], color=ENTANGLER_COLOURS[name], label=name) for name in entanglers]
    handles += [
        Line2D([], [], color="0.3", linestyle=style, label=f"$L={layers}$")
        for layers, style in styles.items()
    ]
    axes.set(
        xlabel="scrambling depth (half-layers)",
        ylabel="exact average fidelity",
        ylim=(0.0, 1.25),
        xticks=depths,
    )
    axes.legend(handles=handles, loc="upper right", fontsize=7, ncols=2)


def repair_panel(axes: Axes, repairs: Mapping[str, np.ndarray], chance: float) -> None:
    """Average fidelity on all states at the end of training, one row per variant.

    Args:
        repairs: variant → values over seeds, drawn as dots with their mean and standard error.
        chance: 1/d.
    """
    for row, values in enumerate(repairs.values()):
        axes.plot(values, np.full(len(values), row), ".", color="0.75", markersize=3, zorder=1)
        axes.errorbar(
            values.mean(),
            row,
            xerr=values.std(ddof=1) / np.sqrt(len(values)),
            fmt="o",
            color=HELD,
            capsize=2,
        )
    axes.axvline(chance, **CHANCE)
    axes.set_yticks(range(len(repairs)), list(repairs))
    axes.invert_yaxis()
    axes.set(xlabel="average fidelity, same scrambler")


def size_panel(
    axes: Axes,
    sizes: np.ndarray,
    train: Sequence[np.ndarray],
    held: Sequence[np.ndarray],
    stated: Mapping[int, float],
    n_states: int,
) -> None:
    """Fidelity in units of chance against the number of qubits: mean and sd over seeds.

    Args:
        sizes: n, shape (m,).
        train, held: for each size the fidelities over seeds.
        stated: n → the source's largest held-out fidelity.
        n_states: training states, of the ceiling.
    """
    for values, colour, label in (
        (train, TRAIN, "training states"),
        (held, HELD, "held-out, same scrambler"),
    ):
        scaled = [v * 2**n for v, n in zip(values, sizes, strict=True)]
        axes.errorbar(
            sizes,
            [v.mean() for v in scaled],
            [v.std(ddof=1) for v in scaled],
            fmt="o",
            color=colour,
            label=f"{label}, sd",
        )
    axes.plot(
        list(stated),
        [value * 2**n for n, value in stated.items()],
        "v",
        color=LOG,
        label="largest, the research log",
    )
    axes.plot(
        sizes,
        [no_free_lunch_bound(n_states, 2**n) * 2**n for n in sizes],
        label="memorisation ceiling",
        **CEILING,
    )
    axes.axhline(1.0, label="chance", **CHANCE)
    axes.set(
        xlabel="qubits $n$", ylabel="fidelity / chance", yscale="log", xticks=sizes, ylim=(0.7, 400)
    )
    ticks = (1, 2, 5, 10, 20, 50)
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.legend(loc="upper left", fontsize=7)


def family_panel(
    axes: Axes,
    rates: Sequence[float],
    decays: Sequence[float],
    behind: np.ndarray,
    late: np.ndarray,
    factors: np.ndarray,
) -> QuadMesh:
    """How well settings of a falling rate fit, as colours; framed where little comes late.

    Args:
        rates, decays: first rates and epochs of 1/e within a stage, shapes (r,) and (w,).
        behind: log likelihood behind the best setting of all (nats, ≥ 0), shape (w, r).
        late: share of the gain after epoch 30, shape (w, r); frames where it is at most 0.1.
        factors: between stages, shape (w, r); written into the cells.

    Returns:
        The mesh, for a colour bar.
    """
    mesh = axes.pcolormesh(behind, cmap="Blues_r", vmin=0.0, vmax=10.0)
    for (row, column), nats in np.ndenumerate(behind):
        place = (column + 0.5, row + 0.5)
        colour = "white" if nats < 4.0 else "0.3"
        axes.text(*place, f"{factors[row, column]:g}", ha="center", va="center", color=colour)
        if late[row, column] <= 0.1:
            corner = (column + 0.06, row + 0.06)
            axes.add_patch(Rectangle(corner, 0.88, 0.88, fill=False, edgecolor="black"))
    axes.set_xticks(np.arange(len(rates)) + 0.5, [f"{rate:g}" for rate in rates])
    names = ["none" if decay >= 1000 else f"{decay:g}" for decay in decays]
    axes.set_yticks(np.arange(len(decays)) + 0.5, names)
    axes.tick_params(length=0)
    return mesh
