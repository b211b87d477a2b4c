import pytest
import torch
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator

from qdm_utils.qubits import HardwareEfficient, StronglyEntangling, haar_states


def in_qiskit(circuit, theta) -> QuantumCircuit:
    """The same gates, qubit 0 the most significant one."""
    n, made = circuit.n, QuantumCircuit(circuit.n)
    for layer in theta.tolist():
        for qubit, angles in enumerate(layer):
            gates = (
                (made.rx, made.ry)
                if isinstance(circuit, HardwareEfficient)
                else (made.rz, made.ry, made.rz)
            )
            for gate, angle in zip(gates, angles, strict=True):
                gate(angle, n - 1 - qubit)
        if isinstance(circuit, HardwareEfficient):
            for qubit in range(n - 1):
                made.cz(n - 1 - qubit, n - 2 - qubit)
        else:
            for qubit in range(n):
                made.cx(n - 1 - qubit, n - 1 - (qubit + 1) % n)
    return made


CIRCUITS = [HardwareEfficient(n, 3) for n in (1, 2, 3, 5, 6, 7)] + [
    StronglyEntangling(n, 3) for n in (2, 3, 6, 8)
]


@pytest.mark.parametrize("circuit", CIRCUITS, ids=repr)
def test_the_circuits_are_what_qiskit_makes_of_their_gates(circuit):
    theta = circuit.random_angles(2, seed=circuit.n)
    assert theta.shape == (2, *circuit.shape)
    for unitary, angles in zip(circuit.unitary(theta), theta, strict=True):
        assert abs(unitary.numpy() - Operator(in_qiskit(circuit, angles)).data).max() < 1e-12


@pytest.mark.parametrize("circuit", [c for c in CIRCUITS if c.n <= 6], ids=repr)
def test_their_adjoint_is_the_derivative_in_angles_and_states(circuit):
    theta = circuit.random_angles(2, seed=1).requires_grad_()
    states = haar_states(4, circuit.n, seed=2).view(2, 2, -1).requires_grad_()
    targets = haar_states(2, circuit.n, seed=3)
    loss = lambda x, y: (circuit.apply(x, y) * targets).sum(-1).abs().square().square().sum()  # noqa: E731
    assert torch.autograd.gradcheck(loss, (theta, states), fast_mode=True)


def test_the_counts_of_the_published_models():
    assert (
        StronglyEntangling(7, 15).parameter_count + StronglyEntangling(8, 20).parameter_count + 315
        == 1110
    )
    assert HardwareEfficient(2, 4).parameter_count * 20 == 320
    assert HardwareEfficient(3, 6).parameter_count * 20 == 720


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HardwareEfficient(0, 1), "Argument `n` must be a whole number ≥ 1, but got 0"),
        (
            lambda: HardwareEfficient(2, 0),
            "Argument `layers` must be a whole number ≥ 1, but got 0",
        ),
        (lambda: StronglyEntangling(1, 1), "Argument `n` must be a whole number ≥ 2, but got 1"),
        (
            lambda: StronglyEntangling(2, 0),
            "Argument `layers` must be a whole number ≥ 1, but got 0",
        ),
    ],
)
def test_what_is_no_circuit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
