"""Ancestral sampling: from noise to data through the posteriors q(x_{t−1}|x_t, x̂_0)."""

from collections.abc import Callable

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.diffusion.closed_forms import (
    clean_from_noise,
    posterior_coefficients,
    reverse_variances,
)
from qdm_utils.diffusion.schedules import check_schedule, survival
from qdm_utils.randomness import Seed, generator


@torch.no_grad()
def ancestral_path(
    clean: Callable[[Tensor, int], Tensor],
    start: Tensor,
    schedule: ArrayLike,
    draw: Callable[[], Tensor],
    variance: str = "posterior",
) -> list[Tensor]:
    """Sample x_{t−1} ~ N(a x̂_0 + b x_t, σ_t²) for t = T … 1, with x̂_0 the point a model predicts.

    The mean is that of the posterior q(x_{t−1}|x_t, x_0) at the predicted point. For a model that
    predicts noise it is that of `mean_from_noise`; such a model is wrapped by `clean_from_noise`,
    and one that should not leave a known range clamps its prediction. The last step, at t = 1, ends
    at the prediction itself and adds no noise.

    Args:
        clean: (x_t, t) → predicted x̂_0, shape of x_t.
        start: x_T, standard normal numbers, any shape.
        schedule: β_1 … β_T, shape (T,); of given ᾱ_t by `schedule_of_survival`.
        draw: fresh standard normal numbers that broadcast with `start`, called at t = T … 2. So
            callers decide which chains share their noise.
        variance: σ_t², "posterior" (β̃_t) or "forward" (β_t), see `reverse_variances`.

    Returns:
        x_T, …, x_0: T + 1 tensors of the shape and type of `start`.

    Raises:
        ValueError: no schedule, a first step without noise, or an unknown variance.

    Source: QAMP 2025, eqs 3 and 6.

    >>> noise = torch.randn(5, 2)
    >>> path = ancestral_path(lambda x, t: 0 * x, noise, [0.5, 0.5], lambda: torch.zeros(5, 2))
    >>> len(path), path[-1].abs().max().item()
    (3, 0.0)
    """
    betas = check_schedule("schedule", schedule)
    variances = reverse_variances(betas, variance)
    path = [start]
    for t in range(len(betas), 0, -1):
        x = path[-1]
        from_start, from_now, _ = posterior_coefficients(betas, t)
        mean = from_start.item() * clean(x, t) + from_now.item() * x
        if t > 1:
            mean = mean + variances[t - 1].item() ** 0.5 * draw()
        path.append(mean.to(start.dtype))
    return path


def reverse_chain(
    predict: Callable[[Tensor, Tensor], Tensor],
    count: int,
    size: int,
    schedule: ArrayLike,
    variance: str,
    chains: int,
    seed: Seed,
    groups: int = 1,
) -> Tensor:
    """Reverse chains of noise predictors from x_T ~ N(0, 1) down to x_0, by `ancestral_path`.

    Args:
        predict: (x of shape (chains, count, size), t of shape (1, 1)) → noise of that shape.
        count, size, chains: points of a chain, their dimension D, and how many chains.
        schedule: β_1 … β_T in (0, 1), shape (T,).
        variance: σ_t², "posterior" or "forward", see `reverse_variances`.
        seed: of the start and of the noise.
        groups: chains come in this many groups of equal size, one after another. All chains of a
            group share start and noise, and groups are independent of each other: so methods are
            compared on the same draws within a group, and only groups count as repetitions.

    Returns:
        x_T, …, x_0, shape (T + 1, chains, count, size), float32.

    Raises:
        ValueError: no schedule, an unknown variance, or chains that do not fill the groups.

    >>> schedule = torch.tensor([0.1, 0.2])
    >>> reverse_chain(lambda x, t: 0 * x, 5, 2, schedule, "forward", chains=3, seed=1).shape
    torch.Size([3, 3, 5, 2])
    """
    bars = survival(schedule)
    fits = groups >= 1 and chains % groups == 0
    demand(fits, "groups", f"divide the number of chains, {chains}", groups)
    source = generator(seed)

    def draw() -> Tensor:
        fresh = torch.randn(groups, 1, count, size, generator=source)
        return fresh.expand(groups, chains // groups, count, size).flatten(0, 1)

    def clean(x: Tensor, t: int) -> Tensor:
        return clean_from_noise(x, predict(x, torch.full((1, 1), t)), bars[t])

    return torch.stack(ancestral_path(clean, draw(), schedule, draw, variance))
