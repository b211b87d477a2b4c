import pytest
import torch
from qiskit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator, Statevector

from qdm_utils.qubits import Circuit, brickwork, haar_states, haar_unitaries
from qdm_utils.qubits.circuits import gate_bytes, layer_bonds
from qdm_utils.qubits.circuits.brickworks import fuse


def circuit_to_qiskit(circuit: Circuit) -> QuantumCircuit:
    """Gate by gate; Qiskit's qubit 0 is the least significant bit, ours the most significant."""
    translated = QuantumCircuit(circuit.n)
    for gate, first in circuit.steps:
        count = gate.shape[-1].bit_length() - 1
        qubits = [circuit.n - 1 - (first + position) for position in reversed(range(count))]
        translated.append(UnitaryGate(gate.to(torch.complex128).numpy()), qubits)
    return translated


@pytest.mark.parametrize(("n", "depth"), [(2, 3), (3, 4), (5, 7), (6, 1), (7, 6)])
def test_a_brickwork_is_what_qiskit_makes_of_its_gates(n, depth):
    circuit = brickwork(n, depth, seed=n)
    reference = circuit_to_qiskit(circuit)
    assert abs(circuit.unitary().numpy() - Operator(reference).data).max() < 1e-12
    state = haar_states(1, n, seed=1)
    assert (
        abs(
            circuit.apply(state)[0].numpy() - Statevector(state[0].numpy()).evolve(reference).data
        ).max()
        < 1e-12
    )


def test_layers_alternate_between_even_and_odd_bonds_and_a_depth_unit_is_one_of_them():
    assert [first for _, first in brickwork(5, 3, seed=1).steps] == [0, 2, 1, 3, 0, 2]
    assert [list(layer_bonds(4, layer)) for layer in range(3)] == [[0, 2], [1], [0, 2]]
    # Half a layer more reaches one site further: the light cone of qubit 0.
    states = torch.eye(64, dtype=torch.complex128)[[0, 1]]  # they differ in the last of six qubits
    for depth, differs in [(4, False), (5, True)]:
        out = brickwork(6, depth, seed=3).apply(states).view(2, 2, 32)
        reduced = out @ out.mH
        assert ((reduced[0] - reduced[1]).abs().max() > 1e-6) == differs


@pytest.mark.parametrize("count", [None, 3])
def test_a_deeper_brickwork_begins_with_the_shallower_one(count):
    # What nested curricula and the picture of one circuit rest on.
    short, long = (brickwork(5, depth, seed=4, count=count).steps for depth in (3, 6))
    for (gate, first), (same, place) in zip(short, long, strict=False):
        assert first == place
        assert torch.equal(gate, same)


def test_a_batch_of_circuits_acts_each_on_its_own_states():
    batch = brickwork(4, 5, seed=2, count=3)
    states = haar_states(6, 4, seed=4).view(3, 2, 16)
    out, matrices = batch.apply(states), batch.unitary()
    for k in range(3):
        single = Circuit(4, tuple((gate[k], first) for gate, first in batch.steps))
        assert (single.apply(states[k]) - out[k]).abs().max() < 1e-13
        assert (single.unitary() - matrices[k]).abs().max() < 1e-13
    assert (batch.adjoint().apply(out) - states).abs().max() < 1e-13
    assert (matrices[0] - matrices[1]).abs().max() > 0.1


@pytest.mark.parametrize("n", [2, 3, 4, 6, pytest.param(9, marks=pytest.mark.slow)])
def test_fusing_keeps_the_circuit_and_makes_fewer_gates(n):
    circuit = brickwork(n, 8, seed=n)
    fused = Circuit(n, tuple(fuse(n, circuit.steps)))
    # One 16×16 window holds about four gates.
    assert len(fused.steps) <= max(1, 0.4 * len(circuit.steps))
    assert max(gate.shape[-1] for gate, _ in fused.steps) <= 16
    plain = torch.eye(2**n, dtype=torch.complex128)
    for gate, first in circuit.steps:
        whole = torch.kron(torch.eye(2**first, dtype=gate.dtype), gate.contiguous())
        plain = torch.kron(whole, torch.eye(2 ** (n - first - 2), dtype=gate.dtype)) @ plain
    assert (fused.unitary() - plain).abs().max() < 1e-12
    assert (circuit.unitary() - plain).abs().max() < 1e-12


def test_gates_wider_than_a_window_survive_fusing():
    wide = haar_unitaries(2, 32, seed=1)
    circuit = Circuit(6, ((wide[0], 0), (haar_unitaries(1, 2, seed=2)[0], 5), (wide[1], 1)))
    assert (
        circuit.unitary() - torch.from_numpy(Operator(circuit_to_qiskit(circuit)).data)
    ).abs().max() < 1e-12


def test_many_states_are_worked_off_in_parts():
    circuit, states = (
        brickwork(10, 3, seed=1, dtype=torch.complex64),
        haar_states(600, 10, seed=1, dtype=torch.complex64),
    )
    assert torch.allclose(circuit.apply(states)[-7:], circuit.apply(states[-7:]), atol=1e-6)


def test_a_batch_keeps_its_axis_without_gates_and_broadcasts():
    assert brickwork(3, 0, seed=1, count=5).unitary().shape == (5, 8, 8)
    batch, states = brickwork(3, 2, seed=1, count=3), haar_states(8, 3, seed=1).view(2, 1, 4, 8)
    out = batch.apply(states)
    assert out.shape == (2, 3, 4, 8)
    assert (out[1, 2] - states[1, 0] @ batch.unitary()[2].mT).abs().max() < 1e-13


def test_depth_zero_is_the_identity_and_gradients_flow_through_a_circuit():
    assert torch.equal(brickwork(3, 0, seed=1).unitary(), torch.eye(8, dtype=torch.complex128))
    states = haar_states(2, 3, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(brickwork(3, 3, seed=2).apply, (states,))


def test_single_precision_agrees_with_double():
    single, double = (
        brickwork(6, 10, seed=1, dtype=dtype).unitary()
        for dtype in (torch.complex64, torch.complex128)
    )
    assert (single - double).abs().max() < 1e-5


TWICE = 2 * torch.eye(4, dtype=torch.complex128)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: brickwork(1, 3, 1), "Argument `n` must be a whole number ≥ 2, but got 1"),
        (lambda: brickwork(4, -1, 1), "Argument `depth` must be a whole number ≥ 0, but got -1"),
        (
            lambda: brickwork(4, 10**12, 1),
            "Argument `depth` must leave room in memory, but got 100",
        ),
        (lambda: brickwork(4, 2, 1, count=0), "Argument `count` must be a whole number ≥ 1"),
        (
            lambda: Circuit(2, ((TWICE, 0),)),
            r"Argument `gate` must be unitary within 1e-10, but got max \|U†U − 1\| = 3",
        ),
        (lambda: Circuit(2, ((TWICE[:, :2], 0),)), "Argument `gate` must have shape"),
        (
            lambda: Circuit(2, ((TWICE / 2, 1),)),
            r"Argument `first` must lie in 0 … 0 for 2 of 2 qubits, but got 1",
        ),
        (
            lambda: Circuit(2, ((TWICE.to(torch.complex64) / 2, 0),)),
            "Argument `gate` must be torch.complex128 like the circuit",
        ),
        (
            lambda: brickwork(3, 2, 1).apply(haar_states(2, 4, 1)),
            r"Argument `states` must have shape \(..., 8\) for 3 qubits",
        ),
        (
            lambda: brickwork(3, 2, 1).apply(haar_states(2, 3, 1, torch.complex64)),
            "Argument `states` must be torch.complex128",
        ),
        (
            lambda: brickwork(3, 2, 1).apply(haar_states(1, 3, 1)[0]),
            r"Argument `states` must have shape \(..., B, 2ⁿ\)",
        ),
        (
            lambda: brickwork(3, 2, 1).apply(torch.ones(2, 8)),
            "Argument `states` must be complex64 or complex128",
        ),
        (
            lambda: brickwork(3, 2, 1, count=2).apply(haar_states(9, 3, 1).view(3, 3, 8)),
            r"Argument `states` must broadcast with the gates' leading axes \(2,\)",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("n", "depth", "count"), [(2, 3, 1), (4, 5, 2), (5, 4, 3), (5, 1, 1)])
def test_the_memory_of_the_gates_is_counted_before_they_are_drawn(n, depth, count):
    circuit = brickwork(n, depth, 1, count, torch.complex64)
    taken = sum(gate.numel() * gate.element_size() for gate, _ in circuit.steps)
    foreseen = gate_bytes(n, depth, count, torch.complex64)
    assert foreseen == taken + 512 * len(circuit.steps)
