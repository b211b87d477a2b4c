"""Entries of a density matrix as a picture shows them: moduli as brightness, phases as hue."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.states import check_operators


def modulus_correlation(rho: Tensor, original: Tensor) -> Tensor:
    """Pearson correlation of |ρ_ij| with the moduli of the original, over all entries.

    Args:
        rho, original: density matrices, shapes (..., d, d) that broadcast.

    Returns:
        Shape (...), 1 for equal moduli whatever the phases; for two independent Haar states 0 on
        average.

    Raises:
        ValueError: no square matrices, different sizes, or entries that are not finite.

    >>> plus, minus = torch.tensor([[0.8, 0.6], [0.8, -0.6]]) + 0j
    >>> round(modulus_correlation(torch.outer(plus, plus), torch.outer(minus, minus)).item(), 6)
    1.0
    """
    _check_pair(rho, original)
    x = rho.abs().flatten(-2)
    y = original.abs().flatten(-2)
    x = x - x.mean(-1, keepdim=True)
    y = y - y.mean(-1, keepdim=True)
    return (x * y).sum(-1) / (x.square().sum(-1) * y.square().sum(-1)).sqrt()


def phase_error(rho: Tensor, original: Tensor, weighted: bool = False) -> Tensor:
    """Mean size of the angle between ρ_ij and the original's entry, over the pairs i < j.

    Args:
        rho, original: density matrices, shapes (..., d, d) that broadcast.
        weighted: weight each entry with the product of the two moduli, so that the phase of an
            entry close to 0 counts little.

    Returns:
        Radians between 0 and π, shape (...); π/2 on average where the phases are random.

    Raises:
        ValueError: no square matrices, different sizes, or entries that are not finite.

    >>> plus, other = torch.tensor([[1, 1], [1, 1j]]) / 2**0.5
    >>> round(phase_error(torch.outer(other, other.conj()), torch.outer(plus, plus)).item(), 4)
    1.5708
    """
    _check_pair(rho, original)
    i, j = torch.triu_indices(rho.shape[-1], rho.shape[-1], 1, device=rho.device)
    ratio = rho[..., i, j] * original[..., i, j].conj()
    weight = ratio.abs() if weighted else torch.ones_like(ratio.real)
    return (ratio.angle().abs() * weight).sum(-1) / weight.sum(-1)


def modulus_spread(rho: Tensor) -> Tensor:
    """Coefficient of variation of |ρ_ij| over all entries: 0 for a uniform grey.

    A pure state has √(d²/(Σ_i|ψ_i|)⁴ − 1); with Porter–Thomas populations this tends to
    √(16/π² − 1) = .788 for large d.

    Args:
        rho: density matrices, shape (..., d, d).

    Returns:
        Shape (...).

    Raises:
        ValueError: no square matrices, or entries that are not finite.

    >>> modulus_spread(torch.ones(2, 2) / 2 + 0j).item()
    0.0
    """
    _check_matrices("rho", rho)
    moduli = rho.abs().flatten(-2)
    return moduli.std(-1, correction=0) / moduli.mean(-1)


def _check_pair(rho: Tensor, original: Tensor) -> None:
    n = _check_matrices("rho", rho)
    same = _check_matrices("original", original) == n
    shape = f"have shape (..., {2**n}, {2**n})"
    demand(same, "original", shape, f"shape {tuple(original.shape)}")


def _check_matrices(name: str, matrices: Tensor) -> int:
    """n of finite matrices of shape (..., 2ⁿ, 2ⁿ), at least one."""
    n = check_operators(name, matrices)
    demand(matrices.numel() > 0, name, "hold at least one matrix", f"shape {tuple(matrices.shape)}")
    demand(bool(torch.isfinite(matrices).all()), name, "be finite", "NaN or infinity")
    return n
