"""Diffusion of Gaussian mixtures, exactly: their noise predictor and their true reverse steps."""

from dataclasses import dataclass
from math import log, pi

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.diffusion.schedules import check_schedule
from qdm_utils.randomness import Seed, generator


@dataclass(frozen=True)
class Mixture:
    """Σ_k N(m_k, s²·1)/K, equal weights.

    Args:
        centres: m_k, shape (K, D), float64.
        width: s > 0.

    Raises:
        ValueError: no centres, or s ≤ 0.

    >>> origin = torch.zeros(1, 2, dtype=torch.float64)
    >>> Mixture(origin, 1.0).log_density(origin[0]).item() + log(2 * pi)
    0.0
    """

    centres: Tensor
    width: float

    def __post_init__(self) -> None:
        shape = tuple(self.centres.shape)
        demand(len(shape) == 2 and shape[0] > 0, "centres", "have shape (K, D)", f"shape {shape}")
        positive("width", self.width)

    def sample(self, shape: tuple[int, ...], seed: Seed) -> Tensor:
        """Points, shape (*shape, D)."""
        source = generator(seed)
        which = torch.randint(len(self.centres), shape, generator=source)
        noise = torch.randn(*shape, self.centres.shape[-1], generator=source, dtype=torch.float64)
        return self.centres[which] + self.width * noise

    def forward(self, alpha_bar: float) -> "Mixture":
        """The mixture after a jump that lets the share ᾱ of its variance survive (eq. 2)."""
        width = (alpha_bar * self.width**2 + 1.0 - alpha_bar) ** 0.5
        return Mixture(alpha_bar**0.5 * self.centres, width)

    def log_density(self, x: Tensor) -> Tensor:
        """Natural logarithm of the density at points (..., D), shape (...)."""
        count, size = self.centres.shape
        norm = log(count) + 0.5 * size * log(2 * pi * self.width**2)
        return self._exponents(x).logsumexp(-1) - norm

    def noise(self, x: Tensor, alpha_bar: float) -> Tensor:
        """The best noise predictor E[ε|x_t = x] for data distributed like this; shape of `x`.

        It is −√(1 − ᾱ) ∇log q_t(x).
        """
        blurred = self.forward(alpha_bar)
        shares = blurred._exponents(x).softmax(-1)
        return (1.0 - alpha_bar) ** 0.5 * (x - shares @ blurred.centres) / blurred.width**2

    def _exponents(self, x: Tensor) -> Tensor:
        return -(x[..., None, :] - self.centres).square().sum(-1) / (2 * self.width**2)


def ring(modes: int, radius: float, width: float) -> Mixture:
    """Gaussians of standard deviation `width`, evenly placed on a circle in the plane.

    >>> ring(4, 1.0, 0.1).centres.shape
    torch.Size([4, 2])
    """
    angles = 2 * pi * torch.arange(whole_number("modes", modes, 1), dtype=torch.float64) / modes
    directions = torch.stack([angles.cos(), angles.sin()], -1)
    return Mixture(positive("radius", radius) * directions, width)


@dataclass(frozen=True)
class ReverseShape:
    """How far true reverse steps q(x_{t−1}|x_t) are from Gaussians; entries of shape (m,).

    All are averages over x_t.

    Args:
        matched: total variation from the Gaussian with the step's own mean and variance.
        fixed: total variation from the Gaussian with the step's own mean and the variance β_t.
        divergence: Kullback–Leibler divergence from the former, nats.
    """

    matched: Tensor
    fixed: Tensor
    divergence: Tensor


def reverse_shape(
    mixture: Mixture, betas: ArrayLike, points: int = 201, nodes: int = 1001
) -> ReverseShape:
    """Hold a true reverse step of a mixture on a line against its Gaussian models, by quadrature.

    Eq. 3 of QAMP 2025 takes the step for a Gaussian, which is true for small β only.

    Args:
        mixture: the distribution of x_{t−1}, D = 1.
        betas: variances of the step, shape (m,), in (0, 1).
        points: equidistant x_t, over which the average is taken.
        nodes: equidistant x_{t−1}, over ± 9 standard deviations of the step.

    Raises:
        ValueError: not one dimension, or no step between 0 and 1.

    >>> normal = Mixture(torch.zeros(1, 1, dtype=torch.float64), 1.0)
    >>> found = reverse_shape(normal, torch.tensor([0.1]), 11)
    >>> bool(found.matched[0] < 1e-12), bool(found.fixed[0] < 1e-12)
    (True, True)
    """
    size = mixture.centres.shape[-1]
    demand(size == 1, "mixture", "be one-dimensional", f"D = {size}")
    betas = check_schedule("betas", betas)
    inner = bool(((betas > 0) & (betas < 1)).all())
    demand(inner, "betas", "lie strictly between 0 and 1", f"{betas.min():g} … {betas.max():g}")
    found = []
    for beta in betas.tolist():
        after = mixture.forward(1.0 - beta)
        reach = after.centres.abs().max() + 6 * after.width
        now = torch.linspace(-reach, reach, points, dtype=torch.float64)[:, None]
        found.append(_average(mixture, beta, now, after.log_density(now).exp(), nodes))
    return ReverseShape(*torch.tensor(found, dtype=torch.float64).T)


def _average(
    mixture: Mixture, beta: float, now: Tensor, weight: Tensor, nodes: int
) -> tuple[float, float, float]:
    # By Bayes: a component N(m, s²) of x_{t−1}, seen through x_t, has precision 1/s² + (1−β)/β
    variance = 1.0 / (1.0 / mixture.width**2 + (1.0 - beta) / beta)
    means = variance * (mixture.centres[:, 0] / mixture.width**2 + (1.0 - beta) ** 0.5 / beta * now)
    shares = mixture.forward(1.0 - beta)._exponents(now).softmax(-1)
    mean = (shares * means).sum(-1, keepdim=True)
    spread = (variance + (shares * (means - mean).square()).sum(-1, keepdim=True)).sqrt()
    u = torch.linspace(-9.0, 9.0, nodes, dtype=torch.float64)
    x = mean + spread * u
    step = spread[:, 0] * (u[1] - u[0])
    # Logarithms until the end: far out every component of a narrow step underflows.
    exponents = -(x[..., None] - means[:, None, :]).square() / (2 * variance)
    weighted = exponents + shares.log()[:, None, :]
    log_true = weighted.logsumexp(-1) - 0.5 * log(2 * pi * variance)
    log_matched = -0.5 * u.square() - 0.5 * log(2 * pi) - spread.log()
    log_fixed = -(x - mean).square() / (2 * beta) - 0.5 * log(2 * pi * beta)
    true = log_true.exp()
    rows = [
        0.5 * (true - log_matched.exp()).abs().sum(-1),
        0.5 * (true - log_fixed.exp()).abs().sum(-1),
        (true * (log_true - log_matched)).sum(-1),
    ]
    matched, fixed, divergence = (
        ((row * step * weight).sum() / weight.sum()).item() for row in rows
    )
    return matched, fixed, divergence
