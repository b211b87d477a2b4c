"""Digits that were asked for, and what several runs say of them."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from qdm_utils.images import (
    frechet_distance,
)
from qdm_utils.images.scores import (
    DigitScore,
    by_digit,
    score_latents,
    summary,
)


def test_confusion_counts_for_each_digit_asked_what_it_is_taken_for():
    """Digit r is taken for r + 1 once in four and else for r; the last one for itself always."""
    count = 4
    latents = torch.zeros(10, count, 8)
    latents[..., 0] = torch.arange(10.0)[:, None]
    latents[:9, 2, 0] += 1
    states = latents * torch.tensor(
        1j
    )  # of states the absolute values count, as the decoder reads them
    features = np.random.default_rng(1).normal(size=(40, 3))

    def pictures(given):
        return given.abs()

    def probabilities(given):
        return torch.eye(10)[given[:, 0].round().long()]

    judge = SimpleNamespace(probabilities=probabilities, features=lambda _: features)
    reference = np.random.default_rng(2).normal(size=(50, 3))
    score = score_latents(states, SimpleNamespace(decode=pictures), judge, reference)
    expected = 0.75 * np.eye(10) + 0.25 * np.eye(10, k=1)
    expected[9, 9] = 1.0
    assert np.array_equal(score.confusion, expected)
    assert score.recognised == pytest.approx((9 * 0.75 + 1) / 10)
    assert score.frechet == frechet_distance(features, reference)


def test_scores_count_the_digits_that_are_taken_for_themselves():
    confusion = np.full((10, 10), 0.05) + 0.5 * np.eye(10)
    assert DigitScore(0.0, confusion).digits == 10
    confusion[3, 3] = 0.05
    confusion[[4, 6], 5] = 0.6  # two that are taken for a third, which is still taken for itself
    assert DigitScore(0.0, confusion).digits == 7
    rows = summary([DigitScore(3.0, confusion), DigitScore(5.0, np.eye(10))])
    assert (rows["Fréchet distance"], rows["digits, by run"]) == (4.0, "7, 10")
    assert rows["recognised"] == pytest.approx((0.5 + 1) / 2)
    assert rows["sd over runs"] == pytest.approx(2**0.5)
    assert np.isnan(summary([DigitScore(3.0, confusion)])["sd over runs"])
    labels = torch.tensor([1, 0, 1])
    assert [len(each) for each in by_digit(torch.eye(3), labels)][:3] == [1, 2, 0]
