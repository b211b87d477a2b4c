"""Latents of ten digits that need no autoencoder."""

import pytest
import torch

from qdm_utils.images.conditional import (
    normalised,
)
from qdm_utils.randomness import generator


@pytest.fixture(scope="module")
def clusters():
    """Latents of ten digits, each near a corner or the middle of the positive orthant."""
    centres = torch.cat(
        (torch.eye(8), torch.ones(1, 8), torch.tensor([[1.0, 1, 0, 0, 0, 0, 0, 0]]))
    )
    spread = 0.05 * torch.rand(10, 40, 8, generator=generator(1))
    return list(normalised(normalised(centres)[:, None] + spread))
