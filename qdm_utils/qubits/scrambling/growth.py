"""How entanglement grows from |0…0⟩ in random brickworks, half-layer by half-layer.

The mean purity obeys a recursion over the n + 1 cuts and is exact; entropies are sampled.
"""

import numpy as np
import torch

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.circuits import Circuit, brickwork, layer_bonds
from qdm_utils.qubits.states import schmidt_spectrum, spectrum_entropy, zero_states
from qdm_utils.randomness import Seed


def purity_by_depth(n: int, max_depth: int) -> np.ndarray:
    """Mean purity of |0…0⟩ after a brickwork, for every cut and depth, exactly.

    A Haar gate across cut x leaves P_x = (2/5)(P_{x−1} + P_{x+1}); P_0 = P_n = 1.

    Args:
        n: qubits, ≥ 2.
        max_depth: largest number of half-layers, ≥ 0.

    Returns:
        P[depth, x] for the qubits 0 … x−1, shape (max_depth + 1, n + 1).

    Raises:
        ValueError: n < 2 or max_depth < 0.

    Source: A. Nahum, S. Vijay, J. Haah, Phys. Rev. X 8, 021014 (2018). A single gate gives
    `page_purity` of its two qubits.

    >>> purity_by_depth(2, 1)
    array([[1. , 1. , 1. ],
           [1. , 0.8, 1. ]])
    """
    n = whole_number("n", n, 2)
    max_depth = whole_number("max_depth", max_depth, 0)
    purity = np.ones((max_depth + 1, n + 1))
    for layer in range(max_depth):
        cuts = np.array(layer_bonds(n, layer), dtype=int) + 1
        purity[layer + 1] = purity[layer]
        purity[layer + 1, cuts] = 0.4 * (purity[layer, cuts - 1] + purity[layer, cuts + 1])
    return purity


def brickwork_purity(n: int, depth: int, cut: int) -> float:
    """Mean purity of the qubits 0 … cut−1 after `depth` half-layers, see `purity_by_depth`.

    Raises:
        ValueError: n < 2, depth < 0 or a cut outside 1 … n−1.

    >>> brickwork_purity(4, 1, 2)
    1.0
    """
    purity = purity_by_depth(n, depth)[-1]
    cut = whole_number("cut", cut, 1)
    demand(cut < n, "cut", f"lie in 1 … {n - 1}", cut)
    return float(purity[cut])


def entanglement_growth(
    n: int, max_depth: int, cut: int, count: int, seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    """Entropy and purity left of a cut along `count` independent brickworks from |0…0⟩.

    Args:
        n: qubits, ≥ 2.
        max_depth: largest number of half-layers, ≥ 0.
        cut: number of qubits on the left, 1 … n−1.
        count: number of circuits, ≥ 1.
        seed: of the gates.

    Returns:
        Entropy in bits and purity, each of shape (count, max_depth + 1). The purity's expectation
        is `purity_by_depth`; the entropy tends to `page_entropy`.

    Raises:
        ValueError: n < 2, max_depth < 0, count < 1 or a cut outside 1 … n−1.

    >>> bits, purity = entanglement_growth(4, 6, cut=2, count=3, seed=1)
    >>> bits.shape, bool(abs(bits[:, 0]).max() < 1e-12)
    ((3, 7), True)
    """
    max_depth = whole_number("max_depth", max_depth, 0)
    cut = whole_number("cut", cut, 1)
    circuit = brickwork(n, max_depth, seed, count=count)
    demand(cut < n, "cut", f"lie in 1 … {n - 1}", cut)
    states = zero_states(1, n).expand(count, 1, 2**n)
    spectra = [schmidt_spectrum(states[:, 0], cut)]
    steps = iter(circuit.steps)
    for layer in range(max_depth):
        gates = tuple(next(steps) for _ in layer_bonds(n, layer))
        states = Circuit(n, gates).apply(states)
        spectra.append(schmidt_spectrum(states[:, 0], cut))
    spectrum = torch.stack(spectra, 1)
    return spectrum_entropy(spectrum).numpy(), spectrum.square().sum(-1).numpy()
