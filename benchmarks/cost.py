"""The cost of one training step against the number of qubits, with the law that fits it."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from benchmarks.engines import Engine, Ours
from benchmarks.engines_pennylane import DefaultQubit
from benchmarks.report import HERE
from benchmarks.timing import compare
from benchmarks.workloads import Training

QUBITS = range(2, 14)
LAYERS, BATCH, ROUNDS = 8, 10, 3
LIMIT = 2.0  # seconds: an engine that takes longer is not asked for more qubits


def measure(qubits: range = QUBITS) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each engine the numbers of qubits and the median seconds of one step."""
    engines: list[Engine] = [Ours(), DefaultQubit()]
    found = {engine.name: ([], []) for engine in engines}
    for n in qubits:
        for timing in compare(engines, Ours("complex128"), Training(n, LAYERS, BATCH), ROUNDS):
            name = timing.engine.name
            found[name][0].append(n)
            found[name][1].append(timing.milliseconds / 1e3)
            if timing.milliseconds > 1e3 * LIMIT:
                engines.remove(timing.engine)
    return {name: (np.array(sizes), np.array(times)) for name, (sizes, times) in found.items()}


def fit(sizes: np.ndarray, times: np.ndarray) -> tuple[float, float, float]:
    """a, b, c ≥ 0 of t = a + b·n + c·n·2ⁿ: calls, calls for each qubit, arithmetic.

    They minimise the squares of the relative deviations.
    """
    from scipy.optimize import nnls

    terms = np.stack([np.ones(len(sizes)), sizes, sizes * 2.0**sizes], axis=1)
    return tuple(nnls(terms / times[:, None], np.ones(len(sizes)))[0])


def plot(found: dict[str, tuple[np.ndarray, np.ndarray]], folder: Path = HERE) -> None:
    """cost.png and cost.pdf."""
    plt.style.use(HERE.parent / "qdm_utils/companion/figures/qdm.mplstyle")
    figure, axes = plt.subplots(figsize=(4.8, 3.2))
    for (name, (sizes, times)), color, marker in zip(
        found.items(), ("#0072b2", "#d55e00"), "os", strict=True
    ):
        a, b, c = fit(sizes, times)
        fine = np.linspace(sizes[0], sizes[-1], 200)
        axes.plot(sizes, 1e3 * times, marker, color=color)
        axes.plot(fine, 1e3 * (a + b * fine + c * fine * 2**fine), color=color)
        terms = ((1e3 * a, "ms"), (1e3 * b, "ms·n"), (1e6 * c, "µs·n·2ⁿ"))
        law = " + ".join(f"{value:.2g} {unit}" for value, unit in terms if value > 0)
        axes.plot([], [], f"{marker}-", color=color, label=f"{name}: {law}")
    axes.set(
        yscale="log", xlabel="qubits n", ylabel="one training step (ms)", xticks=list(QUBITS)[::2]
    )
    axes.set_title(
        f"Loss, {3 * (LAYERS + 1)}n gradients and Adam: "
        f"L = {LAYERS} layers, {BATCH} states, one thread"
    )
    axes.legend(loc="upper left")
    for suffix in ("png", "pdf"):
        figure.savefig(
            folder / f"cost.{suffix}", metadata={"CreationDate": None} if suffix == "pdf" else None
        )
    plt.close(figure)
