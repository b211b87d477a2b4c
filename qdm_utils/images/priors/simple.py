"""Priors of latents with a counted number of parameters: what all share, and the plain and matched ones.

Those with a circuit are in `circuit_priors`, their classical twins in `classical_priors`.
"""

from dataclasses import dataclass
from math import cos, pi
from typing import Protocol

import torch
from torch import Tensor

from qdm_utils.arguments import positive, whole_number
from qdm_utils.images.geometry import WIDTHS, matched_gaussian, matched_states, plain_prior
from qdm_utils.optimise import DivergenceError
from qdm_utils.randomness import Seed


class Prior(Protocol):
    """Where latents are drawn from."""

    @property
    def parameter_count(self) -> int:
        """Numbers that were fitted to the latents."""

    def sample(self, count: int, seed: Seed) -> Tensor:
        """So many latents, shape (count, size)."""


@dataclass(frozen=True)
class PlainPrior:
    """Haar states, uniform points of the sphere or standard normal vectors: nothing is fitted."""

    kind: str
    n: int
    parameter_count: int = 0

    def sample(self, count: int, seed: Seed) -> Tensor:
        """As `latents.plain_prior`."""
        return plain_prior(self.kind, self.n, count, seed)


@dataclass(frozen=True, eq=False)
class MatchedPrior:
    """The simplest prior that has seen the data: √ρ·Haar for states, a Gaussian of equal mean and covariance for reals.

    Args:
        latents: what was seen, shape (N, size).
        sphere: whether samples are put back on the unit sphere.
    """

    latents: Tensor
    sphere: bool = False

    @property
    def parameter_count(self) -> int:
        """d² − 1 of a density matrix, or D + D(D + 1)/2 of mean and covariance."""
        size = self.latents.shape[-1]
        return size**2 - 1 if self.latents.is_complex() else size + size * (size + 1) // 2

    def sample(self, count: int, seed: Seed) -> Tensor:
        """As `latents.matched_states` or `latents.matched_gaussian`."""
        if self.latents.is_complex():
            return matched_states(self.latents, count, seed)
        drawn = matched_gaussian(self.latents, count, seed)
        return torch.nn.functional.normalize(drawn, dim=-1) if self.sphere else drawn


@dataclass(frozen=True)
class FitConfig:
    """How a chain or network is fitted: Adam, the rate falling along half a cosine to a tenth, fresh noise in every update.

    Args:
        updates: of each step of a chain, or of a network; iterations where a likelihood is maximised.
        rate: learning rate at the start.
        batch: noise inputs in an update, and four times as many latents, or all.
        start: sd of the first angles or weights; at 0 all of them leave the noise as it is.
        widths: of the kernel.
    """

    updates: int = 300
    rate: float = 0.02
    batch: int = 100
    start: float = 0.1
    widths: tuple[float, ...] = WIDTHS

    def __post_init__(self) -> None:
        whole_number("updates", self.updates, 1)
        whole_number("batch", self.batch, 2)
        positive("rate", self.rate)

    def descend(self, weights: Tensor, loss) -> Tensor:
        """Minimise `loss(weights)`; returns the weights."""
        weights = weights.clone().requires_grad_()
        adam = torch.optim.Adam([weights], self.rate)
        for update in range(self.updates):
            adam.param_groups[0]["lr"] = self.rate * (0.55 + 0.45 * cos(pi * update / self.updates))
            value = loss(weights)
            if not torch.isfinite(value):
                raise DivergenceError(
                    f"The fit of a prior diverged at update {update + 1}: lower `rate`."
                )
            adam.zero_grad()
            value.backward()
            adam.step()
        return weights.detach()


def draw_batch(table: Tensor, count: int, source: torch.Generator) -> Tensor:
    """So many rows, with replacement, or all of them where there are no more."""
    return (
        table
        if len(table) <= count
        else table[torch.randint(len(table), (count,), generator=source)]
    )
