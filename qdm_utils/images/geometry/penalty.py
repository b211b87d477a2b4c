"""How far an ensemble of latents is from the plain prior: the squared MMD, exact on the side of the prior.

One family of kernels serves all three geometries: exp(−(1 − c)/w) averaged over widths w, with c = |⟨z|z′⟩|² for states,
c = ⟨z, z′⟩ on the real sphere and 1 − c = |z − z′|²/(2D) for vectors of D reals. Haar measure and the uniform sphere look the
same from every point, so their kernel means are constants, and the Gaussian's has a closed form: nothing is drawn from the prior.
"""

import math
from functools import cache

import torch
from scipy.integrate import quad
from torch import Tensor

from qdm_utils.arguments import demand

WIDTHS = (0.1, 0.25, 0.5, 1.0)
PENALISED = ("quantum", "sphere", "gaussian")


def kernel(closeness: Tensor, widths: tuple[float, ...] = WIDTHS) -> Tensor:
    """Mean over the widths of exp(−(1 − c)/w): 1 where latents coincide, c = 1.

    >>> kernel(torch.tensor([1.0]))
    tensor([1.])
    """
    return sum(torch.exp((closeness - 1) / width) for width in widths) / len(widths)


def closeness(kind: str, latents: Tensor, others: Tensor) -> Tensor:
    """c of every pair, shape (N, M): see the module.

    Args:
        kind: "quantum", "sphere" or "gaussian".
        latents, others: shapes (N, size), (M, size).

    Raises:
        ValueError: another kind.
    """
    demand(kind in PENALISED, "kind", f"be one of {', '.join(PENALISED)}", repr(kind))
    product = latents.conj() @ others.mT
    if kind == "quantum":
        return (
            product.real.square() + product.imag.square()
        )  # not abs(): its gradient is undefined for orthogonal states
    if kind == "sphere":
        return product
    distance = latents.square().sum(-1)[:, None] + others.square().sum(-1) - 2 * product
    return 1 - distance / (2 * latents.shape[-1])


def prior_means(
    kind: str, latents: Tensor, widths: tuple[float, ...] = WIDTHS
) -> tuple[Tensor, float]:
    """Kernel mean of the prior seen from each latent, shape (N,), and its mean over the prior.

    Haar: |⟨z|z′⟩|² is Beta(1, d − 1) distributed. Sphere of D reals: ⟨z, z′⟩ has density ∝ (1 − t²)^((D−3)/2).
    """
    size = latents.shape[-1]
    if kind == "gaussian":
        seen, mean = torch.zeros(len(latents), dtype=latents.dtype, device=latents.device), 0.0
        for width in widths:
            square = width * size  # the kernel is exp(−|z − z′|²/(2·square))
            from_here = math.exp(-size / 2 * math.log1p(1 / square))
            seen = seen + from_here * torch.exp(
                -latents.square().sum(-1) / (2 * (1 + square))
            ) / len(widths)
            mean += math.exp(-size / 2 * math.log1p(2 / square)) / len(widths)
        return seen, mean
    mean = _constant(kind, size, widths)
    return torch.full((len(latents),), mean, dtype=latents.real.dtype, device=latents.device), mean


def ensemble_penalty(kind: str, latents: Tensor, widths: tuple[float, ...] = WIDTHS) -> Tensor:
    """Unbiased estimate of the squared MMD between the ensemble that `latents` are drawn from and the plain prior.

    Args:
        kind: "quantum" (towards Haar), "sphere" (uniform) or "gaussian" (standard normal).
        latents: independent draws, shape (N, size), N ≥ 2; states and points of the sphere normalised.
        widths: of the kernel.

    Returns:
        A scalar, 0 in the mean for the prior itself; it may be negative.

    Raises:
        ValueError: another kind, or fewer than two latents.
    """
    demand(len(latents) > 1, "latents", "be two or more", len(latents))
    count = len(latents)
    pairs = kernel(closeness(kind, latents, latents), widths)
    within = (pairs.sum() - pairs.diagonal().sum()) / (count * (count - 1))
    seen, mean = prior_means(kind, latents, widths)
    return within - 2 * seen.mean() + mean


@cache
def _constant(kind: str, size: int, widths: tuple[float, ...]) -> float:
    """Kernel mean of Haar states or of the uniform sphere."""

    def density(c: float) -> float:
        if kind == "quantum":
            return (size - 1) * (1 - c) ** (size - 2)
        norm = math.exp(math.lgamma(size / 2) - math.lgamma((size - 1) / 2)) / math.sqrt(math.pi)
        return norm * (1 - c * c) ** ((size - 3) / 2)

    low = 0.0 if kind == "quantum" else -1.0
    value, _ = quad(
        lambda c: density(c) * float(kernel(torch.tensor(c, dtype=torch.float64), widths)),
        low,
        1.0,
        epsabs=1e-12,
    )
    return value
