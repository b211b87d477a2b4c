"""The classical twin of a quantum generator: a network from Gaussian numbers to amplitudes."""

from dataclasses import dataclass

import torch
from torch import Tensor

from qdm_utils.arguments import whole_number
from qdm_utils.optimise import cosine, descend
from qdm_utils.perceptron import Perceptron
from qdm_utils.qubits.generation.ensemble_distances import FidelityKernel, mmd_squared
from qdm_utils.randomness import Seed, generator, spawn


@dataclass(frozen=True)
class AmplitudeNetwork:
    """z ↦ W₂ tanh(W₁z + b₁) + b₂, read as 2ⁿ complex amplitudes, normalised; z is normal.

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
    def perceptron(self) -> Perceptron:
        """The network before its output is normalised: two numbers for each amplitude."""
        return Perceptron((self.noise, self.hidden, 2 ** (self.n + 1)))

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return self.perceptron.parameter_count

    def apply(self, weights: Tensor, noise: Tensor) -> Tensor:
        """States, shape (D, S, 2ⁿ), from weights (D, parameter_count) and noise (D, S, noise)."""
        output = self.perceptron(weights, noise)
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
    """Minimise MMD² to the data by Adam, with fresh noise in every update.

    Args:
        network: what is trained.
        data: states of D independent runs, shape (D, S, 2ⁿ).
        kernel: k(F) of the MMD².
        iterations: Adam updates, ≥ 1.
        seed: of first weights and noise.
        rate: learning rate at the start; it falls to a tenth along half a cosine.
        batch: states generated for an update, ≥ 2.

    Returns:
        Weights, shape (D, parameter_count).

    Raises:
        ValueError: a number out of range, or states that are not normalised.
        DivergenceError: a loss or a gradient that is not finite.
    """
    iterations = whole_number("iterations", iterations, 1)
    start_seed, noise_seed = spawn(seed, 2)
    dtype = data.real.dtype
    shape = (len(data), network.parameter_count)
    drawn = torch.randn(shape, generator=generator(start_seed), dtype=dtype)
    weights = (0.5 * drawn).requires_grad_()
    source = generator(noise_seed)

    def loss(iteration: int) -> Tensor:
        noise = torch.randn(len(data), batch, network.noise, generator=source, dtype=dtype)
        return mmd_squared(network.apply(weights, noise), data, kernel)

    descend([weights], loss, iterations, cosine(rate, iterations, 0.1), "the classical network")
    return weights.detach()
