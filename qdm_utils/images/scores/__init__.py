"""Scores of pictures: a classifier whose features they are compared in, distances and neighbours.

`classifier` trains the features, `frechet` and `neighbours` compare two sets of features (lower is
better for the distance; precision and recall tell fidelity from variety), `digits` scores pictures
that were asked to be a certain digit, `inception` is the common score for those who have its
weights. What several runs say together is a matter of `qdm_utils.statistics`.
"""

from qdm_utils.images.scores.classifier import Classifier, ClassifierConfig, train_classifier
from qdm_utils.images.scores.digits import DigitScore, by_digit, score_latents, spread, summary
from qdm_utils.images.scores.frechet import FrechetScore, frechet_bootstrap, frechet_distance
from qdm_utils.images.scores.inception import InceptionMissing, inception_distance
from qdm_utils.images.scores.neighbours import (
    ManifoldScore,
    nearest_training_image,
    precision_recall,
)
