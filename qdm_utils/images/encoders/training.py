"""Training an autoencoder: a fixed number of seeded updates, whatever the number of images, and the
curves of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, huber_loss

from qdm_utils.arguments import demand
from qdm_utils.images.data import check_images
from qdm_utils.images.encoders.autoencoder import (
    Autoencoder,
    AutoencoderConfig,
    posterior,
    to_blocks,
)
from qdm_utils.images.encoders.positive import PositiveAutoencoder, PositiveConfig
from qdm_utils.optimise import descend, one_cycle
from qdm_utils.qubits.generation import log_density
from qdm_utils.randomness import generator, spawn

EVALUATIONS = 10  # on held-out images in the course of a training
HELD_OUT = 2000  # images at most in each
# Weights of an encoder begin about where they shall stay; angles have to travel by about 1.
ANGLES_FASTER = 10


@dataclass(frozen=True)
class TrainingCurves:
    """What happened in training, before each update; `held_out` is NaN without held-out images.

    Args:
        loss: all that is minimised, per image, shape (updates,).
        reconstruction: negative log-likelihood of the pixels, nats per image, shape (updates,).
        penalty: the squared MMD, or the divergence of a variational one in nats, unweighted, or 0;
            shape (updates,).
        evaluated, held_out: at which updates, and the reconstruction of held-out images there,
            shapes (evaluations,).
        epochs: how often each image was seen, on average.
    """

    loss: np.ndarray
    reconstruction: np.ndarray
    penalty: np.ndarray
    evaluated: np.ndarray
    held_out: np.ndarray
    epochs: float


def train_autoencoder(
    images: Tensor, config: AutoencoderConfig, held_out: Tensor | None = None
) -> tuple[Autoencoder, TrainingCurves]:
    """Train by Adam with a one-cycle rate; the same seed, images and number of threads give the
    same weights.

    Args:
        images: shape (N, 28, 28) in [0, 1], N ≥ 2.
        config: what to do.
        held_out: pictures for the second curve; they are never trained on.

    Returns:
        The model, ready for `encode` and `decode`, and its curves.

    Raises:
        ValueError: images of another shape or outside [0, 1], or fewer than two.
        DivergenceError: a loss that is not finite, with the update.

    >>> model, curves = train_autoencoder(torch.rand(8, 28, 28), AutoencoderConfig(updates=2))
    >>> model.encode(torch.rand(3, 28, 28)).shape
    torch.Size([3, 16])
    """
    demand(len(images) > 1, "images", "be two or more", len(images))
    # All at once, or every batch would be put in order and checked again.
    blocks = to_blocks(images)
    held = None if held_out is None else to_blocks(held_out[:HELD_OUT])
    model = Autoencoder(config)
    order_seed, noise_seed = spawn(config.seed, 2)
    noise = generator(noise_seed)
    size = min(config.batch, len(images))
    batches = _batches(len(images), size, generator(order_seed))
    weight = config.kl_weight if config.variational else config.penalty
    evaluated = np.unique(np.linspace(0, config.updates - 1, EVALUATIONS).round().astype(int))
    seen_outside = np.full(len(evaluated), np.nan)
    reconstructions = np.zeros(config.updates, np.float32)
    penalties = np.zeros(config.updates, np.float32)

    def loss(update: int) -> Tensor:
        if held is not None and update in evaluated:
            seen_outside[np.searchsorted(evaluated, update)] = reconstruction_loss(model, held)
        reconstruction, penalty = _losses(model, blocks[next(batches)], noise)
        reconstructions[update] = reconstruction.item()
        penalties[update] = penalty.item()
        return reconstruction + weight * penalty

    losses = _train(model, loss, config.updates, config.learning_rate, model.angles)
    curves = TrainingCurves(
        loss=losses,
        reconstruction=reconstructions,
        penalty=penalties,
        evaluated=evaluated,
        held_out=seen_outside,
        epochs=config.updates * size / len(images),
    )
    return model, curves


def train_positive(
    images: Tensor, config: PositiveConfig
) -> tuple[PositiveAutoencoder, np.ndarray]:
    """Train the positive autoencoder on the Huber loss of the pixels, batches drawn with
    replacement.

    Args:
        images: shape (N, 28, 28) in [0, 1], N ≥ 1.
        config: what to do.

    Returns:
        The model and its loss before each update, shape (updates,).

    Raises:
        ValueError: images of another shape or outside [0, 1], or none.
        DivergenceError: a loss that is not finite, with the update.
    """
    demand(len(images) > 0, "images", "be one or more", len(images))
    check_images(images)
    weight_seed, order_seed = spawn(config.seed, 2)
    model = PositiveAutoencoder(config, weight_seed)
    order = generator(order_seed)
    size = min(config.batch, len(images))

    def loss(update: int) -> Tensor:
        batch = images[torch.randint(0, len(images), (size,), generator=order)]
        return huber_loss(model.decoder(model.latents(batch))[:, 0], batch)

    return model, _train(model, loss, config.updates, config.learning_rate)


@torch.no_grad()
def reconstruction_loss(model: Autoencoder, blocks: Tensor) -> float:
    """Negative log-likelihood of pictures in block order after encoding and decoding, nats per
    image; a VAE's at its means."""
    logits = model.logits(model.latents(model.encoded(blocks)))
    return _nats(logits, blocks).item()


def prior_divergence(encoded: Tensor) -> Tensor:
    """Kullback-Leibler divergence of variational posteriors from N(0, 1), mean over the images,
    nats."""
    mean, log_variance = posterior(encoded)
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(-1).mean()


def _train(
    model: nn.Module,
    loss: Callable[[int], Tensor],
    updates: int,
    rate: float,
    angles: nn.Parameter | None = None,
) -> np.ndarray:
    """Losses before each update, shape (updates,); the model is then ready for use."""
    weights = [each for each in model.parameters() if each is not angles]
    groups: list[dict[str, list[nn.Parameter]]] = [{"params": weights}]
    peaks = [rate]
    if angles is not None:
        groups.append({"params": [angles]})
        peaks.append(ANGLES_FASTER * rate)
    adam = torch.optim.Adam(groups, lr=rate, fused=True)
    losses = descend(adam, loss, updates, None, before_update=one_cycle(adam, peaks, updates))
    model.requires_grad_(False).eval()
    return losses.numpy()


def _losses(model: Autoencoder, blocks: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
    """Reconstruction and unweighted penalty of a batch."""
    config = model.config
    encoded = model.encoded(blocks)
    drawn = None
    if config.variational:
        drawn = torch.randn(len(blocks), model.posterior_size, generator=noise)
    latents = model.latents(encoded, drawn)
    # Where a phase is to be fixed it is, in the latents.
    reconstruction = _nats(model.logits(latents, gauge=False), blocks)
    if model.step is not None and model.angles is not None:
        density = log_density(model.step.kraus(model.angles), latents).mean()
        return reconstruction, prior_divergence(encoded) - density
    if config.variational:
        return reconstruction, prior_divergence(encoded)
    if config.penalty > 0:
        return reconstruction, model.geometry.penalty(latents)
    return reconstruction, torch.zeros(())


def _nats(logits: Tensor, blocks: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(logits, blocks, reduction="sum") / len(blocks)


def _batches(count: int, size: int, order: torch.Generator) -> Iterator[Tensor]:
    """Indices of batches without end: one random order after the other, without replacement within
    each."""
    left = torch.empty(0, dtype=torch.long)
    while True:
        if len(left) < size:
            # What is over is dropped, so that no batch holds an image twice.
            left = torch.randperm(count, generator=order)
        yield left[:size]
        left = left[size:]
