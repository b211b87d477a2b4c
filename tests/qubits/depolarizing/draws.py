"""States that the tests of this room share."""

import torch

from qdm_utils.diffusion import linear_schedule
from qdm_utils.qubits import density_matrix, haar_states

PSI = haar_states(5, 4, seed=1)
RHO = density_matrix(PSI)
MIXED = torch.eye(16, dtype=torch.complex128) / 16
SCHEDULE = linear_schedule(7, 0.05, 0.4)
EXACT = {"rel": 0, "abs": 1e-10}


def wishart(count, d, seed):
    """Full-rank random density matrices."""
    draws = torch.randn(
        count, d, d, dtype=torch.complex128, generator=torch.Generator().manual_seed(seed)
    )
    squares = draws @ draws.mH
    return squares / torch.einsum("kii->k", squares)[:, None, None]


def overlap(states, rho):
    return torch.einsum("...i,...ij,...j->...", states.conj(), rho, states).real
