"""A schedule, Gaussian data and noise that the tests of this part share."""

import torch

from qdm_utils.diffusion import linear_schedule, survival

BETAS = linear_schedule(9, 0.02, 0.5)
BARS = survival(BETAS)
DATA = (
    torch.tensor([0.7, -0.4], dtype=torch.float64),
    torch.tensor([[0.5, 0.3], [0.3, 0.4]], dtype=torch.float64),
)
ONE = torch.eye(2, dtype=torch.float64)
EXACT = {"rel": 0, "abs": 1e-10}


def normal(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
