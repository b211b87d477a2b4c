"""Single-qubit rotations R = Rz(c)·Ry(b)·Rz(a), Rσ(x) = exp(−i x σ/2): matrices, products over qubits, derivatives.

Every array here keeps the index of the rotation *last*, so that all arithmetic runs along one long contiguous axis.
"""

from functools import cache
from math import pi

import torch
from torch import Tensor


@cache
def _table(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """For the four elements of R, row by row: the phase as coefficients of (a, b, c), and x in the modulus cos(b/2 + x)."""
    phases = ((-0.5, 0.0, -0.5), (0.5, 0.0, -0.5), (-0.5, 0.0, 0.5), (0.5, 0.0, 0.5))
    shifts = ((0.0,), (pi / 2,), (-pi / 2,), (0.0,))
    return torch.tensor(phases, dtype=dtype, device=device), torch.tensor(shifts, dtype=dtype, device=device)


def euler_gates(angles: Tensor) -> Tensor:
    """Matrices of R.

    Args:
        angles: a, b, c in radians, shape (3, m).

    Returns:
        Elements along the first two axes, shape (2, 2, m).
    """
    phases, shifts = _table(angles.dtype, angles.device)
    return torch.polar(torch.cos(0.5 * angles[1] + shifts), phases @ angles).view(2, 2, -1)


def angle_derivatives(angles: Tensor, moments: Tensor) -> Tensor:
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
        product = (product.view(size, 1, size, 1, m) * gate.view(1, 2, 1, 2, m)).view(2 * size, 2 * size, m)
    return product
