"""The variational bound of DDPM in nats, exactly: Gaussian data, linear Gaussian reverse steps."""

from dataclasses import dataclass
from math import log, pi

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.diffusion.closed_forms import forward_moments, posterior_coefficients
from qdm_utils.diffusion.schedules import check_schedule, survival


@dataclass(frozen=True)
class LinearReverse:
    """p(x_{t−1}|x_t) = N(A_t x_t + b_t, S_t) for t = 1 … T, from p(x_T) = N(0, 1).

    Args:
        matrices: A_t, shape (..., T, D, D); leading axes count chains.
        offsets: b_t, shape (..., T, D).
        covariances: S_t, positive definite, shape (..., T, D, D).
    """

    matrices: Tensor
    offsets: Tensor
    covariances: Tensor

    def __post_init__(self) -> None:
        size = self.offsets.shape[-1]
        for name in ("matrices", "covariances"):
            shape = tuple(getattr(self, name).shape)
            wanted = (*self.offsets.shape, size)
            demand(shape == wanted, name, f"have shape {wanted}", f"shape {shape}")
        least = torch.linalg.eigvalsh(self.covariances).min().item()
        demand(least > 0.0, "covariances", "be positive definite", f"an eigenvalue {least:.2g}")

    @property
    def steps(self) -> int:
        """T."""
        return self.offsets.shape[-2]

    def step(self, t: int) -> tuple[Tensor, Tensor, Tensor]:
        """A, b and S of the step from x_t to x_{t−1}, t = 1 … T."""
        return (
            self.matrices[..., t - 1, :, :],
            self.offsets[..., t - 1, :],
            self.covariances[..., t - 1, :, :],
        )


def exact_reverse(mean: Tensor, covariance: Tensor, schedule: ArrayLike) -> LinearReverse:
    """The true reverse q(x_{t−1}|x_t) of Gaussian data: eq. 3 of QAMP 2025 with nothing lost.

    Args:
        mean, covariance: of the data, shapes (D,) and (D, D), float64; C positive definite.
        schedule: β_1 … β_T, shape (T,).

    Source: QAMP 2025, eq. 3, with nothing lost.

    >>> exact_reverse(torch.zeros(2), torch.eye(2), [0.5]).covariances[0].diagonal()
    tensor([0.5000, 0.5000], dtype=torch.float64)
    """
    mean = mean.double()
    covariance = covariance.double()
    matrices = []
    offsets = []
    covariances = []
    for beta in check_schedule("schedule", schedule):
        after, wide = forward_moments(mean, covariance, beta)
        # C √(1−β) (C_t)⁻¹, as both covariances are symmetric.
        gain = (1.0 - beta).sqrt() * torch.linalg.solve(wide, covariance).mT
        matrices.append(gain)
        offsets.append(mean - gain @ after)
        covariances.append(covariance - (1.0 - beta).sqrt() * gain @ covariance)
        mean = after
        covariance = wide
    symmetric = torch.stack([(c + c.mT) / 2 for c in covariances])
    return LinearReverse(torch.stack(matrices), torch.stack(offsets), symmetric)


def cross_entropy(
    mean: Tensor, covariance: Tensor, model_mean: Tensor, model_covariance: Tensor
) -> Tensor:
    """−E log N(x; m', C') for x ~ N(m, C), in nats; shapes (..., D), (..., D, D).

    It is ½[Tr C'⁻¹(C + δδᵀ) + log det C' + D log 2π] with δ = m − m'.

    >>> round(cross_entropy(torch.zeros(1), torch.eye(1), torch.zeros(1), torch.eye(1)).item(), 6)
    1.418939
    """
    shift = mean - model_mean
    second = covariance + shift[..., :, None] * shift[..., None, :]
    quadratic = torch.einsum("...ii->...", torch.linalg.solve(model_covariance, second))
    return 0.5 * (quadratic + torch.logdet(model_covariance) + mean.shape[-1] * log(2 * pi))


def negative_log_likelihood(mean: Tensor, covariance: Tensor, reverse: LinearReverse) -> Tensor:
    """E[−log p_θ(x_0)] over Gaussian data in nats: the left side of eq. 4.

    p_θ(x_0) is what the whole reverse chain makes of N(0, 1).

    >>> data = torch.zeros(2), torch.eye(2)
    >>> round(negative_log_likelihood(*data, exact_reverse(*data, [0.5, 0.5])).item(), 6)
    2.837877
    """
    model_mean = torch.zeros_like(reverse.offsets[..., 0, :])
    model_covariance = torch.eye(model_mean.shape[-1], dtype=model_mean.dtype)
    for t in range(reverse.steps, 0, -1):
        matrix, offset, wide = reverse.step(t)
        model_mean = _map(matrix, model_mean) + offset
        model_covariance = matrix @ model_covariance @ matrix.mT + wide
    return cross_entropy(mean.double(), covariance.double(), model_mean, model_covariance)


def variational_bound(
    mean: Tensor, covariance: Tensor, reverse: LinearReverse, schedule: ArrayLike
) -> Tensor:
    """E_q[−log p_θ(x_{0:T})/q(x_{1:T}|x_0)]: the right side of eq. 4.

    It is computed from the joint moments of neighbours in the forward chain.

    Args:
        mean, covariance: of the data, shapes (D,) and (D, D).
        reverse: p_θ with T steps.
        schedule: β_1 … β_T in (0, 1], shape (T,).

    Returns:
        Nats, shape (...) of the chains.

    >>> data = torch.zeros(2), torch.eye(2)
    >>> round(variational_bound(*data, exact_reverse(*data, [0.5, 0.5]), [0.5, 0.5]).item(), 6)
    2.837877
    """
    mean = mean.double()
    covariance = covariance.double()
    size = mean.shape[-1]
    total = torch.zeros((), dtype=torch.float64)
    for t, beta in enumerate(_steps(schedule, reverse), 1):
        after, wide = forward_moments(mean, covariance, beta)
        joint = (1.0 - beta).sqrt() * covariance
        total = total + _transition(mean, covariance, after, wide, joint, reverse, t)
        total = total - 0.5 * size * (log(2 * pi) + 1.0 + beta.log())  # + E log q(x_t|x_{t−1})
        mean = after
        covariance = wide
    one = torch.eye(size, dtype=torch.float64)
    return total + cross_entropy(mean, covariance, torch.zeros_like(mean), one)


def bound_terms(
    mean: Tensor, covariance: Tensor, reverse: LinearReverse, schedule: ArrayLike
) -> Tensor:
    """The terms of eq. 5: L_0, L_1 … L_{T−1}, L_T.

    They come from the posteriors q(x_{t−1}|x_t, x_0) and from q(x_T|x_0): another way than that of
    `variational_bound`, so that the two check each other.

    Args:
        mean, covariance, reverse, schedule: as in `variational_bound`.

    Returns:
        Nats, shape (..., T + 1); all but L_0 are Kullback–Leibler divergences, so ≥ 0.

    >>> data = torch.zeros(2), torch.eye(2)
    >>> round(bound_terms(*data, exact_reverse(*data, [0.5, 0.5]), [0.5, 0.5]).sum().item(), 6)
    2.837877
    """
    mean = mean.double()
    covariance = covariance.double()
    size = mean.shape[-1]
    betas = _steps(schedule, reverse)
    bars = survival(schedule)
    one = torch.eye(size, dtype=torch.float64)
    after, wide = forward_moments(mean, covariance, betas[0])
    joint = (1.0 - betas[0]).sqrt() * covariance
    terms = [_transition(mean, covariance, after, wide, joint, reverse, 1)]
    for t in range(2, len(betas) + 1):
        from_start, from_now, variance = posterior_coefficients(schedule, t)
        root = bars[t].sqrt()
        after = root * mean
        wide = bars[t] * covariance + (1.0 - bars[t]) * one
        # The difference of the two means is linear in (x_0, x_t).
        matrix, offset, model = reverse.step(t)
        gap = from_now * one - matrix
        shift = from_start * mean + _map(gap, after) - offset
        mixed = from_start * root * covariance @ gap.mT
        spread = from_start.square() * covariance + gap @ wide @ gap.mT + mixed + mixed.mT
        second = variance * one + spread + shift[..., :, None] * shift[..., None, :]
        squares = torch.einsum("...ii->...", torch.linalg.solve(model, second))
        terms.append(0.5 * (squares - size + torch.logdet(model) - size * variance.log()))
    last = bars[-1]
    start = mean.square().sum() + covariance.trace()
    prior = 0.5 * (size * (1.0 - last) + last * start - size - size * (1.0 - last).log())
    return torch.stack([*terms, prior.expand(terms[0].shape)], -1)


def _map(matrix: Tensor, vector: Tensor) -> Tensor:
    return (matrix @ vector[..., None])[..., 0]


def _steps(schedule: ArrayLike, reverse: LinearReverse) -> Tensor:
    betas = check_schedule("schedule", schedule)
    fits = len(betas) == reverse.steps and bool((betas > 0.0).all())
    wanted = f"hold {reverse.steps} steps with noise, as `reverse`"
    demand(fits, "schedule", wanted, f"{len(betas)} from {betas.min():g}")
    return betas


def _transition(
    mean: Tensor,
    covariance: Tensor,
    after: Tensor,
    wide: Tensor,
    joint: Tensor,
    reverse: LinearReverse,
    t: int,
) -> Tensor:
    """−E log p(x_{t−1}|x_t) for x_{t−1} ~ N(mean, covariance) and x_t ~ N(after, wide).

    `joint` is Cov(x_{t−1}, x_t).
    """
    matrix, offset, model = reverse.step(t)
    mixed = joint @ matrix.mT
    spread = covariance + matrix @ wide @ matrix.mT - mixed - mixed.mT
    shift = mean - _map(matrix, after) - offset
    return cross_entropy(shift, spread, torch.zeros_like(shift), model)
