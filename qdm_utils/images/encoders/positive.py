"""The autoencoder of the conditional latent model: digits to unit vectors of eight numbers ≥ 0, and
back.

Three convolutions of stride 2, 28→14→7→3, a hidden layer, eight numbers, normalised, absolute
values; the decoder is the mirror image. With 64, 128 and 256 channels and 128 hidden units this is
the published one; narrower channels cost a CPU far less.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from qdm_utils.arguments import positive, whole_number
from qdm_utils.images.data import check_images
from qdm_utils.images.encoders.autoencoder import CHUNK, check_channels, parameter_count
from qdm_utils.randomness import Seed, generator

PUBLISHED = (64, 128, 256)


@dataclass(frozen=True)
class PositiveConfig:
    """What is trained and how, by Adam with a one-cycle rate on the Huber loss of the pixels.

    Args:
        channels: of the three convolutions, kernel 3, stride 2 (the last without padding, so that
            3×3 pixels are left).
        hidden: units between the pictures' features and the latent.
        size: numbers in a latent.
        updates: Adam steps.
        batch: pictures in each, or all of them if there are fewer.
        learning_rate: the peak.
        seed: of weights and batches.

    Raises:
        ValueError: a value out of range.
    """

    channels: tuple[int, int, int] = PUBLISHED
    hidden: int = 128
    size: int = 8
    updates: int = 800
    batch: int = 128
    learning_rate: float = 4e-3
    seed: Seed = 0

    def __post_init__(self) -> None:
        check_channels(self.channels)
        for name in ("hidden", "size", "updates", "batch"):
            whole_number(name, getattr(self, name), 1)
        positive("learning_rate", self.learning_rate)
        generator(self.seed)


class PositiveAutoencoder(nn.Module):
    """Encoder and decoder; see the module.

    Args:
        config: its layers are used.
        seed: of the initial weights.
    """

    def __init__(self, config: PositiveConfig, seed: Seed = 0) -> None:
        super().__init__()
        a, b, c = config.channels
        hidden = config.hidden
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(generator(seed).initial_seed())
            self.encoder = nn.Sequential(
                nn.Conv2d(1, a, 3, 2, 1), nn.ReLU(),
                nn.Conv2d(a, b, 3, 2, 1), nn.ReLU(),
                nn.Conv2d(b, c, 3, 2), nn.ReLU(),
                nn.Flatten(),
                nn.Linear(9 * c, hidden), nn.ReLU(),
                nn.Linear(hidden, config.size),
            )  # fmt: skip
            self.decoder = nn.Sequential(
                nn.Linear(config.size, hidden), nn.ReLU(),
                nn.Linear(hidden, 9 * c), nn.ReLU(),
                nn.Unflatten(1, (c, 3, 3)),
                nn.ConvTranspose2d(c, b, 3, 2), nn.ReLU(),
                nn.ConvTranspose2d(b, a, 3, 2, 1, 1), nn.ReLU(),
                nn.ConvTranspose2d(a, 1, 3, 2, 1, 1), nn.Sigmoid(),
            )  # fmt: skip
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def latents(self, images: Tensor) -> Tensor:
        """Unit vectors of numbers ≥ 0, shape (B, size), differentiable."""
        return normalize(self.encoder(images[:, None]), dim=-1).abs()

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """Latents of pictures, shape (N, size), without gradients.

        Raises:
            ValueError: pictures of another shape than (N, 28, 28) or outside [0, 1].
        """
        check_images(images)
        return torch.cat([self.latents(chunk) for chunk in images.split(CHUNK)])

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Pictures of latents, shape (N, 28, 28) in [0, 1]; of states the absolute values of the
        amplitudes are decoded."""
        return torch.cat([self.decoder(chunk.abs())[:, 0] for chunk in latents.split(CHUNK)])


def layer_count(channels: tuple[int, int, int], hidden: int = 128, size: int = 8) -> int:
    """Weights and biases of encoder and decoder, counted on layers without storage.

    >>> layer_count(PUBLISHED)
    1333513
    """
    with torch.device("meta"):
        return parameter_count(PositiveAutoencoder(PositiveConfig(channels, hidden, size)))
