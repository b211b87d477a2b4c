"""Pictures of generation: functions that take arrays and an Axes and draw on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from qdm_utils.qubits.generation.measured_step import reachable_fidelity

_PALETTE = sns.color_palette("colorblind")
FORWARD, GENERATED, DATA, OTHER, TWIN = (_PALETTE[k] for k in (7, 0, 2, 3, 1))
LAW: dict[str, Any] = {"color": "black", "linewidth": 1.0, "linestyle": "--"}
LEVEL: dict[str, Any] = {"color": "0.55", "linewidth": 0.8, "linestyle": ":"}
BY_ANCILLAS = {0: _PALETTE[3], 1: _PALETTE[0], 2: _PALETTE[4]}

ANCILLAS = {0: "no ancilla", 1: "one ancilla", 2: "two ancillas"}


def no_go_panel(axes: Axes, curves: Mapping[int, np.ndarray], law: float) -> None:
    """MMD² to the data along training by number of ancillas, and the law for a unitary.

    Args:
        curves: n_a → MMD², shape (updates, runs).
    """
    for ancillas, values in curves.items():
        axes.plot(values, color=BY_ANCILLAS[ancillas], linewidth=0.5, alpha=0.8)
        place = values[-len(values) // 4 :].max() + 0.03
        axes.text(
            len(values),
            place,
            ANCILLAS[ancillas],
            color=BY_ANCILLAS[ancillas],
            ha="right",
            va="bottom",
            fontsize=7,
        )
    axes.axhline(law, **LAW)
    axes.text(
        0.98,
        law + 0.22,
        "dashed: law without ancilla",
        ha="right",
        fontsize=6,
        transform=axes.get_yaxis_transform(),
    )
    axes.axhline(0.0, **LEVEL)
    axes.set(xlabel="Adam update", ylabel="MMD² of the batch to the data", ylim=(-0.05, 1.05))


def path_panel(
    axes: Axes,
    steps: np.ndarray,
    forward: np.ndarray,
    generated: np.ndarray,
    floor: float,
    haar: float,
) -> None:
    """Wasserstein distance to the data along the path, diffused and generated: median and range.

    Args:
        steps: t of the ensembles, shape (m,).
        forward, generated: shape (m, runs).
        floor: mean distance between two independent sets of data of this size.
        haar: distance of Haar states.
    """
    for values, colour, mark, label in (
        (forward, FORWARD, "o", "diffused"),
        (generated, GENERATED, "s", "generated"),
    ):
        axes.fill_between(steps, values.min(1), values.max(1), color=colour, alpha=0.2, linewidth=0)
        axes.plot(
            steps,
            np.median(values, 1),
            mark,
            color=colour,
            markersize=2.0,
            linestyle="-",
            linewidth=0.7,
            label=label,
        )
    axes.axhline(floor, label="two sets of data", **LEVEL)
    axes.axhline(haar, label="Haar states", **LAW)
    axes.set(xlabel="step $t$", yscale="log")
    axes.minorticks_off()


def bloch_panel(axes: Axes, vectors: np.ndarray, horizontal: int, title: str) -> None:
    """One-qubit states on the Bloch sphere, seen along one axis; each dot a state.

    Args:
        vectors: shape (S, 3).
        horizontal: 0 or 1: whether x or y goes to the right; z goes up.
    """
    turn = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(turn), np.sin(turn), color="0.7", linewidth=0.6)
    axes.plot(
        vectors[:, horizontal],
        vectors[:, 2],
        ".",
        color=GENERATED,
        markersize=1.5,
        alpha=0.6,
        markeredgewidth=0,
    )
    axes.set(
        xlim=(-1.1, 1.1),
        ylim=(-1.1, 1.1),
        aspect="equal",
        xticks=[-1, 0, 1],
        yticks=[-1, 0, 1],
        title=title,
    )
    axes.set(xlabel=f"${'xy'[horizontal]}$", ylabel="$z$")


def training_panel(axes: Axes, losses: np.ndarray, floor: np.ndarray | None) -> None:
    """Mean loss of the last tenth of each step's training against t, in thousandths.

    Args:
        losses: shape (T, updates, runs), step T first.
        floor: least value on average of the loss of step t = 1 … T, drawn as a line: shape (T,), or
            None where it is not known.
    """
    total, updates, runs = losses.shape
    ends = losses[::-1, -max(1, updates // 10) :].mean(1)
    steps = np.arange(1, total + 1)
    axes.plot(np.repeat(steps[:, None], runs, 1), 1e3 * ends, "o", color=GENERATED, markersize=1.8)
    if floor is not None:
        axes.plot(steps, 1e3 * floor, **LAW)
    axes.axhline(0.0, **LEVEL)
    axes.set(xlabel="step $t$", xlim=(0, total + 1))


def ablation_panel(
    axes: Axes, steps: Sequence[int], fidelities: Mapping[int, np.ndarray], n: int, data: float
) -> None:
    """Mean fidelity with |0…0⟩ against the number of steps, with what the budget allows.

    Args:
        fidelities: n_a → shape (steps, runs).
        data: mean fidelity of the data.
    """
    for ancillas, values in fidelities.items():
        colour = BY_ANCILLAS[ancillas]
        shifted = np.asarray(steps) * (1 + 0.04 * (ancillas - 1))
        positions = np.repeat(shifted[:, None], values.shape[1], 1)
        axes.plot(positions, values, "o", color=colour, markersize=3, alpha=0.8)
        # The bound of two ancillas is 1 from the first step on, that of one from the second.
        if ancillas < 2:
            bound = [reachable_fidelity(n, ancillas, count) for count in steps]
            axes.plot(steps, bound, color=colour, linewidth=0.8, linestyle=("--", "-.")[ancillas])
    axes.axhline(data, **LEVEL)
    axes.text(steps[-1], 1.05, "dotted: data", color="0.4", ha="right", fontsize=6)
    for ancillas, place in ((0, 0.30), (1, 0.62), (2, 0.86)):
        if ancillas in fidelities:
            axes.text(
                steps[-1],
                place,
                ANCILLAS[ancillas],
                color=BY_ANCILLAS[ancillas],
                ha="right",
                fontsize=7,
            )
    axes.text(steps[-1], 0.45, "dots: runs\nlines: bound $2^{\\,n_aT-n}$", ha="right", fontsize=6)
    axes.set(
        xlabel="steps $T$",
        ylabel=r"mean fidelity with $|00\rangle$",
        xscale="log",
        ylim=(0.0, 1.12),
    )
    axes.set_xticks(list(steps), [str(count) for count in steps])
    axes.minorticks_off()


def omission_panel(axes: Axes, cosines: np.ndarray, omitted: np.ndarray) -> None:
    """Omitted part of the gradient against the cosine of sampled and exact gradient."""
    axes.plot(cosines, omitted, "o", color=OTHER, markersize=2.5)
    axes.set(
        xlabel="cosine with the exact gradient",
        ylabel="omitted part / exact gradient",
        ylim=(0, None),
    )


def inversion_panel(
    axes: Axes, parameters: Sequence[int], fidelities: Mapping[str, np.ndarray]
) -> None:
    """Best fidelity of inversion against the number of angles, mean and range over unitaries."""
    for (label, values), colour, mark in zip(fidelities.items(), _PALETTE, "osv^<D", strict=False):
        spread = np.abs(np.stack((values.min(1), values.max(1))) - values.mean(1))
        axes.errorbar(
            parameters,
            values.mean(1),
            spread,
            fmt=mark + "-",
            color=colour,
            label=label,
            linewidth=0.8,
            elinewidth=0.6,
        )
    axes.set(
        xlabel="angles of a step (four qubits)",
        ylabel="best average fidelity",
        ylim=(0, 1.05),
        xticks=parameters,
    )
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.22), fontsize=6)


def bitstring_panel(
    axes: Axes, sizes: Sequence[int], variances: Mapping[tuple[str, str], np.ndarray]
) -> None:
    """Mean square of the gradients of the bitstring MMD² against n, logarithmic.

    Args:
        variances: (kernel, depth) → shape (sizes,); colour tells the kernel, mark and line the
            depth.
    """
    kernels, depths = (list(dict.fromkeys(keys)) for keys in zip(*variances, strict=True))
    for (kernel, depth), values in variances.items():
        style = ("o-", "s--")[depths.index(depth)]
        colour = _PALETTE[kernels.index(kernel)]
        axes.plot(
            sizes,
            values,
            style,
            color=colour,
            label=f"{kernel}, {depth}",
            linewidth=0.8,
            markersize=2.5,
        )
    axes.set(xlabel="qubits $n$", ylabel="mean square of a gradient", yscale="log", xticks=sizes)
    axes.minorticks_off()
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.22), fontsize=6)
