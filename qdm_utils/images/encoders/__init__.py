"""Autoencoders of digits: into states, spheres and vectors, and into the positive vectors of the
conditional model.

An encoder takes pictures, shape (N, 28, 28), to latents of a `Geometry`; the decoder takes latents,
also such as were never encoded, to pictures. Everything is float32 and complex64 and trained by
Adam with a one-cycle rate from one seed.

>>> import torch
>>> from qdm_utils.images.geometry import Sphere
>>> Autoencoder(AutoencoderConfig(latent=Sphere(14))).encode(torch.rand(2, 28, 28)).shape
torch.Size([2, 15])
"""

from qdm_utils.images.encoders.autoencoder import (
    CHUNK,
    Autoencoder,
    AutoencoderConfig,
    parameter_count,
    to_blocks,
)
from qdm_utils.images.encoders.positive import (
    PUBLISHED,
    PositiveAutoencoder,
    PositiveConfig,
    layer_count,
)
from qdm_utils.images.encoders.training import (
    HELD_OUT,
    TrainingCurves,
    reconstruction_loss,
    train_autoencoder,
    train_positive,
)
