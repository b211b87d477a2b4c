"""qulacs: `backprop_inner_product` for gradients, dense two-qubit gates for correlators; doubles.

Its qubit 0 is the least significant bit, and its parametric rotations have the other sign: RZ(θ) =
exp(+iθZ/2).
"""

from collections.abc import Callable

import numpy as np
from qulacs import ParametricQuantumCircuit, QuantumCircuit, QuantumState
from qulacs.gate import DenseMatrix, DiagonalMatrix, H, X, Y, Z
from qulacs.state import inner_product

from benchmarks.engines import Job, StateByState
from benchmarks.workloads import Correlators
from qdm_utils.qubits import Ansatz


class Qulacs(StateByState):
    """One state at a time: a run for the overlap, a `backprop_inner_product` for its derivatives.

    Backpropagation starts from |0…0⟩, so each circuit begins with a Hadamard gate on every qubit
    and the input as a diagonal gate, the cheapest gates with this effect that have the inverse it
    asks for.
    """

    name, precision = "qulacs", "complex128"

    def correlators(self, workload: Correlators) -> Job:
        """Gate by gate: `QuantumCircuitOptimizer`, with 2 to 5 qubits, was no faster at n = 12."""
        n, psi = workload.n, _state(workload.state)
        paulis = [gate(n - 1 - site) for site in range(n) for gate in (X, Y, Z)]

        def otoc():
            circuit, back = QuantumCircuit(n), QuantumCircuit(n)
            for gate, first in workload.steps:
                circuit.add_gate(DenseMatrix([n - 2 - first, n - 1 - first], gate))
            for gate, first in reversed(workload.steps):
                back.add_gate(DenseMatrix([n - 2 - first, n - 1 - first], gate.conj().T))
            phi = psi.copy()
            circuit.update_quantum_state(phi)
            evolved = [psi.copy() for _ in paulis]
            for v, state in zip(paulis, evolved, strict=True):
                v.update_quantum_state(state)
                circuit.update_quantum_state(state)
            values, left, right = [], psi.copy(), psi.copy()
            for w in paulis:
                turned = phi.copy()
                w.update_quantum_state(turned)
                back.update_quantum_state(turned)
                for v, state in zip(paulis, evolved, strict=True):
                    left.load(turned)
                    v.update_quantum_state(left)
                    right.load(state)
                    w.update_quantum_state(right)
                    back.update_quantum_state(right)
                    values.append(inner_product(left, right).real)
            return (np.array(values),)

        return otoc

    def gradients(self, ansatz: Ansatz, inputs: np.ndarray, targets: np.ndarray) -> list[Callable]:
        return [_gradient(ansatz, *pair) for pair in zip(inputs, targets, strict=True)]


def _gradient(ansatz: Ansatz, state: np.ndarray, target: np.ndarray) -> Callable:
    circuit, wanted, output = _circuit(ansatz, state), _state(target), QuantumState(ansatz.n)

    def fidelity_and_gradient(angles):
        for index, angle in enumerate((-angles).ravel().tolist()):
            circuit.set_parameter(index, angle)
        output.set_zero_state()
        circuit.update_quantum_state(output)
        overlap = inner_product(wanted, output)
        weighted = wanted.copy()
        weighted.multiply_coef(overlap)
        # What comes back is the derivative of Re⟨weighted|output⟩ along −θ; the overlap’s modulus
        # squared has twice that.
        return abs(overlap) ** 2, -2 * np.array(circuit.backprop_inner_product(weighted))

    return fidelity_and_gradient


def _circuit(ansatz: Ansatz, state: np.ndarray) -> ParametricQuantumCircuit:
    n = ansatz.n
    circuit = ParametricQuantumCircuit(n)
    for wire in range(n):
        circuit.add_gate(H(wire))
    circuit.add_gate(DiagonalMatrix(list(range(n)), state * 2 ** (n / 2)))
    for layer in range(ansatz.layers + 1):
        for qubit in range(n):
            wire = n - 1 - qubit
            circuit.add_parametric_RZ_gate(wire, 0.0)
            circuit.add_parametric_RY_gate(wire, 0.0)
            circuit.add_parametric_RZ_gate(wire, 0.0)
        for control, target in ansatz.cnots(layer) if layer < ansatz.layers else ():
            circuit.add_CNOT_gate(n - 1 - control, n - 1 - target)
    return circuit


def _state(amplitudes: np.ndarray) -> QuantumState:
    state = QuantumState(len(amplitudes).bit_length() - 1)
    state.load(amplitudes)
    return state
