"""The engine: layers of single-qubit rotations and basis permutations on batches of states, with the closed-form adjoint.

The rotations of a group of neighbouring qubits are multiplied into one matrix, so that a layer is one or two batched matrix
products; the CNOTs of an entangler only permute basis states. Everything carries a draw axis D: one circuit for each draw.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from qdm_utils.qubits.rotations import angle_derivatives, euler_gates, kron_qubits

GROUP = 5  # qubits whose rotations form one matrix, at most: larger ones cost more arithmetic than they save calls


@dataclass(frozen=True, eq=False)
class Plan:
    """What the engine needs to know of a circuit: its qubits and the basis permutation after every layer.

    Args:
        n: qubits.
        sources: for each layer the permutation p with ψ'[y] = ψ[p[y]], shape (L+1, 2ⁿ); the last one is the identity.
    """

    n: int
    sources: Tensor

    @cached_property
    def groups(self) -> list[tuple[int, int]]:
        """(first qubit, size) of each group, as few and as equal as `GROUP` allows."""
        number = -(-self.n // GROUP)
        return [(low, high - low) for low, high in pairwise(g * self.n // number for g in range(number + 1))]

    @cached_property
    def targets(self) -> Tensor:
        """The inverse permutations."""
        return self.sources.argsort(-1)


class Layers(torch.autograd.Function):
    """States (..., B, 2ⁿ) through rotations with angles (..., L+1, n, 3) and the permutations of a `Plan`.

    With ψ the input of a rotation layer and φ the cotangent of the loss carried back to it, the derivative along an angle
    is ½ Im⟨φ|ν·σ|ψ⟩, ν the axis of that angle seen from the layer's input. All are read off the matrices Σ ψ φ†.
    """

    @staticmethod
    def forward(ctx, theta: Tensor, states: Tensor, plan: Plan) -> Tensor:
        lead = np.broadcast_shapes(theta.shape[:-3], states.shape[:-2])
        angles = theta.expand(*lead, *theta.shape[-3:]).reshape(-1, *theta.shape[-3:]).permute(3, 2, 1, 0)
        states = states.expand(*lead, *states.shape[-2:]).reshape(-1, *states.shape[-2:])
        shape, matrices = states.shape, _matrices(angles, plan)
        psi = states.new_empty(len(plan.sources), *shape)
        inputs = psi.unbind(0)
        inputs[0].copy_(states)
        *rotations, last = _rotations(matrices, plan, shape)
        moves = _moves(plan.sources, plan, psi)
        for states, following, rotation, move in zip(inputs[:-1], inputs[1:], rotations, moves, strict=True):
            if move is None:
                _rotate(states, rotation, following)
            else:
                torch.gather(_rotate(states, rotation), -1, move, out=following)
        ctx.plan = plan
        ctx.save_for_backward(angles, psi, *matrices)
        return _rotate(inputs[-1], last).view(*lead, *shape[-2:])

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent: Tensor) -> tuple[Tensor, Tensor | None, None]:
        plan, (angles, psi, *matrices) = ctx.plan, ctx.saved_tensors
        shape = psi.shape[1:]
        # The complex conjugate of φ is carried: it needs plain transposes and enters ψφ† as it is.
        state, phi = cotangent.conj().resolve_conj().contiguous().view(shape), torch.empty_like(psi)
        moves = [*_moves(plan.targets, plan, phi), None]
        rotations = _rotations([matrix.mT for matrix in matrices], plan, shape)
        for carried, rotation, move in reversed(list(zip(phi.unbind(0), rotations, moves, strict=True))):
            state = _rotate(state if move is None else state.gather(-1, move), rotation, carried)
        moments = torch.cat([_moments(psi, phi, low, size) for low, size in plan.groups], 1)  # (3, n, (L+1)·D)
        gradient = angle_derivatives(angles.reshape(3, -1), moments.flatten(1)).view(angles.shape).permute(3, 2, 1, 0)
        # autograd itself sums over the axes along which an input was broadcast.
        gradient = gradient.reshape(*cotangent.shape[:-2], *gradient.shape[1:])
        return gradient, phi[0].conj().reshape(cotangent.shape) if ctx.needs_input_grad[1] else None, None


def _moves(permutations: Tensor, plan: Plan, states: Tensor) -> list[Tensor | None]:
    """The permutations between layers as indices into each of `states`; None with a single group, whose matrix takes them in."""
    if len(plan.groups) == 1:
        return [None] * (len(permutations) - 1)
    return list(permutations[:-1].to(states.device)[:, None, None].expand(-1, *states.shape[1:]).unbind(0))


def _matrices(angles: Tensor, plan: Plan) -> list[Tensor]:
    """For each group the matrices of all layers, shape (L+1, D, 2ᵏ, 2ᵏ), from angles (3, n, L+1, D)."""
    _, n, layers, draws = angles.shape
    gates = euler_gates(angles.reshape(3, -1)).view(2, 2, n, layers * draws)
    matrices = []
    for low, size in plan.groups:
        matrix = kron_qubits(gates.narrow(2, low, size)).permute(2, 0, 1)
        matrices.append(matrix.contiguous().view(layers, draws, 1 << size, 1 << size))
    if len(matrices) == 1:
        rows = plan.sources.to(angles.device)[:, None, :, None]
        matrices[0] = matrices[0].gather(2, rows.expand(-1, draws, -1, 1 << n))
    return matrices


def _rotations(matrices: list[Tensor], plan: Plan, shape: torch.Size) -> list[list[tuple[Tensor, tuple]]]:
    """For each layer the groups' matrices as factors of `torch.bmm`, with the shape that the states must take.

    The last group's qubits are the fastest index, so its factor acts from the right on rows; the others act from the left.
    """
    draws, count, d = shape
    groups = []
    for (low, size), matrix in zip(plan.groups, matrices, strict=True):
        if low + size == plan.n:
            factors, form = matrix.mT, (draws, count << low, 1 << size)
        else:
            factors = matrix.unsqueeze(2).expand(-1, -1, count << low, -1, -1).flatten(1, 2)
            form = (draws * count << low, 1 << size, d >> low + size)
        groups.append([(factor, form) for factor in factors.unbind(0)])
    return list(zip(*groups, strict=True))


def _rotate(states: Tensor, rotation: list[tuple[Tensor, tuple]], out: Tensor | None = None) -> Tensor:
    *lefts, (right, form) = rotation
    shape = states.shape
    for left, blocks in lefts:
        states = torch.bmm(left, states.view(blocks))
    if form == shape:  # a single group: a view would cost as much as the product
        return torch.bmm(states, right, out=out)
    return torch.bmm(states.view(form), right, out=None if out is None else out.view(form)).view(shape)


def _moments(psi: Tensor, phi: Tensor, low: int, size: int) -> Tensor:
    """Im⟨φ|σ|ψ⟩ for the Paulis of the qubits low … low + size − 1, summed over the batch.

    Args:
        psi, phi: ψ and the conjugate of φ, shape (L+1, D, B, 2ⁿ).

    Returns:
        Shape (3, size, (L+1)·D).
    """
    layers, draws, count, d = psi.shape
    pre, post = 2**low, d // 2 ** (low + size)
    # The group's qubits first, whatever else there is last.
    blocks = [each.view(layers * draws, count * pre, 2**size, post).transpose(1, 2).flatten(2) for each in (psi, phi)]
    cross = torch.bmm(blocks[0], blocks[1].mT)
    return (_paulis(size, cross.dtype, cross.device) @ cross.flatten(1).mT).imag.view(3, size, -1)


@cache
def _paulis(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """X, then Y, then Z of each of `size` qubits as rows, so that row @ M.flatten() is Tr(σM)."""
    sigma = torch.tensor([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=dtype, device=device)
    one = torch.eye(2, dtype=dtype, device=device)
    factors = torch.stack([torch.stack([p if k == q else one for k in range(size)], -1) for p in sigma for q in range(size)], -1)
    return kron_qubits(factors).permute(2, 1, 0).flatten(1)
