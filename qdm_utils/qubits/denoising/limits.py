"""What a denoiser reaches without learning, and what it can reach at most from S known states."""

import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import at_least, whole_number
from qdm_utils.qubits.states import fidelity, haar_states
from qdm_utils.randomness import Seed, numpy_generator, spawn

AMPLITUDES = 2**21  # drawn at a time, 32 MiB


def chance_fidelities(n: int, count: int, seed: Seed) -> np.ndarray:
    """Squared overlaps of pairs of independent Haar states.

    Their law is Beta(1, d − 1), with mean 1/d and variance (d − 1)/(d²(d + 1)).

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
    n = whole_number("n", n, 1)
    count = whole_number("count", count, 1)
    size = max(1, AMPLITUDES >> n)
    parts = [min(size, count - start) for start in range(0, count, size)]
    found = []
    for part, child in zip(parts, spawn(seed, len(parts)), strict=True):
        first_seed, second_seed = spawn(child, 2)
        first = haar_states(part, n, first_seed)
        second = haar_states(part, n, second_seed)
        found.append(fidelity(first, second).numpy())
    return np.concatenate(found)


def chance_maximum(n: int, n_states: int, evaluations: int, count: int, seed: Seed) -> np.ndarray:
    """The largest of several evaluations of a denoiser that does nothing.

    Each evaluation is the mean of Beta(1, d − 1) overlaps over `n_states` fresh Haar states.

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
    shape = (
        whole_number("count", count, 1),
        whole_number("evaluations", evaluations, 1),
        whole_number("n_states", n_states, 1),
    )
    overlaps = numpy_generator(seed).beta(1.0, d - 1.0, size=shape)
    return overlaps.mean(-1).max(-1)


def no_free_lunch_bound(n_states: ArrayLike, d: int) -> np.ndarray:
    """Largest expected fidelity on all states of a unitary that is perfect on S Haar states.

    min(1, (S² + d + 1)/(d(d + 1))) for a Haar-typical target. A target within the learner's reach,
    such as a shallow circuit, may beat it.

    Args:
        n_states: S ≥ 0, any shape.
        d: dimension, ≥ 2.

    Returns:
        The bound, shape of `n_states`.

    Raises:
        ValueError: S < 0 or d < 2.

    Source: K. Poland, K. Beer, T. J. Osborne, arXiv:2003.14103.

    >>> round(float(no_free_lunch_bound(10, 16)), 3)
    0.43
    """
    known = at_least("n_states", n_states, 0)
    d = whole_number("d", d, 2)
    return np.minimum(1.0, (np.square(known) + d + 1) / (d * (d + 1)))
