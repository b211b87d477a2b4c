"""Precision, recall, density, coverage, and copies."""

import numpy as np
import pytest
import torch

from qdm_utils.images import (
    nearest_training_image,
    precision_recall,
)


def test_precision_and_recall_tell_fidelity_from_variety(rng):
    real = np.concatenate((rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + 100))
    same = np.concatenate((rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + 100))
    one_mode, far = rng.normal(size=(600, 2)), rng.normal(size=(600, 2)) - 100
    score = precision_recall(real, same)
    assert min(score.precision, score.recall, score.coverage) > 0.85
    assert score.density == pytest.approx(1.0, abs=0.15)
    assert (score.k, score.n) == (5, (600, 600))
    score = precision_recall(real, one_mode)
    assert score.precision > 0.85
    assert 0.4 < score.recall < 0.5  # of the one mode nearly all, of the other none
    assert 0.4 < score.coverage < 0.51
    score = precision_recall(real, far)
    assert (score.precision, score.recall, score.density, score.coverage) == (0, 0, 0, 0)


def test_balls_are_counted_by_hand():
    # k = 1: real radii 1, 1, 2; generated radii 3.5, 3.5.
    score = precision_recall(np.array([[0.0], [1], [3]]), np.array([[1.5], [5.0]]), k=1)
    assert score.precision == 1.0  # 1.5 lies in the balls of 1 and 3, and 5 in that of 3
    assert score.density == pytest.approx(3 / 2)
    assert score.coverage == pytest.approx(2 / 3)
    assert score.recall == 1.0
    assert precision_recall(
        np.array([[1.5], [5.0]]), np.array([[0.0], [1], [9]]), k=1
    ).precision == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="Argument `real` must have shape"):
        precision_recall(np.zeros((5, 2)), np.zeros((9, 2)), k=5)
    with pytest.raises(ValueError, match="Argument `generated` must have shape"):
        precision_recall(np.zeros((9, 2)), np.zeros(9), k=5)
    with pytest.raises(ValueError, match="Argument `generated` must have 2 columns like `real`"):
        precision_recall(np.zeros((9, 2)), np.zeros((9, 3)), k=5)


def test_a_copy_wants_an_image_to_be_one_of():
    none, index = nearest_training_image(torch.zeros(0, 2), torch.eye(2))
    assert none.shape == index.shape == (0,)
    with pytest.raises(ValueError, match="Argument `train` must hold an image, but got 0"):
        nearest_training_image(torch.eye(2), torch.zeros(0, 2))
    with pytest.raises(ValueError, match="Argument `pictures` must have shape"):
        nearest_training_image(torch.zeros(2), torch.zeros(3))


@pytest.mark.slow
def test_a_memorised_image_is_found(rng):
    train = torch.tensor(rng.random((700, 28, 28)), dtype=torch.float32)
    pictures = torch.tensor(rng.random((600, 28, 28)), dtype=torch.float32)
    pictures[550] = train[123]
    distance, index = nearest_training_image(pictures, train)
    assert (distance[550], index[550]) == (0, 123)
    assert (distance > 0).sum() == 599
    # The other way leaves about 1e-6 between a picture and its copy, by processor.
    exact = "donot_use_mm_for_euclid_dist"
    every = torch.cdist(pictures.flatten(1).double(), train.flatten(1).double(), compute_mode=exact)
    assert torch.allclose(distance.double(), every.min(1).values, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="Argument `pictures` must have shape"):
        nearest_training_image(pictures[:, :14], train)
