"""Scores of pictures: a classifier whose features they are compared in, distances, neighbours, and
what a few runs say.

`classifier` trains the features, `frechet` and `neighbours` compare two sets of features (lower is
better for the distance; precision and recall tell fidelity from variety), `digits` scores pictures
that were asked to be a certain digit, `intervals` holds paired differences and their intervals,
`inception` the common score for those who have its weights.
"""

from qdm_utils.images.scores.classifier import Classifier, ClassifierConfig, train_classifier
from qdm_utils.images.scores.digits import DigitScore, by_digit, score_latents, summary
from qdm_utils.images.scores.frechet import FrechetScore, frechet_bootstrap, frechet_distance
from qdm_utils.images.scores.inception import InceptionMissing, inception_distance
from qdm_utils.images.scores.intervals import mean_interval, paired, spread
from qdm_utils.images.scores.neighbours import (
    ManifoldScore,
    nearest_training_image,
    precision_recall,
)
