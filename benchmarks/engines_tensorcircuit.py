"""TensorCircuit-NG on JAX: gate by gate, vectorised over states and draws, compiled as a whole."""

import tensorcircuit

from benchmarks.engines import Engine, Job
from benchmarks.engines_jax import Loss, compiled_gradients, training_step
from benchmarks.workloads import Draws, Training

backend = tensorcircuit.set_backend("jax")
tensorcircuit.set_dtype("complex64")


class TensorCircuit(Engine):
    """The fidelity of one state, `vmap` over the states, for draws a second one over the angles.

    Adam is inside the compiled step, as in `FusedJax`.
    """

    name, precision, compiles = "TensorCircuit-NG (JAX)", "complex64", True

    def training(self, workload: Training) -> Job:
        return training_step(_loss(workload), workload)

    def draws(self, workload: Draws) -> Job:
        losses = backend.vmap(_loss(workload), vectorized_argnums=(0, 1, 2))
        gradients = backend.grad(lambda *arguments: backend.sum(losses(*arguments)))
        return compiled_gradients(gradients, workload)


def _loss(workload: Training) -> Loss:
    """Mean infidelity, from angles (L+1, n, 3) and states (B, 2ⁿ).

    A `scan` over equal layers: written out, they take minutes to compile.
    """
    n, cnots = workload.n, workload.ansatz.cnots(0)

    def rotated(state, angles):
        circuit = tensorcircuit.Circuit(n, inputs=state)
        for qubit in range(n):
            a, b, c = angles[qubit]
            circuit.rz(qubit, theta=a)
            circuit.ry(qubit, theta=b)
            circuit.rz(qubit, theta=c)
        return circuit

    def layer(state, angles):
        circuit = rotated(state, angles)
        for pair in cnots:
            circuit.cnot(*pair)
        return circuit.state()

    def fidelity(angles, state, target):
        state = backend.scan(layer, angles[:-1], state)
        overlap = backend.sum(backend.conj(target) * rotated(state, angles[-1]).state())
        return backend.real(overlap) ** 2 + backend.imag(overlap) ** 2

    fidelities = backend.vmap(fidelity, vectorized_argnums=(1, 2))
    return lambda *arguments: 1 - backend.mean(fidelities(*arguments))
