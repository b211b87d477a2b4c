"""The autoencoder of the conditional model."""

import numpy as np
import pytest
import torch

from qdm_utils.images.encoders import (
    PUBLISHED,
    PositiveAutoencoder,
    PositiveConfig,
    layer_count,
    train_positive,
)
from qdm_utils.randomness import generator


@pytest.mark.slow
def test_the_autoencoder_makes_positive_unit_vectors_and_learns():
    images = torch.rand(32, 28, 28, generator=generator(1)) * torch.eye(28)
    config = PositiveConfig((4, 8, 8), 16, updates=60, batch=16, learning_rate=4e-2)
    model, losses = train_positive(images, config)
    again, same_losses = train_positive(images, config)
    np.testing.assert_array_equal(losses, same_losses)
    assert losses[-5:].mean() < 0.5 * losses[:2].mean()
    latents = model.encode(images)
    assert torch.equal(latents, again.encode(images))
    assert (latents >= 0).all()
    assert torch.allclose(latents.norm(dim=1), torch.ones(32), atol=1e-6)
    pictures = model.decode(latents)
    assert pictures.shape == images.shape
    assert torch.allclose(
        model.decode(latents * torch.tensor([1j, -1, 1, -1j, 1, 1, 1, -1])), pictures, atol=1e-5
    )
    assert layer_count((4, 8, 8), 16) == sum(
        weights.numel() for weights in PositiveAutoencoder(config).parameters()
    )
    assert layer_count(PUBLISHED) == 1333513
