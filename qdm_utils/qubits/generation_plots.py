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
BY_ANCILLAS = {0: _PALETTE[3], 1: _PALETTE[0], 2: _PALETTE[4]}


def no_go_panel(axes: Axes, curves: Mapping[int, np.ndarray], law: float) -> None:
    """MMD² to the data along training for chains with so many ancillas, one line per run; the law for a unitary.

    Args:
        curves: n_a → MMD², shape (updates, runs).
    """
    for ancillas, values in curves.items():
        for run, line in enumerate(values.T):
            label = f"$n_a={ancillas}$, one line per run" if run == 0 else None
            axes.plot(line, color=BY_ANCILLAS[ancillas], linewidth=0.6, alpha=0.8, label=label)
    axes.axhline(law, label=r"law for $n_a=0$: $\mathrm{Tr}\,\rho^2-1/d$", **LAW)
    axes.axhline(0.0, **LEVEL)
    axes.set(xlabel="Adam update", ylabel="MMD² to the data, kernel $F$")
    axes.legend(loc="center right")


def path_panel(axes: Axes, steps: np.ndarray, forward: np.ndarray, generated: np.ndarray, noise: float, haar: float) -> None:
    """MMD² to the data of the ensembles at step t, diffused and generated: median and range over runs, log scale.

    Args:
        steps: t of the ensembles, shape (m,).
        forward, generated: shape (m, runs).
        noise: 95 % of the null distribution: what equal ensembles show at this sample size.
        haar: MMD² of Haar states.
    """
    for values, colour, mark, label in ((forward, FORWARD, "o", "diffused"), (generated, GENERATED, "s", "generated")):
        shown = np.clip(values, noise / 30, None)
        axes.fill_between(steps, shown.min(1), shown.max(1), color=colour, alpha=0.2, linewidth=0)
        axes.plot(steps, np.median(shown, 1), mark, color=colour, markersize=2.0, linestyle="-", linewidth=0.7, label=label)
    axes.axhline(noise, label="95 % of equal ensembles", **LEVEL)
    axes.axhline(haar, label="Haar", **LAW)
    axes.set(xlabel="step $t$", yscale="log", ylim=(noise / 50, 3 * haar))


def bloch_panel(axes: Axes, vectors: np.ndarray, horizontal: int, title: str) -> None:
    """One-qubit states on the Bloch sphere, seen along one axis; each dot a state.

    Args:
        vectors: shape (S, 3).
        horizontal: which of x, y, z goes to the right; z goes up, or y where z goes to the right.
    """
    vertical = 1 if horizontal == 2 else 2
    turn = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(turn), np.sin(turn), color="0.7", linewidth=0.6)
    axes.plot(vectors[:, horizontal], vectors[:, vertical], ".", color=GENERATED, markersize=1.5, alpha=0.6, markeredgewidth=0)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1], title=title)
    axes.set(xlabel="$" + "xyz"[horizontal] + "$", ylabel="$" + "xyz"[vertical] + "$")


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
    axes.legend(loc="lower right", title="dots: runs, lines: budget", title_fontsize=6)


def omission_panel(axes: Axes, norms: Mapping[str, np.ndarray], cosines: np.ndarray) -> None:
    """How long the omitted part of the gradient is, relative to the whole, against the cosine between kept part and whole."""
    axes.plot(cosines, norms["omitted"] / norms["exact"], "o", color=OTHER, markersize=2.5)
    axes.axvline(0.0, **LEVEL)
    axes.set(xlabel="cosine of sampled and exact gradient", ylabel="omitted part / exact gradient")


def inversion_panel(axes: Axes, parameters: Sequence[int], fidelities: Mapping[str, np.ndarray]) -> None:
    """Best fidelity of inversion against the number of angles, mean and range over unitaries."""
    for (label, values), colour, mark in zip(fidelities.items(), _PALETTE, "osv^D", strict=False):
        spread = np.abs(np.stack((values.min(1), values.max(1))) - values.mean(1))
        axes.errorbar(
            parameters, values.mean(1), spread, fmt=mark + "-", color=colour, label=label, linewidth=0.8, elinewidth=0.6
        )
    axes.set(xlabel="angles of a step (four qubits)", ylabel="best average fidelity", ylim=(0, 1.4), xticks=parameters)
    axes.legend(loc="upper left", fontsize=6)


def bitstring_panel(axes: Axes, sizes: Sequence[int], variances: Mapping[str, np.ndarray]) -> None:
    """Variance of the gradient of the bitstring MMD² against n, median over angles; lines join the points."""
    for (label, values), colour, mark in zip(variances.items(), _PALETTE, "osv^D", strict=False):
        axes.plot(sizes, values, mark + "-", color=colour, label=label, linewidth=0.8)
    axes.set(xlabel="qubits $n$", ylabel="variance of a gradient", yscale="log", xticks=sizes)
    axes.legend(loc="lower left", fontsize=6)
