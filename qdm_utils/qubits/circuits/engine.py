"""The engine: layers of rotations and entanglers on batches of states, and their gradient.

*Why not gate by gate.* A training of four to eight qubits is not bound by arithmetic but by the
number of calls: a vector of 16 amplitudes is multiplied faster than torch finds the kernel that
does it. So everything that can be one call is one. The rotations of a group of neighbouring qubits
are multiplied into one matrix, for all layers and draws at once, and a layer is then one or two
batched products of matrices. CNOTs only permute basis states and CZs only change signs: an
entangling layer, however many gates it has, is one `gather` or one product; with a single group it
costs nothing, being multiplied into the group's matrix.

*Why a draw axis.* Trainings are compared over seeds and gradients over draws of the angles. All of
them run together: every tensor carries a draw axis D, with one circuit (one set of angles) for each
draw and B states to each circuit.

*Why this order of axes.* With several groups the batch axis stands, inside, right before the qubits
of the last group: (D, 2ⁿ⁻ᵏ, B, 2ᵏ). Then the matrix of the last group acts from the right on 2ⁿ⁻ᵏ·B
rows and that of the first group from the left on B·2ᵏ-fold columns, each a single product for the
whole batch without copying a matrix B times. Only a group in the middle, from eleven qubits on, is
repeated.

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

# For each group a factor of `torch.bmm` and the shape that the states must take for it.
Factors = tuple[tuple[Tensor, tuple[int, ...]], ...]


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

    @property
    def permutes(self) -> bool:
        """Whether the entanglers are permutations, not signs."""
        return not self.entanglers.is_floating_point()

    @cached_property
    def inverses(self) -> Tensor:
        """What undoes the entanglers, in the same form."""
        return self.entanglers.argsort(-1) if self.permutes else self.entanglers

    @cached_property
    def identity(self) -> list[bool]:
        """For each layer whether its entangler does nothing."""
        nothing = torch.arange(2**self.n) if self.permutes else torch.ones(2**self.n)
        return (self.entanglers == nothing).all(-1).tolist()

    def inward(self, states: Tensor) -> Tensor:
        """States (D, B, 2ⁿ) in the inner order, one axis (D, 2ⁿ·B); unchanged for one group."""
        if self.single_group:
            return states
        return states.unflatten(-1, (-1, 1 << self.groups[-1][1])).transpose(1, 2).flatten(1)

    def outward(self, states: Tensor, shape: tuple[int, ...]) -> Tensor:
        """The inverse of `inward`, in this shape (..., B, 2ⁿ)."""
        if self.single_group:
            return states.view(shape)
        k = self.groups[-1][1]
        inner = states.view(len(states), 1 << self.n - k, shape[-2], 1 << k)
        return inner.transpose(1, 2).reshape(shape)


class Layers(torch.autograd.Function):
    """States (..., B, 2ⁿ) through a `Plan` with angles (..., layers, n, angles)."""

    @staticmethod
    def forward(ctx: Any, theta: Tensor, states: Tensor, plan: Plan) -> Tensor:
        """Output states, shape (..., B, 2ⁿ), leading axes broadcast between angles and states."""
        lead = np.broadcast_shapes(theta.shape[:-3], states.shape[:-2])
        drawn = theta.expand(*lead, *theta.shape[-3:]).reshape(-1, *theta.shape[-3:])
        angles = drawn.permute(3, 2, 1, 0)  # (angles, n, layers, D): rotations along the last axes
        shape = (*lead, *states.shape[-2:])
        states = plan.inward(states.expand(shape).reshape(-1, *shape[-2:]))
        matrices = _matrices(angles, plan)
        # One block holds the input of every layer, and each layer writes where the next one reads.
        psi = states.new_empty(len(plan.entanglers), *states.shape)
        inputs = psi.unbind(0)
        inputs[0].copy_(states)
        factors = _factors(matrices, plan, psi)
        moves = _moves(plan, False, psi)
        last = len(factors) - 1
        for layer in range(last):
            if moves[layer] is None:
                _rotate(inputs[layer], factors[layer], inputs[layer + 1])
            else:
                _entangle(_rotate(inputs[layer], factors[layer]), moves[layer], inputs[layer + 1])
        ctx.plan = plan
        ctx.save_for_backward(angles, psi, *matrices)
        return plan.outward(_entangle(_rotate(inputs[last], factors[last]), moves[last]), shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor, Tensor | None, None]:
        """Cotangents of angles and, where they are wanted, of states."""
        plan: Plan = ctx.plan
        angles, psi, *matrices = ctx.saved_tensors
        # The complex conjugate of φ is carried: it needs plain transposes and enters ψφ† as it is.
        state = plan.inward(cotangent.conj().resolve_conj().reshape(-1, *cotangent.shape[-2:]))
        phi = torch.empty_like(psi)
        moves = _moves(plan, True, psi)
        factors = _factors([matrix.mT for matrix in matrices], plan, psi)
        for layer in reversed(range(len(factors))):
            state = _rotate(_entangle(state, moves[layer]), factors[layer], phi[layer])
        # (3, n, layers·D)
        moments = torch.cat([_moments(psi, phi, plan, *group) for group in plan.groups], 1)
        slopes = plan.rotation.derivatives(angles.reshape(len(angles), -1), moments.flatten(1))
        gradient = slopes.view(angles.shape).permute(3, 2, 1, 0)
        # autograd itself sums over the axes along which an input was broadcast.
        gradient = gradient.reshape(*cotangent.shape[:-2], *gradient.shape[1:])
        back = plan.outward(phi[0].conj(), cotangent.shape) if ctx.needs_input_grad[1] else None
        return gradient, back, None


def _matrices(angles: Tensor, plan: Plan) -> list[Tensor]:
    """Matrices (layers, D, 2ᵏ, 2ᵏ) of each group, from angles (angles, n, layers, D)."""
    kinds, n, layers, draws = angles.shape
    gates = plan.rotation.gates(angles.reshape(kinds, -1)).view(2, 2, n, layers * draws)
    matrices = []
    for low, size in plan.groups:
        matrix = _kron_qubits(gates.narrow(2, low, size)).permute(2, 0, 1)
        matrices.append(matrix.contiguous().view(layers, draws, 1 << size, 1 << size))
    if plan.single_group:
        # The entangler exchanges or signs the rows of the only matrix, and is done with.
        rows = plan.entanglers.to(angles.device)[:, None, :, None]
        if plan.permutes:
            matrices[0] = matrices[0].gather(2, rows.expand(-1, draws, -1, 1 << n))
        else:
            matrices[0] = matrices[0] * rows
    return matrices


def _kron_qubits(gates: Tensor) -> Tensor:
    """R_0 ⊗ R_1 ⊗ … for k qubits, shape (2ᵏ, 2ᵏ, m), from gates (2, 2, k, m)."""
    product, *others = gates.unbind(2)
    for gate in others:
        size, _, m = product.shape
        blocks = product.view(size, 1, size, 1, m) * gate.view(1, 2, 1, 2, m)
        product = blocks.view(2 * size, 2 * size, m)
    return product


def _factors(matrices: list[Tensor], plan: Plan, states: Tensor) -> list[Factors]:
    """For each layer the groups' matrices as factors of `torch.bmm`, with the shapes of the states.

    The last group's qubits are the fastest index, so its factor acts from the right on rows; the
    others act from the left.
    """
    draws = states.shape[1]
    count = states[0, 0].numel() >> plan.n
    groups = []
    form: tuple[int, ...]
    for (low, size), matrix in zip(plan.groups, matrices, strict=True):
        if low + size == plan.n:
            factors = matrix.mT
            form = (draws, count << low, 1 << size)
        else:
            factors = matrix.unsqueeze(2).expand(-1, -1, 1 << low, -1, -1).flatten(1, 2)
            form = (draws << low, 1 << size, count << plan.n - low - size)
        groups.append([(factor, form) for factor in factors.unbind(0)])
    return list(zip(*groups, strict=True))


def _rotate(states: Tensor, factors: Factors, out: Tensor | None = None) -> Tensor:
    *lefts, (right, form) = factors
    shape = states.shape
    for left, blocks in lefts:
        states = torch.bmm(left, states.view(blocks))
    if form == shape:  # a single group: a view would cost as much as the product
        return torch.bmm(states, right, out=out)
    rows = torch.bmm(states.view(form), right, out=None if out is None else out.view(form))
    return rows.view(shape)


def _moves(plan: Plan, undo: bool, states: Tensor) -> list[Tensor | None]:
    """The entanglers, or what undoes them, as indices into or factors of states in the inner order.

    None where nothing is to be done.
    """
    if plan.single_group:
        return [None] * len(plan.entanglers)  # the group's matrix takes them in
    _, draws, size = states.shape
    moves = _spread(plan, undo, size >> plan.n, states.device)
    return [
        None if idle else move.expand(draws, -1)
        for move, idle in zip(moves, plan.identity, strict=True)
    ]


@lru_cache(maxsize=8)  # a training uses few circuits and batch sizes at a time
def _spread(plan: Plan, undo: bool, count: int, device: torch.device) -> list[Tensor]:
    """As `_moves` for a batch of B, once for all draws: each of shape (2ⁿ·B,)."""
    k = plan.groups[-1][1]
    entanglers = (plan.inverses if undo else plan.entanglers).to(device)
    kinds, which = entanglers.unique(dim=0, return_inverse=True)
    moves = kinds.unflatten(1, (-1, 1, 1 << k)).expand(-1, -1, count, -1)
    if plan.permutes:
        # An index into 2ⁿ amplitudes becomes one into (2ⁿ⁻ᵏ, B, 2ᵏ): the batch goes in between.
        batch = torch.arange(count, device=device)[:, None]
        moves = (((moves >> k) * count + batch) << k) + (moves & ((1 << k) - 1))
    # Layers with one entangler share one tensor, which then stays in the processor's cache.
    return [moves.flatten(1)[kind] for kind in which.tolist()]


def _entangle(states: Tensor, move: Tensor | None, out: Tensor | None = None) -> Tensor:
    if move is None:
        return states
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
    paulis = _single_paulis(size, cross.dtype, cross.device)
    return (paulis @ cross.flatten(1).mT).imag.view(3, size, -1)


@cache
def _single_paulis(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """X, then Y, then Z of each of `size` qubits, so that row @ M.flatten() is Tr(σM)."""
    words = [letter.rjust(q + 1, "I").ljust(size, "I") for letter in "XYZ" for q in range(size)]
    matrices = torch.stack([pauli_string(word) for word in words])
    return matrices.mT.flatten(1).to(dtype=dtype, device=device)
