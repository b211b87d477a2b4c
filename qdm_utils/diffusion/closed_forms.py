"""Closed forms of classical denoising diffusion (DDPM): steps, posteriors, weights.

x_t = √(1−β_t) x_{t−1} + √β_t ε with ε ~ N(0, 1); β_1 … β_T is a schedule in [0, 1], ᾱ_t = Π(1 −
β_s) its `survival`.
"""

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.diffusion.schedules import check_schedule, check_step, fraction, survival

VARIANCES = ("posterior", "forward")


def noised(x: Tensor, beta: ArrayLike, noise: Tensor) -> Tensor:
    """√(1−β) x + √β ε: one forward step, or with β = 1 − ᾱ_t the jump from x_0 to x_t.

    Args:
        x, noise: points and standard normal numbers, shapes (..., D) that broadcast.
        beta: share of noise in [0, 1]; its shape broadcasts with the leading axes of `x`.

    Returns:
        Broadcast shape.

    Raises:
        ValueError: β outside [0, 1].

    Source: QAMP 2025, eqs 1, 2 and the argument of ε_θ in eq. 6.

    >>> round(noised(torch.tensor([1.0]), 0.36, torch.tensor([0.5])).item(), 6)
    1.1
    """
    lost = fraction("beta", beta)[..., None]
    return ((1.0 - lost).sqrt() * x + lost.sqrt() * noise).to(x.dtype)


def forward_moments(mean: Tensor, covariance: Tensor, beta: ArrayLike) -> tuple[Tensor, Tensor]:
    """Mean √(1−β) m and covariance (1−β) C + β·1 after one forward step, exactly.

    Args:
        mean, covariance: m of shape (..., D) and C of shape (..., D, D); C = 0 for a fixed point.
        beta: share of noise in [0, 1], shape (...) or a number.

    Raises:
        ValueError: β outside [0, 1].

    >>> forward_moments(torch.ones(1), torch.zeros(1, 1), 0.75)[1].item()
    0.75
    """
    lost = fraction("beta", beta)[..., None]
    wide = lost[..., None]
    one = torch.eye(mean.shape[-1], dtype=mean.dtype)
    return (1.0 - lost).sqrt() * mean, (1.0 - wide) * covariance + wide * one


def posterior_coefficients(schedule: ArrayLike, t: int) -> tuple[Tensor, Tensor, Tensor]:
    """q(x_{t−1}|x_t, x_0) = N(a x_0 + b x_t, β̃): the numbers a, b and β̃.

    a = √ᾱ_{t−1} β_t/(1 − ᾱ_t), b = √(1−β_t)(1 − ᾱ_{t−1})/(1 − ᾱ_t), β̃ = β_t (1 − ᾱ_{t−1})/(1 −
    ᾱ_t).

    Args:
        schedule: β_1 … β_T, shape (T,).
        t: step, 1 … T; at t = 1 the posterior is x_0 itself.

    Raises:
        ValueError: no schedule, t outside 1 … T, or no noise at all up to t.

    >>> [round(x.item(), 6) for x in posterior_coefficients([0.5, 0.5], 2)]
    [0.471405, 0.471405, 0.333333]
    """
    betas = check_schedule("schedule", schedule)
    bars = survival(schedule)
    t = check_step("t", t, len(betas))
    beta = betas[t - 1]
    before = bars[t - 1]
    lost = 1.0 - bars[t]
    demand(lost.item() > 0.0, "schedule", f"add noise up to step {t}", "none")
    return (
        before.sqrt() * beta / lost,
        (1.0 - beta).sqrt() * (1.0 - before) / lost,
        beta * (1.0 - before) / lost,
    )


def clean_from_noise(x_t: Tensor, noise: Tensor, alpha_bar: Tensor | float) -> Tensor:
    """The point x_0 = (x_t − √(1 − ᾱ_t) ε)/√ᾱ_t that a noise ε has turned into x_t.

    Args:
        x_t, noise: shapes (..., D) that broadcast.
        alpha_bar: ᾱ_t in (0, 1], one number.

    Raises:
        ValueError: ᾱ_t outside (0, 1].

    >>> clean_from_noise(torch.tensor([1.1]), torch.tensor([0.5]), 0.64).item()
    1.0
    """
    kept = float(alpha_bar)
    demand(0.0 < kept <= 1.0, "alpha_bar", "lie in (0, 1]", f"{kept:g}")
    return (x_t - (1.0 - kept) ** 0.5 * noise) / kept**0.5


def mean_from_noise(x_t: Tensor, noise: Tensor, schedule: ArrayLike, t: int) -> Tensor:
    """Mean of x_{t−1} for a predicted noise: (x_t − β_t ε/√(1 − ᾱ_t))/√(1 − β_t).

    Args:
        x_t, noise: shapes (..., D) that broadcast.
        schedule, t: as in `posterior_coefficients`; β_t < 1.

    Raises:
        ValueError: as there, or a step that leaves nothing.

    >>> round(mean_from_noise(torch.ones(1), torch.zeros(1), [0.36], 1).item(), 6)
    1.25
    """
    posterior_coefficients(schedule, t)  # refuses what has no posterior
    beta = check_schedule("schedule", schedule)[t - 1].item()
    bar = survival(schedule)[t].item()
    demand(beta < 1.0, "schedule", f"leave something of the state at step {t}", "β = 1")
    return (x_t - beta / (1.0 - bar) ** 0.5 * noise) / (1.0 - beta) ** 0.5


def reverse_variances(schedule: ArrayLike, variance: str) -> Tensor:
    """Fixed variances σ_t² of the reverse steps: "posterior" β̃_t or "forward" β_t.

    At t = 1, where β̃ is 0, the former takes β_1.

    >>> reverse_variances([0.5, 0.5], "posterior")
    tensor([0.5000, 0.3333], dtype=torch.float64)
    """
    demand(variance in VARIANCES, "variance", f"be one of {', '.join(VARIANCES)}", repr(variance))
    betas = check_schedule("schedule", schedule)
    bars = survival(schedule)
    if variance == "forward":
        return betas
    demand(bars[1].item() < 1.0, "schedule", "add noise in its first step", "none")
    posterior = betas * (1.0 - bars[:-1]) / (1.0 - bars[1:])
    return torch.cat([betas[:1], posterior[1:]])


def bound_weights(schedule: ArrayLike, variance: str = "posterior") -> Tensor:
    """Weight w_t of ‖ε − ε_θ‖² in the t-th term of the bound; the simple loss (eq. 6) puts 1.

    w_t = β_t²/(2σ_t²(1 − β_t)(1 − ᾱ_t)): the KL term for t > 1, −log p(x_0|x_1) for t = 1, both up
    to constants in θ.

    Args:
        schedule: β_1 … β_T in (0, 1), shape (T,).
        variance: σ_t², see `reverse_variances`.

    Returns:
        Shape (T,).

    Raises:
        ValueError: no schedule, a step that adds no noise or leaves nothing.

    >>> [round(w, 6) for w in bound_weights([0.5, 0.75]).tolist()]
    [1.0, 3.0]
    """
    betas = check_schedule("schedule", schedule)
    inner = bool(((betas > 0.0) & (betas < 1.0)).all())
    demand(inner, "schedule", "lie strictly between 0 and 1", f"{betas.min():g} … {betas.max():g}")
    variances = reverse_variances(schedule, variance)
    return betas.square() / (2.0 * variances * (1.0 - betas) * (1.0 - survival(schedule)[1:]))
