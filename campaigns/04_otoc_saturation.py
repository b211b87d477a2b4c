"""Sampled circuits for notebook 04 beyond the sizes that it samples itself: 18 and 20 qubits.

A task is a few independent circuits of one size at one depth. No two tasks share random numbers.
"""

import numpy as np

from qdm_utils.qubits.scrambling import sampled_otoc

CIRCUITS = 4  # child of the root seed; the notebook itself draws from the children 0 … 3
PART = 16  # circuits of a task: a minute at 20 qubits
SMALL_QUBITS, SMALL = 12, 4  # size and circuits of a task that a reader waits for

TOLERANCE = {
    "probe": 1e-5,
    "result": 1e-5,
    "why": "Single precision and no training. Another processor's rounding (imitated by "
    "ATEN_CPU_CAPABILITY=default, MKL_CBWR=COMPATIBLE) and two threads for one moved single "
    "circuits of 18 and 20 qubits by up to 2e-7.",
}


def grid(n_record: list, record_depths: list, n_kept: int, seed: int, **_: object) -> dict:
    """All circuits, by size, depth and part."""
    parts = [len(part) for part in np.array_split(range(n_kept), -(-n_kept // PART))]
    return {
        f"n{n}-depth{depth}-part{k}": {
            "n": n,
            "depth": depth,
            "circuits": circuits,
            "seeds": [CIRCUITS, n, depth, k],
        }
        for n in n_record
        for depth in record_depths
        for k, circuits in enumerate(parts)
    }


def run(task: dict, seed: np.random.SeedSequence) -> dict:
    """The decay C of each circuit, shape (circuits,)."""
    decay = sampled_otoc(task["n"], task["depth"], task["circuits"], seed)
    # Single precision loses nothing: that is what it was computed in.
    return {"decay": decay.astype(np.float32)}


def probe(task: dict, seed: np.random.SeedSequence) -> dict:
    """The first circuit of the task, whole."""
    return {"first circuit": run(task | {"circuits": 1}, seed)["decay"][0]}


def small(task: dict) -> dict:
    """A few circuits of at most twelve qubits, at the same depth."""
    return task | {
        "n": min(task["n"], SMALL_QUBITS),
        "circuits": min(task["circuits"], SMALL),
    }


def seconds(task: dict) -> float:
    """Of its circuits and of the probe; measured at 16, 18, 20 qubits and depths 5, 17, 31."""
    n = task["n"]
    return (task["circuits"] + 1) * 2**n * n * (8e-8 + 3.3e-9 * task["depth"])
