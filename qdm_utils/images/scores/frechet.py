"""The Fréchet distance between two sets of features, each taken for a Gaussian: |μ − μ′|² + Tr(C +
C′ − 2(C C′)^½)."""

from dataclasses import dataclass

import numpy as np

from qdm_utils.arguments import demand, real_array, whole_number
from qdm_utils.randomness import Seed, numpy_generator


@dataclass(frozen=True)
class FrechetScore:
    """A distance with what it takes to read it.

    Args:
        value: the distance between the two sets, in squared units of a feature.
        standard_error: sd of the distance over bootstrap draws.
        bias: mean of the draws minus the value, an estimate of what a finite number of pictures
            adds.
        n: pictures in each of the two sets.
        dimension: features of a picture.
        extractor: what the features are and their unit.
    """

    value: float
    standard_error: float
    bias: float
    n: tuple[int, int]
    dimension: int
    extractor: str = ""

    def __str__(self) -> str:
        n, m = self.n
        what = f", {self.extractor}" if self.extractor else ""
        sets = f"{n:,} against {m:,} pictures, {self.dimension} features{what}"
        return f"{self.value:.4g} ± {self.standard_error:.2g} (bootstrap sd; {sets})"


def frechet_distance(features: np.ndarray, others: np.ndarray) -> float:
    """Squared 2-Wasserstein distance of the Gaussians with the means and covariances of two sets of
    features.

    Args:
        features, others: shapes (N, D) and (M, D), N, M ≥ 2; covariances with N − 1 below, of any
            rank.

    Returns:
        A number ≥ 0 up to rounding; 0 for identical sets. Finite sets of one law have a positive
        distance, about ∝ 1/N.

    Raises:
        ValueError: not two tables of finite numbers of the same width.

    Source: D. C. Dowson, B. V. Landau, J. Multivariate Anal. 12, 450 (1982); as a score of
    pictures: M. Heusel et al., arXiv:1706.08500, with other features.

    >>> frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [5.0]]))
    9.0
    """
    features, others = _tables(features, others)
    mean, root = _moments(features)
    other_mean, other_root = _moments(others)
    # Tr (C C′)^½ is the nuclear norm of C^½ C′^½: no square root of a tiny eigenvalue of a product
    # is taken.
    overlap = np.linalg.svd(root @ other_root, compute_uv=False).sum()
    traces = np.square(root).sum() + np.square(other_root).sum()
    return float(np.square(mean - other_mean).sum() + max(traces - 2 * overlap, 0.0))


def frechet_bootstrap(
    features: np.ndarray, others: np.ndarray, draws: int = 20, seed: Seed = 0, extractor: str = ""
) -> FrechetScore:
    """The distance, and its error from sets drawn again with replacement.

    Args:
        features, others: as in `frechet_distance`.
        draws: ≥ 2.
        seed: of the draws.
        extractor: what to say of the features, with their scale.

    Raises:
        ValueError: as in `frechet_distance`, or draws < 2.
    """
    features, others = _tables(features, others)
    rng = numpy_generator(seed)
    distances = []
    for _ in range(whole_number("draws", draws, 2)):
        again = features[rng.integers(0, len(features), len(features))]
        others_again = others[rng.integers(0, len(others), len(others))]
        distances.append(frechet_distance(again, others_again))
    value = frechet_distance(features, others)
    error = float(np.std(distances, ddof=1))
    bias = float(np.mean(distances) - value)
    n = (len(features), len(others))
    return FrechetScore(value, error, bias, n, features.shape[1], extractor)


def _tables(features: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features = _table("features", features)
    others = _table("others", others)
    width = features.shape[1]
    fits = others.shape[1] == width
    demand(fits, "others", f"have {width} columns like `features`", others.shape[1])
    return features, others


def _table(name: str, table: np.ndarray) -> np.ndarray:
    table = real_array(name, table)
    fits = table.ndim == 2 and len(table) > 1
    demand(fits, name, "have shape (N, D), N ≥ 2", f"shape {table.shape}")
    return table


def _moments(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and the symmetric square root of the covariance."""
    mean = table.mean(0)
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(table, rowvar=False)))
    return mean, (vectors * np.sqrt(values.clip(min=0.0))) @ vectors.T
