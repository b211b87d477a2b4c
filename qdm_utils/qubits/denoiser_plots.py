"""Pictures of training: functions that take arrays and an Axes and draw on it."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from qdm_utils.qubits.denoiser import TrainingRecord, no_free_lunch_bound

_PALETTE = sns.color_palette("colorblind")
TRAIN, HELD, FRESH, LOG = _PALETTE[0], _PALETTE[2], _PALETTE[7], _PALETTE[3]
ENTANGLER_COLOURS = {"chain": _PALETTE[0], "ring": _PALETTE[1], "brick": _PALETTE[4]}
CHANCE = {"color": "0.55", "linewidth": 0.8, "linestyle": ":"}
CEILING = {"color": "black", "linewidth": 1.0, "linestyle": "--"}
FIDELITY = "fidelity (squared overlap)"


def sawtooth_panel(axes: Axes, record: TrainingRecord, stated: Sequence[float]) -> None:
    """Fidelities along the curriculum, median and 10–90 % band over seeds, with the source's stage maxima."""
    config = record.config
    epochs, d = np.arange(len(record.stage)), 2**config.n
    shown = (
        ("train_fidelity", TRAIN, f"training states ($S={config.n_states}$)"),
        ("average_fidelity", HELD, "all states, same scrambler"),
        ("fresh_fidelity", FRESH, "held-out, another scrambler"),
    )
    for name, colour, label in shown:
        low, middle, high = np.quantile(getattr(record, name), (0.1, 0.5, 0.9), axis=0)
        axes.fill_between(epochs, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(epochs, middle, color=colour, linewidth=1.0, label=label)
    centres = (np.arange(len(config.depths)) + 0.5) * config.epochs
    axes.plot(centres, stated, "v", color=LOG, markersize=5, label="stage maxima of the log")
    axes.axhline(no_free_lunch_bound(config.n_states, d), label="no-free-lunch ceiling", **CEILING)
    axes.axhline(1 / d, label="chance, $1/d$", **CHANCE)
    for centre, depth in zip(centres, config.depths, strict=True):
        axes.axvline(centre - config.epochs / 2, color="0.9", linewidth=0.6, zorder=0)
        axes.text(centre, 0.86, f"depth {depth}", ha="center", fontsize=7)
    axes.set(xlabel="epoch", ylabel=FIDELITY, xlim=(0, epochs[-1]), ylim=(0.0, 0.9))


def rate_panel(axes: Axes, rates: np.ndarray, best: np.ndarray, depths: Sequence[int], stated: Sequence[float]) -> None:
    """Stage maxima against the learning rate, mean and sd over seeds, one line per depth; the source's maxima as levels.

    Args:
        rates: learning rates, shape (m,).
        best: stage maxima, shape (m, seeds, stages).
    """
    colours = sns.color_palette("viridis_r", len(depths))
    for k, (depth, colour) in enumerate(zip(depths, colours, strict=True)):
        axes.errorbar(
            rates,
            best[..., k].mean(1),
            best[..., k].std(1, ddof=1),
            fmt="o-",
            color=colour,
            markersize=2.5,
            linewidth=0.8,
            elinewidth=0.6,
            label=f"depth {depth}",
        )
        axes.axhline(stated[k], color=colour, linewidth=0.8, linestyle=":")
    axes.set(xlabel="learning rate of Adam", ylabel="best training fidelity of a stage", xscale="log", ylim=(0.0, 1.2))
    axes.legend(
        loc="upper left",
        ncols=3,
        fontsize=6,
        handlelength=1.0,
        columnspacing=0.8,
        title="mean, sd; dotted: the log",
        title_fontsize=6,
    )


def states_panel(axes: Axes, counts: np.ndarray, train: np.ndarray, held: np.ndarray, d: int) -> None:
    """Training and held-out fidelity against the number S of training states, mean and sd over seeds, with the ceiling.

    Args:
        counts: S, shape (m,).
        train, held: shape (m, seeds).
    """
    for values, colour, label in ((train, TRAIN, "training states"), (held, HELD, "all states")):
        axes.errorbar(counts, values.mean(1), values.std(1, ddof=1), fmt="o", color=colour, label=f"{label}, sd")
    fine = np.linspace(0, counts.max(), 400)
    axes.plot(fine, no_free_lunch_bound(fine, d), label="no-free-lunch ceiling", **CEILING)
    axes.axhline(1 / d, **CHANCE)
    axes.set(xlabel="training states $S$", ylabel=FIDELITY, ylim=(0.0, 1.4))
    axes.legend(loc="upper right", fontsize=6)


def reach_panel(axes: Axes, depths: Sequence[int], reach: Mapping[tuple[str, int], np.ndarray]) -> None:
    """What the ansatz can reach with the exact average fidelity as its cost: mean and sd over seeds.

    Args:
        reach: (entangler, layers) → average fidelity, shape (depths, seeds).
    """
    styles = dict(zip(sorted({layers for _, layers in reach}), ("-", "--", ":"), strict=False))
    for (entangler, layers), values in reach.items():
        axes.errorbar(
            depths,
            values.mean(1),
            values.std(1, ddof=1),
            marker="o",
            linestyle=styles[layers],
            color=ENTANGLER_COLOURS[entangler],
            markersize=2.5,
            linewidth=0.9,
            elinewidth=0.6,
            label=f"{entangler}, $L={layers}$",
        )
    axes.set(xlabel="scrambling depth (half-layers)", ylabel="exact average fidelity", ylim=(0.0, 1.4), xticks=depths)
    axes.legend(loc="upper right", fontsize=6, ncols=2)


def repair_panel(axes: Axes, repairs: Mapping[str, np.ndarray], chance: float) -> None:
    """Average fidelity on all states at the end of training, one row per variant: seeds as dots, mean and standard error."""
    for row, values in enumerate(repairs.values()):
        axes.plot(values, np.full(len(values), row), ".", color="0.75", markersize=3, zorder=1)
        axes.errorbar(values.mean(), row, xerr=values.std(ddof=1) / np.sqrt(len(values)), fmt="o", color=HELD, capsize=2)
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
    """Fidelity in units of chance against the number of qubits: mean and sd over seeds, the log's maxima, the ceiling.

    Args:
        train, held: for each size the fidelities over seeds.
        stated: n → the source's largest held-out fidelity.
    """
    for values, colour, label in ((train, TRAIN, "training states"), (held, HELD, "held-out, same scrambler")):
        scaled = [v * 2**n for v, n in zip(values, sizes, strict=True)]
        axes.errorbar(
            sizes, [v.mean() for v in scaled], [v.std(ddof=1) for v in scaled], fmt="o", color=colour, label=f"{label}, sd"
        )
    axes.plot(list(stated), [value * 2**n for n, value in stated.items()], "v", color=LOG, label="the log's maxima")
    axes.plot(sizes, [no_free_lunch_bound(n_states, 2**n) * 2**n for n in sizes], label="no-free-lunch ceiling", **CEILING)
    axes.axhline(1.0, **CHANCE)
    axes.set(xlabel="qubits $n$", ylabel="fidelity / chance", yscale="log", xticks=sizes)
    axes.legend(loc="upper left", fontsize=6)
