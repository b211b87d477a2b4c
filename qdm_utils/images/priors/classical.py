"""Classical priors of latents of a given number of parameters: a network, a diffusion with a small
network, a Gaussian mixture.

The network is the circuit's twin: it starts from the same noise, plain latents of its geometry, and
minimises the same squared MMD, with the kernel of the geometry.
"""

import warnings
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.diffusion import ancestral_path, schedule_of_survival
from qdm_utils.images.geometry import Geometry
from qdm_utils.images.priors.simple import FitConfig, draw_batch
from qdm_utils.perceptron import Perceptron
from qdm_utils.randomness import Seed, generator, spawn

STEPS = 40  # of a diffusion
LAST_ANGLE = 0.999 * torch.pi / 2  # there only noise is left, and something to divide by
MIXTURE_LATENTS = 10000  # at most, that a mixture is fitted to


@dataclass(frozen=True, eq=False)
class NetworkPrior:
    """x ↦ x + W₂ tanh(W₁x + b₁) + b₂ of plain noise, back on the sphere where there is one: the
    circuit's classical twin.

    Args:
        geometry: of the latents; a state counts as 2·2ⁿ reals.
        network: from reals to reals, with one hidden layer.
        weights: of the network, flat.
    """

    geometry: Geometry
    network: Perceptron
    weights: Tensor

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return self.network.parameter_count

    def sample(self, count: int, seed: Seed) -> Tensor:
        """Latents, shape (count, size)."""
        return self.transform(self.geometry.plain(count, seed))

    def transform(self, noise: Tensor) -> Tensor:
        """What becomes of plain latents, shape (N, size); differentiable in the weights."""
        reals = self.geometry.scale * self.geometry.to_reals(noise)
        return self.geometry.from_reals(reals + self.network(self.weights, reals))


def fit_network(
    geometry: Geometry, latents: Tensor, budget: int, config: FitConfig, seed: Seed
) -> NetworkPrior:
    """Train the widest network of at most `budget` parameters under the discrepancy that
    `fit_chain` minimises.

    Args:
        geometry: of the latents.
        latents: the data, shape (N, size).
        budget: parameters at most.
        config: how; a batch holds four times `batch` samples.
        seed: of everything random.

    Raises:
        ValueError: a budget too small for one hidden unit.
        DivergenceError: a loss that is not finite, with the update.
    """
    size = geometry.real_size
    network = _widest(size, size, "tanh", budget)
    start_seed, draw_seed, *noise_seeds = spawn(seed, 2 + config.updates)
    source = generator(draw_seed)
    seeds = iter(noise_seeds)
    start = config.start * torch.randn(network.parameter_count, generator=generator(start_seed))
    prior = NetworkPrior(geometry, network, start)

    def loss(weights: Tensor) -> Tensor:
        noise = geometry.plain(4 * config.batch, next(seeds))
        made = replace(prior, weights=weights).transform(noise)
        aims = draw_batch(latents, 4 * config.batch, source)
        return geometry.discrepancy(made, aims, config.widths)

    return replace(prior, weights=config.descend(start, loss))


@dataclass(frozen=True, eq=False)
class DiffusionPrior:
    """A diffusion of the coordinates of latents, whose noise a small network removes in `STEPS`
    steps.

    On the way x = cos(φ)·latent + sin(φ)·noise, φ from 0 to π/2. The network predicts dx/dφ, the
    *velocity*, from which latent and noise both follow without a division.

    Args:
        geometry: of the latents.
        network: from (x, cos φ, sin φ) to the velocity, with one hidden layer.
        weights: of the network, flat.
        unit: rms coordinate of the latents, which the network sees in this unit.
    """

    geometry: Geometry
    network: Perceptron
    weights: Tensor
    unit: float

    @property
    def parameter_count(self) -> int:
        """Weights and biases, and the unit where it was fitted: unit vectors need none."""
        return self.network.parameter_count + (not self.geometry.unit_norm)

    def velocity(self, x: Tensor, angle: Tensor) -> Tensor:
        """dx/dφ at points of shape (N, D) and angles (N, 1).

        It is 0 in the mean where the latents are standard normal, which is where the fit starts.
        """
        return self.network(self.weights, torch.cat((x, angle.cos(), angle.sin()), -1))

    def sample(self, count: int, seed: Seed) -> Tensor:
        """Latents by ancestral sampling, shape (count, size)."""
        source = generator(seed)
        angles = torch.linspace(0, LAST_ANGLE, STEPS + 1, dtype=torch.float64)
        shape = (whole_number("count", count, 0), self.geometry.coordinate_size)

        def draw() -> Tensor:
            return torch.randn(shape, generator=source)

        def clean(x: Tensor, t: int) -> Tensor:
            angle = angles[t].float()
            return angle.cos() * x - angle.sin() * self.velocity(x, angle.expand(count, 1))

        path = ancestral_path(clean, draw(), schedule_of_survival(angles.cos() ** 2), draw)
        return self.geometry.from_coordinates(self.unit * path[-1])


def fit_diffusion(
    geometry: Geometry, latents: Tensor, budget: int, config: FitConfig, seed: Seed
) -> DiffusionPrior:
    """Train the widest denoiser of at most `budget` parameters on the squared error of its
    velocity.

    Args:
        geometry: of the latents.
        latents: the data, shape (N, size); states with their phase fixed.
        budget: parameters at most.
        config: how; `widths` is not used, a batch holds four times `batch` latents.
        seed: of everything random.

    Raises:
        ValueError: a budget too small for one hidden unit.
        DivergenceError: a loss that is not finite, with the update.
    """
    coordinates = geometry.to_coordinates(latents)
    size = geometry.coordinate_size
    fitted = not geometry.unit_norm
    unit = coordinates.square().mean().sqrt().item() if fitted else size**-0.5
    network = _widest(size + 2, size, "silu", budget, others=int(fitted))
    start_seed, draw_seed = spawn(seed, 2)
    source = generator(draw_seed)
    start = config.start * torch.randn(network.parameter_count, generator=generator(start_seed))
    prior = DiffusionPrior(geometry, network, start, unit)
    count = 4 * config.batch

    def loss(weights: Tensor) -> Tensor:
        rows = torch.randint(len(coordinates), (count,), generator=source)
        angle = torch.rand(count, 1, generator=source) * torch.pi / 2
        noise = torch.randn(count, size, generator=source)
        clean = coordinates[rows] / unit
        x = angle.cos() * clean + angle.sin() * noise
        velocity = angle.cos() * noise - angle.sin() * clean
        return (replace(prior, weights=weights).velocity(x, angle) - velocity).square().mean()

    return replace(prior, weights=config.descend(start, loss))


@dataclass(frozen=True, eq=False)
class MixturePrior:
    """Gaussians with diagonal covariances: a classical prior that, like outcomes of a measurement,
    has separate parts.

    Args:
        geometry: of the latents, whose coordinates are mixed.
        weights, means, deviations: shapes (K,), (K, D), (K, D).
    """

    geometry: Geometry
    weights: Tensor
    means: Tensor
    deviations: Tensor

    @property
    def parameter_count(self) -> int:
        """K(2D + 1) − 1: the weights sum to 1."""
        return self.weights.numel() + self.means.numel() + self.deviations.numel() - 1

    def sample(self, count: int, seed: Seed) -> Tensor:
        """Latents, shape (count, size)."""
        source = generator(seed)
        chosen = torch.multinomial(self.weights, count, replacement=True, generator=source)
        drawn = torch.randn(count, self.means.shape[1], generator=source)
        return self.geometry.from_coordinates(self.means[chosen] + self.deviations[chosen] * drawn)


def fit_mixture(geometry: Geometry, latents: Tensor, budget: int, seed: Seed) -> MixturePrior:
    """The mixture of most components within the budget, by expectation maximisation on 10,000
    latents at most.

    Args:
        geometry: of the latents.
        latents: the data, shape (N, size); states with their phase fixed.
        budget: parameters at most.
        seed: of the start.

    Raises:
        ValueError: a budget too small for one component.
    """
    from sklearn.mixture import GaussianMixture

    table = geometry.to_coordinates(latents)[:MIXTURE_LATENTS].double().numpy()
    size = geometry.coordinate_size
    components = min((budget + 1) // (2 * size + 1), len(table) // 2)
    demand(components > 0, "budget", f"be ≥ {2 * size}, one component", budget)
    state = generator(seed).initial_seed() % 2**32
    mixture = GaussianMixture(
        components,
        covariance_type="diag",
        max_iter=100,
        tol=1e-2,
        reg_covar=1e-6,
        random_state=state,
    )
    with warnings.catch_warnings(action="ignore"):  # that it might still improve a little
        mixture.fit(table)
    parts = (mixture.weights_, mixture.means_, mixture.covariances_**0.5)
    weights, means, deviations = (torch.from_numpy(part).float() for part in parts)
    return MixturePrior(geometry, weights, means, deviations)


def _widest(inputs: int, outputs: int, activation: str, budget: int, others: int = 0) -> Perceptron:
    """The widest network of one hidden layer whose parameters, with so many others, fit the
    budget."""
    whole_number("budget", budget, 1)
    per_unit = inputs + 1 + outputs
    hidden = (budget - others - outputs) // per_unit
    demand(hidden > 0, "budget", f"be ≥ {per_unit + outputs + others}, one hidden unit", budget)
    return Perceptron((inputs, hidden, outputs), activation)
