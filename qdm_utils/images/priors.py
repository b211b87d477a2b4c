"""Priors of latents with a counted number of parameters: plain, matched, measured quantum chains and their classical twins.

All have `parameter_count` and `sample(count, seed)`. The circuit and its twin network start from the same noise, the plain prior
of their geometry, and minimise the same discrepancy, the squared MMD with the kernel of `penalty`.
"""

from dataclasses import dataclass
from math import cos, pi
from typing import Protocol

import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.images.latents import latent_size, matched_gaussian, matched_states, plain_prior
from qdm_utils.images.penalty import WIDTHS, closeness, kernel
from qdm_utils.qubits.ensemble_distance import FidelityKernel, branched_mmd_squared
from qdm_utils.qubits.haar import Seed, haar_states
from qdm_utils.qubits.measured_density import chained_kraus, log_density
from qdm_utils.qubits.measured_step import MeasuredStep, measure
from qdm_utils.qubits.random_diffusion import diffuse
from qdm_utils.qubits.tensors import generator, spawn
from qdm_utils.qubits.training import DivergenceError


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
        updates: of each step of a chain, or of the network.
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
                raise DivergenceError(f"The fit of a prior diverged at update {update + 1}: lower `rate`.")
            adam.zero_grad()
            value.backward()
            adam.step()
        return weights.detach()


@dataclass(frozen=True, eq=False)
class ChainPrior:
    """T measured steps from Haar states to states of the data; without ancillas it is a unitary chain.

    Args:
        step: the kind of step.
        theta: angles, float32, shape (T, L, n + n_a, 2); [0] belongs to the step that makes data.
    """

    step: MeasuredStep
    theta: Tensor

    @property
    def parameter_count(self) -> int:
        """Angles of the chain."""
        return self.theta.numel()

    def path(self, noise: Tensor, seed: Seed) -> list[Tensor]:
        """The noise states, shape (N, 2ⁿ), and what each step makes of them, one measured outcome each: T + 1 ensembles."""
        source, found = generator(seed), [noise]
        for theta in reversed(self.theta):
            found.append(measure(self.step.branches(theta, found[-1]), source)[0])
        return found

    def sample(self, count: int, seed: Seed) -> Tensor:
        """States, shape (count, 2ⁿ), complex64."""
        noise_seed, outcome_seed = spawn(seed, 2)
        return self.path(haar_states(count, self.step.n, noise_seed, torch.complex64), outcome_seed)[-1]


def fit_chain(states: Tensor, step: MeasuredStep, schedule: tuple[float, ...], config: FitConfig, seed: Seed) -> ChainPrior:
    """Train a chain greedily, step T first, each from the angles of the one before, along the diffusion of the states.

    Args:
        states: complex64, shape (N, 2ⁿ), N ≥ 2.
        step: the kind of step.
        schedule: h_1 … h_T of `diffuse`: the step from t to t − 1 aims at the states diffused t − 1 times.
        config: how.
        seed: of everything random.
    """
    demand(len(states) > 1, "states", "be two or more", len(states))
    path_seed, start_seed, draw_seed, noise_seed = spawn(seed, 4)
    wide = states.to(torch.complex128)
    path = diffuse(wide / torch.linalg.vector_norm(wide, dim=-1, keepdim=True), schedule, path_seed).to(torch.complex64)
    source, measured = generator(draw_seed), FidelityKernel((), config.widths)
    theta = config.start * torch.randn(step.circuit.shape, generator=generator(start_seed))
    inputs = haar_states(20 * config.batch, step.n, noise_seed, torch.complex64)
    angles = []
    for targets in path[:-1].flip(0):

        def loss(theta: Tensor, targets: Tensor = targets, inputs: Tensor = inputs) -> Tensor:
            noise, aims = _drawn(inputs, config.batch, source), _drawn(targets, 4 * config.batch, source)
            return branched_mmd_squared(step.branches(theta, noise), aims, measured)

        theta = config.descend(theta, loss)
        angles.append(theta)
        inputs = measure(step.branches(theta, inputs), source)[0]
    return ChainPrior(step, torch.stack(angles[::-1]))


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
    one, two = weights[: (size + 1) * hidden].view(size + 1, hidden), weights[(size + 1) * hidden :].view(hidden + 1, size)
    scale = 1.0 if kind == "gaussian" else size**0.5
    moved = scale * reals + torch.addmm(two[-1], torch.tanh(torch.addmm(one[-1], scale * reals, one[:-1])), two[:-1])
    if kind == "gaussian":
        return moved
    unit = torch.nn.functional.normalize(moved, dim=-1)
    return torch.view_as_complex(unit.unflatten(-1, (-1, 2)).contiguous()) if kind == "quantum" else unit


def fit_network(kind: str, n: int, latents: Tensor, budget: int, config: FitConfig, seed: Seed) -> NetworkPrior:
    """Train the widest network of at most `budget` parameters under the discrepancy that `fit_chain` minimises.

    Raises:
        ValueError: a budget too small for one hidden unit.
    """
    size = latent_size(kind, n) * (2 if kind == "quantum" else 1)
    hidden = (budget - size) // (2 * size + 1)
    demand(hidden > 0, "budget", f"be ≥ {3 * size + 1}, one hidden unit", budget)
    start_seed, draw_seed, *noise_seeds = spawn(seed, 2 + config.updates)
    start = config.start * torch.randn((2 * size + 1) * hidden + size, generator=generator(start_seed))
    source, seeds = generator(draw_seed), iter(noise_seeds)

    def loss(weights: Tensor) -> Tensor:
        made = carry(kind, weights, plain_prior(kind, n, 4 * config.batch, next(seeds)))
        aims, count = _drawn(latents, 4 * config.batch, source), len(made)
        pairs = kernel(closeness(kind, made, made), config.widths)
        within = (pairs.sum() - pairs.diagonal().sum()) / (count * (count - 1))
        return within - 2 * kernel(closeness(kind, made, aims), config.widths).mean()

    return NetworkPrior(kind, n, config.descend(start, loss))


def _drawn(table: Tensor, count: int, source: torch.Generator) -> Tensor:
    """So many rows, with replacement, or all."""
    return table if len(table) <= count else table[torch.randint(len(table), (count,), generator=source)]


def fit_likelihood(states: Tensor, step: MeasuredStep, steps: int, config: FitConfig, seed: Seed) -> ChainPrior:
    """A whole chain of T = `steps` measured steps, all trained together so that the states are likeliest: the exact density of
    `measured_density` instead of samples and kernels."""
    start_seed, draw_seed = spawn(seed, 2)
    source = generator(draw_seed)
    shape = (whole_number("steps", steps, 1), *step.circuit.shape)
    start = config.start * torch.randn(shape, generator=generator(start_seed))

    def loss(theta: Tensor) -> Tensor:
        return -log_density(chained_kraus(step, theta), _drawn(states, 4 * config.batch, source)).mean()

    return ChainPrior(step, config.descend(start, loss))
