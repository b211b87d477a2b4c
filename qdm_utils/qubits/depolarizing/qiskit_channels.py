"""Depolarizing noise, swap test, reset and fidelity by Qiskit, for an independent opinion.

Qubit order as in `qiskit_circuits`: our qubit q is Qiskit's n − 1 − q, so that matrices keep their
order.
"""

import numpy as np
import torch
from qiskit import QuantumCircuit
from qiskit.quantum_info import PTM, DensityMatrix, Kraus, Operator, state_fidelity

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.states import check_density


def depolarizing_to_qiskit(n: int, p: float) -> Kraus:
    """The depolarizing channel in Kraus form, from its Pauli transfer matrix by Qiskit.

    The matrix is diag(1, 1 − p, …, 1 − p).

    >>> depolarizing_to_qiskit(1, 0.3).is_cptp()
    True
    """
    shrink = np.full(4 ** whole_number("n", n, 1), 1.0 - p)
    shrink[0] = 1.0
    return Kraus(PTM(np.diag(shrink)))


def depolarize_by_qiskit(rho: torch.Tensor, p: float) -> np.ndarray:
    """ρ, shape (2ⁿ, 2ⁿ), after Qiskit's channel of `depolarizing_to_qiskit`.

    Raises:
        ValueError: no single density matrix.

    >>> up = torch.diag(torch.tensor([1, 0], dtype=torch.complex128))
    >>> depolarize_by_qiskit(up, 0.5).real.diagonal().round(12).tolist()
    [0.75, 0.25]
    """
    n = _single("rho", rho)
    return DensityMatrix(rho.numpy()).evolve(depolarizing_to_qiskit(n, p)).data


def fidelity_by_qiskit(rho: torch.Tensor, sigma: torch.Tensor) -> float:
    """Qiskit's (Tr √(√ρ σ √ρ))² of two density matrices of shape (2ⁿ, 2ⁿ).

    Raises:
        ValueError: no single density matrices.

    >>> mixed = torch.eye(2, dtype=torch.complex128) / 2
    >>> round(fidelity_by_qiskit(mixed, mixed), 12)
    1.0
    """
    _single("rho", rho)
    _single("sigma", sigma)
    return float(state_fidelity(DensityMatrix(rho.numpy()), DensityMatrix(sigma.numpy())))


def swap_test_circuit(n: int) -> QuantumCircuit:
    """Swap test of registers 0 … n−1 and n … 2n−1, ancilla on top: H, controlled swaps, H.

    >>> swap_test_circuit(2).count_ops()["cswap"]
    2
    """
    n = whole_number("n", n, 1)
    circuit = QuantumCircuit(2 * n + 1)
    circuit.h(2 * n)
    for qubit in range(n):
        circuit.cswap(2 * n, qubit, n + qubit)
    circuit.h(2 * n)
    return circuit


def swap_test_by_qiskit(rho: torch.Tensor) -> tuple[np.ndarray, float]:
    """One copy of ρ after the circuit's ancilla was found in |0⟩, and the probability of that.

    ρ has shape (2ⁿ, 2ⁿ).

    >>> swap_test_by_qiskit(torch.eye(2, dtype=torch.complex128) / 2)[1]
    0.75
    """
    n = _single("rho", rho)
    copies = DensityMatrix(np.kron(rho.numpy(), rho.numpy()))
    whole = DensityMatrix.from_label("0").tensor(copies).evolve(swap_test_circuit(n))
    kept = whole.evolve(Operator(np.diag([1.0, 0.0])), [2 * n])
    blocks = kept.data.reshape((2, 2**n, 2**n) * 2)[0, :, :, 0]
    probability = float(kept.trace().real)
    return np.einsum("aiaj->ij", blocks) / probability, round(probability, 15)


def reset_by_qiskit(rho: torch.Tensor, qubits: int) -> np.ndarray:
    """ρ, shape (2ⁿ, 2ⁿ), after Qiskit's reset of our first `qubits` qubits to |0⟩.

    >>> reset_by_qiskit(torch.eye(2, dtype=torch.complex128) / 2, 1).real.tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    n = _single("rho", rho)
    qubits = whole_number("qubits", qubits, 0)
    demand(qubits <= n, "qubits", f"lie in 0 … {n}", qubits)
    circuit = QuantumCircuit(n)
    for qubit in range(qubits):
        circuit.reset(n - 1 - qubit)
    return DensityMatrix(rho.numpy()).evolve(circuit).data


def _single(name: str, rho: torch.Tensor) -> int:
    check_density(name, rho)
    demand(rho.ndim == 2, name, "be a single density matrix", f"shape {tuple(rho.shape)}")
    return rho.shape[-1].bit_length() - 1
