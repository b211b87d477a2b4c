"""The one table of Pauli matrices, against their algebra and Qiskit's."""

import pytest
import torch
from qiskit.quantum_info import Pauli

from qdm_utils.qubits.states import PAULIS, apply_paulis, haar_states, pauli_string


def test_the_table_holds_one_x_y_and_z():
    one, x, y, z = PAULIS
    assert torch.equal(one, torch.eye(2, dtype=torch.complex128))
    assert torch.equal(x @ y, 1j * z)  # which sign Y has
    assert torch.equal(y @ z, 1j * x)
    assert torch.equal(z @ x, 1j * y)
    assert z[0, 0] == 1.0  # |0⟩ is up
    assert all(torch.equal(sigma @ sigma, one) for sigma in PAULIS)


@pytest.mark.parametrize("word", ["X", "YZ", "XIZ", "IYYX"])
def test_words_are_read_from_qubit_0_as_in_qiskits_labels(word):
    assert abs(pauli_string(word).numpy() - Pauli(word).to_matrix()).max() == 0.0


def test_paulis_on_a_site_of_states_are_the_matrices():
    states = 3.0 * haar_states(2, 3, seed=1)  # linear: of any norm
    for site in range(3):
        words = [letter.rjust(site + 1, "I").ljust(3, "I") for letter in "XYZ"]
        expected = torch.stack([states @ pauli_string(word).mT for word in words])
        assert (apply_paulis(states, site) - expected).abs().max() < 1e-15


@pytest.mark.parametrize("word", ["", "XA", "x"])
def test_other_words_are_refused(word):
    with pytest.raises(ValueError, match=r"^Argument `letters` must be a word of I, X, Y and Z"):
        pauli_string(word)
