"""PennyLane: default.qubit with torch backpropagation, lightning.qubit with its adjoint method."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import pennylane as qml
import torch
from pennylane.devices import ExecutionConfig
from pennylane.tape import QuantumScript

from benchmarks.engines import Job, StateByState, TorchEngine
from benchmarks.workloads import Correlators, Draws, ReverseStep, Training
from qdm_utils.qubits import Ansatz
from qdm_utils.qubits.states import apply_paulis

MOST_STATES = 1000  # that lightning differentiates in one call


class DefaultQubit(TorchEngine):
    """A QNode that returns the state; states broadcast through StatePrep, draws through the angles.

    The angles are split by one `unbind`, which is faster to differentiate than an index for each.
    """

    name = "PennyLane default.qubit"

    def __init__(self, precision: str = "complex64"):
        super().__init__(precision)

    def circuit(self, workload: Training) -> Callable:
        ansatz = workload.ansatz

        @qml.qnode(
            qml.device("default.qubit", wires=ansatz.n), interface="torch", diff_method="backprop"
        )
        def output(theta, states):
            qml.StatePrep(states, wires=range(ansatz.n), validate_norm=False)
            angles = iter(theta.flatten(-3).unbind(-1))
            for layer in range(ansatz.layers + 1):
                for qubit in range(ansatz.n):
                    qml.Rot(next(angles), next(angles), next(angles), wires=qubit)
                for pair in ansatz.cnots(layer) if layer < ansatz.layers else ():
                    qml.CNOT(pair)
            return qml.state()

        def broadcast(theta, states):
            """One broadcasting axis for draws and their states: the angles once for each state."""
            *_, count, d = states.shape
            if count > 2 * d:  # the matrix of the circuit is cheaper
                one = torch.eye(d, dtype=self.dtype).expand(*theta.shape[:-3], d, d)
                return states @ broadcast(theta, one)
            if theta.ndim > 3:
                theta = theta.repeat_interleave(count, 0)
            return output(theta, states.flatten(0, -2)).view(states.shape)

        return broadcast

    def branches(self, workload: ReverseStep) -> Callable:
        """The Kraus operators from basis states of the kept qubits, ancillas |0⟩, times the states.

        That is faster than to broadcast all states, and one diagonal gate is faster than the CZs of
        a layer.
        """
        step, runs = workload.step, workload.runs
        n, d = step.circuit.n, 2**step.n
        columns = torch.eye(d, 2**n, dtype=self.dtype).repeat(runs, 1)
        signs = np.diag(qml.matrix(qml.prod(*map(qml.CZ, pairwise(range(n)))), wire_order=range(n)))
        signs = torch.from_numpy(signs.copy()).to(self.dtype)

        @qml.qnode(qml.device("default.qubit", wires=n), interface="torch", diff_method="backprop")
        def output(angles):
            qml.StatePrep(columns, wires=range(n), validate_norm=False)
            angles = iter(angles)
            for _ in range(step.layers):
                for qubit in range(n):
                    qml.RX(next(angles), wires=qubit)
                    qml.RY(next(angles), wires=qubit)
                qml.DiagonalQubitUnitary(signs, wires=range(n))
            return qml.state()

        def apply(theta, states):
            angles = theta.flatten(1)
            angles = (
                angles.repeat_interleave(d, 0) if runs > 1 else angles[0]
            )  # every run for each of its columns
            operators = output(angles.unbind(-1)).to(self.dtype).view(runs, d, -1)
            return (states @ operators).unflatten(-1, (step.outcomes, -1))

        return apply

    def correlators(self, workload: Correlators) -> Job | None:
        n = workload.n
        if n > 8:
            return None
        steps = [(torch.from_numpy(gate).to(self.dtype), first) for gate, first in workload.steps]
        psi = torch.from_numpy(workload.state).to(self.dtype)

        def run(columns, gates):
            @qml.qnode(qml.device("default.qubit", wires=n), interface="torch", diff_method=None)
            def output():
                qml.StatePrep(columns, wires=range(n), validate_norm=False)
                for gate, first in gates:
                    qml.QubitUnitary(gate, wires=(first, first + 1))
                return qml.state()

            return output()

        def otoc():
            back = [(gate.mH, first) for gate, first in reversed(steps)]
            evolved = run(torch.cat((psi[None], _all_paulis(psi, n))), steps)  # Uψ, then all UVψ
            turned = run(_all_paulis(evolved, n).flatten(0, 1), back).unflatten(0, (3 * n, -1))
            paired = _all_paulis(turned[:, 0], n).transpose(0, 1)
            return (torch.linalg.vecdot(paired, turned[:, 1:]).real,)

        return otoc


class Lightning(StateByState):
    """One state at a time: the expectation of |t⟩⟨t| and its derivatives, from the device itself.

    That is three times faster than a QNode for each state.
    """

    name, precision = "PennyLane lightning.qubit", "complex64"

    def gradients(self, ansatz: Ansatz, inputs: np.ndarray, targets: np.ndarray) -> list[Callable]:
        evaluate = self._evaluator(ansatz)
        states = (each.astype(self.precision) for each in (inputs, targets))
        return [partial(evaluate, *pair) for pair in zip(*states, strict=True)]

    def draws(self, workload: Draws) -> Job | None:
        """Not where one call would take several seconds."""
        return super().draws(workload) if workload.draws * workload.batch <= MOST_STATES else None

    def _evaluator(self, ansatz: Ansatz) -> Callable:
        device = qml.device("lightning.qubit", wires=ansatz.n, c_dtype=np.complex64)
        config = ExecutionConfig(gradient_method="adjoint", use_device_gradient=True)
        wires = range(ansatz.n)

        def fidelity_and_gradient(state, target, angles):
            values = iter(angles.ravel().tolist())
            operations = [qml.StatePrep(state, wires=wires, validate_norm=False)]
            for layer in range(ansatz.layers + 1):
                for qubit in wires:
                    for rotation in (qml.RZ, qml.RY, qml.RZ):
                        operations.append(rotation(next(values), wires=qubit))
                operations += [
                    qml.CNOT(pair)
                    for pair in (ansatz.cnots(layer) if layer < ansatz.layers else ())
                ]
            projector = qml.Hermitian(np.outer(target, target.conj()), wires=wires)
            script = QuantumScript(operations, [qml.expval(projector)])
            script.trainable_params = range(
                1, 1 + angles.size
            )  # neither the state nor the projector
            value, jacobian = device.execute_and_compute_derivatives(script, config)
            return value, np.array(jacobian)

        return fidelity_and_gradient


def _all_paulis(states: torch.Tensor, n: int) -> torch.Tensor:
    """X, Y, Z of every site on states (..., 2ⁿ); shape (3n, ..., 2ⁿ)."""
    return torch.cat([apply_paulis(states, site) for site in range(n)])
