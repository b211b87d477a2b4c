"""Priors of latents with a counted number of parameters: what all share, and the plain and matched
ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from qdm_utils.arguments import at_least, demand, positive, scalar, whole_number
from qdm_utils.images.geometry import WIDTHS, Geometry
from qdm_utils.optimise import cosine, descend
from qdm_utils.randomness import Seed


class Prior(Protocol):
    """Where latents are drawn from."""

    @property
    def parameter_count(self) -> int:
        """Numbers that were fitted to the latents."""
        ...

    def sample(self, count: int, seed: Seed) -> Tensor:
        """So many latents, shape (count, size)."""
        ...


@dataclass(frozen=True)
class PlainPrior:
    """Haar states, uniform points of the sphere or standard normal vectors: nothing is fitted.

    >>> from qdm_utils.images.geometry import Sphere
    >>> PlainPrior(Sphere(6)).sample(5, seed=1).shape
    torch.Size([5, 7])
    """

    geometry: Geometry

    @property
    def parameter_count(self) -> int:
        """None."""
        return 0

    def sample(self, count: int, seed: Seed) -> Tensor:
        """As `Geometry.plain`."""
        return self.geometry.plain(count, seed)


@dataclass(frozen=True, eq=False)
class MatchedPrior:
    """The simplest prior that has seen the data: √ρ·Haar for states, a Gaussian of equal mean and
    covariance for reals.

    Args:
        geometry: of the latents.
        latents: what was seen, shape (N, size).
    """

    geometry: Geometry
    latents: Tensor

    @property
    def parameter_count(self) -> int:
        """d² − 1 of a density matrix, or D + D(D + 1)/2 of mean and covariance."""
        return self.geometry.moment_count

    def sample(self, count: int, seed: Seed) -> Tensor:
        """As `Geometry.matched`."""
        return self.geometry.matched(self.latents, count, seed)


@dataclass(frozen=True)
class FitConfig:
    """How a chain or network is fitted: Adam, the rate falling along half a cosine to a tenth,
    fresh noise in every update.

    Args:
        updates: of each step of a chain, or of a network; iterations where a likelihood is
            maximised.
        rate: learning rate at the start.
        batch: noise inputs in an update, and four times as many latents, or all.
        start: sd of the first angles or weights; at 0 all of them leave the noise as it is.
        widths: of the kernel.

    Raises:
        ValueError: a value out of range.
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
        at_least("start", scalar("start", self.start), 0.0)
        demand(len(self.widths) > 0, "widths", "name a width", "none")
        for width in self.widths:
            positive("widths", width)

    def descend(self, weights: Tensor, loss: Callable[[Tensor], Tensor]) -> Tensor:
        """The weights after minimising `loss(weights)`; the ones given stay as they are.

        Raises:
            DivergenceError: a loss or gradient that is not finite, with the update.
        """
        weights = weights.clone().requires_grad_()
        rate = cosine(self.rate, self.updates, last=0.1)
        descend([weights], lambda _: loss(weights), self.updates, rate, "the fit of a prior")
        return weights.detach()


def draw_batch(table: Tensor, count: int, source: torch.Generator) -> Tensor:
    """So many rows, with replacement, or all of them where there are no more."""
    if len(table) <= count:
        return table
    return table[torch.randint(len(table), (count,), generator=source)]
