"""TODO face."""

from qdm_utils.images.scores.classifier import Classifier, ClassifierConfig, train_classifier
from qdm_utils.images.scores.digits import (
    DigitScore,
    by_digit,
    mean_interval,
    paired,
    score_latents,
    spread,
    summary,
)
from qdm_utils.images.scores.frechet import FrechetScore, frechet_bootstrap, frechet_distance
from qdm_utils.images.scores.inception import InceptionMissing, inception_distance
from qdm_utils.images.scores.neighbours import (
    ManifoldScore,
    nearest_training_image,
    precision_recall,
)

__all__ = [
    "Classifier",
    "ClassifierConfig",
    "DigitScore",
    "FrechetScore",
    "InceptionMissing",
    "ManifoldScore",
    "by_digit",
    "frechet_bootstrap",
    "frechet_distance",
    "inception_distance",
    "mean_interval",
    "nearest_training_image",
    "paired",
    "precision_recall",
    "score_latents",
    "spread",
    "summary",
    "train_classifier",
]
