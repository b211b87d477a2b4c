"""How far two density matrices are apart: trace distance, Uhlmann fidelity, and what a unitary can do about the former."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.states.checks import check_operators

ROUNDING = 1e-10


def check_density(name: str, rho: Tensor) -> Tensor:
    """`rho` of shape (..., 2ⁿ, 2ⁿ), complex128, Hermitian and of trace 1 within 1e-10; refused by name otherwise.

    Positivity, which costs a spectrum, is left to those that need one.
    """
    check_operators(name, rho)
    demand(rho.dtype == torch.complex128, name, "be complex128", rho.dtype)
    skew = (rho - rho.mH).abs().max().item() if rho.numel() else 0.0
    demand(
        skew <= ROUNDING, name, f"be Hermitian within {ROUNDING:g}", f"max |ρ − ρ†| = {skew:.2g}"
    )
    trace = torch.einsum("...ii->...", rho.detach())
    off = (trace - 1.0).abs()
    demand(
        not bool((off > ROUNDING).any()),
        name,
        f"have trace 1 within {ROUNDING:g}",
        f"trace {_worst(trace.real, off):.6g}",
    )
    return rho


def check_pair(rho: Tensor, sigma: Tensor) -> None:
    """Refuse, by name, two density matrices of different size."""
    check_density("rho", rho)
    check_density("sigma", sigma)
    fits = rho.shape[-1] == sigma.shape[-1]
    demand(
        fits,
        "sigma",
        f"have shape (..., {rho.shape[-1]}, {rho.shape[-1]})",
        f"shape {tuple(sigma.shape)}",
    )


def trace_distance(rho: Tensor, sigma: Tensor) -> Tensor:
    """½‖ρ − σ‖₁, the probability advantage with which one measurement tells ρ from σ.

    Args:
        rho, sigma: density matrices, shapes (..., 2ⁿ, 2ⁿ) that broadcast, complex128.

    Returns:
        Between 0 and 1, broadcast shape without the last two axes; differentiable once where no eigenvalue vanishes.

    Raises:
        ValueError: no density matrices, or of different size.

    >>> zero, mixed = torch.diag(torch.tensor([1, 0], dtype=torch.complex128)), torch.eye(2, dtype=torch.complex128) / 2
    >>> trace_distance(zero, mixed).item()
    0.5
    """
    check_pair(rho, sigma)
    return 0.5 * torch.linalg.eigvalsh(rho - sigma).abs().sum(-1)


def uhlmann_fidelity(rho: Tensor, sigma: Tensor) -> Tensor:
    """Squared Uhlmann fidelity F = (Tr √(√ρ σ √ρ))², which is ⟨ψ|ρ|ψ⟩ for σ = |ψ⟩⟨ψ|.

    Args:
        rho, sigma: density matrices, shapes (..., 2ⁿ, 2ⁿ) that broadcast, complex128.

    Returns:
        Between 0 and 1, broadcast shape without the last two axes. It is computed as ‖√ρ√σ‖₁², whose singular values are
        free of the square root of rounding errors; eigenvalues of ρ and σ below 1e-14 count as 0.

    Raises:
        ValueError: no density matrices (an eigenvalue below −1e-10 included), or of different size.

    Source: QAMP 2025, after eq. 10.

    >>> zero, mixed = torch.diag(torch.tensor([1, 0], dtype=torch.complex128)), torch.eye(2, dtype=torch.complex128) / 2
    >>> round(uhlmann_fidelity(zero, mixed).item(), 12)
    0.5
    """
    check_pair(rho, sigma)
    return torch.linalg.svdvals(_root("rho", rho) @ _root("sigma", sigma)).sum(-1).square()


def unitary_trace_distance(rho: Tensor, sigma: Tensor) -> Tensor:
    """Smallest ½‖UρU† − σ‖₁ over all unitaries U: half the distance of the ordered spectra, ½Σ|λ_i(ρ) − λ_i(σ)|.

    Args:
        rho, sigma: density matrices, shapes (..., 2ⁿ, 2ⁿ) that broadcast, complex128.

    Returns:
        Broadcast shape without the last two axes; the U that pairs the eigenvectors in order attains it.

    Raises:
        ValueError: no density matrices, or of different size.

    Source: L. Mirsky, Quart. J. Math. 11, 50 (1960): no unitary brings spectra closer than their order does.

    >>> zero, one = (torch.diag(torch.tensor(x, dtype=torch.complex128)) for x in ([1, 0], [0, 1]))
    >>> unitary_trace_distance(zero, one).item()
    0.0
    """
    check_pair(rho, sigma)
    return 0.5 * (torch.linalg.eigvalsh(rho) - torch.linalg.eigvalsh(sigma)).abs().sum(-1)


def _root(name: str, rho: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(rho)
    least = values.min().item()
    demand(least >= -ROUNDING, name, "have no negative eigenvalue", f"{least:.2g}")
    values = torch.where(values < 1e-14, 0.0, values)
    return (vectors * values.sqrt()[..., None, :]) @ vectors.mH


def _worst(values: Tensor, off: Tensor) -> float:
    return values.flatten()[off.flatten().argmax()].item() if values.numel() else 1.0
