"""Pictures of generation: functions that take arrays and an Axes and draw on it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from qdm_utils.qubits.generation.ensemble_distances import overlaps
from qdm_utils.qubits.generation.ensembles import bloch_vectors, magnetisation
from qdm_utils.qubits.generation.measured_step import reachable_fidelity
from qdm_utils.qubits.generation.protocol import Score

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


def score_page(figure: Figure, found: Score) -> None:
    """What `score` found: every measure on its band, and the task's own picture beside data.

    Args:
        figure: empty, of the width of a page.
    """
    grid = figure.add_gridspec(1, 2, width_ratios=(3, 2))
    left, right = (figure.add_subfigure(grid[0, column]) for column in (0, 1))
    outside = len(found.differing)
    told = "inside all bands" if found.passes else f"{outside} of {len(found.measures)} outside"
    axes = left.subplots()
    measures_panel(axes, found)
    axes.set_title(f"{found.count} states on the task {found.task.name}: {told}")
    if found.task.name == "circle":
        panels = right.subplots(2, 1)
        circle_panel(panels[0], found, 0, "seen along $y$")
        circle_panel(panels[1], found, 1, "seen along $x$")
    elif found.task.name == "haar":
        overlaps_panel(right.subplots(), found.states)
    else:
        name, values = _shown(found.task.name)
        shown = (values(found.states).numpy(), values(found.data).numpy())
        histogram_panel(right.subplots(), *shown, name)


def _shown(task: str) -> tuple[str, Callable[[Tensor], Tensor]]:
    """The quantity by which a task is known, with its name."""
    if task == "noise":
        return r"$|\langle 10|\psi\rangle|^2$", lambda states: states[:, 2].abs().square()
    if task == "ising":
        return r"magnetisation $\langle|\sum Z|\rangle/n$", magnetisation
    name = r"$F_0$, fidelity with $|0\ldots0\rangle$"
    return name, lambda states: states[:, 0].abs().square()


def circle_panel(axes: Axes, found: Score, horizontal: int, title: str) -> None:
    """Scored states (blue) over data (green) on the Bloch sphere; see `bloch_panel`."""
    data = bloch_vectors(found.data).numpy()
    axes.plot(data[:, horizontal], data[:, 2], ".", color=DATA, markersize=4, markeredgewidth=0)
    bloch_panel(axes, bloch_vectors(found.states).numpy(), horizontal, title)
    axes.text(1.15, 0.9, "green: data", color=DATA, fontsize=7)
    axes.text(1.15, 0.6, "blue: scored", color=GENERATED, fontsize=7)


def measures_panel(axes: Axes, found: Score) -> None:
    """The measures of a score, each from the centre of its band (0) to the ends (−1 and 1).

    Dots lie inside, crosses outside; a value too far out for the axis is an arrow at its end.
    """
    far = 300.0
    for row, measure in enumerate(found.measures):
        low = -1.0 if measure.two_sided else -far
        axes.fill_betweenx([row - 0.36, row + 0.36], low, 1.0, color=DATA, alpha=0.25, linewidth=0)
        ends = np.clip([measure.position(end) for end in measure.interval], -far, far)
        place = measure.position(measure.value)
        mark = "o" if measure.inside else "X"
        if abs(place) >= far:
            mark = ">" if place > 0 else "<"
        axes.plot(ends, [row, row], color=GENERATED, linewidth=0.9)
        axes.plot(
            np.clip(place, -far, far), row, mark, color=GENERATED, markersize=4.5, clip_on=False
        )
        axes.text(
            1.04,
            row,
            f"{measure.value:.3g}".replace("-", "−"),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=7,
            weight="normal" if measure.inside else "bold",
        )
    axes.axvline(0.0, **LEVEL)
    axes.set_xscale("symlog", linthresh=1.0, linscale=1.0)
    ticks = [-100, -10, -1, 0, 1, 10, 100]
    axes.set_xticks(ticks, [str(tick).replace("-", "−") for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(found.measures)), [each.name for each in found.measures])
    axes.set(
        xlim=(-far, far),
        ylim=(len(found.measures) - 0.5, -0.5),
        xlabel="distance from the median of fresh data\n(green: the joint 95 % band, ends at ±1)",
    )


def histogram_panel(axes: Axes, generated: np.ndarray, data: np.ndarray, name: str) -> None:
    """Shares of states by a quantity, scored beside data."""
    both = np.concatenate((generated, data))
    edges = np.linspace(both.min(), both.max(), 41).tolist()
    for values, style in (
        (data, {"histtype": "stepfilled", "color": DATA, "alpha": 0.4, "label": "data"}),
        (generated, {"histtype": "step", "color": GENERATED, "label": "scored"}),
    ):
        axes.hist(values, edges, weights=np.full(len(values), 1 / len(values)), **style)
    axes.set(xlabel=name, ylabel="share of states")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)


def overlaps_panel(axes: Axes, states: Tensor) -> None:
    """Shares of pairs of states by fidelity, beside the law of Haar states, Beta(1, d − 1)."""
    count, d = states.shape
    fidelities = overlaps(states, states)[~np.eye(count, dtype=bool)].numpy()
    edges = np.linspace(0.0, 1.0, 41)
    beyond = (1.0 - edges) ** (d - 1)
    axes.stairs(beyond[:-1] - beyond[1:], edges, label="Haar law", **LAW)
    shares = np.histogram(fidelities.clip(0.0, 1.0), edges)[0] / len(fidelities)
    axes.stairs(shares, edges, color=GENERATED, label="scored")
    axes.set(
        xlabel=r"fidelity $|\langle\phi|\psi\rangle|^2$ of two states",
        ylabel="share of pairs",
        yscale="log",
        ylim=(0.5 / len(fidelities), 1.5),
    )
    axes.minorticks_off()
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
