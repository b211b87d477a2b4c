import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator, Statevector

from qdm_utils.qubits import ENTANGLERS, Ansatz, HardwareEfficient, StronglyEntangling, haar_states
from qdm_utils.qubits.circuits.qiskit_circuits import ansatz_to_qiskit
from qdm_utils.qubits.states import fidelity

# One group of qubits, two equal ones, two unequal ones, three.
SIZES = (2, 3, 5, 6, 7, 11)


def loss(
    ansatz: Ansatz, theta: torch.Tensor, states: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    return fidelity(ansatz.apply(theta, states), targets).mean(-1).sum()


@pytest.mark.parametrize("entangler", ENTANGLERS)
@pytest.mark.parametrize("n", SIZES)
def test_the_ansatz_is_what_qiskit_makes_of_its_gates(n, entangler):
    ansatz = Ansatz(n, 2 if n > 8 else 3, entangler)
    theta, states = ansatz.random_angles(1, seed=n)[0], haar_states(2, n, seed=1)
    reference = ansatz_to_qiskit(ansatz, theta)
    for out, state in zip(ansatz.apply(theta, states), states, strict=True):
        assert abs(out.numpy() - Statevector(state.numpy()).evolve(reference).data).max() < 1e-12
    if n <= 7:
        assert abs(ansatz.unitary(theta).numpy() - Operator(reference).data).max() < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("entangler", ENTANGLERS)
@pytest.mark.parametrize("n", [2, 3, 6, 7, 11])
def test_the_adjoint_is_the_derivative_in_angles_and_states(n, entangler):
    ansatz = Ansatz(n, 2, entangler)
    theta = ansatz.random_angles(2, seed=1).requires_grad_()
    states = haar_states(4, n, seed=2).view(2, 2, -1).requires_grad_()
    if n < 4:
        assert torch.autograd.gradcheck(ansatz.apply, (theta, states))
    # Finite differences of a loss that is not linear in the output state, where parameter shift
    # fails.
    targets = haar_states(2, n, seed=3)
    cost = lambda x, y: fidelity(ansatz.apply(x, y), targets).mean(-1).square().sum()  # noqa: E731
    cost(theta, states).backward()
    random = torch.Generator().manual_seed(4)
    turn = torch.randn(theta.shape, generator=random, dtype=torch.float64)
    push = torch.randn(states.shape, generator=random, dtype=torch.complex128)
    step = 1e-5
    with torch.no_grad():
        along_turn = (cost(theta + step * turn, states) - cost(theta - step * turn, states)) / (
            2 * step
        )
        along_push = (cost(theta, states + step * push) - cost(theta, states - step * push)) / (
            2 * step
        )
    assert torch.isclose((theta.grad * turn).sum(), along_turn, rtol=1e-6, atol=1e-9)
    assert torch.isclose((states.grad.conj() * push).sum().real, along_push, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
@given(st.integers(2, 7), st.integers(0, 3), st.sampled_from(ENTANGLERS), st.integers(0, 10**6))
def test_parameter_shift_agrees_with_the_adjoint_where_it_is_exact(n, layers, entangler, seed):
    ansatz = Ansatz(n, layers, entangler)
    theta = ansatz.random_angles(1, seed)[0].requires_grad_()
    states, targets = haar_states(2, n, seed + 1), haar_states(2, n, seed + 2)
    loss(ansatz, theta, states, targets).backward()
    count = ansatz.parameter_count
    shift = (torch.pi / 2 * torch.eye(count, dtype=torch.float64)).view(count, *ansatz.shape)
    with torch.no_grad():
        up, down = (
            fidelity(ansatz.apply(theta + sign * shift, states), targets).mean(-1)
            for sign in (1, -1)
        )
    assert torch.allclose(theta.grad.flatten(), (up - down) / 2, atol=1e-12)


def test_gradients_agree_with_qiskit():
    ansatz = Ansatz(4, 2, "ring")
    theta = ansatz.random_angles(1, seed=1)[0].requires_grad_()
    state, target = haar_states(2, 4, seed=2)
    loss(ansatz, theta, state[None], target[None]).backward()
    start, goal = Statevector(state.numpy()), target.numpy()
    for index in [(0, 0, 0), (1, 2, 1), (2, 3, 2), (1, 0, 0)]:
        values = []
        for sign in (1, -1):
            turned = theta.detach().clone()
            turned[index] += sign * torch.pi / 2
            values.append(
                abs(np.vdot(goal, start.evolve(ansatz_to_qiskit(ansatz, turned)).data)) ** 2
            )
        assert theta.grad[index].item() == pytest.approx((values[0] - values[1]) / 2, abs=1e-12)


@pytest.mark.parametrize("n", [4, 7])
def test_draws_and_shared_axes_broadcast_as_single_circuits(n):
    ansatz = Ansatz(n, 2)
    theta, states = (
        ansatz.random_angles(6, seed=1).view(2, 3, *ansatz.shape),
        haar_states(5, n, seed=2),
    )
    theta.requires_grad_()
    states.requires_grad_()
    targets = haar_states(5, n, seed=3)
    out = ansatz.apply(theta, states)
    assert out.shape == (2, 3, 5, 2**n)
    loss(ansatz, theta, states, targets).backward()
    total = torch.zeros_like(states)
    for i in range(2):
        for j in range(3):
            single, batch = theta[i, j].detach().requires_grad_(), states.detach().requires_grad_()
            assert (ansatz.apply(single, batch) - out[i, j]).abs().max() < 1e-13
            loss(ansatz, single, batch, targets).backward()
            assert (single.grad - theta.grad[i, j]).abs().max() < 1e-12
            total += batch.grad
    assert (total - states.grad).abs().max() < 1e-12


def test_a_large_batch_goes_through_the_matrix_with_the_same_gradients():
    ansatz = Ansatz(3, 2)
    theta = ansatz.random_angles(2, seed=1).requires_grad_()
    states = haar_states(40, 3, seed=2).requires_grad_()  # 40 ≥ 2·2³
    targets = haar_states(40, 3, seed=3)
    loss(ansatz, theta, states, targets).backward()
    few, parts = torch.zeros_like(theta), torch.zeros_like(states)
    for part in range(0, 40, 10):
        shared, batch = (
            theta.detach().requires_grad_(),
            states.detach()[part : part + 10].requires_grad_(),
        )
        (loss(ansatz, shared, batch, targets[part : part + 10]) / 4).backward()
        few += shared.grad
        parts[part : part + 10] = batch.grad
    assert torch.allclose(theta.grad, few, atol=1e-12)
    assert torch.allclose(states.grad, parts, atol=1e-12)


def test_parameter_counts():
    assert [Ansatz(n, layers).parameter_count for n, layers in [(4, 6), (6, 6), (8, 8)]] == [
        84,
        126,
        216,
    ]
    assert Ansatz(4, 6).random_angles(2, seed=1).shape == (2, 7, 4, 3)


def test_entanglers_are_the_named_cnots():
    assert Ansatz(4, 2, "chain").cnots(1) == [(0, 1), (1, 2), (2, 3)]
    assert Ansatz(4, 2, "ring").cnots(0) == [(0, 1), (1, 2), (2, 3), (3, 0)]
    assert [Ansatz(5, 2, "brick").cnots(layer) for layer in (0, 1)] == [
        [(0, 1), (2, 3)],
        [(1, 2), (3, 4)],
    ]


def test_single_precision_agrees_with_double_and_stays_single():
    ansatz = Ansatz(8, 8)
    gradients = []
    for dtype, angles in [(torch.complex64, torch.float32), (torch.complex128, torch.float64)]:
        theta = ansatz.random_angles(1, seed=1, dtype=angles)[0].requires_grad_()
        out = ansatz.apply(theta, haar_states(3, 8, seed=2, dtype=dtype))
        assert out.dtype == dtype
        fidelity(out, haar_states(3, 8, seed=2, dtype=dtype)).sum().backward()
        gradients.append(theta.grad.double())
    assert (gradients[0] - gradients[1]).abs().max() < 1e-6


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
def test_the_other_circuits_are_what_qiskit_makes_of_their_gates(circuit):
    theta = circuit.random_angles(2, seed=circuit.n)
    assert theta.shape == (2, *circuit.shape)
    for unitary, angles in zip(circuit.unitary(theta), theta, strict=True):
        assert abs(unitary.numpy() - Operator(in_qiskit(circuit, angles)).data).max() < 1e-12


@pytest.mark.parametrize("circuit", [c for c in CIRCUITS if c.n <= 6], ids=repr)
def test_the_adjoint_of_the_other_circuits_is_the_derivative(circuit):
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


ANSATZ = Ansatz(3, 2)
THETA, STATES = ANSATZ.random_angles(1, seed=1)[0], haar_states(2, 3, seed=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Ansatz(1, 2), "Argument `n` must be a whole number ≥ 2, but got 1"),
        (lambda: Ansatz(3, -1), "Argument `layers` must be a whole number ≥ 0, but got -1"),
        (
            lambda: Ansatz(3, 2, "star"),
            "Argument `entangler` must be one of chain, ring, brick, but got 'star'",
        ),
        (
            lambda: ANSATZ.apply(THETA[:2], STATES),
            r"Argument `theta` must have shape \(..., 3, 3, 3\), but got shape \(2, 3, 3\)",
        ),
        (
            lambda: ANSATZ.apply(THETA, haar_states(2, 4, 1)),
            r"Argument `states` must have shape \(..., B, 8\)",
        ),
        (
            lambda: ANSATZ.apply(THETA, STATES[0]),
            r"Argument `states` must have shape \(..., B, 8\)",
        ),
        (
            lambda: ANSATZ.apply(THETA.float(), STATES),
            "Argument `theta` must have the precision of states in torch.complex128",
        ),
        (
            lambda: ANSATZ.apply(THETA.expand(2, 3, 3, 3), STATES.expand(5, 2, 8)),
            "Argument `theta` must broadcast with `states`",
        ),
        (lambda: ANSATZ.unitary(THETA.half()), "Argument `theta` must be float32 or float64"),
        (
            lambda: ansatz_to_qiskit(ANSATZ, THETA[:1]),
            r"Argument `theta` must have shape \(3, 3, 3\)",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
