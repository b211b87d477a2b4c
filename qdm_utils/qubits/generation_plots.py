"""Pictures of generation: functions that take arrays and an Axes and draw on it."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from qdm_utils.qubits.measured_step import reachable_fidelity

_PALETTE = sns.color_palette("colorblind")
FORWARD, GENERATED, DATA, OTHER, TWIN = (_PALETTE[k] for k in (7, 0, 2, 3, 1))
LAW = {"color": "black", "linewidth": 1.0, "linestyle": "--"}
LEVEL = {"color": "0.55", "linewidth": 0.8, "linestyle": ":"}
FLOOR = 1e-5  # what is smaller or negative is drawn here
BY_ANCILLAS = {0: _PALETTE[3], 1: _PALETTE[0], 2: _PALETTE[4]}


def no_go_panel(axes: Axes, curves: Mapping[int, np.ndarray], law: float) -> None:
    """MMD² to the data along training for chains with so many ancillas, one line per run; the law for a unitary.

    Args:
        curves: n_a → MMD², shape (updates, runs).
    """
    for ancillas, values in curves.items():
        for run, line in enumerate(values.T):
            label = f"$n_a={ancillas}$" if run == 0 else None
            axes.plot(line, color=BY_ANCILLAS[ancillas], linewidth=0.5, alpha=0.8, label=label)
    axes.axhline(law, label="law for $n_a=0$", **LAW)
    axes.axhline(0.0, **LEVEL)
    axes.set(xlabel="Adam update", ylabel="MMD² to the data", ylim=(-0.05, 1.35))
    axes.legend(loc="upper right", ncols=2, title="one line per run", title_fontsize=6)


def path_panel(axes: Axes, steps: np.ndarray, forward: np.ndarray, generated: np.ndarray, noise: float, haar: float) -> None:
    """MMD² to the data of the ensembles at step t, diffused and generated: median and range over runs, log scale.

    Args:
        steps: t of the ensembles, shape (m,).
        forward, generated: shape (m, runs).
        noise: 95 % of the null distribution: what equal ensembles show at this sample size.
        haar: MMD² of Haar states.
    """
    for values, colour, mark, label in ((forward, FORWARD, "o", "diffused"), (generated, GENERATED, "s", "generated")):
        shown = np.clip(values, FLOOR, None)
        axes.fill_between(steps, shown.min(1), shown.max(1), color=colour, alpha=0.2, linewidth=0)
        axes.plot(steps, np.median(shown, 1), mark, color=colour, markersize=2.0, linestyle="-", linewidth=0.7, label=label)
    axes.axhline(noise, label="95 % of equal", **LEVEL)
    axes.axhline(haar, label="Haar", **LAW)
    axes.set(xlabel="step $t$", yscale="log", ylim=(FLOOR, 3.0))
    axes.minorticks_off()


def bloch_panel(axes: Axes, vectors: np.ndarray, horizontal: int, title: str) -> None:
    """One-qubit states on the Bloch sphere, seen along one axis; each dot a state.

    Args:
        vectors: shape (S, 3).
        horizontal: 0 or 1: whether x or y goes to the right; z goes up.
    """
    turn = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(turn), np.sin(turn), color="0.7", linewidth=0.6)
    axes.plot(vectors[:, horizontal], vectors[:, 2], ".", color=GENERATED, markersize=1.5, alpha=0.6, markeredgewidth=0)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1], title=title)
    axes.set(xlabel=f"${'xy'[horizontal]}$", ylabel="$z$")


def training_panel(axes: Axes, losses: np.ndarray) -> None:
    """Loss of every update, step T first, median over runs; colour tells the step.

    Args:
        losses: shape (T, updates, runs).
    """
    total, updates, _ = losses.shape
    for k, colour in enumerate(sns.color_palette("viridis", total)):
        axes.plot(k * updates + np.arange(updates), np.median(losses[k], -1), color=colour, linewidth=0.5)
    axes.set(xlabel="Adam update, step $T$ first", yscale="symlog")
    axes.set_yscale("symlog", linthresh=1e-3)


def ablation_panel(axes: Axes, steps: Sequence[int], fidelities: Mapping[int, np.ndarray], n: int, data: float) -> None:
    """Mean fidelity with |0…0⟩ against the number of steps for several n_a, runs as dots; what the budget allows as lines.

    Args:
        fidelities: n_a → shape (steps, runs).
        data: mean fidelity of the data.
    """
    for ancillas, values in fidelities.items():
        colour = BY_ANCILLAS[ancillas]
        positions = np.repeat(np.asarray(steps)[:, None], values.shape[1], 1)
        axes.plot(
            positions, values, "o", color=colour, markersize=3, label=[f"$n_a={ancillas}$"] + [None] * (values.shape[1] - 1)
        )
        bound = [reachable_fidelity(n, ancillas, count) for count in steps]
        axes.plot(steps, bound, color=colour, linewidth=0.8, linestyle=("--", "-.", ":")[ancillas % 3])
    axes.axhline(data, **LEVEL)
    axes.set(xlabel="steps $T$", ylabel=r"mean fidelity with $|00\rangle$", xscale="log", ylim=(0.0, 1.1))
    axes.set_xticks(list(steps), [str(count) for count in steps])
    axes.minorticks_off()
    axes.legend(loc="center right", bbox_to_anchor=(1.0, 0.46), title="dots: runs, lines: budget", title_fontsize=6)


def omission_panel(axes: Axes, cosines: np.ndarray, omitted: np.ndarray) -> None:
    """Length of the omitted part of the gradient over the whole, against the cosine between sampled and exact gradient."""
    axes.plot(cosines, omitted, "o", color=OTHER, markersize=2.5)
    axes.set(xlabel="cosine with the exact gradient", ylabel="omitted part / exact gradient", ylim=(0, None))


def inversion_panel(axes: Axes, parameters: Sequence[int], fidelities: Mapping[str, np.ndarray]) -> None:
    """Best fidelity of inversion against the number of angles, mean and range over unitaries."""
    for (label, values), colour, mark in zip(fidelities.items(), _PALETTE, "osv^D", strict=False):
        spread = np.abs(np.stack((values.min(1), values.max(1))) - values.mean(1))
        axes.errorbar(
            parameters, values.mean(1), spread, fmt=mark + "-", color=colour, label=label, linewidth=0.8, elinewidth=0.6
        )
    axes.set(xlabel="angles of a step (four qubits)", ylabel="best average fidelity", ylim=(0, 1.75), xticks=parameters)
    axes.legend(loc="upper left", fontsize=5.5)


def bitstring_panel(axes: Axes, sizes: Sequence[int], variances: Mapping[tuple[str, str], np.ndarray]) -> None:
    """Mean square of the gradients of the bitstring MMD² against n, log scale; lines join the points.

    Args:
        variances: (kernel, depth) → shape (sizes,); colour tells the kernel, mark and line the depth.
    """
    kernels, depths = (list(dict.fromkeys(keys)) for keys in zip(*variances, strict=True))
    for (kernel, depth), values in variances.items():
        style = ("o-", "s--")[depths.index(depth)]
        colour = _PALETTE[kernels.index(kernel)]
        axes.plot(sizes, values, style, color=colour, label=f"{kernel}, {depth}", linewidth=0.8, markersize=2.5)
    axes.set(xlabel="qubits $n$", ylabel="mean square of a gradient", yscale="log", xticks=sizes, ylim=(None, 3.0))
    axes.minorticks_off()
    axes.legend(loc="upper right", fontsize=5.5)
