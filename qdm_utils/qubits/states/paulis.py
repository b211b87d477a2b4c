"""The Pauli matrices, as matrices, as strings over several qubits, and as maps of states."""

from functools import reduce

import torch
from torch import Tensor

from qdm_utils.arguments import demand

# 1, X, Y, Z in this order, shape (4, 2, 2).
PAULIS = torch.tensor(
    [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]],
    dtype=torch.complex128,
)


def pauli_string(letters: str) -> Tensor:
    """The tensor product of Pauli matrices that a word such as "XIZ" names, qubit 0 first.

    Args:
        letters: one of I, X, Y, Z for each of n ≥ 1 qubits.

    Returns:
        Shape (2ⁿ, 2ⁿ), complex128.

    Raises:
        ValueError: no letter, or another one.

    >>> pauli_string("ZX").real.int()
    tensor([[ 0,  1,  0,  0],
            [ 1,  0,  0,  0],
            [ 0,  0,  0, -1],
            [ 0,  0, -1,  0]], dtype=torch.int32)
    """
    known = bool(letters) and set(letters) <= set("IXYZ")
    demand(known, "letters", "be a word of I, X, Y and Z", repr(letters))
    return reduce(torch.kron, [PAULIS["IXYZ".index(letter)] for letter in letters])


def apply_paulis(states: Tensor, site: int) -> Tensor:
    """X, Y and Z on one site of states (..., 2ⁿ) of any norm; shape (3, ..., 2ⁿ).

    Exchanging and turning the two halves of the amplitudes costs less than a product with matrices.

    >>> apply_paulis(torch.tensor([1, 0j]), 0).shape
    torch.Size([3, 2])
    """
    zero, one = states.unflatten(-1, (2**site, 2, -1)).unbind(-2)
    pairs = ((one, zero), (-1j * one, 1j * zero), (zero, -one))
    return torch.stack([torch.stack(pair, -2).flatten(-3) for pair in pairs])
