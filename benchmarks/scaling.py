"""What a training step of this package costs by size, one law for it, and what that means for
problems that are larger than any in the notebooks."""

import json
from collections.abc import Iterable
from statistics import median

import numpy as np

from benchmarks import report
from benchmarks.engines import Job, Ours, update
from benchmarks.timing import time_slice
from benchmarks.workloads import Draws
from qdm_utils.qubits.circuits.cost import FILE, TERMS, work
from qdm_utils.qubits.states import fidelity

COUNTS = (1, 2, 4, 8, 16, 32, 64, 128)
SIZES = tuple(
    dict.fromkeys(
        [
            *(Draws(n, 8, 10, 1) for n in range(2, 15)),
            *(Draws(n, n, 10, 1) for n in range(4, 15, 2)),
            *(Draws(n, 8, 10, draws) for n in (4, 8) for draws in COUNTS),
            *(Draws(n, 8, batch, 1) for n in (4, 8) for batch in COUNTS),
        ]
    )
)
QUICK = tuple(Draws(n, 2, 2, draws) for n in (2, 3, 4, 6) for draws in (1, 2))
LARGE = (
    Draws(8, 8, 10, 200),
    *(Draws(n, n, 10, 1) for n in (12, 14, 16, 18, 20)),
)
ROUNDS = 5  # at most
STEPS = 600
WORKERS = 8
SECONDS, BYTES = 20.0, 2e9  # a step that takes more than either is not measured


def counts(size: Draws) -> np.ndarray:
    """How often a step of this size does what `TERMS` name."""
    return work(size.ansatz, size.batch, size.draws)


def measure(sizes: Iterable[Draws], rounds: int) -> np.ndarray:
    """Median seconds of a step for each size; every round visits all sizes."""
    jobs = [_step(size) for size in sizes]
    for job in jobs:
        job()  # makes the plan of the circuit
    times = [[median(time_slice(job)) for job in jobs] for _ in range(rounds)]
    return np.median(times, axis=0)


def fit(sizes: Iterable[Draws], seconds: np.ndarray) -> tuple[np.ndarray, float]:
    """Seconds ≥ 0 of each of `TERMS` by least squares of the relative deviation, and the largest
    relative deviation."""
    from scipy.optimize import nnls

    shares = np.stack([counts(size) for size in sizes]) / seconds[:, None]
    # Columns of one size: they differ by many powers of ten.
    scale = np.linalg.norm(shares, axis=0)
    coefficients = nnls(shares / scale, np.ones(len(seconds)))[0] / scale
    return coefficients, float(np.abs(shares @ coefficients - 1).max())


def law(coefficients: np.ndarray, worst: float) -> str:
    """The law in words."""
    parts = []
    for name, value in zip(TERMS, coefficients, strict=True):
        if value > 0:
            scale, unit = (1e6, "µs") if value > 1e-6 else (1e9, "ns")
            parts.append(f"{report.short(scale * value)} {unit} per {name}")
    return f"{', '.join(parts)}; off by at most {worst:.0%}"


def save(coefficients: np.ndarray, worst: float) -> None:
    """Write the package's cost.json: seconds of each of `TERMS`."""
    content = {
        "unit": "seconds of one core per term of qdm_utils/qubits/circuits/cost.py",
        "coefficients": {
            name: float(f"{value:.4g}") for name, value in zip(TERMS, coefficients, strict=True)
        },
        "largest_relative_deviation": round(worst, 3),
        "machine": report.machine(),
    }
    FILE.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def table(coefficients: np.ndarray, sizes: Iterable[Draws] = LARGE) -> str:
    """Hours of `STEPS` steps, measured where a step is affordable."""
    lines = [
        f"| {STEPS} steps of | one core, h | ten times the seeds, h "
        f"| these on {WORKERS} workers, h | a step is |",
        "|---|---|---|---|---|",
    ]
    for size in sizes:
        seconds = float(counts(size) @ coefficients)
        affordable = seconds < SECONDS and _memory(size) < BYTES
        if affordable:
            seconds = float(measure([size], 1)[0])
        hours = STEPS * seconds / 3600
        # Draws can be divided at will; single seeds go to the workers one by one.
        share = 10 / WORKERS if size.draws > 1 else -(-10 // WORKERS)
        cells = [
            f"n={size.n} L={size.layers} B={size.batch} seeds={size.draws}",
            *(report.short(value) for value in (hours, 10 * hours, share * hours)),
            "measured" if affordable else "extrapolated",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _step(size: Draws) -> Job:
    """Mean infidelities of all draws, gradients, Adam."""
    theta, inputs, targets = Ours().tensors(size)
    return update(
        theta,
        lambda: (1 - fidelity(size.ansatz.apply(theta, inputs), targets).mean(-1)).sum(),
    )


def _memory(size: Draws) -> float:
    """Bytes of a step: the states of all layers forth and back, and a copy of both."""
    return 4 * 8 * size.draws * (size.layers + 1) * size.batch * 2.0**size.n
