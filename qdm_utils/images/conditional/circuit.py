"""One circuit that denoises latents of ten digits, told by four label qubits which digit: the
conditional latent model.

|ℓ⟩⊗|x⟩ on 4 + 3 qubits passes a block of 15 strongly entangling layers, an ancilla in |0⟩ joins for
20 layers on 8 qubits and is measured, 15 layers on 7 qubits follow, and the label register is
projected back on |ℓ⟩. For each label and each outcome m of the ancilla all this is one 8×8 matrix,
x → A_{ℓm} x/‖A_{ℓm} x‖: ten pairs of matrices are the whole model, and a batch of any size costs
the circuit 80 columns.
"""

from dataclasses import dataclass
from functools import cached_property
from math import pi

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.circuits import StronglyEntangling
from qdm_utils.randomness import Seed, generator

LABELS = 10


@dataclass(frozen=True)
class Kraus:
    """What a step does to latents, as matrices that act on row vectors from the right.

    Args:
        maps: A_{ℓm}ᵀ of input → kept output, shape (..., T, labels, 2, size, size); T is 1 where
            all steps share them.
        weights: the Gram matrices of what leaves the middle block with outcome m: p_m = x G x†;
            same shape.
    """

    maps: Tensor
    weights: Tensor


@dataclass(frozen=True)
class ConditionalCircuit:
    """The three blocks of strongly entangling layers.

    Args:
        n: latent qubits, the last ones of the register.
        label_qubits: the first ones; label ℓ is the basis state |ℓ⟩.
        layers: of the three blocks; the middle one has an ancilla more, as its last qubit.
        clock: steps T told to the circuit by the ancilla's start, cos(πt/2T)|0⟩ + sin(πt/2T)|1⟩; 0
            starts it in |0⟩ always, so that the circuit does not know t, as published. A clock adds
            no parameter.

    Raises:
        ValueError: a register too small for ten labels, or other sizes out of range.

    Source: A. Cacioppo et al., arXiv:2311.15444, the conditioned latent model.

    >>> ConditionalCircuit().parameter_count
    1110
    """

    n: int = 3
    label_qubits: int = 4
    layers: tuple[int, int, int] = (15, 20, 15)
    clock: int = 0

    def __post_init__(self) -> None:
        whole_number("n", self.n, 1)
        fits = 2 ** whole_number("label_qubits", self.label_qubits, 1) >= LABELS
        demand(fits, "label_qubits", "be ≥ 4", self.label_qubits)
        demand(len(self.layers) == 3, "layers", "be three numbers of layers", repr(self.layers))
        whole_number("clock", self.clock, 0)

    @cached_property
    def blocks(self) -> tuple[StronglyEntangling, ...]:
        """The circuits before, with and after the ancilla."""
        register = self.n + self.label_qubits
        return tuple(
            StronglyEntangling(register + k % 2, layers) for k, layers in enumerate(self.layers)
        )

    @property
    def parameter_count(self) -> int:
        """Angles of the three blocks."""
        return sum(block.parameter_count for block in self.blocks)

    def random_angles(self, draws: int, seed: Seed) -> Tensor:
        """Angles uniform on [0, 2π), shape (draws, parameter_count), float32."""
        return 2 * pi * torch.rand(draws, self.parameter_count, generator=generator(seed))

    def kraus(self, theta: Tensor) -> Kraus:
        """The matrices of the step(s), differentiable.

        Args:
            theta: angles in radians, shape (D, parameter_count), float32 or float64.

        Returns:
            `Kraus` with tensors of shape (D, T or 1, labels, 2, 2ⁿ, 2ⁿ), complex.

        Raises:
            ValueError: another number of angles.
        """
        count = self.parameter_count
        demand(
            theta.ndim == 2 and theta.shape[1] == count,
            "theta",
            f"have shape (D, {count})",
            f"shape {tuple(theta.shape)}",
        )
        angles = theta.split([block.parameter_count for block in self.blocks], dim=1)
        first, middle, last = (
            part.unflatten(1, block.shape) for part, block in zip(angles, self.blocks, strict=True)
        )
        size = 2**self.n
        register = 2 ** (self.n + self.label_qubits)
        dtype = torch.complex64 if theta.dtype == torch.float32 else torch.complex128
        basis = torch.eye(register, dtype=dtype)
        entered = self.blocks[0].apply(first, basis[: LABELS * size])
        # Ancilla last: amplitude 2k of the larger register is |k⟩|0⟩, amplitude 2k + 1 is |k⟩|1⟩.
        nothing = torch.zeros_like(entered)
        joined = [torch.stack((entered, nothing), -1).flatten(-2)]
        if self.clock:
            joined.append(torch.stack((nothing, entered), -1).flatten(-2))
        left = self.blocks[1].apply(middle, torch.cat(joined, 1))
        left = left.unflatten(1, (len(joined), LABELS, size))
        if self.clock:
            # The circuit is linear: what leaves it for a turned ancilla is a superposition of both.
            steps = torch.arange(1, self.clock + 1, dtype=theta.dtype, device=theta.device)
            angle = pi / 2 * steps / self.clock
            start = torch.stack((angle.cos(), angle.sin()), 1).to(left.dtype)
            left = torch.einsum("ts,dslik->dtlik", start, left)
        left = left.unflatten(-1, (register, 2))
        left = left.movedim(-1, -3)  # (D, T, labels, outcome, in, register)
        final = self.blocks[2].apply(last, basis)[..., : LABELS * size]
        final = final.unflatten(-1, (LABELS, size)).movedim(-2, 1)
        return Kraus(left @ final[:, None, :, None], left @ left.mH)


def branches(kraus: Kraus, states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Both outcomes of one step.

    Args:
        kraus: the matrices, leading axes (D, T).
        states: normalised, sorted by label, shape (D, T, labels, B, 2ⁿ), T as large as that of the
            matrices or they share it.

    Returns:
        Normalised outputs, shape (D, T, labels, 2, B, 2ⁿ); probabilities of the ancilla's outcomes
        and, given those, of finding the label register in its label, both of shape (D, T, labels,
        2, B).
    """
    inputs = states.unsqueeze(-3)
    output = inputs @ kraus.maps
    chance = ((inputs @ kraus.weights) * inputs.conj()).sum(-1).real.clamp_min(1e-12)
    norm = output.abs().square().sum(-1).clamp_min(1e-12)
    return output / norm.sqrt().unsqueeze(-1), chance, norm / chance


def take_step(
    kraus: Kraus, states: Tensor, source: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """One step with the ancilla's outcome drawn and the label found as it should be.

    Args:
        kraus, states: as in `branches`.
        source: of the outcomes.

    Returns:
        States of the shape given, the outcomes and the probabilities of the label, shape (D, T,
        labels, B).
    """
    after, chance, label = branches(kraus, states)
    draws = torch.rand(chance[..., 0, :].shape, generator=source)
    outcomes = (draws >= chance[..., 0, :]).long().clamp_max(chance.shape[-2] - 1)
    index = outcomes[..., None, :, None].expand(*after.shape[:-3], 1, *after.shape[-2:])
    return (
        after.gather(-3, index).squeeze(-3),
        outcomes,
        label.gather(-2, outcomes.unsqueeze(-2)).squeeze(-2),
    )
