"""States that are known by name."""

import torch
from torch import Tensor


def amplitudes(**entries: complex) -> Tensor:
    """A state from bit strings: amplitudes(b00=1, b11=1), normalised."""
    n = len(next(iter(entries))) - 1
    psi = torch.zeros(2**n, dtype=torch.complex128)
    for name, value in entries.items():
        psi[int(name[1:], 2)] = value
    return psi / torch.linalg.vector_norm(psi)


BELL = amplitudes(b00=1, b11=1)
GHZ = amplitudes(b0000=1, b1111=1)
