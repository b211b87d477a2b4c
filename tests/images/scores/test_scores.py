import sys
import types

import numpy as np
import pytest
import torch

from qdm_utils.images import (
    InceptionMissing,
    frechet_bootstrap,
    frechet_distance,
    inception_distance,
    nearest_training_image,
    precision_recall,
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
    with pytest.raises(ValueError, match="Argument `others` must be finite"):
        frechet_distance(np.zeros((4, 3)), np.full((4, 3), np.nan))


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


def test_a_memorised_image_is_found(rng):
    train = torch.tensor(rng.random((700, 28, 28)), dtype=torch.float32)
    pictures = torch.tensor(rng.random((600, 28, 28)), dtype=torch.float32)
    pictures[550] = train[123]
    distance, index = nearest_training_image(pictures, train)
    assert (distance[550], index[550]) == (0, 123)
    assert (distance > 0).sum() == 599
    exact = "donot_use_mm_for_euclid_dist"  # the other way leaves about 1e-6 between a picture and its copy, by processor
    every = torch.cdist(pictures.flatten(1).double(), train.flatten(1).double(), compute_mode=exact)
    assert torch.allclose(distance.double(), every.min(1).values, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="Argument `pictures` must have shape"):
        nearest_training_image(pictures[:, :14], train)


def test_the_inception_distance_names_what_is_missing(tmp_path, monkeypatch):
    pictures = torch.zeros(4, 28, 28)
    monkeypatch.delenv("QDM_INCEPTION", raising=False)
    with pytest.raises(InceptionMissing, match="weights are missing: none are named"):
        inception_distance(pictures, pictures)
    monkeypatch.setenv("QDM_INCEPTION", str(tmp_path / "nowhere.pth"))
    with pytest.raises(InceptionMissing, match=r"nowhere.pth is not a file"):
        inception_distance(pictures, pictures)
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torchmetrics", None)
    with pytest.raises(InceptionMissing, match="needs torchmetrics with torch-fidelity"):
        inception_distance(pictures, pictures, weights)


def test_the_inception_distance_hands_torchmetrics_coloured_pictures(tmp_path, monkeypatch):
    """A stand-in for torchmetrics, which is not among the project's packages, that records how it is called."""
    seen = []

    class Metric:
        def __init__(self, **settings):
            seen.append(settings)

        def update(self, batch, real):
            seen.append((tuple(batch.shape), real))

        def compute(self):
            return torch.tensor(12.5)

    names = ("torchmetrics", "torchmetrics.image", "torchmetrics.image.fid")
    for name in names:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setattr(sys.modules[names[-1]], "FrechetInceptionDistance", Metric, raising=False)
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"")
    assert inception_distance(torch.zeros(130, 28, 28), torch.ones(20, 28, 28), weights) == 12.5
    assert seen[0] == {
        "feature": 2048,
        "normalize": True,
        "feature_extractor_weights_path": str(weights),
    }
    assert seen[1:] == [((100, 3, 28, 28), True), ((30, 3, 28, 28), True), ((20, 3, 28, 28), False)]
