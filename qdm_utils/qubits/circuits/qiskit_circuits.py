"""The ansatz in Qiskit, for an independent opinion.

Qiskit counts qubits from the least significant bit; our qubit q is its qubit n − 1 − q, so that
amplitudes keep their order.
"""

import numpy as np
import torch
from qiskit import QuantumCircuit

from qdm_utils.arguments import demand
from qdm_utils.qubits.circuits.ansatz import Ansatz


def ansatz_to_qiskit(ansatz: Ansatz, theta: torch.Tensor | np.ndarray) -> QuantumCircuit:
    """The ansatz at angles of shape (L+1, n, 3), from Qiskit's own rz, ry and cx.

    >>> ansatz = Ansatz(4, 6)
    >>> ansatz_to_qiskit(ansatz, ansatz.random_angles(1, seed=1)[0]).count_ops()["cx"]
    18
    """
    fits = tuple(theta.shape) == ansatz.shape
    demand(fits, "theta", f"have shape {ansatz.shape}", f"shape {tuple(theta.shape)}")
    translated = QuantumCircuit(ansatz.n)
    for layer, angles in enumerate(np.asarray(theta, dtype=float)):
        for qubit, (a, b, c) in enumerate(angles):
            wire = ansatz.n - 1 - qubit
            translated.rz(a, wire)
            translated.ry(b, wire)
            translated.rz(c, wire)
        if layer < ansatz.layers:
            for control, target in ansatz.cnots(layer):
                translated.cx(ansatz.n - 1 - control, ansatz.n - 1 - target)
    return translated
