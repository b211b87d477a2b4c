"""Rotations of single qubits, Rz(c)·Ry(b)·Rz(a) and Ry(b)·Rx(a) with Rσ(x) = exp(−i x σ/2).

Every array here keeps the index of the rotation *last*, so that all arithmetic runs along one long
contiguous axis: there are n·layers·draws rotations, and only four elements and two or three angles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import pi

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rotation:
    """A kind of rotation.

    Args:
        angles: how many it has.
        gates: its matrices, shape (2, 2, m), from angles (angles, m).
        derivatives: derivatives along the angles, shape (angles, m), from angles and from the
            moments Im⟨φ|σ|ψ⟩ for σ = X, Y, Z, shape (3, m); ψ is the input and φ the cotangent
            carried back to it.
    """

    angles: int
    gates: Callable[[Tensor], Tensor]
    derivatives: Callable[[Tensor, Tensor], Tensor]


def euler_gates(angles: Tensor) -> Tensor:
    """Matrices of the Euler rotation R = Rz(c)·Ry(b)·Rz(a).

    Args:
        angles: a, b, c in radians, shape (3, m).

    Returns:
        Elements along the first two axes, shape (2, 2, m).

    >>> euler_gates(torch.tensor([[0.0], [torch.pi], [0.0]]))[..., 0].real.round()
    tensor([[-0., -1.],
            [ 1., -0.]])
    """
    phases, shifts = _euler_elements(angles.dtype, angles.device)
    return torch.polar(torch.cos(0.5 * angles[1] + shifts), phases @ angles).view(2, 2, -1)


@cache
def _euler_elements(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """For the elements of R, row by row: the phase in a, b, c, and x in the modulus cos(b/2 + x).

    R is [[e^{−i(a+c)/2} cos b/2, −e^{i(a−c)/2} sin b/2], [e^{−i(a−c)/2} sin b/2, e^{i(a+c)/2} cos
    b/2]].
    """
    phases = ((-0.5, 0.0, -0.5), (0.5, 0.0, -0.5), (-0.5, 0.0, 0.5), (0.5, 0.0, 0.5))
    shifts = ((0.0,), (pi / 2,), (-pi / 2,), (0.0,))
    return (
        torch.tensor(phases, dtype=dtype, device=device),
        torch.tensor(shifts, dtype=dtype, device=device),
    )


def euler_derivatives(angles: Tensor, moments: Tensor) -> Tensor:
    """Derivatives along a, b, c: half the component of the moments along each angle's axis.

    ∂R/∂θ = R·(−i/2) ν·σ, with ν the angle's own axis seen through the rotations before it:
    ν_a = (0, 0, 1), ν_b = (sin a, cos a, 0), ν_c = (−sin b cos a, sin b sin a, cos b).

    Args:
        angles: shape (3, m).
        moments: Im⟨φ|σ|ψ⟩ for σ = X, Y, Z, shape (3, m).

    Returns:
        ½ ν·moments for a, b, c, shape (3, m).
    """
    return _slopes(EULER_AXES, angles, moments)


def rx_ry_gates(angles: Tensor) -> Tensor:
    """Matrices of R = Ry(b)·Rx(a) for a, b in radians, shapes (2, m) → (2, 2, m)."""
    cos_a, cos_b = torch.cos(0.5 * angles)
    sin_a, sin_b = torch.sin(0.5 * angles)
    up = torch.complex(cos_a * cos_b, sin_a * sin_b)
    down = torch.complex(cos_a * sin_b, -sin_a * cos_b)
    return torch.stack((up, -down.conj(), down, up.conj())).view(2, 2, -1)


def rx_ry_derivatives(angles: Tensor, moments: Tensor) -> Tensor:
    """As `euler_derivatives` for Ry(b)·Rx(a), with ν_a = (1, 0, 0) and ν_b = (0, cos a, −sin a)."""
    return _slopes(RX_RY_AXES, angles, moments)


# Axes as sums of sines: (angle, component, weight, multiples of the angles, phase). Products have
# become sums, as in sin b cos a = ½ sin(b + a) + ½ sin(b − a).
EULER_AXES = (
    (0, 2, 1.0, (0, 0, 0), pi / 2),
    (1, 0, 1.0, (1, 0, 0), 0.0),
    (1, 1, 1.0, (1, 0, 0), pi / 2),
    (2, 0, -0.5, (1, 1, 0), 0.0),
    (2, 0, -0.5, (-1, 1, 0), 0.0),
    (2, 1, 0.5, (-1, 1, 0), pi / 2),
    (2, 1, -0.5, (1, 1, 0), pi / 2),
    (2, 2, 1.0, (0, 1, 0), pi / 2),
)
RX_RY_AXES = (
    (0, 0, 1.0, (0, 0), pi / 2),
    (1, 1, 1.0, (1, 0), pi / 2),
    (1, 2, -1.0, (1, 0), 0.0),
)


def _slopes(axes: tuple, angles: Tensor, moments: Tensor) -> Tensor:
    """½ ν·moments with the axes ν summed up from sines, by one sine and dense products only."""
    multiples, phases, components, weights = _axis_tables(axes, angles.dtype, angles.device)
    sines = torch.addmm(phases, multiples, angles).sin_()
    return weights @ (sines * (components @ moments))


@cache
def _axis_tables(axes: tuple, dtype: torch.dtype, device: torch.device) -> list[Tensor]:
    """Multiples and phases of the sines, which component each meets, and its weights by angle."""
    angle, component, weight, multiples, phases = zip(*axes, strict=True)
    meets = torch.eye(3)[list(component)]
    weights = 0.5 * torch.eye(max(angle) + 1)[:, list(angle)] * torch.tensor(weight)
    tables = torch.tensor(multiples), torch.tensor(phases, dtype=torch.float64)[:, None]
    return [each.to(dtype=dtype, device=device) for each in (*tables, meets, weights)]


EULER = Rotation(3, euler_gates, euler_derivatives)
RX_RY = Rotation(2, rx_ry_gates, rx_ry_derivatives)
