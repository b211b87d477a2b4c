"""A perceptron whose weights are one flat vector, to be counted, drawn and trained many at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "silu": torch.nn.functional.silu,
}


@dataclass(frozen=True)
class Perceptron:
    """Affine layers with an activation between them.

    Args:
        widths: numbers going in, of each hidden layer, and coming out; at least two of them.
        activation: "tanh" or "silu".

    >>> Perceptron((2, 10, 3)).parameter_count
    63
    """

    widths: tuple[int, ...]
    activation: str = "tanh"

    def __post_init__(self) -> None:
        demand(len(self.widths) > 1, "widths", "name two layers or more", self.widths)
        for width in self.widths:
            whole_number("widths", width, 1)
        known = ", ".join(ACTIVATIONS)
        demand(self.activation in ACTIVATIONS, "activation", f"be one of {known}", self.activation)

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return sum((inward + 1) * outward for inward, outward in pairwise(self.widths))

    def layers(self, weights: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Matrix (..., in, out) and bias (..., 1, out) of each layer, views of weights (..., P)."""
        begin = 0
        for inward, outward in pairwise(self.widths):
            end = begin + (inward + 1) * outward
            block = weights[..., begin:end].unflatten(-1, (inward + 1, outward))
            yield block[..., :-1, :], block[..., -1:, :]
            begin = end

    def __call__(self, weights: Tensor, x: Tensor) -> Tensor:
        """Outputs (..., N, out) of inputs (..., N, in) under weights (..., parameter_count).

        >>> Perceptron((2, 10, 3))(torch.zeros(5, 63), torch.ones(5, 7, 2)).shape
        torch.Size([5, 7, 3])
        """
        act = ACTIVATIONS[self.activation]
        for index, (matrix, bias) in enumerate(self.layers(weights)):
            x = x if index == 0 else act(x)
            x = x @ matrix + bias
        return x
