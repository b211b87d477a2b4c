"""Circuits of gates on neighbouring qubits, and the brickwork of Haar gates that scrambles.

Qubit 0 is the most significant bit of a basis state's index. Every tensor may carry leading axes,
so that many circuits act at once, each on its own states.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number, within_memory
from qdm_utils.qubits.states import (
    check_amplitudes,
    check_operators,
    check_unitary,
    haar_unitaries,
)
from qdm_utils.randomness import Seed

Step = tuple[Tensor, int]
GATE_OBJECT = 512  # bytes of a tensor that holds a gate, its numbers apart
CACHED = 2**18  # amplitudes worked on at a time, 2 MiB in single precision


@dataclass(frozen=True, eq=False)
class Circuit:
    """Gates on neighbouring qubits of an open chain, applied in order.

    Args:
        n: qubits, ≥ 1.
        steps: pairs (gate, first qubit) in the order of action; a gate of shape (..., 2ᵏ, 2ᵏ) acts
            on `first` … `first + k − 1`. All gates share their leading axes, one entry for each
            circuit of a batch, their dtype and device.
        dtype: of gates and states, torch.complex64 or torch.complex128.
        lead: the gates' leading axes, which a circuit without gates needs to be told.
        device: where the gates are, likewise.

    Raises:
        ValueError: a gate that is not unitary, of another dtype or beyond the chain.
    """

    n: int
    steps: tuple[Step, ...]
    dtype: torch.dtype = torch.complex128
    lead: tuple[int, ...] = ()
    device: torch.device | str | None = None

    def __post_init__(self) -> None:
        whole_number("n", self.n, 1)
        for gate, first in self.steps:
            k = check_operators("gate", gate)
            same = gate.dtype == self.dtype
            demand(same, "gate", f"be {self.dtype} like the circuit", gate.dtype)
            wanted = f"lie in 0 … {self.n - k} for {k} of {self.n} qubits"
            demand(0 <= first <= self.n - k, "first", wanted, first)
        for gates in _by_shape(gate for gate, _ in self.steps):
            check_unitary("gate", gates)
        if self.steps:
            object.__setattr__(self, "lead", tuple(self.steps[0][0].shape[:-2]))
            object.__setattr__(self, "device", self.steps[0][0].device)

    def apply(self, states: Tensor) -> Tensor:
        """The circuit on states (..., B, 2ⁿ) of any norm; leading axes broadcast with the gates'.

        Raises:
            ValueError: states of another size or dtype, or with leading axes that do not broadcast.
        """
        check_amplitudes("states", states, self.n, self.dtype)
        found = f"shape {tuple(states.shape)}"
        demand(states.ndim >= 2, "states", "have shape (..., B, 2ⁿ)", found)
        try:
            lead = np.broadcast_shapes(self.lead, states.shape[:-2])
        except ValueError:
            wanted = f"broadcast with the gates' leading axes {self.lead}"
            raise ValueError(f"Argument `states` must {wanted}, but got {found}") from None
        states = states.expand(*lead, *states.shape[-2:])
        # As columns, so that a gate is one product with a long contiguous axis; few at a time, so
        # that they stay in the processor's cache.
        done = []
        for rows in states.split(max(1, CACHED // 2**self.n), dim=-2):
            columns = rows.mT.contiguous()
            for gate, first in self._fused:
                columns = apply_gate(columns, gate, first)
            done.append(columns.mT)
        return torch.cat(done, dim=-2)

    def unitary(self) -> Tensor:
        """The circuit as a matrix, shape (..., 2ⁿ, 2ⁿ)."""
        return self.apply(torch.eye(2**self.n, dtype=self.dtype, device=self.device)).mT

    def adjoint(self) -> "Circuit":
        """The inverse circuit: adjoint gates in reverse order."""
        steps = tuple((gate.mH, first) for gate, first in reversed(self.steps))
        return Circuit(self.n, steps, self.dtype, self.lead, self.device)

    @cached_property
    def _fused(self) -> list[Step]:
        return fuse(self.n, self.steps)


def apply_gate(columns: Tensor, gate: Tensor, first: int) -> Tensor:
    """One gate on qubits first, first + 1, … of states stored as columns.

    Args:
        columns: amplitudes, shape (..., 2ⁿ, B).
        gate: shape (..., 2ᵏ, 2ᵏ), leading axes that broadcast with those of `columns`.
        first: first qubit the gate acts on.
    """
    *lead, d, count = columns.shape
    size = gate.shape[-1]
    blocks = columns.reshape(*lead, 2**first, size, d // (2**first * size) * count)
    out = torch.matmul(gate.unsqueeze(-3), blocks)
    return out.reshape(*out.shape[:-3], d, count)


def fuse(n: int, steps: Iterable[Step], window: int = 4) -> list[Step]:
    """The same circuit in fewer gates, on windows of qubits that shift by half a window in turn.

    Each round multiplies into every window all gates that lie inside it and wait for no gate
    outside. In a brickwork that makes diamonds of four gates, one 16×16 product with no more
    arithmetic than the four had.
    """
    waiting = list(steps)
    fused: list[Step] = []
    shift = 0
    while waiting:
        taken: dict[int, Tensor] = {}
        blocked: set[int] = set()
        left = []
        for gate, first in waiting:
            qubits = range(first, first + gate.shape[-1].bit_length() - 1)
            start = (first + shift) // window * window - shift
            if qubits[-1] >= start + window or blocked.intersection(qubits):
                blocked.update(qubits)
                left.append((gate, first))
                continue
            low, high = max(start, 0), min(start + window, n)
            one = torch.eye(2 ** (high - low), dtype=gate.dtype, device=gate.device)
            taken[low] = apply_gate(taken.get(low, one), gate, first - low)
        fused += [(gate, low) for low, gate in taken.items()]
        if len(left) == len(waiting):  # only gates wider than a window can stay for ever
            fused.append(left.pop(0))
        waiting = left
        shift = window // 2 - shift
    return fused


def brickwork(
    n: int,
    depth: int,
    seed: Seed,
    count: int | None = None,
    dtype: torch.dtype = torch.complex128,
    device: torch.device | str | None = None,
) -> Circuit:
    """A brickwork of independent Haar gates of U(4) on an open chain.

    Layer l = 0, 1, … acts on the bonds (i, i+1) with i = l mod 2, l mod 2 + 2, …; one depth unit is
    one such half-layer. A deeper brickwork of the same seed begins with the shallower one.

    Args:
        n: qubits, ≥ 2.
        depth: number of half-layers, ≥ 0.
        seed: the same seed gives the same gates in either precision and on every device.
        count: number of independent circuits in a batch; None for one circuit without a leading
            axis.
        dtype, device: of the gates.

    Raises:
        ValueError: n < 2, depth < 0, count < 1, or more gates than fit into memory.

    >>> brickwork(4, 6, seed=1).unitary().shape
    torch.Size([16, 16])
    """
    n = whole_number("n", n, 2)
    depth = whole_number("depth", depth, 0)
    circuits = 1 if count is None else whole_number("count", count, 1)
    within_memory("depth", depth, gate_bytes(n, depth, circuits, dtype))
    bonds = [bond for layer in range(depth) for bond in layer_bonds(n, layer)]
    drawn = haar_unitaries(len(bonds) * circuits, 4, seed, dtype, device)
    lead = () if count is None else (circuits,)
    gates = drawn.reshape(len(bonds), *lead, 4, 4)
    return Circuit(n, tuple(zip(gates, bonds, strict=True)), dtype, lead, device)


def gate_bytes(n: int, depth: int, circuits: int, dtype: torch.dtype) -> float:
    """About what the gates of brickworks take in memory, and the objects that hold them."""
    gates = depth // 2 * (n - 1) + depth % 2 * (n // 2)
    return gates * (16.0 * circuits * dtype.itemsize + GATE_OBJECT)


def layer_bonds(n: int, layer: int) -> range:
    """First qubits of the gates of one brickwork half-layer."""
    return range(layer % 2, n - 1, 2)


def _by_shape(gates: Iterable[Tensor]) -> list[Tensor]:
    """Gates of equal shape stacked, so that a check over all of them is one product."""
    groups: dict[torch.Size, list[Tensor]] = {}
    for gate in gates:
        groups.setdefault(gate.shape, []).append(gate)
    return [torch.stack(group) for group in groups.values()]
