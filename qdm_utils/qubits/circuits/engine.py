"""The engine: layers of single-qubit rotations and entanglers on batches of states, with the closed-form adjoint.

The rotations of a group of neighbouring qubits are multiplied into one matrix, so that a layer is one or two batched matrix
products; CNOTs only permute basis states, CZs only change signs. Everything carries a draw axis D: one circuit for each draw.
With several groups the batch axis stands, inside, right before the qubits of the last one, (D, 2ⁿ⁻ᵏ, B, 2ᵏ): then the first and
the last group are one matrix product each for the whole batch, and no matrix is repeated.
"""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from qdm_utils.qubits.circuits.rotations import EULER, Rotation, kron_qubits

GROUP = 5  # qubits whose rotations form one matrix, at most: larger ones cost more arithmetic than they save calls


@dataclass(frozen=True, eq=False)
class Plan:
    """What the engine needs to know of a circuit: its qubits, its rotations and the entangler after every layer.

    Args:
        n: qubits.
        entanglers: for each layer either the permutation p with ψ'[y] = ψ[p[y]], int64, or the signs of a diagonal, float32,
            shape (layers, 2ⁿ).
        rotation: the kind of rotation on every qubit.
    """

    n: int
    entanglers: Tensor
    rotation: Rotation = EULER

    @cached_property
    def groups(self) -> list[tuple[int, int]]:
        """(first qubit, size) of each group, as few and as equal as `GROUP` allows."""
        number = -(-self.n // GROUP)
        return [
            (low, high - low)
            for low, high in pairwise(g * self.n // number for g in range(number + 1))
        ]

    def inward(self, states: Tensor) -> Tensor:
        """States (D, B, 2ⁿ) in the inner order of the axes, which are one: shape (D, 2ⁿ·B); as they are for a single group."""
        if len(self.groups) == 1:
            return states
        return states.unflatten(-1, (-1, 1 << self.groups[-1][1])).transpose(1, 2).flatten(1)

    def outward(self, states: Tensor, shape: tuple[int, ...]) -> Tensor:
        """The inverse of `inward`, in this shape (..., B, 2ⁿ)."""
        if len(self.groups) == 1:
            return states.view(shape)
        k = self.groups[-1][1]
        return (
            states.view(len(states), 1 << self.n - k, shape[-2], 1 << k)
            .transpose(1, 2)
            .reshape(shape)
        )

    @cached_property
    def inverses(self) -> Tensor:
        """What undoes the entanglers, in the same form."""
        return self.entanglers.argsort(-1) if self.permutes else self.entanglers

    @property
    def permutes(self) -> bool:
        """Whether the entanglers are permutations, not signs."""
        return not self.entanglers.is_floating_point()

    @cached_property
    def identity(self) -> list[bool]:
        """For each layer whether its entangler does nothing."""
        nothing = torch.arange(2**self.n) if self.permutes else torch.ones(2**self.n)
        return (self.entanglers == nothing).all(-1).tolist()


class Layers(torch.autograd.Function):
    """States (..., B, 2ⁿ) through rotations with angles (..., layers, n, angles) and the entanglers of a `Plan`.

    With ψ the input of a rotation layer and φ the cotangent of the loss carried back to it, the derivative along an angle
    is ½ Im⟨φ|ν·σ|ψ⟩, ν the axis of that angle seen from the layer's input. All are read off the matrices Σ ψ φ†.
    """

    @staticmethod
    def forward(ctx, theta: Tensor, states: Tensor, plan: Plan) -> Tensor:
        lead = np.broadcast_shapes(theta.shape[:-3], states.shape[:-2])
        angles = (
            theta.expand(*lead, *theta.shape[-3:])
            .reshape(-1, *theta.shape[-3:])
            .permute(3, 2, 1, 0)
        )
        shape = (*lead, *states.shape[-2:])
        states = plan.inward(states.expand(shape).reshape(-1, *shape[-2:]))
        matrices = _matrices(angles, plan)
        psi = states.new_empty(len(plan.entanglers), *states.shape)
        inputs = psi.unbind(0)
        inputs[0].copy_(states)
        moves = _moves(plan, False, psi)
        steps = list(zip(_rotations(matrices, plan, psi), moves, strict=True))
        for states, following, (rotation, move) in zip(
            inputs[:-1], inputs[1:], steps[:-1], strict=True
        ):
            _entangle(_rotate(states, rotation), move, following) if move is not None else _rotate(
                states, rotation, following
            )
        ctx.plan = plan
        ctx.save_for_backward(angles, psi, *matrices)
        rotation, move = steps[-1]
        return plan.outward(_entangle(_rotate(inputs[-1], rotation), move), shape)

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent: Tensor) -> tuple[Tensor, Tensor | None, None]:
        plan, (angles, psi, *matrices) = ctx.plan, ctx.saved_tensors
        # The complex conjugate of φ is carried: it needs plain transposes and enters ψφ† as it is.
        state = plan.inward(cotangent.conj().resolve_conj().reshape(-1, *cotangent.shape[-2:]))
        phi, moves = torch.empty_like(psi), _moves(plan, True, psi)
        rotations = _rotations([matrix.mT for matrix in matrices], plan, psi)
        for carried, rotation, move in reversed(
            list(zip(phi.unbind(0), rotations, moves, strict=True))
        ):
            state = _rotate(_entangle(state, move), rotation, carried)
        moments = torch.cat(
            [_moments(psi, phi, plan, *group) for group in plan.groups], 1
        )  # (3, n, layers·D)
        gradient = (
            plan.rotation.derivatives(angles.reshape(len(angles), -1), moments.flatten(1))
            .view(angles.shape)
            .permute(3, 2, 1, 0)
        )
        # autograd itself sums over the axes along which an input was broadcast.
        gradient = gradient.reshape(*cotangent.shape[:-2], *gradient.shape[1:])
        back = plan.outward(phi[0].conj(), cotangent.shape) if ctx.needs_input_grad[1] else None
        return gradient, back, None


def _moves(plan: Plan, undo: bool, states: Tensor) -> list[Tensor | None]:
    """The entanglers as indices into, or factors of, states in the inner order; None where nothing is to be done."""
    if len(plan.groups) == 1:
        return [None] * len(plan.entanglers)  # the group's matrix takes them in
    _, draws, size = states.shape
    moves = _spread(plan, undo, size >> plan.n, states.device)
    return [
        None if idle else move.expand(draws, -1)
        for move, idle in zip(moves, plan.identity, strict=True)
    ]


@lru_cache(maxsize=8)  # a training uses few circuits and batch sizes at a time
def _spread(plan: Plan, undo: bool, count: int, device: torch.device) -> list[Tensor]:
    """The entanglers, or what undoes them, for a batch of B: each of shape (2ⁿ·B,) in the inner order of the axes."""
    k = plan.groups[-1][1]
    kinds, which = (
        (plan.inverses if undo else plan.entanglers).to(device).unique(dim=0, return_inverse=True)
    )
    moves = kinds.unflatten(1, (-1, 1, 1 << k)).expand(-1, -1, count, -1)
    if plan.permutes:
        moves = (((moves >> k) * count + torch.arange(count, device=device)[:, None]) << k) + (
            moves & ((1 << k) - 1)
        )
    # Layers with one entangler share one tensor, which then stays in the processor's cache.
    return [moves.flatten(1)[kind] for kind in which.tolist()]


def _entangle(states: Tensor, move: Tensor | None, out: Tensor | None = None) -> Tensor:
    if move is None:
        return states
    return (
        torch.mul(states, move, out=out)
        if move.is_floating_point()
        else torch.gather(states, 1, move, out=out)
    )


def _matrices(angles: Tensor, plan: Plan) -> list[Tensor]:
    """For each group the matrices of all layers, shape (layers, D, 2ᵏ, 2ᵏ), from angles (angles, n, layers, D)."""
    kinds, n, layers, draws = angles.shape
    gates = plan.rotation.gates(angles.reshape(kinds, -1)).view(2, 2, n, layers * draws)
    matrices = []
    for low, size in plan.groups:
        matrix = kron_qubits(gates.narrow(2, low, size)).permute(2, 0, 1)
        matrices.append(matrix.contiguous().view(layers, draws, 1 << size, 1 << size))
    if len(matrices) == 1:
        rows = plan.entanglers.to(angles.device)[:, None, :, None]
        matrices[0] = (
            matrices[0].gather(2, rows.expand(-1, draws, -1, 1 << n))
            if plan.permutes
            else matrices[0] * rows
        )
    return matrices


def _rotations(
    matrices: list[Tensor], plan: Plan, states: Tensor
) -> list[list[tuple[Tensor, tuple]]]:
    """For each layer the groups' matrices as factors of `torch.bmm`, with the shape that the states must take.

    The last group's qubits are the fastest index, so its factor acts from the right on rows; the others act from the left.
    """
    draws, count = states.shape[1], states[0, 0].numel() >> plan.n
    groups = []
    for (low, size), matrix in zip(plan.groups, matrices, strict=True):
        if low + size == plan.n:
            factors, form = matrix.mT, (draws, count << low, 1 << size)
        else:
            factors = matrix.unsqueeze(2).expand(-1, -1, 1 << low, -1, -1).flatten(1, 2)
            form = (draws << low, 1 << size, count << plan.n - low - size)
        groups.append([(factor, form) for factor in factors.unbind(0)])
    return list(zip(*groups, strict=True))


def _rotate(
    states: Tensor, rotation: list[tuple[Tensor, tuple]], out: Tensor | None = None
) -> Tensor:
    *lefts, (right, form) = rotation
    shape = states.shape
    for left, blocks in lefts:
        states = torch.bmm(left, states.view(blocks))
    if form == shape:  # a single group: a view would cost as much as the product
        return torch.bmm(states, right, out=out)
    return torch.bmm(states.view(form), right, out=None if out is None else out.view(form)).view(
        shape
    )


def _moments(psi: Tensor, phi: Tensor, plan: Plan, low: int, size: int) -> Tensor:
    """Im⟨φ|σ|ψ⟩ for the Paulis of the qubits low … low + size − 1, summed over the batch.

    Args:
        psi, phi: ψ and the conjugate of φ, shape (layers, D, ...), the rest in the inner order.

    Returns:
        Shape (3, size, layers·D).
    """
    layers, draws = psi.shape[:2]
    if low + size == plan.n:
        blocks = [each.view(layers * draws, -1, 1 << size).mT for each in (psi, phi)]
    else:
        # The group's qubits first, whatever else there is last.
        blocks = [
            each.view(layers * draws, 1 << low, 1 << size, -1).transpose(1, 2).flatten(2)
            for each in (psi, phi)
        ]
    cross = torch.bmm(blocks[0], blocks[1].mT)
    return (_paulis(size, cross.dtype, cross.device) @ cross.flatten(1).mT).imag.view(3, size, -1)


@cache
def _paulis(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """X, then Y, then Z of each of `size` qubits as rows, so that row @ M.flatten() is Tr(σM)."""
    sigma = torch.tensor(
        [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=dtype, device=device
    )
    one = torch.eye(2, dtype=dtype, device=device)
    factors = torch.stack(
        [
            torch.stack([p if k == q else one for k in range(size)], -1)
            for p in sigma
            for q in range(size)
        ],
        -1,
    )
    return kron_qubits(factors).permute(2, 1, 0).flatten(1)
