import dataclasses

import numpy as np
import pytest
import torch

from qdm_utils.images import ClassifierConfig, load_images, train_classifier
from qdm_utils.images.scores.classifier import _shifted

# Twelve times fewer images than MNIST has: more epochs.
SHORT = ClassifierConfig(epochs=6, batch=64, seed=1)


@pytest.fixture(scope="module")
def digits():
    return load_images("digits")


@pytest.fixture(scope="module")
def trained(digits):
    return train_classifier(digits.train, digits.train_labels, SHORT)


@pytest.mark.slow
def test_it_learns_the_digits(trained, digits):
    model, losses = trained
    assert losses.shape == (6 * (1297 // 64),)
    assert losses[0] == pytest.approx(np.log(10), abs=0.1)
    assert losses[-10:].mean() < 0.3  # four seeds: 0.08 to 0.14; at first 2.3
    assert model.accuracy(digits.test, digits.test_labels) > 0.93  # four seeds: 0.958 to 0.964
    assert model.accuracy(digits.test, (digits.test_labels + 1) % 10) < 0.05
    assert torch.allclose(model.probabilities(digits.test).sum(1), torch.ones(500), atol=1e-5)


@pytest.mark.slow
def test_features_are_centred_and_scaled_on_the_training_images(trained, digits):
    model, _ = trained
    features = model.features(digits.train)
    assert features.shape == (1297, 64)
    assert features.dtype == np.float64
    assert np.abs(features.mean(0)).max() < 1e-5
    assert features.var(0).mean() == pytest.approx(1.0, abs=2e-3)
    # Centre and unit are those of the training images, for whatever pictures; the unit is one for
    # all features.
    raw, reference = (
        model.body(pictures[:, None]).double().numpy() for pictures in (digits.test, digits.train)
    )
    unit = np.sqrt(reference.var(0).mean())
    assert np.allclose(model.features(digits.test), (raw - reference.mean(0)) / unit, atol=1e-4)
    assert model.scale.item() == pytest.approx(unit, rel=1e-5)
    raw = torch.from_numpy(raw).float()
    # They are what the last layer reads.
    assert torch.allclose(model.head(raw).softmax(-1), model.probabilities(digits.test), atol=1e-6)


def test_the_same_seed_gives_the_same_classifier_and_another_does_not(digits):
    short, few = (
        dataclasses.replace(SHORT, epochs=1),
        (digits.train[:200], digits.train_labels[:200]),
    )
    state = torch.get_rng_state()
    one, two = (train_classifier(*few, short)[0].features(digits.test[:5]) for _ in range(2))
    other = train_classifier(*few, dataclasses.replace(short, seed=2))[0].features(digits.test[:5])
    assert np.array_equal(one, two)
    assert not np.allclose(one, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_pictures_are_shifted_by_at_most_the_shift():
    picture = torch.zeros(2, 1, 28, 28)
    picture[:, 0, 10, 20] = 1.0
    order, seen = torch.Generator().manual_seed(1), set()
    for _ in range(200):
        moved = _shifted(picture, 1, order)
        assert moved.shape == picture.shape
        seen.add(tuple(moved[0, 0].nonzero()[0].tolist()))
        assert torch.equal(moved[0], moved[1])
    assert seen == {(row, column) for row in (9, 10, 11) for column in (19, 20, 21)}
    assert torch.equal(_shifted(picture, 0, order), picture)


@pytest.mark.parametrize(("count", "updates"), [(30, 2), (100, 4)])
def test_an_epoch_has_whole_batches_or_one_of_all(digits, count, updates):
    config = dataclasses.replace(SHORT, epochs=2, batch=40)
    _, losses = train_classifier(digits.train[:count], digits.train_labels[:count], config)
    assert losses.shape == (updates,)


def test_wrong_arguments_are_refused(digits):
    with pytest.raises(ValueError, match="Argument `labels` must have length 0"):
        train_classifier(digits.train[:0], digits.train_labels[:0], SHORT)
    with pytest.raises(ValueError, match="Argument `labels` must have length 1297"):
        train_classifier(digits.train, digits.train_labels[:-1], SHORT)
    with pytest.raises(ValueError, match="Argument `images` must have shape"):
        train_classifier(digits.train[:, None], digits.train_labels, SHORT)
    with pytest.raises(ValueError, match="Argument `shift` must be a whole number ≥ 0"):
        ClassifierConfig(shift=-1)
