"""Classical priors of latents of a given number of parameters: a network, a diffusion with a small network, a Gaussian mixture.

The network is the circuit's twin: it starts from the same noise, the plain prior of its geometry, and minimises the same squared
MMD, with the kernel of `penalty`.
"""

import warnings
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import normalize, silu

from qdm_utils.arguments import demand, whole_number
from qdm_utils.images.geometry import closeness, kernel, latent_size, plain_prior
from qdm_utils.images.priors.simple import FitConfig, draw_batch
from qdm_utils.randomness import Seed, generator, spawn

STEPS = 40


@dataclass(frozen=True, eq=False)
class NetworkPrior:
    """x ↦ x + W₂ tanh(W₁x + b₁) + b₂ of plain noise, back on the sphere where there is one: the circuit's classical twin.

    Args:
        kind, n: the latent; a state counts as 2·2ⁿ reals.
        weights: flat, shape (parameter_count,).
    """

    kind: str
    n: int
    weights: Tensor

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return self.weights.numel()

    def sample(self, count: int, seed: Seed) -> Tensor:
        """Latents, shape (count, size)."""
        return carry(self.kind, self.weights, plain_prior(self.kind, self.n, count, seed))


def carry(kind: str, weights: Tensor, noise: Tensor) -> Tensor:
    """The map of `NetworkPrior`, differentiable in the weights."""
    reals = torch.view_as_real(noise).flatten(-2) if kind == "quantum" else noise
    size = reals.shape[-1]
    hidden = (len(weights) - size) // (2 * size + 1)
    one, two = (
        weights[: (size + 1) * hidden].view(size + 1, hidden),
        weights[(size + 1) * hidden :].view(hidden + 1, size),
    )
    scale = 1.0 if kind == "gaussian" else size**0.5
    moved = scale * reals + torch.addmm(
        two[-1], torch.tanh(torch.addmm(one[-1], scale * reals, one[:-1])), two[:-1]
    )
    if kind == "gaussian":
        return moved
    unit = torch.nn.functional.normalize(moved, dim=-1)
    return (
        torch.view_as_complex(unit.unflatten(-1, (-1, 2)).contiguous())
        if kind == "quantum"
        else unit
    )


def fit_network(
    kind: str, n: int, latents: Tensor, budget: int, config: FitConfig, seed: Seed
) -> NetworkPrior:
    """Train the widest network of at most `budget` parameters under the discrepancy that `fit_chain` minimises.

    Raises:
        ValueError: a budget too small for one hidden unit.
    """
    size = latent_size(kind, n) * (2 if kind == "quantum" else 1)
    hidden = (budget - size) // (2 * size + 1)
    demand(hidden > 0, "budget", f"be ≥ {3 * size + 1}, one hidden unit", budget)
    start_seed, draw_seed, *noise_seeds = spawn(seed, 2 + config.updates)
    start = config.start * torch.randn(
        (2 * size + 1) * hidden + size, generator=generator(start_seed)
    )
    source, seeds = generator(draw_seed), iter(noise_seeds)

    def loss(weights: Tensor) -> Tensor:
        made = carry(kind, weights, plain_prior(kind, n, 4 * config.batch, next(seeds)))
        aims, count = draw_batch(latents, 4 * config.batch, source), len(made)
        pairs = kernel(closeness(kind, made, made), config.widths)
        within = (pairs.sum() - pairs.diagonal().sum()) / (count * (count - 1))
        return within - 2 * kernel(closeness(kind, made, aims), config.widths).mean()

    return NetworkPrior(kind, n, config.descend(start, loss))


@dataclass(frozen=True, eq=False)
class DiffusionPrior:
    """Noise is removed in `STEPS` steps; the network is W₂ silu(W₁(x, cos, sin) + b₁) + b₂, see `turn`.

    Args:
        kind: the latent; states with their phase fixed count as points of a sphere of 2·2ⁿ − 1 reals.
        unit: rms component of the latents, which the network sees in this unit.
        weights: flat.
    """

    kind: str
    size: int
    unit: float
    weights: Tensor

    @property
    def parameter_count(self) -> int:
        """Weights and biases, and the unit where it was fitted."""
        return self.weights.numel() + (self.kind in ("gaussian", "vae"))

    def sample(self, count: int, seed: Seed) -> Tensor:
        """Latents by ancestral sampling, shape (count, size)."""
        source = generator(seed)
        x = torch.randn(count, self.size, generator=source)
        angles = torch.linspace(1, 0, STEPS + 1) * torch.pi / 2 * 0.999
        for now, then in pairwise(angles):
            signal, noise = now.cos(), now.sin()
            velocity = turn(self.weights, x, now.expand(count, 1))
            clean, predicted = signal * x - noise * velocity, noise * x + signal * velocity
            ratio = signal / then.cos()
            spread = (then.sin() / noise) * (1 - ratio**2).clamp(min=0).sqrt()
            x = then.cos() * clean + (then.sin() ** 2 - spread**2).clamp(min=0).sqrt() * predicted
            x = x + spread * torch.randn(count, self.size, generator=source)
        return _from_reals(self.kind, self.unit * x)


def fit_diffusion(
    kind: str, latents: Tensor, budget: int, config: FitConfig, seed: Seed
) -> DiffusionPrior:
    """Train the widest denoiser of at most `budget` parameters on the squared error of `turn`.

    Args:
        kind: "quantum", "sphere", "gaussian" or "vae".
        latents: shape (N, size); states with amplitude 0 real.
        budget: parameters at most.
        config: how; `widths` is not used, a batch holds four times `batch` latents.
        seed: of everything random.

    Raises:
        ValueError: a budget too small for one hidden unit.
    """
    reals = _to_reals(kind, latents)
    size = reals.shape[-1]
    fitted = kind in ("gaussian", "vae")
    unit = reals.square().mean().sqrt().item() if fitted else size**-0.5
    hidden = (budget - fitted - size) // (2 * size + 3)
    demand(hidden > 0, "budget", f"be ≥ {3 * size + 3 + fitted}, one hidden unit", budget)
    start_seed, draw_seed = spawn(seed, 2)
    start = config.start * torch.randn(
        (2 * size + 3) * hidden + size, generator=generator(start_seed)
    )
    source, count = generator(draw_seed), 4 * whole_number("batch", config.batch, 2)

    def loss(weights: Tensor) -> Tensor:
        rows = torch.randint(len(reals), (count,), generator=source)
        angle = torch.rand(count, 1, generator=source) * torch.pi / 2
        drawn = torch.randn(count, size, generator=source)
        clean, signal, noise = reals[rows] / unit, angle.cos(), angle.sin()
        return (
            (
                turn(weights, signal * clean + noise * drawn, angle)
                - (signal * drawn - noise * clean)
            )
            .square()
            .mean()
        )

    return DiffusionPrior(kind, size, unit, config.descend(start, loss))


def turn(weights: Tensor, x: Tensor, angle: Tensor) -> Tensor:
    """The derivative of x = cos(angle)·latent + sin(angle)·noise by the angle, as the network sees it: latent and noise follow
    from it without a division. It is 0 in the mean where the latents are standard normal, which is where the fit starts."""
    size = x.shape[-1]
    hidden = (len(weights) - size) // (2 * size + 3)
    one, two = (
        weights[: (size + 3) * hidden].view(size + 3, hidden),
        weights[(size + 3) * hidden :].view(hidden + 1, size),
    )
    seen = torch.cat((x, angle.cos(), angle.sin()), -1)
    return torch.addmm(two[-1], silu(torch.addmm(one[-1], seen, one[:-1])), two[:-1])


@dataclass(frozen=True, eq=False)
class MixturePrior:
    """Gaussians with diagonal covariances: a classical prior that, like outcomes of a measurement, has separate parts.

    Args:
        kind: the latent, as in `DiffusionPrior`.
        weights, means, deviations: shapes (K,), (K, D), (K, D).
    """

    kind: str
    weights: Tensor
    means: Tensor
    deviations: Tensor

    @property
    def parameter_count(self) -> int:
        """K(2D + 1) − 1."""
        return self.weights.numel() + self.means.numel() + self.deviations.numel() - 1

    def sample(self, count: int, seed: Seed) -> Tensor:
        """Latents, shape (count, size)."""
        source = generator(seed)
        chosen = torch.multinomial(self.weights, count, replacement=True, generator=source)
        drawn = torch.randn(count, self.means.shape[1], generator=source)
        return _from_reals(self.kind, self.means[chosen] + self.deviations[chosen] * drawn)


def fit_mixture(kind: str, latents: Tensor, budget: int, seed: Seed) -> MixturePrior:
    """The mixture of most components within the budget, by expectation maximisation on 10,000 latents at most.

    Raises:
        ValueError: a budget too small for one component.
    """
    from sklearn.mixture import GaussianMixture

    reals = _to_reals(kind, latents)[:10000].double().numpy()
    components = min((budget + 1) // (2 * reals.shape[1] + 1), len(reals) // 2)
    demand(components > 0, "budget", f"be ≥ {2 * reals.shape[1]}, one component", budget)
    state = generator(seed).initial_seed() % 2**32
    options = {"covariance_type": "diag", "max_iter": 100, "tol": 1e-2, "reg_covar": 1e-6}
    with warnings.catch_warnings(action="ignore"):  # that it might still improve a little
        found = GaussianMixture(components, random_state=state, **options).fit(reals)
    parts = (found.weights_, found.means_, found.covariances_**0.5)
    return MixturePrior(kind, *(torch.from_numpy(part).float() for part in parts))


def _to_reals(kind: str, latents: Tensor) -> Tensor:
    return torch.cat((latents.real, latents.imag[:, 1:]), -1) if kind == "quantum" else latents


def _from_reals(kind: str, reals: Tensor) -> Tensor:
    if kind in ("gaussian", "vae"):
        return reals
    unit = normalize(reals, dim=-1)
    if kind == "sphere":
        return unit
    d = (reals.shape[-1] + 1) // 2
    return torch.complex(unit[:, :d], torch.cat((torch.zeros(len(unit), 1), unit[:, d:]), -1))
