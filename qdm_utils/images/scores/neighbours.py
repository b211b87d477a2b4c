"""Scores from nearest neighbours: how faithful and how varied generated pictures are, and whether
they are copies."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, real_array, whole_number

CHUNK = 1000  # rows of a distance matrix at a time


@dataclass(frozen=True)
class ManifoldScore:
    """Fidelity and variety of a generated set, from balls around each point that reach to its k-th
    neighbour in its own set.

    Args:
        precision: fraction of generated points within a ball of a real one.
        recall: fraction of real points within a ball of a generated one.
        density: mean number of real balls a generated point lies in, over k; 1 in the mean for
            equal laws, may exceed 1.
        coverage: fraction of real balls that hold a generated point.
        k: which neighbour.
        n: real and generated points.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    k: int
    n: tuple[int, int]


def precision_recall(real: np.ndarray, generated: np.ndarray, k: int = 5) -> ManifoldScore:
    """Precision, recall, density and coverage of generated features.

    Args:
        real, generated: shapes (N, D) and (M, D), N, M > k.
        k: the neighbour that sets the radius of a ball, ≥ 1, the point itself not counted.

    Raises:
        ValueError: tables of other shapes, or too few points.

    Source: precision and recall: T. Kynkäänniemi et al., arXiv:1904.06991; density and coverage: M.
    F. Naeem et al., arXiv:2002.09797.

    >>> precision_recall(np.arange(6.0)[:, None], np.arange(6.0)[:, None] + 0.1, k=1).precision
    1.0
    """
    k = whole_number("k", k, 1)
    here = _points("real", real, k)
    there = _points("generated", generated, k)
    width = here.shape[1]
    fits = there.shape[1] == width
    demand(fits, "generated", f"have {width} columns like `real`", there.shape[1])
    radius = _radii(here, k)
    generated_radius = _radii(there, k)
    balls = torch.zeros(len(there))  # real balls around each generated point
    recalled = torch.zeros(len(here), dtype=torch.bool)
    covered = torch.zeros(len(here), dtype=torch.bool)
    for rows in torch.arange(len(here)).split(CHUNK):
        distance = torch.cdist(here[rows], there)
        inside = distance <= radius[rows, None]
        balls += inside.sum(0)
        covered[rows] = inside.any(1)
        recalled[rows] = (distance <= generated_radius).any(1)
    return ManifoldScore(
        precision=(balls > 0).double().mean().item(),
        recall=recalled.double().mean().item(),
        density=balls.double().mean().item() / k,
        coverage=covered.double().mean().item(),
        k=k,
        n=(len(here), len(there)),
    )


def nearest_training_image(pictures: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """The training image nearest to each picture: what a memorised one would be a copy of.

    To be read beside the same distances of held-out images: pictures that are nearer than these are
    by more than blur are copies.

    Args:
        pictures: shape (M, 28, 28), or (M, ...) in general.
        train: shape (N, 28, 28), N ≥ 1.

    Returns:
        Euclidean distances over all pixels, float32, shape (M,), exactly 0 for a copy; and indices
        into `train`, shape (M,).

    Raises:
        ValueError: shapes that do not fit.

    >>> nearest_training_image(torch.tensor([[1.0, 0.0]]), torch.eye(2))
    (tensor([0.]), tensor([0]))
    """
    demand(len(train) > 0, "train", "hold an image", len(train))
    fits = pictures.ndim > 1 and pictures.shape[1:] == train.shape[1:]
    wanted = f"have shape (M, {', '.join(map(str, train.shape[1:]))})"
    demand(fits, "pictures", wanted, f"shape {tuple(pictures.shape)}")
    pictures = pictures.flatten(1).float()
    train = train.flatten(1).float()
    squares = train.square().sum(1)
    # |x|² is the same for all candidates of a picture x, so it is left out of the search.
    found = [(squares - 2 * chunk @ train.T).argmin(1) for chunk in pictures.split(CHUNK // 4)]
    index = torch.cat(found) if found else torch.empty(0, dtype=torch.long)
    return torch.linalg.vector_norm(pictures - train[index], dim=1), index


def _points(name: str, table: np.ndarray, k: int) -> Tensor:
    points = real_array(name, table)
    fits = points.ndim == 2 and len(points) > k
    demand(fits, name, f"have shape (N, D), N > {k}", f"shape {points.shape}")
    return torch.from_numpy(points)


def _radii(points: Tensor, k: int) -> Tensor:
    """Distance of each point to its k-th neighbour in its own set."""
    radii = []
    for rows in torch.arange(len(points)).split(CHUNK):
        distance = torch.cdist(points[rows], points)
        distance[torch.arange(len(rows)), rows] = torch.inf  # the point itself
        radii.append(distance.kthvalue(k, dim=1).values)
    return torch.cat(radii)
