"""Noise schedules: the share of noise of every step, and what survives them.

One law holds for Gaussian and for depolarizing noise.
"""

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import between, demand, whole_number


def check_schedule(name: str, schedule: ArrayLike) -> Tensor:
    """A schedule as float64, shape (T,), T ≥ 1, entries in [0, 1]; refused by name otherwise."""
    values = fraction(name, schedule)
    fits = values.ndim == 1 and len(values) > 0
    demand(fits, name, "have shape (T,) with T ≥ 1 steps", f"shape {tuple(values.shape)}")
    return values


def check_step(name: str, t: int, steps: int) -> int:
    """t as a whole number in 1 … T."""
    t = whole_number(name, t, 1)
    demand(t <= steps, name, f"lie in 1 … {steps}", t)
    return t


def linear_schedule(steps: int, first: float, last: float) -> Tensor:
    """T noise shares growing linearly.

    Args:
        steps: T, ≥ 1.
        first, last: shares p_1 and p_T, in [0, 1].

    Returns:
        Shape (T,), float64.

    Raises:
        ValueError: T < 1 or a share outside [0, 1].

    >>> linear_schedule(3, 0.1, 0.3)
    tensor([0.1000, 0.2000, 0.3000], dtype=torch.float64)
    """
    steps = whole_number("steps", steps, 1)
    return torch.linspace(
        float(between("first", first, 0.0, 1.0)),
        float(between("last", last, 0.0, 1.0)),
        steps,
        dtype=torch.float64,
    )


def survival(schedule: ArrayLike) -> Tensor:
    """What survives of the start after t steps: α_t = Π_{s≤t} (1 − p_s).

    Args:
        schedule: shares p_1 … p_T of noise, shape (T,): depolarizing probabilities, or the
            variances β of a Gaussian step.

    Returns:
        α_0 = 1, α_1, …, α_T, shape (T + 1,), float64. Of a density matrix the weight α_t survives
        (QAMP 2025, eq. 8); of classical data the amplitude √α_t, there written ᾱ_t (eq. 2).

    Raises:
        ValueError: no step, or an entry outside [0, 1].

    >>> survival([0.5, 0.5])
    tensor([1.0000, 0.5000, 0.2500], dtype=torch.float64)
    """
    kept = 1.0 - check_schedule("schedule", schedule)
    return torch.cat([torch.ones(1, dtype=torch.float64), kept.cumprod(0)])


def schedule_of_survival(alpha_bars: ArrayLike) -> Tensor:
    """Shares β_t = 1 − ᾱ_t/ᾱ_{t−1} of the steps that leave given ᾱ_t: `survival` backwards.

    Args:
        alpha_bars: ᾱ_0 = 1, ᾱ_1, …, ᾱ_T, not growing and > 0 but for the last, shape (T + 1,).

    Returns:
        Shape (T,), float64.

    Raises:
        ValueError: another start than 1, or a share that grows.

    >>> schedule_of_survival([1.0, 0.5, 0.125])
    tensor([0.5000, 0.7500], dtype=torch.float64)
    """
    kept = check_schedule("alpha_bars", alpha_bars)
    begins = len(kept) > 1 and kept[0].item() == 1.0
    demand(begins, "alpha_bars", "begin with 1 and go on", kept.tolist())
    falls = bool((kept[1:] <= kept[:-1]).all()) and bool((kept[:-1] > 0.0).all())
    demand(falls, "alpha_bars", "fall and stay > 0 up to the last", kept.tolist())
    return 1.0 - kept[1:] / kept[:-1]


def fraction(name: str, value: ArrayLike) -> Tensor:
    """Weights or probabilities as float64 in [0, 1], shape as given; refused by name otherwise."""
    array = value.detach().numpy() if isinstance(value, Tensor) else value
    return torch.tensor(between(name, array, 0.0, 1.0))
