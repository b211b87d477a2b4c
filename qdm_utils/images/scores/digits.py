"""Scores of generated digits: their Fréchet distance to real ones, and as which digits a classifier takes them."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student
from torch import Tensor

from qdm_utils.images.encoders import PositiveAutoencoder
from qdm_utils.images.scores.classifier import CLASSES, Classifier
from qdm_utils.images.scores.frechet import frechet_distance


@dataclass(frozen=True)
class DigitScore:
    """What a set of generated pictures is worth.

    Args:
        frechet: distance of all pictures to the reference, in features of the classifier.
        confusion: fraction of the pictures asked to be digit r that are taken for digit c, shape (10, 10).
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
        latents: of each digit as many, shape (10, count, size); of states the absolute values count.
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


def summary(scores: list[DigitScore]) -> dict[str, float | str]:
    """Mean over runs, its sd where there are several, and how many digits are taken for themselves in each run."""
    distances = np.array([score.frechet for score in scores])
    return {
        "Fréchet distance": distances.mean(),
        "sd over runs": spread(distances),
        "recognised": float(np.mean([score.recognised for score in scores])),
        "digits, by run": ", ".join(str(score.digits) for score in scores),
    }


def spread(values: np.ndarray) -> float:
    """Standard deviation over runs, NaN for a single one.

    >>> spread(np.array([1.0, 3.0])), spread(np.array([1.0]))
    (1.4142135623730951, nan)
    """
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def paired(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Two variants compared run by run under the same seeds.

    Args:
        first, second: one value for each run, in the same order of seeds, shape (runs,).

    Returns:
        Both means, mean and sd of the difference first − second, and "low" and "high", Student's 95 % interval of the mean
        difference; sd and interval are NaN for a single run.

    >>> found = paired(np.array([1.0, 2.0, 6.0]), np.array([0.0, 1.0, 2.0]))
    >>> round(found["low"], 2), round(found["high"], 2)
    (-2.3, 6.3)
    """
    difference = first - second
    low, high = mean_interval(difference)
    return {
        "first": first.mean(),
        "second": second.mean(),
        "difference": difference.mean(),
        "sd of the difference": spread(difference),
        "low": low,
        "high": high,
    }


def mean_interval(values: np.ndarray, share: float = 0.95) -> tuple[float, float]:
    """Student's interval of the mean of independent normal values, shape (runs,); NaN for a single one."""
    count = len(values)
    if count < 2:
        return float("nan"), float("nan")
    reach = float(student.ppf((1 + share) / 2, count - 1)) * spread(values) / count**0.5
    middle = float(np.mean(values))
    return middle - reach, middle + reach
