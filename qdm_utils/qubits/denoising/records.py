"""What a training leaves behind, and when a curve reaches a value or half of its gain."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand, real_array, scalar
from qdm_utils.qubits.denoising.configuration import DenoiserConfig

MEASURES = (
    "train_fidelity",
    "eval_fidelity",
    "average_fidelity",
    "fresh_fidelity",
    "loss",
    "gradient_norm",
)


@dataclass(frozen=True)
class TrainingRecord:
    """What happened, as it stood before each Adam step.

    Every array but `stage` and `theta` has shape (seeds, epochs of all stages). Between evaluations
    the three evaluated fidelities are NaN.

    Args:
        config: what was asked for.
        train_fidelity: mean fidelity over the training states.
        eval_fidelity: over held-out states under the same scrambler.
        average_fidelity: over all states under the same scrambler, exactly.
        fresh_fidelity: over held-out states under another scrambler of that depth.
        loss, gradient_norm: of the cost minimised.
        stage: index into `depths`, shape (epochs,).
        theta: final angles, shape (seeds, L+1, n, 3).
    """

    config: DenoiserConfig
    train_fidelity: np.ndarray
    eval_fidelity: np.ndarray
    average_fidelity: np.ndarray
    fresh_fidelity: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    stage: np.ndarray
    theta: np.ndarray

    def best(self, measure: str = "train_fidelity") -> np.ndarray:
        """Largest value within each stage, shape (seeds, stages)."""
        return np.nanmax(self._by_stage(measure), axis=-1)

    def last(self, measure: str = "train_fidelity") -> np.ndarray:
        """Value at the last epoch of each stage, shape (seeds, stages)."""
        return self._by_stage(measure)[..., -1]

    def first(self, measure: str = "train_fidelity") -> np.ndarray:
        """Value at the first epoch of each stage, shape (seeds, stages)."""
        return self._by_stage(measure)[..., 0]

    def _by_stage(self, measure: str) -> np.ndarray:
        demand(measure in MEASURES, "measure", f"be one of {', '.join(MEASURES)}", repr(measure))
        return getattr(self, measure).reshape(self.config.seeds, len(self.config.depths), -1)


def first_reaching(curve: Tensor, target: float) -> Tensor:
    """The first look at which each draw has reached a target; its best look where it never does.

    Args:
        curve: fidelity of each draw at each look, shape (looks, draws), at least one look.
        target: the fidelity to be reached.

    Returns:
        Indices of looks, whole numbers, shape (draws,).

    Raises:
        ValueError: a curve of another shape, without a look or with NaN; a target that is no
        number.

    >>> first_reaching(torch.tensor([[0.1, 0.1], [0.4, 0.2], [0.5, 0.1]]), 0.3)
    tensor([1, 1])
    """
    looks = curve.ndim == 2 and len(curve) > 0
    demand(looks, "curve", "have shape (looks, draws)", f"shape {tuple(curve.shape)}")
    demand(bool(torch.isfinite(curve).all()), "curve", "be finite", "NaN or infinity")
    reached = curve >= scalar("target", target)
    first = reached.to(torch.int64).argmax(0)
    return torch.where(reached.any(0), first, curve.argmax(0))


def half_gain(times: ArrayLike, curves: ArrayLike) -> np.ndarray:
    """First time at which curves have made half of their way from first to last value.

    Between samples a curve is taken to be straight.

    Args:
        times: increasing, shape (m,), m ≥ 2.
        curves: shape (..., m); rising or falling.

    Returns:
        Shape (...), in the unit of `times`; NaN for a curve that ends where it began.

    Raises:
        ValueError: fewer than two times, times that do not increase, curves of another length, or
            numbers that are not finite.

    >>> half_gain(np.array([0.0, 10.0, 20.0]), np.array([3.0, 2.0, 1.0])).item()
    10.0
    """
    times = real_array("times", times)
    curves = real_array("curves", curves)
    rising = times.ndim == 1 and len(times) > 1 and bool((np.diff(times) > 0).all())
    demand(rising, "times", "increase, shape (m,)", times)
    fitting = curves.shape[-1:] == times.shape
    demand(fitting, "curves", f"have shape (..., {len(times)})", f"shape {curves.shape}")
    way = curves[..., -1:] - curves[..., :1]
    gain = (curves - curves[..., :1]) / np.where(way == 0, np.nan, way)
    after = np.argmax(gain >= 0.5, axis=-1)[..., None]
    before = np.maximum(after - 1, 0)
    low = np.take_along_axis(gain, before, -1)
    high = np.take_along_axis(gain, after, -1)
    crossing = times[before] + (0.5 - low) / (high - low) * (times[after] - times[before])
    return crossing[..., 0]
