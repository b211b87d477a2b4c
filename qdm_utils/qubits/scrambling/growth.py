"""Entanglement growth: |0…0⟩ under random brickworks, half-layer by half-layer, sampled."""

import numpy as np
import torch

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.circuits import Circuit, brickwork, layer_bonds
from qdm_utils.qubits.states import schmidt_spectrum, spectrum_entropy, zero_states
from qdm_utils.randomness import Seed


def entanglement_growth(
    n: int, max_depth: int, cut: int, count: int, seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    """Entropy and purity of the qubits left of a cut along `count` independent brickworks started from |0…0⟩.

    Args:
        n: qubits, ≥ 2.
        max_depth: largest number of half-layers, ≥ 0.
        cut: number of qubits on the left, 1 … n−1.
        count: number of circuits, ≥ 1.
        seed: of the gates.

    Returns:
        Entropy in bits and purity, each of shape (count, max_depth+1). The purity's mean is `purity_by_depth` exactly; the
        entropy tends to `page_entropy`.

    Raises:
        ValueError: n < 2, max_depth < 0, count < 1 or a cut outside 1 … n−1.

    >>> bits, purity = entanglement_growth(4, 6, cut=2, count=3, seed=1)
    >>> bits.shape, bool(abs(bits[:, 0]).max() < 1e-12)
    ((3, 7), True)
    """
    max_depth, cut = whole_number("max_depth", max_depth, 0), whole_number("cut", cut, 1)
    circuit = brickwork(n, max_depth, seed, count=count)
    demand(cut < n, "cut", f"lie in 1 … {n - 1}", cut)
    states = zero_states(1, n).expand(count, 1, 2**n)
    spectra, steps = [schmidt_spectrum(states[:, 0], cut)], iter(circuit.steps)
    for layer in range(max_depth):
        states = Circuit(n, tuple(next(steps) for _ in layer_bonds(n, layer))).apply(states)
        spectra.append(schmidt_spectrum(states[:, 0], cut))
    spectrum = torch.stack(spectra, 1)
    return spectrum_entropy(spectrum).numpy(), spectrum.square().sum(-1).numpy()
