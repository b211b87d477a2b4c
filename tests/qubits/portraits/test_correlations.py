from math import sqrt

import pytest
import torch
from qiskit.quantum_info import Statevector
from qiskit.quantum_info import entropy as qiskit_entropy
from qiskit.quantum_info import mutual_information as qiskit_mutual_information
from qiskit.quantum_info import partial_trace as qiskit_partial_trace

from qdm_utils.qubits import (
    haar_states,
    product_states,
)
from qdm_utils.qubits.portraits import (
    haar_mutual_information,
    leading_pair,
    mutual_information,
    pair_information,
)
from qdm_utils.qubits.portraits.correlations import information_of
from tests.qubits.portraits.named_states import BELL, GHZ, amplitudes


def test_mutual_information_of_known_states():
    bell = mutual_information(BELL)
    torch.testing.assert_close(bell, torch.tensor([[1.0, 2.0], [2.0, 1.0]], dtype=torch.float64))
    torch.testing.assert_close(mutual_information(GHZ), torch.ones(4, 4, dtype=torch.float64))
    apart = mutual_information(product_states(3, 4, seed=1))
    assert apart.abs().max().item() < 1e-12
    # Bell pairs on two of three qubits, and nothing else: they tell the order of qubits.
    assert leading_pair(mutual_information(amplitudes(b000=1, b110=1))).tolist() == [0, 1]
    pair = mutual_information(amplitudes(b000=1, b101=1))
    assert leading_pair(pair).tolist() == [0, 2]
    assert pair_information(pair).tolist() == pytest.approx([0.0, 2.0, 0.0], abs=1e-12)
    assert information_of(pair, torch.tensor([2, 0])).item() == pytest.approx(2.0)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_mutual_information_by_qiskit(n):
    psi = haar_states(1, n, seed=n)[0]
    bits = mutual_information(psi).numpy()
    state = Statevector(psi.numpy())  # its qubit n − 1 − q is our q
    for i in range(n):
        rest = [k for k in range(n) if k != n - 1 - i]
        assert bits[i, i] == pytest.approx(
            qiskit_entropy(qiskit_partial_trace(state, rest), base=2), abs=1e-10
        )
        for j in range(i):
            reduced = qiskit_partial_trace(
                state, [k for k in range(n) if k not in (n - 1 - i, n - 1 - j)]
            )
            assert (
                bits[i, j]
                == bits[j, i]
                == pytest.approx(qiskit_mutual_information(reduced, base=2), abs=1e-10)
            )


def test_mutual_information_of_haar_states():
    states = haar_states(4000, 4, seed=11)
    bits = mutual_information(states)
    pairs = pair_information(bits)
    mean = pairs.mean(-1)
    assert haar_mutual_information(4) == pytest.approx(0.4016, abs=5e-5)
    assert abs(mean.mean().item() - haar_mutual_information(4)) < 4 * mean.std().item() / sqrt(4000)
    largest = pairs.amax(-1)
    assert largest.mean().item() == pytest.approx(0.614, abs=4 * 0.116 / sqrt(4000))
    assert (information_of(bits, leading_pair(bits)) == largest).all()
    same = (leading_pair(bits[:2000]) == leading_pair(bits[2000:])).all(-1).double().mean().item()
    assert same == pytest.approx(1 / 6, abs=4 * sqrt(5 / 36 / 2000))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mutual_information(BELL * torch.nan), "`states` must have norm 1"),
        (lambda: mutual_information(torch.empty(0, 4) + 0j), "`states` must hold at least one"),
        (lambda: mutual_information(torch.ones(4)), "`states` must be complex64 or complex128"),
        (lambda: haar_mutual_information(1), "`n` must be a whole number ≥ 2"),
        (lambda: leading_pair(torch.ones(2, 3)), "`bits` must have shape"),
        (lambda: leading_pair(torch.full((2, 2), torch.nan)), "`bits` must be finite"),
        (lambda: leading_pair(torch.ones(0, 2, 2)), "`bits` must have shape"),
        (lambda: pair_information(torch.ones(1, 1)), "`bits` must have shape"),
        *(
            (lambda pair=pair: information_of(torch.ones(2, 2), pair), "`pair` must hold two")
            for pair in (
                torch.tensor([0, 2]),
                torch.tensor([-1, 0]),
                torch.tensor([0, 1, 1]),
                torch.tensor([0.0, 1.0]),
                [0, 1],
            )
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match="Argument") as refused:
        call()
    assert message in str(refused.value)
