"""How operators spread in brickworks of Haar gates, exactly: OTOCs and the front.

Averaged over each Haar gate of U(4), the Pauli strings of an operator W(t) = U†WU form a Markov
chain on their supports: a gate sends a pair of sites that is not II to IP, PI, PP with probability
3/15, 3/15, 9/15 (the shares of the 15 strings other than II), whatever it was before. Everything
here follows from that chain on 2ⁿ supports. Depth counts half-layers.
"""

from collections.abc import Iterator
from itertools import count, islice

import numpy as np

from qdm_utils.arguments import between, demand, whole_number, within_memory
from qdm_utils.qubits.circuits import layer_bonds

# Sites per half-layer: the front of an operator advances with probability 4/5 and retreats with
# 1/5.
BUTTERFLY_VELOCITY = 3 / 5
MAX_QUBITS = 20  # 2²⁰ supports take seconds


def otoc_exact(n: int, depth: int) -> np.ndarray:
    """OTOC decay C_j of W on site 0 with V on site j, averaged over brickworks exactly.

    C_j = 1 − Re Tr[W(t)V_jW(t)V_j]/2ⁿ, averaged over the Paulis W and V too. V_j anticommutes with
    two of the three Paulis on site j, so C_j = (4/3)·P[site j occupied] in the Markov chain.

    Args:
        n: qubits, 2 … 20.
        depth: number of half-layers, ≥ 0.

    Returns:
        C_j for j = 1 … n−1, shape (n−1,). Exact up to rounding.

    Raises:
        ValueError: n outside 2 … 20 or depth < 0.

    Source: A. Nahum, S. Vijay, J. Haah, Phys. Rev. X 8, 021014 (2018), sec. II, for local dimension
    2.

    >>> otoc_exact(4, 1)
    array([1.06666667, 0.        , 0.        ])
    """
    n = _size(n)
    depth = whole_number("depth", depth, 0)
    chain = np.zeros((2,) * n)
    chain[(1,) + (0,) * (n - 1)] = 1.0
    # W(t) = G_0†…G_{t−1}† W G_{t−1}…G_0: the gate nearest to W acts first.
    for layer in reversed(range(depth)):
        for bond in layer_bonds(n, layer):
            pair = np.moveaxis(chain, (bond, bond + 1), (0, 1))
            pair[0, 1] = pair[1, 0] = pair[1, 1] = pair[0, 1] + pair[1, 0] + pair[1, 1]
            pair[0, 1] *= 3 / 15
            pair[1, 0] *= 3 / 15
            pair[1, 1] *= 9 / 15
    return np.array([4 / 3 * np.moveaxis(chain, site, 0)[1].sum() for site in range(1, n)])


def otoc_by_depth(n: int, max_depth: int) -> np.ndarray:
    """C between all pairs of sites for every depth up to `max_depth`, exactly, in one pass.

    The chain is run backwards, from "site j is occupied" to the operator's start, which serves all
    starts and depths.

    Args:
        n: qubits, 2 … 20 (8·n·2ⁿ bytes).
        max_depth: largest number of half-layers, ≥ 0.

    Returns:
        C[depth, i, j] with W on site i and V on site j, shape (max_depth + 1, n, n); the part
        [depth, 0, 1:] is `otoc_exact`.

    Raises:
        ValueError: n outside 2 … 20, max_depth < 0, or more depths than fit into memory.

    >>> otoc_by_depth(3, 2).shape
    (3, 3, 3)
    """
    n = _size(n)
    max_depth = whole_number("max_depth", max_depth, 0)
    within_memory("max_depth", max_depth, 8.0 * max_depth * n**2)
    occupied = np.zeros((n,) + (2,) * n)
    for site in range(n):
        np.moveaxis(occupied[site], site, 0)[1] = 1.0
    starts = [1 << n - 1 - site for site in range(n)]
    spread = [occupied.reshape(n, -1)[:, starts].T.copy()]
    for layer in range(max_depth):
        _before_layer(occupied, n, layer)
        spread.append(occupied.reshape(n, -1)[:, starts].T.copy())
    return 4 / 3 * np.array(spread)


def mean_otoc_by_depth(n: int, max_depth: int) -> np.ndarray:
    """The mean of C_j over j = 1 … n−1 for every depth up to `max_depth`, W on site 0, exactly.

    One average in place of the n sites of `otoc_by_depth`, so about n times faster.

    Args:
        n: qubits, 2 … 20.
        max_depth: largest number of half-layers, ≥ 0.

    Returns:
        Shape (max_depth + 1,); its entries are `otoc_exact(n, depth).mean()`.

    Raises:
        ValueError: n outside 2 … 20, max_depth < 0, or more depths than fit into memory.

    >>> mean_otoc_by_depth(4, 3)
    array([0.        , 0.35555556, 0.35555556, 0.79644444])
    """
    n = _size(n)
    max_depth = whole_number("max_depth", max_depth, 0)
    within_memory("max_depth", max_depth, 8.0 * max_depth)
    return np.array(list(islice(_mean_otocs(n), max_depth + 1)))


def otoc_saturation_depth(n: int, threshold: float = 0.9) -> int:
    """First depth at which the mean of C_j over j = 1 … n−1 exceeds `threshold`, W on site 0.

    Args:
        n: qubits, 2 … 20.
        threshold: between 0 and 1; the mean tends to 1 + 1/(4ⁿ − 1).

    Raises:
        ValueError: n outside 2 … 20 or a threshold outside [0, 1].

    >>> otoc_saturation_depth(4)
    5
    """
    n = _size(n)
    threshold = float(between("threshold", threshold, 0.0, 1.0))
    return next(depth for depth, mean in enumerate(_mean_otocs(n)) if mean > threshold)


def saturation_schedule(n: int, stages: int = 6, threshold: float = 0.9) -> list[int]:
    """Depths for a curriculum of about equal steps in scrambling.

    They are those at which the mean C first exceeds k/stages of the threshold, k = 1 … stages.

    Args:
        n: qubits, 2 … 20.
        stages: number of steps, ≥ 1; depths that coincide are given once, so the list may be
            shorter.
        threshold: the mean C at which scrambling counts as complete.

    Raises:
        ValueError: n outside 2 … 20, stages < 1, a threshold outside [0, 1].

    >>> saturation_schedule(4)
    [1, 3, 5]
    """
    stages = whole_number("stages", stages, 1)
    threshold = float(between("threshold", threshold, 0.0, 1.0))
    return sorted({otoc_saturation_depth(n, threshold * k / stages) for k in range(1, stages + 1)})


def front_distribution(n: int, depth: int) -> np.ndarray:
    """Distribution of the rightmost site r that an operator of site 0 has reached, exactly.

    The front forgets everything but its place: as the left partner of a gate it advances with
    probability 12/15, as the right partner it retreats with probability 3/15. Away from the ends
    that is a walk of velocity 3/5. Where the operator has passed it is close to its equilibrium, so
    C_j ≈ P(r ≥ j): this carries the saturation depth beyond the reach of the exact chain.

    Args:
        n: qubits, ≥ 2.
        depth: number of half-layers, ≥ 0.

    Returns:
        Shape (n,), sum 1.

    Raises:
        ValueError: n < 2 or depth < 0.

    >>> front_distribution(4, 1)
    array([0.2, 0.8, 0. , 0. ])
    """
    n = whole_number("n", n, 2)
    depth = whole_number("depth", depth, 0)
    front = np.zeros(n)
    front[0] = 1.0
    for layer in reversed(range(depth)):
        start = layer % 2
        pairs = front[start : start + (n - start) // 2 * 2].reshape(-1, 2)
        pairs[:] = pairs.sum(1, keepdims=True) * [3 / 15, 12 / 15]
    return front


def _mean_otocs(n: int) -> Iterator[float]:
    """The mean of C_j over j = 1 … n−1, W on site 0, at depths 0, 1, … without end."""
    mean = np.zeros((2,) * n)
    for site in range(1, n):
        np.moveaxis(mean, site, 0)[1] += 4 / 3 / (n - 1)
    for depth in count():
        yield mean[(1,) + (0,) * (n - 1)]
        _before_layer(mean, n, depth)


def _before_layer(values: np.ndarray, n: int, layer: int) -> None:
    """What `values` of supports after a half-layer are worth before it; in place, sites last."""
    lead = values.ndim - n
    for bond in layer_bonds(n, layer):
        pair = np.moveaxis(values, (lead + bond, lead + bond + 1), (0, 1))
        mean = (3 * pair[0, 1] + 3 * pair[1, 0] + 9 * pair[1, 1]) / 15
        pair[0, 1] = pair[1, 0] = pair[1, 1] = mean


def _size(n: int) -> int:
    n = whole_number("n", n, 2)
    demand(n <= MAX_QUBITS, "n", f"be ≤ {MAX_QUBITS} for the exact chain on 2ⁿ supports", n)
    return n
