"""How close states are: fidelities of pure and mixed states and of unitaries, and trace distances.

Fidelity is the *squared* overlap throughout, which is 1 for equal states.
"""

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.states.checks import check_density, check_rows, check_states


def fidelity(states: Tensor, others: Tensor) -> Tensor:
    """Squared overlap |⟨φ|ψ⟩|² of pure states.

    Args:
        states, others: amplitudes, shapes (..., 2ⁿ) that broadcast, norm 1, same dtype.

    Returns:
        Real, of the broadcast shape without the last axis; differentiable.

    Raises:
        ValueError: no amplitudes, another norm than 1, different sizes or dtypes.

    >>> round(fidelity(torch.tensor([1, 0j]), torch.tensor([0.6, 0.8j])).item(), 6)
    0.36
    """
    n = check_states("states", states)
    wanted = f"have shape (..., {2**n})"
    demand(check_states("others", others) == n, "others", wanted, f"shape {tuple(others.shape)}")
    demand(states.dtype == others.dtype, "others", f"be {states.dtype} like `states`", others.dtype)
    return torch.view_as_real(torch.linalg.vecdot(others, states)).square().sum(-1)


def average_fidelity(denoiser: Tensor, scrambler: Tensor) -> Tensor:
    """Fidelity of D·U|ψ⟩ with |ψ⟩, averaged over Haar states ψ exactly: (|Tr DU|² + d)/(d(d + 1)).

    Args:
        denoiser, scrambler: unitaries D and U, shapes (..., 2ⁿ, 2ⁿ) that broadcast, same dtype.

    Returns:
        Real, of the broadcast leading shape, between 1/(d + 1) and 1; differentiable.

    Raises:
        ValueError: no square matrices with rows of norm 1, different sizes or dtypes.

    Source: M. A. Nielsen, Phys. Lett. A 303, 249 (2002), eq. 3 for a unitary channel.

    >>> average_fidelity(torch.eye(4) + 0j, torch.eye(4) + 0j).item()
    1.0
    """
    n = check_rows("denoiser", denoiser)
    other = check_rows("scrambler", scrambler)
    demand(n == other, "scrambler", f"act on {n} qubits like `denoiser`", f"{other} qubits")
    same = denoiser.dtype == scrambler.dtype
    demand(same, "scrambler", f"be {denoiser.dtype} like `denoiser`", scrambler.dtype)
    d = 2**n
    trace = (denoiser * scrambler.mT).sum((-2, -1))  # Tr DU without the product
    return (trace.abs().square() + d) / (d * (d + 1))


def uhlmann_fidelity(rho: Tensor, sigma: Tensor) -> Tensor:
    """Squared Uhlmann fidelity F = (Tr √(√ρ σ √ρ))², which is ⟨ψ|ρ|ψ⟩ for σ = |ψ⟩⟨ψ|.

    It is computed as ‖√ρ√σ‖₁², whose singular values, unlike the eigenvalues of √ρ σ √ρ, need no
    square root that would turn rounding of 1e-16 into 1e-8. Eigenvalues below 1e-14 count as 0.

    Args:
        rho, sigma: density matrices, shapes (..., 2ⁿ, 2ⁿ) that broadcast, complex128.

    Returns:
        Between 0 and 1, broadcast shape without the last two axes.

    Raises:
        ValueError: no density matrices, or of different size.

    Source: QAMP 2025, after eq. 10.

    >>> zero = torch.diag(torch.tensor([1, 0], dtype=torch.complex128))
    >>> round(uhlmann_fidelity(zero, torch.eye(2, dtype=torch.complex128) / 2).item(), 12)
    0.5
    """
    _check_pair(rho, sigma)
    return torch.linalg.svdvals(_root(rho) @ _root(sigma)).sum(-1).square()


def trace_distance(rho: Tensor, sigma: Tensor) -> Tensor:
    """½‖ρ − σ‖₁, the advantage over guessing with which one measurement tells ρ from σ.

    Args:
        rho, sigma: density matrices, shapes (..., 2ⁿ, 2ⁿ) that broadcast, complex128.

    Returns:
        Between 0 and 1, broadcast shape without the last two axes; differentiable once where no
        eigenvalue of ρ − σ vanishes.

    Raises:
        ValueError: no density matrices, or of different size.

    >>> zero = torch.diag(torch.tensor([1, 0], dtype=torch.complex128))
    >>> trace_distance(zero, torch.eye(2, dtype=torch.complex128) / 2).item()
    0.5
    """
    _check_pair(rho, sigma)
    return 0.5 * torch.linalg.eigvalsh(rho - sigma).abs().sum(-1)


def unitary_trace_distance(rho: Tensor, sigma: Tensor) -> Tensor:
    """Smallest ½‖UρU† − σ‖₁ over all unitaries U, which is ½Σ|λ_i(ρ) − λ_i(σ)| for ordered spectra.

    Args:
        rho, sigma: density matrices, shapes (..., 2ⁿ, 2ⁿ) that broadcast, complex128.

    Returns:
        Broadcast shape without the last two axes; the U that pairs the eigenvectors in order
        attains it.

    Raises:
        ValueError: no density matrices, or of different size.

    Source: L. Mirsky, Quart. J. Math. 11, 50 (1960): no unitary brings spectra closer than their
    order.

    >>> zero, one = torch.diag_embed(torch.eye(2, dtype=torch.complex128))
    >>> unitary_trace_distance(zero, one).item()
    0.0
    """
    _check_pair(rho, sigma)
    return 0.5 * (torch.linalg.eigvalsh(rho) - torch.linalg.eigvalsh(sigma)).abs().sum(-1)


def _check_pair(rho: Tensor, sigma: Tensor) -> None:
    check_density("rho", rho)
    check_density("sigma", sigma)
    d = rho.shape[-1]
    wanted = f"have shape (..., {d}, {d})"
    demand(sigma.shape[-1] == d, "sigma", wanted, f"shape {tuple(sigma.shape)}")


def _root(rho: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(rho)
    values = torch.where(values < 1e-14, 0.0, values)
    return (vectors * values.sqrt()[..., None, :]) @ vectors.mH
