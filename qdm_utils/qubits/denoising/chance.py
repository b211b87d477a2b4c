"""What guessing gives: the squared overlap of a fixed state and a Haar state, and the best of several noisy evaluations of it."""

import numpy as np

from qdm_utils.arguments import whole_number
from qdm_utils.qubits.states import fidelity, haar_states
from qdm_utils.randomness import Seed, spawn


def chance_fidelities(n: int, count: int, seed: Seed) -> np.ndarray:
    """Squared overlaps of pairs of independent Haar states: Beta(1, d − 1), mean 1/d, variance (d − 1)/(d²(d + 1)).

    Args:
        n: qubits, ≥ 1.
        count: pairs, ≥ 1.
        seed: of the states.

    Returns:
        Shape (count,), in [0, 1].

    Raises:
        ValueError: n < 1 or count < 1.

    >>> chance_fidelities(3, 5, seed=1).shape
    (5,)
    """
    n, count = whole_number("n", n, 1), whole_number("count", count, 1)
    size = max(1, 2**21 >> n)
    parts = [min(size, count - start) for start in range(0, count, size)]
    found = []
    for part, child in zip(parts, spawn(seed, len(parts)), strict=True):
        first, second = (haar_states(part, n, grandchild) for grandchild in spawn(child, 2))
        found.append(fidelity(first, second).numpy())
    return np.concatenate(found)


def chance_maximum(n: int, n_states: int, evaluations: int, count: int, seed: Seed) -> np.ndarray:
    """The largest of several evaluations of a denoiser that does nothing, each the mean over `n_states` fresh Haar states.

    Args:
        n: qubits, ≥ 1.
        n_states: states of an evaluation, ≥ 1.
        evaluations: how many of them the maximum is over, ≥ 1.
        count: independent maxima, ≥ 1.
        seed: a whole number or a SeedSequence.

    Returns:
        Shape (count,).

    Raises:
        ValueError: n < 1, n_states < 1, evaluations < 1 or count < 1.

    >>> bool(chance_maximum(4, 50, 6, count=100, seed=1).mean() > 1 / 16)
    True
    """
    d = 2 ** whole_number("n", n, 1)
    shape = tuple(
        whole_number(name, value, 1)
        for name, value in (("count", count), ("evaluations", evaluations), ("n_states", n_states))
    )
    overlaps = np.random.default_rng(seed).beta(1.0, d - 1.0, size=shape)
    return overlaps.mean(-1).max(-1)
