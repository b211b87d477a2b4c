"""Gaussian noise on latent vectors, step by step, with the coefficients of a published model and
with those of diffusion models.

The forward path is classical and has no parameters. With ᾱ_t = Π(1 − β_s) the target of a reverse
step is the noisy latent x_{t−1} = √ᾱ_{t−1} x + c(1 − ᾱ_{t−1}) ε and its input one more noise step,
x_t = √(1 − β_t) x_{t−1} + c(β_t) ε′, both normalised. A diffusion model has c(v) = √v, so that the
variances add up; the published circuit model has c(v) = v.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from qdm_utils.arguments import between, demand, whole_number


@dataclass(frozen=True)
class LatentNoise:
    """The noise levels β_0 … β_T, equally spaced, and how noise enters.

    Args:
        steps: T ≥ 1, reverse steps; level 0 belongs to the nearly clean target of the last one.
        first, last: β_0 and β_T in (0, 1).
        complex_noise: ε = ε_r + iε_i with standard normal parts (so E|ε_k|² = 2), or ε_r alone.
        root: coefficients √v as in diffusion models instead of v.

    Raises:
        ValueError: a level outside [0, 1] or no step.

    >>> [round(level, 4) for level in LatentNoise().betas.tolist()][:3]
    [0.004, 0.0535, 0.103]
    """

    steps: int = 8
    first: float = 0.004
    last: float = 0.4
    complex_noise: bool = True
    root: bool = False

    def __post_init__(self) -> None:
        whole_number("steps", self.steps, 1)
        between("first", self.first, 0.0, 1.0)
        between("last", self.last, 0.0, 1.0)

    @cached_property
    def betas(self) -> Tensor:
        """β_0 … β_T, shape (T + 1,), float64."""
        return torch.linspace(self.first, self.last, self.steps + 1, dtype=torch.float64)

    @cached_property
    def kept(self) -> Tensor:
        """ᾱ_0 … ᾱ_T, shape (T + 1,)."""
        return torch.cumprod(1 - self.betas, 0)

    def coefficient(self, variances: Tensor) -> Tensor:
        """c(v), what stands before the noise."""
        return variances.sqrt() if self.root else variances

    def signal_fraction(self, size: int) -> Tensor:
        """Of the mean squared norm of x_t what is signal, t = 0 … T, for unit vectors of `size`
        numbers, shape (T + 1,)."""
        noise = self.coefficient(1 - self.kept) ** 2 * size * (2 if self.complex_noise else 1)
        return self.kept / (self.kept + noise)

    def draw(self, shape: tuple[int, ...], source: torch.Generator) -> Tensor:
        """Noise ε, complex64; the imaginary parts are drawn in either case, so that both kinds
        share their real parts."""
        real, imaginary = torch.randn(2, *shape, generator=source)
        return torch.complex(real, imaginary if self.complex_noise else torch.zeros_like(real))

    def start(self, shape: tuple[int, ...], source: torch.Generator) -> Tensor:
        """Pure noise, normalised: where generation begins."""
        return normalised(self.draw(shape, source))

    def pairs(self, latents: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor]:
        """Inputs x_t and targets x_{t−1} of all reverse steps, t = 1 … T.

        Args:
            latents: unit vectors, real, shape (..., B, size).
            source: of the noise.

        Returns:
            Two complex64 tensors of unit vectors, shape (..., T, B, size).

        Raises:
            ValueError: complex latents.
        """
        demand(not latents.is_complex(), "latents", "be real", latents.dtype)
        column = (-1, 1, 1)
        beta = self.betas[1:].float().view(column)
        before = self.kept[:-1].float().view(column)
        shape = (*latents.shape[:-2], self.steps, *latents.shape[-2:])
        noise = self.draw(shape, source)
        target = before.sqrt() * latents.unsqueeze(-3) + self.coefficient(1 - before) * noise
        more = self.draw(shape, source)
        entered = (1 - beta).sqrt() * target + self.coefficient(beta) * more
        return normalised(entered), normalised(target)


def normalised(vectors: Tensor) -> Tensor:
    """Unit vectors along the last axis."""
    return vectors / torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)


def infidelity(states: Tensor, targets: Tensor) -> Tensor:
    """1 − |⟨a|b⟩|² of unit vectors, shape (...).

    >>> infidelity(torch.tensor([1.0, 0.0]), torch.tensor([0.6, 0.8])).item()  # doctest: +ELLIPSIS
    0.639999...
    """
    overlap = (states.conj() * targets).sum(-1)
    return 1 - overlap.abs().square()


def constant_infidelity(targets: Tensor) -> Tensor:
    """The least mean infidelity that one answer for all inputs can have: 1 − the largest eigenvalue
    of the mean projector.

    Args:
        targets: unit vectors, shape (..., B, size).

    Returns:
        Shape (...).

    >>> constant_infidelity(torch.eye(2)[[0, 0, 0, 1]]).item()
    0.25
    """
    mean = targets.mT @ targets.conj() / targets.shape[-2]
    return 1 - torch.linalg.eigvalsh(mean)[..., -1]
