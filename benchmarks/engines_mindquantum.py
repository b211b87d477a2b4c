"""MindQuantum: the adjoint gradients of `get_expectation_with_grad`; qubit 0 is its lowest bit."""

from collections.abc import Callable

import mindquantum
import numpy as np
from mindquantum.core.circuit import Circuit
from mindquantum.core.operators import Hamiltonian, QubitOperator
from mindquantum.simulator import Simulator

from benchmarks.engines import StateByState
from qdm_utils.qubits import Ansatz


class MindQuantum(StateByState):
    """One state at a time: ⟨target|circuit|input⟩ and derivatives, a simulator for each pair.

    It has no part in W3.
    """

    name, precision = "MindQuantum", "complex128"

    def gradients(self, ansatz: Ansatz, inputs: np.ndarray, targets: np.ndarray) -> list[Callable]:
        circuit = _circuit(ansatz)
        return [self._gradient(circuit, *pair) for pair in zip(inputs, targets, strict=True)]

    def _gradient(self, circuit: Circuit, state: np.ndarray, target: np.ndarray) -> Callable:
        right, left = self._simulator(state), self._simulator(target)
        identity = Hamiltonian(QubitOperator("")).astype(getattr(mindquantum, self.precision))
        evaluate = right.get_expectation_with_grad(
            identity, circuit, Circuit(), simulator_left=left
        )

        def fidelity_and_gradient(angles):
            overlap, slope = (values[0, 0] for values in evaluate(angles.ravel()))
            return abs(overlap) ** 2, 2 * (overlap.conj() * slope).real

        return fidelity_and_gradient

    def _simulator(self, amplitudes: np.ndarray) -> Simulator:
        n = len(amplitudes).bit_length() - 1
        simulator = Simulator("mqvector", n, dtype=getattr(mindquantum, self.precision))
        simulator.set_qs(amplitudes)
        return simulator


def _circuit(ansatz: Ansatz) -> Circuit:
    circuit = Circuit()
    for layer in range(ansatz.layers + 1):
        for qubit in range(ansatz.n):
            name, wire = f"{layer}_{qubit}_", ansatz.n - 1 - qubit
            circuit.rz(name + "a", wire).ry(name + "b", wire).rz(name + "c", wire)
        for control, target in ansatz.cnots(layer) if layer < ansatz.layers else ():
            circuit.x(ansatz.n - 1 - target, ansatz.n - 1 - control)
    return circuit
