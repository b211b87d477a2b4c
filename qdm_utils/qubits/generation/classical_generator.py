"""The classical twin of a quantum generator: a small network from Gaussian numbers to amplitudes, under the same loss."""

from dataclasses import dataclass
from math import cos, pi

import torch
from torch import Tensor

from qdm_utils.arguments import whole_number
from qdm_utils.qubits.generation.ensemble_distances import FidelityKernel, mmd_squared
from qdm_utils.randomness import Seed, generator, spawn


@dataclass(frozen=True)
class AmplitudeNetwork:
    """z ↦ W₂ tanh(W₁z + b₁) + b₂, read as 2ⁿ complex amplitudes and normalised; z are `noise` standard normal numbers.

    Args:
        n: qubits.
        noise: numbers drawn for each state, ≥ 1.
        hidden: width of the layer between, ≥ 1.

    >>> AmplitudeNetwork(2, 4, 10).parameter_count
    138
    """

    n: int
    noise: int
    hidden: int

    def __post_init__(self) -> None:
        for name in ("n", "noise", "hidden"):
            whole_number(name, getattr(self, name), 1)

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return (self.noise + 1) * self.hidden + (self.hidden + 1) * 2 ** (self.n + 1)

    def apply(self, weights: Tensor, noise: Tensor) -> Tensor:
        """States, shape (D, S, 2ⁿ), from weights (D, parameter_count) and noise (D, S, noise)."""
        first = (self.noise + 1) * self.hidden
        one = weights[:, :first].unflatten(1, (self.noise + 1, self.hidden))
        two = weights[:, first:].unflatten(1, (self.hidden + 1, 2 ** (self.n + 1)))
        output = torch.baddbmm(
            two[:, -1:], torch.baddbmm(one[:, -1:], noise, one[:, :-1]).tanh(), two[:, :-1]
        )
        states = torch.view_as_complex(output.unflatten(-1, (-1, 2)))
        return states / torch.linalg.vector_norm(states, dim=-1, keepdim=True)


def train_network(
    network: AmplitudeNetwork,
    data: Tensor,
    kernel: FidelityKernel,
    iterations: int,
    seed: Seed,
    rate: float = 0.01,
    batch: int = 100,
) -> Tensor:
    """Weights, shape (D, parameter_count), that minimise MMD² to the data, shape (D, S, 2ⁿ), by Adam with fresh noise."""
    start_seed, noise_seed = spawn(seed, 2)
    runs, source = len(data), generator(noise_seed)
    weights = 0.5 * torch.randn(
        runs, network.parameter_count, generator=generator(start_seed), dtype=data.real.dtype
    )
    weights.requires_grad_()
    adam = torch.optim.Adam([weights], rate)
    for iteration in range(whole_number("iterations", iterations, 1)):
        adam.param_groups[0]["lr"] = rate * (0.55 + 0.45 * cos(pi * iteration / iterations))
        noise = torch.randn(runs, batch, network.noise, generator=source, dtype=data.real.dtype)
        adam.zero_grad()
        mmd_squared(network.apply(weights, noise), data, kernel).sum().backward()
        adam.step()
    return weights.detach()
