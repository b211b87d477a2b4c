"""Convolutional autoencoders of digits into states of qubits, and their classical twins with the
same layers.

Encoder: three convolutions of stride 2, 28→14→7→4, and a linear layer; the decoder is its mirror
image. The kernels are 2×2, so the patches do not overlap; in an order of pixels where each patch is
contiguous such a convolution is one matrix product, more than twice as fast on a CPU as 3×3 kernels
are, and at equal time the pictures come out as sharp. Between latent and decoder the global phase
of a state is fixed, or one state would be decoded as as many pictures as it has phases.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, relu

from qdm_utils.arguments import at_least, demand, positive, scalar, whole_number
from qdm_utils.images.data import SIDE, check_images
from qdm_utils.images.geometry import Geometry, States
from qdm_utils.qubits.generation import MeasuredStep
from qdm_utils.randomness import Seed, generator

# Images that pass at a time when nothing is trained: what lies between two layers stays in the
# processor's cache.
CHUNK = 128
# Pixels by blocks of 4×4, in these by blocks of 2×2: the first two convolutions then read
# contiguous rows.
BLOCKS = torch.arange(SIDE**2).view(7, 2, 2, 7, 2, 2).permute(0, 3, 1, 4, 2, 5).reshape(-1)
LOG_VARIANCES = 8.0  # bound on |log σ²| of a variational posterior


@dataclass(frozen=True)
class AutoencoderConfig:
    """What is trained and how.

    The loss of an image is the Bernoulli negative log-likelihood of its pixels, read as
    probabilities, plus a weighted penalty. It is the likelihood that a variational autoencoder
    needs, so all share it; to minimise squared error lowers that error no further.

    Args:
        latent: the geometry of the latents. A common VAE is a variational encoder into a `Vector`.
        gauge: whether the global phase of a state is fixed before decoding; real latents have none.
        channels: of the three convolutions.
        updates: Adam steps, whatever the number of images.
        batch: images in a step, or all of them if there are fewer.
        learning_rate: the peak of a one-cycle schedule.
        penalty: weight of the squared MMD between the latents of a batch and plain ones, see
            `Geometry.penalty`; not for variational encoders.
        variational: the encoder gives a Gaussian, and a draw from it is put on the sphere where
            there is one. The standard normal of amplitudes then becomes Haar measure, so the
            divergence of a VAE bounds the one from Haar: a VAE's freedom for all.
        circuit: (n_a, L) of a measured step whose density is learned with a variational encoder:
            the negative log density of the drawn states, relative to Haar, joins the divergence.
        kl_weight: weight of the divergence of the posterior from N(0, 1); 1 is the evidence bound.
        seed: of initial weights, batches and noise.

    Raises:
        ValueError: a value out of range, at once.
    """

    latent: Geometry = States(4)  # noqa: RUF009
    gauge: bool = True
    channels: tuple[int, int, int] = (16, 32, 64)
    updates: int = 1880
    batch: int = 256
    learning_rate: float = 5e-3
    penalty: float = 0.0
    variational: bool = False
    circuit: tuple[int, int] | None = None
    kl_weight: float = 1.0
    seed: Seed = 0

    def __post_init__(self) -> None:
        demand(isinstance(self.latent, Geometry), "latent", "be a geometry", repr(self.latent))
        check_channels(self.channels)
        whole_number("updates", self.updates, 1)
        whole_number("batch", self.batch, 2)
        positive("learning_rate", self.learning_rate)
        at_least("penalty", scalar("penalty", self.penalty), 0.0)
        at_least("kl_weight", scalar("kl_weight", self.kl_weight), 0.0)
        both = self.variational and self.penalty > 0
        demand(not both, "penalty", "be 0 for a variational encoder", self.penalty)
        fits = self.circuit is None or (self.variational and isinstance(self.latent, States))
        demand(fits, "circuit", "be None but for variational states", self.circuit)
        generator(self.seed)
        object.__setattr__(self, "channels", tuple(self.channels))


class Autoencoder(nn.Module):
    """An encoder to latents and a decoder to pictures, of the layers of the module's docstring;
    float32 and complex64.

    Args:
        config: latent, gauge, channels, variational, circuit and seed are used.
    """

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.geometry = config.latent
        c1, c2, c3 = config.channels
        inner = self.geometry.real_size
        # Normal numbers behind a variational latent: its encoder gives mean and log-variance.
        self.posterior_size = inner if config.variational else 0
        outputs = 2 * inner if config.variational else inner
        self.step: MeasuredStep | None = None
        self.angles: nn.Parameter | None = None
        if config.circuit is not None and isinstance(self.geometry, States):
            self.step = MeasuredStep(self.geometry.n, *config.circuit)
        # Torch's layers draw from the global generator, which is put back as it was.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(generator(config.seed).initial_seed())
            down = [
                nn.Linear(4, c1),
                nn.Linear(4 * c1, c2),
                nn.Linear(4 * c2, c3),
                nn.Linear(16 * c3, outputs),
            ]
            up = [
                nn.Linear(inner, 16 * c3),
                nn.Linear(c3, 4 * c2),
                nn.Linear(c2, 4 * c1),
                nn.Linear(c1, 4),
            ]
            for layer in down:
                # Latents of order 1 from the start: torch's default shrinks signals, and plain
                # vectors are then slow to begin.
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)
            if self.step is not None:
                self.angles = nn.Parameter(torch.randn(self.step.circuit.shape))
        self.down = nn.ModuleList(down)
        self.up = nn.ModuleList(up)

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """Latents of pictures, without gradients; a variational encoder's are the posterior means.

        Args:
            images: shape (N, 28, 28) in [0, 1].

        Returns:
            Shape (N, size): complex64 states of unit norm (amplitude 0 real and ≥ 0 with the
            gauge), unit vectors, or vectors.

        Raises:
            ValueError: another shape or values outside [0, 1].
        """
        blocks = to_blocks(images)
        return torch.cat([self.latents(self.encoded(chunk)) for chunk in blocks.split(CHUNK)])

    @torch.no_grad()
    def decode(self, latents: Tensor, gauge: bool | None = None) -> Tensor:
        """Pictures of latents, shape (N, 28, 28) in [0, 1], without gradients.

        Args:
            latents: shape (N, size) as `encode` gives them; states of either precision, of any
                phase.
            gauge: whether the phase is fixed first; by default what the configuration says.

        Raises:
            ValueError: another shape, or real latents where states are wanted and the reverse.
        """
        latents = self.geometry.check(latents)
        logits = torch.cat([self.logits(chunk, gauge) for chunk in latents.split(CHUNK)])
        return from_blocks(logits.sigmoid())

    def encoded(self, blocks: Tensor) -> Tensor:
        """What the encoder's last layer gives for pictures in block order, shape (N, 784):
        differentiable."""
        count = len(blocks)
        _, c2, _ = self.config.channels
        x = relu(self.down[0](blocks.view(count, 196, 4)))
        x = relu(self.down[1](x.view(count, 49, -1)))
        # 7×7 is odd: a row and a column of zeros make 4×4 patches of 2×2.
        x = pad(x.view(count, 7, 7, c2), (0, 0, 0, 1, 0, 1))
        x = x.view(count, 4, 2, 4, 2, c2).transpose(2, 3)
        x = relu(self.down[2](x.reshape(count, 16, 4 * c2)))
        return self.down[3](x.view(count, -1))

    def latents(self, encoded: Tensor, noise: Tensor | None = None) -> Tensor:
        """Latents from the encoder's output: normalised, phase fixed.

        Args:
            encoded: as of `encoded`.
            noise: standard normal numbers, shape (N, posterior_size), that draw from a variational
                posterior; without them its means are taken.
        """
        if self.posterior_size:
            mean, log_variance = posterior(encoded)
            encoded = mean if noise is None else mean + noise * (log_variance / 2).exp()
        latents = self.geometry.from_reals(encoded)
        return self.geometry.fix_phase(latents) if self.config.gauge else latents

    def logits(self, latents: Tensor, gauge: bool | None = None) -> Tensor:
        """Log-odds of the pixels in block order, shape (N, 784): differentiable."""
        if self.config.gauge if gauge is None else gauge:
            latents = self.geometry.fix_phase(latents)
        # The layers are initialised for numbers of order 1.
        reals = self.geometry.scale * self.geometry.to_reals(latents)
        count = len(reals)
        c1, c2, _ = self.config.channels
        x = relu(self.up[0](reals)).view(count, 16, -1)
        x = self.up[1](x).view(count, 4, 4, 2, 2, c2).transpose(2, 3)
        x = x.reshape(count, 8, 8, c2)[:, :7, :7]
        x = self.up[2](relu(x).reshape(count, 49, c2)).view(count, 196, c1)
        return self.up[3](relu(x)).view(count, SIDE**2)


def posterior(encoded: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and log-variance, the latter bounded, of a variational posterior."""
    mean, log_variance = encoded.chunk(2, dim=-1)
    return mean, LOG_VARIANCES * torch.tanh(log_variance / LOG_VARIANCES)


def parameter_count(model: nn.Module) -> int:
    """Numbers that training sets in a model, whether it is over or not.

    >>> parameter_count(nn.Linear(3, 2))
    8
    """
    return sum(weights.numel() for weights in model.parameters())


def check_channels(channels: object) -> None:
    """Complain of anything but three whole numbers ≥ 1."""
    listed = isinstance(channels, tuple | list) and len(channels) == 3
    demand(listed, "channels", "be three numbers of channels", repr(channels))
    for width in channels:  # type: ignore[attr-defined]
        whole_number("channels", width, 1)


def to_blocks(images: Tensor) -> Tensor:
    """Pictures (N, 28, 28) in block order, shape (N, 784), float32.

    Raises:
        ValueError: another shape or values outside [0, 1].
    """
    check_images(images)
    return images.reshape(-1, SIDE**2).float()[:, BLOCKS]


def from_blocks(blocks: Tensor) -> Tensor:
    """The inverse of `to_blocks`."""
    return blocks[:, torch.argsort(BLOCKS)].view(-1, SIDE, SIDE)
