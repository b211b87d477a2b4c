"""Training an autoencoder: a fixed number of seeded updates, whatever the number of images, and the curves of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from qdm_utils.arguments import demand
from qdm_utils.images.encoders.autoencoder import (
    Autoencoder,
    AutoencoderConfig,
    check_images,
    posterior,
    to_blocks,
)
from qdm_utils.images.geometry import ensemble_penalty
from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits.generation import log_density
from qdm_utils.randomness import generator, spawn

EVALUATIONS = 10  # on held-out images in the course of a training
HELD_OUT = 2000  # images at most in each
ANGLES_FASTER = 10  # than weights of the encoder, which begin where they shall stay; angles have to travel by about 1


@dataclass(frozen=True)
class TrainingCurves:
    """What happened in training, before each update; `held_out` is NaN without held-out images.

    Args:
        loss: all that is minimised, per image, shape (updates,).
        reconstruction: negative log-likelihood of the pixels, nats per image, shape (updates,).
        penalty: the squared MMD, or the divergence of a variational one in nats, unweighted, or 0; shape (updates,).
        evaluated, held_out: at which updates, and the reconstruction of held-out images there, shapes (evaluations,).
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
    """Train by Adam with a one-cycle rate; the same seed, images and number of threads give the same weights.

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
    check_images(images)
    held = None if held_out is None else to_blocks(held_out[:HELD_OUT])
    model = Autoencoder(config)
    order_seed, noise_seed = spawn(config.seed, 2)
    noise = generator(noise_seed)
    weights, angles = (
        [w for w in model.parameters() if w is not model.angles],
        [model.angles] if model.step else [],
    )
    groups = [{"params": weights}, {"params": angles}] if angles else weights
    rates = (
        [config.learning_rate, ANGLES_FASTER * config.learning_rate]
        if angles
        else config.learning_rate
    )
    adam = torch.optim.Adam(groups, lr=config.learning_rate, fused=True)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, rates, total_steps=config.updates + 1)
    evaluated = np.unique(np.linspace(0, config.updates - 1, EVALUATIONS).round().astype(int))
    rows, outside = torch.zeros(3, config.updates), np.full(len(evaluated), np.nan)
    size = min(config.batch, len(images))
    for update, chosen in enumerate(
        _batches(len(images), size, config.updates, generator(order_seed))
    ):
        if held is not None and update in evaluated:
            outside[np.searchsorted(evaluated, update)] = reconstruction_loss(model, held)
        reconstruction, penalty = _losses(model, to_blocks(images[chosen]), noise)
        weight = config.kl_weight if model.drawn else config.penalty
        loss = reconstruction + weight * penalty
        rows[:, update] = torch.stack((loss, reconstruction, penalty)).detach()
        if not torch.isfinite(loss):
            raise DivergenceError(
                f"Training diverged at update {update + 1}: the loss is not finite; lower `learning_rate`."
            )
        adam.zero_grad()
        loss.backward()
        adam.step()
        rate.step()
    curves = TrainingCurves(*rows.numpy(), evaluated, outside, config.updates * size / len(images))
    return model.requires_grad_(False).eval(), curves


@torch.no_grad()
def reconstruction_loss(model: Autoencoder, blocks: Tensor) -> float:
    """Negative log-likelihood of pictures in block order after encoding and decoding, nats per image; a VAE's at its means."""
    logits = model.logits(model.latents(model.encoded(blocks)))
    return (binary_cross_entropy_with_logits(logits, blocks, reduction="sum") / len(blocks)).item()


def prior_divergence(encoded: Tensor) -> Tensor:
    """Kullback-Leibler divergence of a VAE's posteriors from N(0, 1), mean over the images, nats."""
    mean, log_variance = posterior(encoded)
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(-1).mean()


def _losses(model: Autoencoder, blocks: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
    """Reconstruction and unweighted penalty of a batch."""
    kind, encoded = model.config.kind, model.encoded(blocks)
    drawn = torch.randn(len(blocks), model.drawn, generator=noise) if model.drawn else None
    latents = model.latents(encoded, drawn)
    logits = model.logits(
        latents, gauge=False
    )  # where a phase is to be fixed it is, in the latents
    reconstruction = binary_cross_entropy_with_logits(logits, blocks, reduction="sum") / len(blocks)
    if model.step is not None:
        density = log_density(model.step.kraus(model.angles), latents).mean()
        return reconstruction, prior_divergence(encoded) - density
    if model.drawn:
        return reconstruction, prior_divergence(encoded)
    if model.config.penalty > 0:
        return reconstruction, ensemble_penalty(kind, latents)
    return reconstruction, torch.zeros(())


def _batches(count: int, size: int, updates: int, order: torch.Generator) -> Iterator[Tensor]:
    """Indices of `updates` batches: one random order after the other, without replacement within each."""
    left = torch.empty(0, dtype=torch.long)
    for _ in range(updates):
        if len(left) < size:
            left = torch.randperm(
                count, generator=order
            )  # what is over is dropped, so that no batch holds an image twice
        yield left[:size]
        left = left[size:]
