"""Single-qubit rotations Rz(c)·Ry(b)·Rz(a) and Ry(b)·Rx(a), Rσ(x) = exp(−i x σ/2): matrices, products over qubits, derivatives.

Every array here keeps the index of the rotation *last*, so that all arithmetic runs along one long contiguous axis.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import pi

import torch
from torch import Tensor


@cache
def _table(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """For the four elements of R, row by row: the phase as coefficients of (a, b, c), and x in the modulus cos(b/2 + x)."""
    phases = ((-0.5, 0.0, -0.5), (0.5, 0.0, -0.5), (-0.5, 0.0, 0.5), (0.5, 0.0, 0.5))
    shifts = ((0.0,), (pi / 2,), (-pi / 2,), (0.0,))
    return torch.tensor(phases, dtype=dtype, device=device), torch.tensor(
        shifts, dtype=dtype, device=device
    )


def euler_gates(angles: Tensor) -> Tensor:
    """Matrices of R = Rz(c)·Ry(b)·Rz(a).

    Args:
        angles: a, b, c in radians, shape (3, m).

    Returns:
        Elements along the first two axes, shape (2, 2, m).
    """
    phases, shifts = _table(angles.dtype, angles.device)
    return torch.polar(torch.cos(0.5 * angles[1] + shifts), phases @ angles).view(2, 2, -1)


def euler_derivatives(angles: Tensor, moments: Tensor) -> Tensor:
    """Derivatives along a, b, c: half the component of a vector along each angle's axis.

    ∂R/∂θ = R·(−i/2) ν·σ, with ν the angle's own axis seen through the rotations before it: ν_a = (0, 0, 1),
    ν_b = (sin a, cos a, 0), ν_c = (−sin b cos a, sin b sin a, cos b).

    Args:
        angles: shape (3, m).
        moments: Im⟨φ|σ|ψ⟩ for σ = X, Y, Z, shape (3, m).

    Returns:
        ½ ν·moments for a, b, c, shape (3, m).
    """
    x, y, z = 0.5 * moments
    turn_a, turn_b = torch.polar(torch.ones_like(angles[:2]), angles[:2])
    turned = turn_a * torch.complex(x, y)
    return torch.stack((z, turned.imag, (turn_b * torch.complex(z, turned.real)).real))


def tilt_gates(angles: Tensor) -> Tensor:
    """Matrices of R = Ry(b)·Rx(a) for a, b in radians, shapes (2, m) → (2, 2, m)."""
    (cos_a, cos_b), (sin_a, sin_b) = torch.cos(0.5 * angles), torch.sin(0.5 * angles)
    up, down = (
        torch.complex(cos_a * cos_b, sin_a * sin_b),
        torch.complex(cos_a * sin_b, -sin_a * cos_b),
    )
    return torch.stack((up, -down.conj(), down, up.conj())).view(2, 2, -1)


def tilt_derivatives(angles: Tensor, moments: Tensor) -> Tensor:
    """As `euler_derivatives` for Ry(b)·Rx(a): ν_a = (1, 0, 0), ν_b = (0, cos a, −sin a); shapes (2, m), (3, m) → (2, m)."""
    x, y, z = 0.5 * moments
    return torch.stack((x, torch.cos(angles[0]) * y - torch.sin(angles[0]) * z))


@dataclass(frozen=True)
class Rotation:
    """A kind of rotation: how many angles it has, its matrices, and its derivatives from the moments."""

    angles: int
    gates: Callable[[Tensor], Tensor]
    derivatives: Callable[[Tensor, Tensor], Tensor]


EULER = Rotation(3, euler_gates, euler_derivatives)
TILT = Rotation(2, tilt_gates, tilt_derivatives)


def kron_qubits(gates: Tensor) -> Tensor:
    """R_0 ⊗ R_1 ⊗ … for k qubits.

    Args:
        gates: shape (2, 2, k, m).

    Returns:
        Shape (2ᵏ, 2ᵏ, m).
    """
    product, *others = gates.unbind(2)
    for gate in others:
        size, _, m = product.shape
        product = (product.view(size, 1, size, 1, m) * gate.view(1, 2, 1, 2, m)).view(
            2 * size, 2 * size, m
        )
    return product
