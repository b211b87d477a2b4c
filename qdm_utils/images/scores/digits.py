"""Scores of generated digits: their Fréchet distance to real ones, and as which digits a classifier
takes them."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from qdm_utils.images.encoders import PositiveAutoencoder
from qdm_utils.images.scores.classifier import CLASSES, Classifier
from qdm_utils.images.scores.frechet import frechet_distance


@dataclass(frozen=True)
class DigitScore:
    """What a set of generated pictures is worth.

    Args:
        frechet: distance of all pictures to the reference, in features of the classifier.
        confusion: fraction of the pictures asked to be digit r that are taken for digit c, shape
            (10, 10).
    """

    frechet: float
    confusion: np.ndarray

    @property
    def recognised(self) -> float:
        """Fraction of pictures taken for what they should be."""
        return float(self.confusion.diagonal().mean())

    @property
    def digits(self) -> int:
        """Digits that are taken for themselves more often than for any other one."""
        others = self.confusion - 2 * np.eye(CLASSES)
        return int((self.confusion.diagonal() > others.max(1)).sum())


def score_latents(
    latents: Tensor, model: PositiveAutoencoder, classifier: Classifier, reference: np.ndarray
) -> DigitScore:
    """Decode latents and score the pictures.

    Args:
        latents: of each digit as many, shape (10, count, size); of states the absolute values
            count.
        model: its decoder.
        classifier: its features and verdicts.
        reference: features of real pictures, shape (N, 64).
    """
    pictures = model.decode(latents.flatten(0, 1))
    taken = classifier.probabilities(pictures).argmax(-1).view(CLASSES, -1)
    confusion = np.stack([np.bincount(row, minlength=CLASSES) / len(row) for row in taken.numpy()])
    return DigitScore(frechet_distance(classifier.features(pictures), reference), confusion)


def by_digit(latents: Tensor, labels: Tensor) -> list[Tensor]:
    """Latents of each of the ten digits, in their order."""
    return [latents[labels == digit] for digit in range(CLASSES)]


def spread(values: np.ndarray) -> float:
    """Standard deviation over runs, NaN for a single one.

    >>> spread(np.array([1.0, 3.0])), spread(np.array([1.0]))
    (1.4142135623730951, nan)
    """
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def summary(scores: list[DigitScore]) -> dict[str, float | str]:
    """Mean over runs, its sd where there are several, and how many digits are taken for themselves
    in each run."""
    distances = np.array([score.frechet for score in scores])
    return {
        "Fréchet distance": distances.mean(),
        "sd over runs": spread(distances),
        "recognised": float(np.mean([score.recognised for score in scores])),
        "digits, by run": ", ".join(str(score.digits) for score in scores),
    }
