"""What the engine leaves to be done with the states, and how often it asks torch."""

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from qdm_utils.qubits import Ansatz, HardwareEfficient, StronglyEntangling, haar_states
from qdm_utils.qubits.circuits.ansatz import _plan
from qdm_utils.qubits.circuits.engine import Layers, Plan


class Calls(TorchDispatchMode):
    """Counts what torch is asked for inside."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.counts[operation.overloadpacket.__name__] += 1
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("circuit", "folds"),
    [
        *((Ansatz(n, 3, entangler), True) for n in (2, 5) for entangler in ("chain", "ring")),
        *((Ansatz(n, 3, entangler), True) for n in (6, 7, 10) for entangler in ("chain", "brick")),
        *((HardwareEfficient(n, 3), True) for n in (1, 3, 6, 9)),
        # A ring reaches back from the second group; of three groups none is asked.
        *((Ansatz(n, 3, "ring"), False) for n in (6, 8)),
        (StronglyEntangling(7, 2), False),
        (Ansatz(11, 1), False),
    ],
    ids=repr,
)
def test_entanglers_go_into_the_matrices_where_a_matrix_can_do_what_they_do(circuit, folds):
    assert (_plan(circuit).folded is not None) == folds


def test_a_permutation_that_another_qubit_decides_is_left_to_the_states():
    n = 6
    basis = torch.arange(2**n)
    crossing = {control: basis ^ (((basis >> (n - 1 - control)) & 1) << 1) for control in (1, 2)}
    folds = {control: Plan(n, move[None]).folded for control, move in crossing.items()}
    assert folds[1] is None  # not the last qubit of the first group
    assert folds[2] is not None
    states = haar_states(3, n, seed=1)[None]
    for move in crossing.values():
        idle = torch.zeros(1, 1, n, 3, dtype=torch.float64)
        assert torch.allclose(Layers.apply(idle, states, Plan(n, move[None])), states[..., move])


def test_signs_that_another_qubit_decides_are_left_to_the_states():
    n = 6
    bits = (torch.arange(2**n)[:, None] >> torch.arange(n - 1, -1, -1)) & 1
    states = haar_states(3, n, seed=1)[None]
    for first, folds in ((2, True), (1, False)):
        signs = 1.0 - 2.0 * (bits[:, first] & bits[:, 4])
        plan = Plan(n, signs[None])
        assert (plan.folded is not None) == folds
        idle = torch.zeros(1, 1, n, 3, dtype=torch.float64)
        assert torch.allclose(Layers.apply(idle, states, plan), states * signs)


def test_equal_circuits_share_a_plan_and_others_do_not():
    assert _plan(Ansatz(4, 6)) is _plan(Ansatz(4, 6))
    others = [Ansatz(4, 6, "ring"), Ansatz(4, 5), StronglyEntangling(4, 7), HardwareEfficient(4, 7)]
    assert len({id(_plan(circuit)) for circuit in (Ansatz(4, 6), *others)}) == 5


@pytest.mark.parametrize(
    ("circuit", "products", "exchanges"),
    [
        (Ansatz(4, 6), 7, 1),
        (Ansatz(8, 6), 14, 2),
        (HardwareEfficient(8, 6), 12, 2),
        # Each of the six rings is an exchange of amplitudes; the last layer has none.
        (Ansatz(8, 6, "ring"), 14, 2 + 6),
    ],
    ids=repr,
)
def test_a_layer_is_one_product_for_each_group(circuit, products, exchanges):
    theta = circuit.random_angles(3, seed=1)
    states = haar_states(6, circuit.n, seed=2).view(3, 2, -1)
    with Calls() as calls:
        circuit.apply(theta, states)
    assert calls.counts["bmm"] == products
    assert calls.counts["gather"] == exchanges
