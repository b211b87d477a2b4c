"""The Fréchet distance and its bootstrap."""

from math import sqrt

import numpy as np
import pytest

from qdm_utils.images import (
    frechet_bootstrap,
    frechet_distance,
)
from qdm_utils.images.scores import (
    frechet,
)


def with_moments(rng, mean: np.ndarray, covariance: np.ndarray, count: int = 50) -> np.ndarray:
    """Points whose sample mean and covariance are exactly these."""
    points = rng.normal(size=(count, len(mean)))
    points -= points.mean(0)
    points = points @ np.linalg.inv(np.linalg.cholesky(np.cov(points, rowvar=False))).T
    values, vectors = np.linalg.eigh(covariance)
    return mean + points @ (vectors * np.sqrt(values.clip(min=0))).T


def test_the_distance_is_zero_on_identical_sets_and_symmetric(rng):
    a, b = rng.normal(size=(60, 8)) @ rng.normal(size=(8, 8)), rng.normal(size=(40, 8)) + 0.3
    assert abs(frechet_distance(a, a)) < 1e-10
    assert abs(frechet_distance(a, a[::-1])) < 1e-10
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-12)
    assert frechet_distance(3 * a, 3 * b) == pytest.approx(9 * frechet_distance(a, b), rel=1e-10)


def test_the_distance_of_gaussians_is_the_known_one(rng):
    # Commuting covariances: Σ (σ − σ′)². Turned together the distance stays.
    mean, other = np.array([1.0, 0, 0]), np.array([0.0, 2, 0])
    one, two = np.diag([1.0, 4, 9]), np.diag([4.0, 4, 1])
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    expected = 5 + (1 - 2) ** 2 + (3 - 1) ** 2
    a, b = with_moments(rng, mean, one), with_moments(rng, other, two, 70)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-10)
    assert frechet_distance(a @ turn, b @ turn) == pytest.approx(expected, rel=1e-10)
    # Two that do not commute, in two dimensions: Tr (CC′)^½ = (Tr CC′ + 2 (det C det C′)^½)^½.
    one, two = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.8], [-0.8, 3.0]])
    overlap = np.sqrt(np.trace(one @ two) + 2 * np.sqrt(np.linalg.det(one) * np.linalg.det(two)))
    a, b = with_moments(rng, np.zeros(2), one), with_moments(rng, np.zeros(2), two)
    assert frechet_distance(a, b) == pytest.approx(7 - 2 * overlap, rel=1e-10)


def test_covariances_of_low_rank_are_no_trouble(rng):
    # Fewer points than features, and a feature that never changes.
    a, b = rng.normal(size=(5, 12)), rng.normal(size=(6, 12))
    a[:, 3] = b[:, 3] = 2.0
    assert np.isfinite(frechet_distance(a, b))
    assert abs(frechet_distance(a, a)) < 1e-10
    # Orthogonal supports: nothing overlaps, the traces add up. Points at one place: |Δμ|² + Tr C.
    left, right = np.zeros((20, 4)), np.zeros((20, 4))
    left[:, 0], right[:, 1] = rng.normal(size=20), rng.normal(size=20)
    traces = left.var(0, ddof=1).sum() + right.var(0, ddof=1).sum()
    shift = np.square(left.mean(0) - right.mean(0)).sum()
    assert frechet_distance(left, right) == pytest.approx(traces + shift, rel=1e-12)
    assert frechet_distance(left, np.tile(left.mean(0), (9, 1))) == pytest.approx(
        left.var(0, ddof=1).sum(), rel=1e-12
    )


def test_the_bootstrap_error_is_the_spread_of_independent_sets(rng):
    def distance(seed: int) -> float:
        draws = np.random.default_rng(seed)
        return frechet_distance(
            draws.normal([1.0, 0, 0], size=(400, 3)), draws.normal(size=(300, 3))
        )

    spread = np.std([distance(seed) for seed in range(100)])
    a, b = rng.normal([1.0, 0, 0], size=(400, 3)), rng.normal(size=(300, 3))
    score = frechet_bootstrap(a, b, draws=60, seed=1, extractor="unit 1")
    assert score.value == frechet_distance(a, b)
    assert score.standard_error == pytest.approx(spread, rel=0.35)
    assert 0 < score.bias < 3 * score.standard_error
    assert (score.n, score.dimension) == ((400, 300), 3)
    assert "400 against 300 pictures, 3 features, unit 1" in str(score)
    assert score == frechet_bootstrap(a, b, draws=60, seed=1, extractor="unit 1")
    assert score.standard_error != frechet_bootstrap(a, b, draws=5, seed=2).standard_error


def test_wrong_features_are_refused(rng):
    with pytest.raises(
        ValueError, match="Argument `others` must have 3 columns like `features`, but got 2"
    ):
        frechet_distance(np.zeros((4, 3)), np.zeros((4, 2)))
    with pytest.raises(ValueError, match="Argument `features` must have shape"):
        frechet_distance(np.zeros((1, 3)), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="Argument `others` must have shape"):
        frechet_distance(np.zeros((4, 3)), np.zeros(4))
    with pytest.raises(ValueError, match="Argument `others` must be finite"):
        frechet_distance(np.zeros((4, 3)), np.full((4, 3), np.nan))


def test_the_bootstrap_reports_the_sample_deviation_and_the_shift_of_its_draws(monkeypatch):
    """Of two draws, 1 and 3, about a value of 10: both sets are drawn again, with replacement, and
    keep their sizes."""
    given, sets = iter([1.0, 3.0, 10.0]), []

    def distance(features, others):
        sets.append((features, others))
        return next(given)

    monkeypatch.setattr(frechet, "frechet_distance", distance)
    one, two = np.arange(40.0)[:, None], np.arange(100.0, 130.0)[:, None]
    score = frechet_bootstrap(one, two, draws=2, seed=1)
    assert (score.value, score.bias) == (10.0, -8.0)
    assert score.standard_error == pytest.approx(sqrt(2))
    for features, others in sets[:2]:
        assert (features.shape, others.shape) == (one.shape, two.shape)
        assert set(features[:, 0]) < set(one[:, 0])  # some came twice, so that others are missing
        assert set(others[:, 0]) < set(two[:, 0])
    assert not np.array_equal(sets[0][0], sets[1][0])
