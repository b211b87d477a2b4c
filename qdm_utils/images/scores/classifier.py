"""A small convolutional classifier of digits; the layer before its last gives the features in which
pictures are compared."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.images.data import SIDE, check_images
from qdm_utils.images.encoders import CHUNK
from qdm_utils.optimise import descend, one_cycle
from qdm_utils.randomness import Seed, generator, spawn

CLASSES = 10
FEATURES = 64
REFERENCE = 10000  # training images at most from which the scale of the features is taken


@dataclass(frozen=True)
class ClassifierConfig:
    """How the classifier is trained, by Adam with a one-cycle rate.

    Args:
        epochs: passes over the images.
        batch: images in an update, or all of them if there are fewer.
        learning_rate: the peak.
        shift: every batch is shifted by up to so many pixels in either direction.
        seed: of weights, batches and shifts.

    Raises:
        ValueError: a value out of range.
    """

    epochs: int = 3
    batch: int = 128
    learning_rate: float = 4e-3
    shift: int = 1
    seed: Seed = 0

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch", 1), ("shift", 0)):
            whole_number(name, getattr(self, name), least)
        positive("learning_rate", self.learning_rate)
        generator(self.seed)


class Classifier(nn.Module):
    """Three convolutions and two linear layers; see `train_classifier`.

    Args:
        seed: of the initial weights.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, seed: Seed) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(generator(seed).initial_seed())
            self.body = nn.Sequential(
                nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(),
                nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Flatten(), nn.Linear(9 * 64, FEATURES), nn.ReLU(),
            )  # fmt: skip
            self.head = nn.Linear(FEATURES, CLASSES)
        self.register_buffer("centre", torch.zeros(FEATURES))
        self.register_buffer("scale", torch.ones(()))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.no_grad()
    def features(self, images: Tensor) -> np.ndarray:
        """The 64 numbers before the last layer, centred and in units of their rms deviation over
        the training images.

        A single point at the mean of the training images is then at Fréchet distance 64 from them.
        `scale` holds the unit.

        Args:
            images: shape (N, 28, 28) in [0, 1].

        Returns:
            float64, shape (N, 64).

        Raises:
            ValueError: another shape or values outside [0, 1].
        """
        raw = torch.cat([self.body(chunk) for chunk in _pictures(images).split(CHUNK)])
        return ((raw.double() - self.centre.double()) / self.scale.double()).numpy()

    @torch.no_grad()
    def probabilities(self, images: Tensor) -> Tensor:
        """Of the ten digits, shape (N, 10), for pictures of shape (N, 28, 28).

        Raises:
            ValueError: another shape or values outside [0, 1].
        """
        chunks = _pictures(images).split(CHUNK)
        return torch.cat([self.head(self.body(chunk)).softmax(-1) for chunk in chunks])

    def accuracy(self, images: Tensor, labels: Tensor) -> float:
        """Fraction of pictures whose likeliest digit is the label."""
        return (self.probabilities(images).argmax(-1) == labels).double().mean().item()


def train_classifier(
    images: Tensor, labels: Tensor, config: ClassifierConfig
) -> tuple[Classifier, np.ndarray]:
    """Train on labelled digits; the same seed, images and number of threads give the same weights.

    Args:
        images, labels: shapes (N, 28, 28) and (N,), labels 0 to 9.
        config: how.

    Returns:
        The classifier, its features scaled, and the cross-entropy in nats before each update, shape
        (updates,).

    Raises:
        ValueError: shapes that do not fit, values outside [0, 1].
        DivergenceError: a loss that is not finite, with the update.
    """
    pictures = _pictures(images)
    demand(
        len(labels) == len(images) > 0,
        "labels",
        f"have length {len(images)} like `images`, not 0",
        len(labels),
    )
    weight_seed, order_seed = spawn(config.seed, 2)
    model = Classifier(weight_seed)
    order = generator(order_seed)
    size = min(config.batch, len(pictures))
    updates = config.epochs * (len(pictures) // size)
    batches = _batches(len(pictures), size, order)

    def loss(update: int) -> Tensor:
        chosen = next(batches)
        logits = model.head(model.body(_shifted(pictures[chosen], config.shift, order)))
        return cross_entropy(logits, labels[chosen])

    adam = torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=True)
    follow = one_cycle(adam, config.learning_rate, updates)
    losses = descend(adam, loss, updates, None, "the classifier", follow)
    model.requires_grad_(False).eval()
    raw = model.features(images[:REFERENCE])
    model.centre.copy_(torch.from_numpy(raw.mean(0)))
    model.scale.copy_(torch.tensor(max(float(raw.var(0).mean()) ** 0.5, 1e-12)))
    return model, losses.double().numpy()


def _pictures(images: Tensor) -> Tensor:
    """Shape (N, 1, 28, 28), float32."""
    check_images(images)
    return images[:, None].float()


def _batches(count: int, size: int, order: torch.Generator) -> Iterator[Tensor]:
    """Indices of whole batches, epoch after epoch, each in a random order; what is over is left
    out."""
    while True:
        shuffled = torch.randperm(count, generator=order)
        yield from shuffled.split(size)[: count // size]


def _shifted(pictures: Tensor, shift: int, order: torch.Generator) -> Tensor:
    """The batch moved by one random offset, empty paper moving in."""
    down, right = torch.randint(0, 2 * shift + 1, (2,), generator=order).tolist()
    return pad(pictures, (shift,) * 4)[:, :, down : down + SIDE, right : right + SIDE]
