"""The engine: layers of rotations and entanglers on batches of states, and their gradient.

*Why not gate by gate.* A training of four to eight qubits is not bound by arithmetic but by the
number of calls: a vector of 16 amplitudes is multiplied faster than torch finds the kernel that
does it. So everything that can be one call is one. The rotations of a group of neighbouring qubits
are multiplied into one matrix, for all layers and draws at once, and a layer is then one batched
product of matrices for each group. An entangler, however many gates it has, only permutes basis
states (CNOTs) or changes signs (CZs). Where it can, it is multiplied into the matrices and costs
nothing; else it is one `gather` or one product with the states.

*Which entanglers the matrices take in.* All of a single group. Of two groups those that reach from
the first into the second through its last qubit only, as chains and bricks of CNOTs and chains of
CZs do: the second group then has two matrices, one for each value of that qubit. A ring also
reaches back, which no matrix of a group can do.

*Why a draw axis.* Trainings are compared over seeds and gradients over draws of the angles. All of
them run together: every tensor carries a draw axis D, with one circuit (one set of angles) for each
draw and B states to each circuit.

*Why this order of axes.* With several groups the batch axis stands, inside, right before the qubits
of the last group: (D, 2ⁿ⁻ᵏ, B, 2ᵏ). Then the matrix of the last group acts from the right on 2ⁿ⁻ᵏ·B
rows and that of the first group from the left on B·2ᵏ-fold columns, each a single product for the
whole batch without copying a matrix B times. Of two groups, the qubit that decides between the
second one's matrices stands before all others, so that it is part of the batch of that product.
Only a group in the middle, from eleven qubits on, is repeated.

*Why a gradient in closed form.* Autograd would record every step and visit every rotation. The
adjoint method needs one pass back: with ψ the input of a rotation layer and φ the cotangent of the
loss carried back to the same place, the derivative along an angle is ½ Im⟨φ|ν·σ|ψ⟩, ν the axis of
that angle seen from the layer's input. The inputs ψ are kept from the way forth, because for a few
qubits memory is cheap, and the three numbers Im⟨φ|σ|ψ⟩ of every qubit are read off one matrix Σ ψφ†
for each group, summed over the batch in the same product. The result agrees with parameter shift
and with Qiskit to rounding (`tests/qubits/circuits`). It can be differentiated once.
"""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from qdm_utils.qubits.circuits.rotations import EULER, Rotation
from qdm_utils.qubits.states import pauli_string

# Qubits whose rotations form one matrix, at most: larger ones cost more arithmetic than they save
# calls.
GROUP = 5

# A batched product: the shape the states take, the other factor, whether it stands on the left.
Form = tuple[int, int, int]
Step = tuple[Form, Tensor, bool]


@dataclass(frozen=True, eq=False)
class Plan:
    """What the engine needs to know of a circuit: rotations, and the entangler after every layer.

    Args:
        n: qubits.
        entanglers: for each layer either the permutation p with ψ'[y] = ψ[p[y]], int64, or the
            signs of a diagonal, float32, shape (layers, 2ⁿ).
        rotation: the kind of rotation on every qubit.
    """

    n: int
    entanglers: Tensor
    rotation: Rotation = EULER

    @cached_property
    def groups(self) -> list[tuple[int, int]]:
        """(first qubit, size) of each group, as few and as equal as `GROUP` allows."""
        number = -(-self.n // GROUP)
        bounds = pairwise(g * self.n // number for g in range(number + 1))
        return [(low, high - low) for low, high in bounds]

    @property
    def single_group(self) -> bool:
        """Whether one matrix holds all qubits, so that the axes need no other order."""
        return len(self.groups) == 1

    @cached_property
    def order(self) -> list[int]:
        """The qubits in the inner order."""
        first = [self.groups[0][1] - 1] if self.choices == 2 else []
        return first + [qubit for qubit in range(self.n) if qubit not in first]

    @property
    def choices(self) -> int:
        """Values of the qubit that stands before all others: 2 if there is one, else 1."""
        return 2 if len(self.groups) == 2 else 1

    @property
    def permutes(self) -> bool:
        """Whether the entanglers are permutations, not signs."""
        return not self.entanglers.is_floating_point()

    @cached_property
    def inner(self) -> Tensor:
        """The entanglers for basis states in the inner order."""
        order = torch.arange(2**self.n).view(-1, self.choices, 1 << self.groups[-1][1])
        order = order.transpose(0, 1).flatten()
        moved = self.entanglers[:, order]
        return order.argsort()[moved] if self.permutes else moved

    @cached_property
    def folded(self) -> list[Tensor] | None:
        """What the entanglers do to each group's matrices: (layers, choices, 2ᵏ) rows or signs.

        None where no matrix of a group can do what they do.
        """
        if self.single_group:
            return [self.inner[:, None]]
        if len(self.groups) > 2:
            return None
        k = self.groups[1][1]
        after = self.inner.view(len(self.inner), 1 << self.n - k, 1 << k)
        chosen = after.unflatten(1, (2, -1))[:, :, 0]
        if self.permutes:
            first, second = after[..., 0] >> k, chosen & ((1 << k) - 1)
            whole = (first.unflatten(1, (2, -1))[..., None] << k) | second[:, :, None]
        else:
            first, second = after[..., 0], chosen * chosen[..., :1]
            whole = first.unflatten(1, (2, -1))[..., None] * second[:, :, None]
        return [first[:, None], second] if torch.equal(whole.view_as(after), after) else None

    def inward(self, states: Tensor) -> Tensor:
        """States (D, B, 2ⁿ) in the inner order, one axis (D, 2ⁿ·B); unchanged for one group."""
        if self.single_group:
            return states
        split = states.unflatten(-1, (-1, self.choices, 1 << self.groups[-1][1]))
        return split.permute(0, 3, 2, 1, 4).flatten(1)

    def outward(self, states: Tensor, shape: tuple[int, ...]) -> Tensor:
        """The inverse of `inward`, in this shape (..., B, 2ⁿ)."""
        if self.single_group:
            return states.view(shape)
        k = self.groups[-1][1]
        split = states.view(-1, self.choices, (1 << self.n - k) // self.choices, shape[-2], 1 << k)
        return split.permute(0, 3, 2, 1, 4).reshape(shape)


class Layers(torch.autograd.Function):
    """States (..., B, 2ⁿ) through a `Plan` with angles (..., layers, n, angles)."""

    @staticmethod
    def forward(ctx: Any, theta: Tensor, states: Tensor, plan: Plan) -> Tensor:
        """Output states, shape (..., B, 2ⁿ), leading axes broadcast between angles and states."""
        lead: tuple[int, ...] = theta.shape[:-3]
        if lead != states.shape[:-2]:
            lead = np.broadcast_shapes(lead, states.shape[:-2])
            theta = theta.expand(*lead, *theta.shape[-3:])
            states = states.expand(*lead, *states.shape[-2:])
        shape = states.shape
        states = plan.inward(states.reshape(-1, *shape[-2:]))
        # (angles, n, layers, D): rotations along the last axes.
        angles = theta.reshape(-1, *theta.shape[-3:]).permute(3, 2, 1, 0).contiguous()
        matrices = _matrices(angles, plan)
        # One block holds the input of every layer, and each layer writes where the next one reads.
        psi = states.new_empty(len(plan.entanglers), *states.shape)
        inputs = psi.unbind(0)
        inputs[0].copy_(states)
        draws, count = len(states), shape[-2]
        layers = _steps([*matrices[:-1], matrices[-1].mT], plan, draws, count)
        moves = _moves(plan, False, draws, count, psi.device)
        outputs = [*inputs[1:], None]
        for state, out, steps, move in zip(inputs, outputs, layers, moves, strict=True):
            if move is None:
                state = _rotate(state, steps, out)
            else:
                state = _entangle(_rotate(state, steps).view_as(state), move, out)
        ctx.plan = plan
        ctx.save_for_backward(angles, psi, *matrices)
        return plan.outward(state, shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor, Tensor | None, None]:
        """Cotangents of angles and, where they are wanted, of states."""
        plan: Plan = ctx.plan
        angles, psi, *matrices = ctx.saved_tensors
        # The complex conjugate of φ is carried: it needs plain transposes and enters ψφ† as it is.
        state = plan.inward(cotangent.conj_physical().reshape(-1, *cotangent.shape[-2:]))
        phi = torch.empty_like(psi)
        draws, count = psi.shape[1], cotangent.shape[-2]
        layers = _steps([*(left.mT for left in matrices[:-1]), matrices[-1]], plan, draws, count)
        moves = _moves(plan, True, draws, count, psi.device)
        for out, steps, move in reversed([*zip(phi.unbind(0), layers, moves, strict=True)]):
            if move is not None:
                state = _entangle(state.view_as(out), move)
            state = _rotate(state, steps[::-1], out)
        # (3, n, layers·D)
        moments = torch.cat([_moments(psi, phi, plan, *group) for group in plan.groups], 1)
        slopes = plan.rotation.derivatives(angles.flatten(1), moments.flatten(1))
        gradient = slopes.view(angles.shape).permute(3, 2, 1, 0)
        # autograd itself sums over the axes along which an input was broadcast.
        gradient = gradient.reshape(*cotangent.shape[:-2], *gradient.shape[1:])
        back = plan.outward(phi[0].conj(), cotangent.shape) if ctx.needs_input_grad[1] else None
        return gradient, back, None


def _matrices(angles: Tensor, plan: Plan) -> list[Tensor]:
    """Matrices (layers, D·choices, 2ᵏ, 2ᵏ) of each group, from angles (angles, n, layers, D)."""
    layers, draws = angles.shape[2:]
    elements_first = plan.rotation.gates(angles.flatten(1)).view(4, plan.n, -1)
    # A matrix is made with its elements in a row, in the order that products give them.
    rows = elements_first.permute(1, 2, 0).contiguous()
    gates = rows.view(plan.n, layers, draws, 4).unbind(0)
    matrices = []
    for (low, size), (elements, signs) in zip(
        plan.groups, _elements(plan, angles.device), strict=True
    ):
        *others, matrix = [gates[qubit] for qubit in plan.order[low : low + size]]
        for gate in reversed(others):
            matrix = (gate[..., None] * matrix[..., None, :]).flatten(2)
        matrix = matrix.gather(2, elements.expand(-1, draws, -1))
        if signs is not None:
            matrix = matrix * signs
        matrices.append(matrix.view(layers, -1, 1 << size, 1 << size))
    return matrices


@lru_cache(maxsize=8)  # a training uses few circuits at a time
def _elements(plan: Plan, device: torch.device) -> list[tuple[Tensor, Tensor | None]]:
    """Which element of a product of rotations each element of a group's matrices is, and its sign.

    A product of rotations holds its elements in the order row and column of the first qubit, of the
    second one, …; a matrix first goes through all rows. Shapes (layers, 1, choices·4ᵏ).
    """
    layers = len(plan.entanglers)
    found = []
    for group, (_, k) in enumerate(plan.groups):
        basis = torch.arange(1 << k)
        bits = (((basis >> q) & 1) << 2 * q for q in range(k))
        place = sum(bits, torch.zeros_like(basis))
        change = basis.expand(layers, 1, -1) if plan.folded is None else plan.folded[group]
        rows = change if plan.permutes or plan.folded is None else basis.expand_as(change)
        elements = (2 * place[rows][..., None] + place).view(layers, 1, -1).to(device)
        signs = None
        if rows is not change:
            signs = change[..., None].expand(-1, -1, -1, 1 << k).reshape(layers, 1, -1).to(device)
        found.append((elements, signs))
    return found


def _steps(matrices: list[Tensor], plan: Plan, draws: int, count: int) -> list[list[Step]]:
    """For each layer the products that D·B states go through, the first group's first.

    The last group's qubits are the fastest index, so its matrices, given transposed, act from the
    right on rows; the others act from the left.
    """
    groups = []
    for (low, size), matrix in zip(plan.groups, matrices, strict=True):
        rest = plan.n - low - size
        on_left = rest > 0
        if on_left:
            form = (draws << low, 1 << size, count << rest)
            if low > 0:
                matrix = matrix.unsqueeze(2).expand(-1, -1, 1 << low, -1, -1).flatten(1, 2)
        else:
            form = (matrix.shape[1], (draws * count << low) // matrix.shape[1], 1 << size)
        groups.append([(form, factor, on_left) for factor in matrix.unbind(0)])
    return [list(steps) for steps in zip(*groups, strict=True)]


def _rotate(states: Tensor, steps: list[Step], out: Tensor | None = None) -> Tensor:
    *others, last = steps
    for step in others:
        states = _multiply(states, *step)
    return _multiply(states, *last, out)


def _multiply(
    states: Tensor, form: Form, factor: Tensor, on_left: bool, out: Tensor | None = None
) -> Tensor:
    if states.shape != form:  # a view would cost as much as the product of a few qubits
        states = states.view(form)
        out = None if out is None else out.view(form)
    if on_left:
        return torch.bmm(factor, states, out=out)
    return torch.bmm(states, factor, out=out)


def _moves(
    plan: Plan, undo: bool, draws: int, count: int, device: torch.device
) -> list[Tensor | None]:
    """What the matrices leave to do of the entanglers, or what undoes it: see `_entangle`."""
    if plan.folded is not None:
        return [None] * len(plan.entanglers)
    moves = _spread(plan, undo, count, device)
    return [None if move is None else move.expand(draws, -1) for move in moves]


@lru_cache(maxsize=8)  # a training uses few circuits and batch sizes at a time
def _spread(plan: Plan, undo: bool, count: int, device: torch.device) -> list[Tensor | None]:
    """As `_moves` for a batch of B, once for all draws: each of shape (2ⁿ·B,)."""
    k = plan.groups[-1][1]
    entanglers = plan.inner.argsort(-1) if undo and plan.permutes else plan.inner
    kinds, which = entanglers.to(device).unique(dim=0, return_inverse=True)
    idle = (kinds == (torch.arange(2**plan.n, device=device) if plan.permutes else 1)).all(-1)
    moves = kinds.unflatten(1, (-1, 1, 1 << k)).expand(-1, -1, count, -1)
    if plan.permutes:
        # An index into 2ⁿ amplitudes becomes one into (2ⁿ⁻ᵏ, B, 2ᵏ): the batch goes in between.
        batch = torch.arange(count, device=device)[:, None]
        moves = (((moves >> k) * count + batch) << k) + (moves & ((1 << k) - 1))
    # Layers with one entangler share one tensor, which then stays in the processor's cache.
    shared = [None if idle[kind] else move for kind, move in enumerate(moves.flatten(1))]
    return [shared[kind] for kind in which.tolist()]


def _entangle(states: Tensor, move: Tensor, out: Tensor | None = None) -> Tensor:
    """States with their amplitudes exchanged by an index or multiplied by signs."""
    if move.is_floating_point():
        return torch.mul(states, move, out=out)
    return torch.gather(states, 1, move, out=out)


def _moments(psi: Tensor, phi: Tensor, plan: Plan, low: int, size: int) -> Tensor:
    """Im⟨φ|σ|ψ⟩ for the Paulis of the qubits low … low + size − 1, summed over the batch.

    Args:
        psi, phi: ψ and the conjugate of φ, shape (layers, D, ...), the rest in the inner order.

    Returns:
        Shape (3, size, layers·D).
    """
    circuits = psi.shape[0] * psi.shape[1]
    if low + size == plan.n:
        left, right = (each.view(circuits, -1, 1 << size) for each in (psi, phi))
        cross = torch.bmm(left.mT, right)
    else:
        # The group's qubits first, whatever else there is last.
        left, right = (
            each.view(circuits, 1 << low, 1 << size, -1).transpose(1, 2).flatten(2)
            for each in (psi, phi)
        )
        cross = torch.bmm(left, right.mT)
    positions = tuple(plan.order.index(low + q) - low for q in range(size))
    paulis = _paulis(positions, psi.dtype.to_real(), psi.device)
    return (paulis @ torch.view_as_real(cross).view(circuits, -1).mT).view(3, size, -1)


@cache
def _paulis(positions: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """X, then Y, then Z of the qubits at these positions of a group.

    A row times the real and imaginary parts of a matrix M, one after the other, is Im Tr(σM).
    """
    size = len(positions)
    words = [letter.rjust(q + 1, "I").ljust(size, "I") for letter in "XYZ" for q in positions]
    matrices = torch.stack([pauli_string(word) for word in words]).mT
    parts = torch.stack([matrices.imag, matrices.real], -1)
    return parts.flatten(1).to(dtype=dtype, device=device)
