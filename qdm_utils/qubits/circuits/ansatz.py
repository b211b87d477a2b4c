"""The trainable circuits: layers of single-qubit rotations with named entanglers between them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import prod

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.circuits.engine import Layers, Plan
from qdm_utils.qubits.circuits.rotations import EULER, RX_RY, Rotation
from qdm_utils.qubits.states import COMPLEX, qubit_count
from qdm_utils.randomness import Seed, generator

ENTANGLERS = ("chain", "ring", "brick")


@dataclass(frozen=True)
class LayeredCircuit(ABC):
    """What every circuit of rotations and entanglers can do; subclasses say which ones it has.

    Args:
        n: qubits.
        layers: L, number of entangling layers.
    """

    n: int
    layers: int

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int, int]:
        """Shape (rotation layers, n, angles of a rotation) of the angles in radians."""

    @property
    @abstractmethod
    def _entanglers(self) -> Tensor:
        """What the gates between the rotations do after every layer, as `Plan` takes it."""

    @property
    def _rotation(self) -> Rotation:
        return EULER

    @property
    def parameter_count(self) -> int:
        """Number of angles."""
        return prod(self.shape)

    def random_angles(
        self,
        draws: int,
        seed: Seed,
        scale: float = 2 * torch.pi,
        dtype: torch.dtype = torch.float64,
    ) -> Tensor:
        """Angles uniform on [0, scale), shape (draws, *shape), of dtype float32 or float64."""
        draws = whole_number("draws", draws, 0)
        drawn = torch.rand(draws, *self.shape, generator=generator(seed), dtype=torch.float64)
        return (scale * drawn).to(dtype)

    def apply(self, theta: Tensor, states: Tensor) -> Tensor:
        """The circuit on states; differentiable once, in angles and states, by the adjoint method.

        Args:
            theta: angles, shape (..., *shape), float32 for complex64 states, float64 for
                complex128.
            states: shape (..., B, 2ⁿ), of any norm; leading axes broadcast with those of `theta`:
                one circuit for each draw.

        Returns:
            Output states, shape (..., B, 2ⁿ).

        Raises:
            ValueError: shapes or dtypes that do not fit.
        """
        self._fit(theta, states)
        *_, count, d = states.shape
        if count < 2 * d:
            return Layers.apply(theta, states, _plan(self))
        # A large batch is cheaper through the circuit's matrix, which costs d states and a product.
        one = torch.eye(d, dtype=states.dtype, device=states.device)
        return states @ Layers.apply(theta, one, _plan(self))

    def unitary(self, theta: Tensor) -> Tensor:
        """The circuit as a matrix, shape (..., 2ⁿ, 2ⁿ), for angles of shape (..., *shape)."""
        demand(theta.dtype in COMPLEX, "theta", "be float32 or float64", theta.dtype)
        one = torch.eye(2**self.n, dtype=COMPLEX[theta.dtype], device=theta.device)
        return self.apply(theta, one).mT

    def _fit(self, theta: Tensor, states: Tensor) -> None:
        """Refuse, by name, angles and states that do not fit."""
        demand(isinstance(theta, Tensor), "theta", "be a torch tensor", type(theta).__name__)
        n = qubit_count("states", states)
        found = f"shape {tuple(states.shape)}"
        fits = n == self.n and states.ndim > 1
        demand(fits, "states", f"have shape (..., B, {2**self.n})", found)
        demand(states.numel() > 0, "states", "hold at least one state", found)
        wanted = f"have shape (..., {', '.join(map(str, self.shape))})"
        demand(theta.shape[-3:] == self.shape, "theta", wanted, f"shape {tuple(theta.shape)}")
        paired = COMPLEX.get(theta.dtype) == states.dtype
        demand(paired, "theta", f"have the precision of states in {states.dtype}", theta.dtype)
        try:
            np.broadcast_shapes(theta.shape[:-3], states.shape[:-2])
        except ValueError:
            got = f"leading shapes {tuple(theta.shape[:-3])} and {tuple(states.shape[:-2])}"
            raise ValueError(
                f"Argument `theta` must broadcast with `states`, but got {got}"
            ) from None


@dataclass(frozen=True)
class Ansatz(LayeredCircuit):
    """L + 1 layers of R = Rz(c)·Ry(b)·Rz(a) on every qubit, with L layers of CNOTs between them.

    It has 3n(L + 1) angles.

    Args:
        n: qubits, ≥ 2.
        layers: L, number of entangling layers, ≥ 0.
        entangler: the CNOTs of a layer, control first. "chain": 01, 12, 23, … one after the other.
            "ring": the chain closed by (n−1, 0). "brick": 01, 23, … in even layers, 12, 34, … in
            odd ones. The choice decides what the circuit can reach: at n = 4, L = 6 its tangent
            space has 72, 84 and 48 dimensions.

    Raises:
        ValueError: n < 2, layers < 0 or an unknown entangler.

    >>> Ansatz(4, 6).parameter_count, Ansatz(6, 6).parameter_count, Ansatz(8, 8).parameter_count
    (84, 126, 216)
    """

    entangler: str = "chain"

    def __post_init__(self) -> None:
        whole_number("n", self.n, 2)
        whole_number("layers", self.layers, 0)
        known = self.entangler in ENTANGLERS
        demand(known, "entangler", f"be one of {', '.join(ENTANGLERS)}", repr(self.entangler))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (L+1, n, 3) of the angles a, b, c (radians), layer by layer."""
        return self.layers + 1, self.n, 3

    def cnots(self, layer: int) -> list[tuple[int, int]]:
        """(control, target) of the CNOTs after rotation layer `layer`, in the order of action."""
        if self.entangler == "brick":
            return [(i, i + 1) for i in range(layer % 2, self.n - 1, 2)]
        return list(pairwise(range(self.n))) + [(self.n - 1, 0)] * (self.entangler == "ring")

    @property
    def _entanglers(self) -> Tensor:
        return _permutations(self.n, [*map(self.cnots, range(self.layers)), []])


@dataclass(frozen=True)
class StronglyEntangling(LayeredCircuit):
    """L layers of R = Rz(c)·Ry(b)·Rz(a) on every qubit, each followed by a ring of CNOTs.

    It has 3nL angles. The CNOTs are (0, 1), (1, 2), …, (n−1, 0), control first, in this order.

    Args:
        n: qubits, ≥ 2.
        layers: L, ≥ 1.

    Raises:
        ValueError: n < 2 or layers < 1.

    Source: M. Schuld et al., Phys. Rev. A 101, 032308 (2020), fig. 4 with range 1.

    >>> StronglyEntangling(7, 15).parameter_count
    315
    """

    def __post_init__(self) -> None:
        whole_number("n", self.n, 2)
        whole_number("layers", self.layers, 1)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (L, n, 3) of the angles a, b, c (radians)."""
        return self.layers, self.n, 3

    @property
    def _entanglers(self) -> Tensor:
        ring = [*pairwise(range(self.n)), (self.n - 1, 0)]
        return _permutations(self.n, [ring] * self.layers)


@dataclass(frozen=True)
class HardwareEfficient(LayeredCircuit):
    """L layers of R = Ry(b)·Rx(a) on every qubit, each followed by CZs along an open chain.

    It has 2nL angles.

    Args:
        n: qubits, ≥ 1.
        layers: L, ≥ 1.

    Raises:
        ValueError: n < 1 or layers < 1.

    Source: B. Zhang et al., Phys. Rev. Lett. 132, 100602 (2024), fig. 2 (arXiv:2310.05866).

    >>> HardwareEfficient(3, 6).parameter_count
    36
    """

    def __post_init__(self) -> None:
        whole_number("n", self.n, 1)
        whole_number("layers", self.layers, 1)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (L, n, 2) of the angles a, b (radians)."""
        return self.layers, self.n, 2

    @property
    def _rotation(self) -> Rotation:
        return RX_RY

    @property
    def _entanglers(self) -> Tensor:
        bits = (torch.arange(2**self.n)[:, None] >> torch.arange(self.n - 1, -1, -1)) & 1
        signs = 1.0 - 2.0 * ((bits[:, 1:] & bits[:, :-1]).sum(-1) % 2)
        return signs.repeat(self.layers, 1)


@lru_cache(maxsize=64)
def _plan(circuit: LayeredCircuit) -> Plan:
    """The circuit as the engine takes it, made once for all circuits that are equal."""
    return Plan(circuit.n, circuit._entanglers, circuit._rotation)


def _permutations(n: int, cnots: list[list[tuple[int, int]]]) -> Tensor:
    """What layers of CNOTs, (control, target) in the order of action, do to basis states."""
    sources = torch.arange(2**n).repeat(len(cnots), 1)
    for source, pairs in zip(sources, cnots, strict=True):
        # The amplitude at y after the CNOTs is the one at y with the CNOTs undone, the last one
        # first.
        for control, target in reversed(pairs):
            source ^= ((source >> (n - 1 - control)) & 1) << (n - 1 - target)
    return sources
