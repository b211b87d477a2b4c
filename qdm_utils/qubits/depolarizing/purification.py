"""What helps against depolarizing noise: a known subspace, post-selection, a second copy.

These are maps on density matrices, with the probability that they succeed, and their closed forms
on ρ = α|ψ⟩⟨ψ| + (1 − α)1/d. No unitary helps.

Maps on density matrices, with the probability that they succeed, and their closed forms on ρ =
α|ψ⟩⟨ψ| + (1 − α)1/d.
"""

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.diffusion import fraction
from qdm_utils.qubits.depolarizing.channel import path_fidelity, path_purity
from qdm_utils.qubits.states import ROUNDING, check_density, check_operators, purity

IMPOSSIBLE = 1e-14  # probabilities below it are rounding


def subspace_projector(n: int, r: int) -> Tensor:
    """Projector on the first r basis states of n qubits, shape (2ⁿ, 2ⁿ).

    For r = 2ᵏ the first n − k qubits are |0⟩.

    >>> subspace_projector(2, 2).real.diagonal()
    tensor([1., 1., 0., 0.], dtype=torch.float64)
    """
    d = 2 ** whole_number("n", n, 1)
    demand(whole_number("r", r, 1) <= d, "r", f"lie in 1 … {d}", r)
    return torch.diag((torch.arange(d) < r).to(torch.complex128))


def check_projector(name: str, projector: Tensor, rho: Tensor) -> Tensor:
    """`projector` of the size of `rho` with Π = Π† = Π² within 1e-10, refused by name otherwise."""
    check_operators(name, projector)
    d = rho.shape[-1]
    fits = projector.shape[-1] == d and projector.dtype == rho.dtype
    found = f"shape {tuple(projector.shape)}"
    demand(fits, name, f"be complex128 of shape (..., {d}, {d})", found)
    off = (projector - projector.mH).abs().max().item()
    off = max(off, (projector @ projector - projector).abs().max().item())
    demand(off <= ROUNDING, name, f"be a projector within {ROUNDING:g}", f"a residual of {off:.2g}")
    return projector


def subspace_reset(rho: Tensor, projector: Tensor) -> Tensor:
    """Ask whether the state lies in a known subspace; if not, put its maximally mixed state.

    ρ ↦ ΠρΠ + Tr[(1 − Π)ρ] Π/r, a channel: it always succeeds.

    Args:
        rho: density matrices, shape (..., 2ⁿ, 2ⁿ).
        projector: Π of rank r, shape (..., 2ⁿ, 2ⁿ).

    Returns:
        Density matrices of the broadcast shape.

    Raises:
        ValueError: no density matrices, or no projector.

    >>> mixed = torch.eye(4, dtype=torch.complex128) / 4
    >>> subspace_reset(mixed, subspace_projector(2, 2)).real.diagonal()
    tensor([0.5000, 0.5000, 0.0000, 0.0000], dtype=torch.float64)
    """
    check_density("rho", rho)
    check_projector("projector", projector, rho)
    inside = projector @ rho @ projector
    missing = 1.0 - torch.einsum("...ii->...", inside)
    rank = torch.einsum("...ii->...", projector)
    return inside + (missing / rank)[..., None, None] * projector


def postselect(rho: Tensor, projector: Tensor) -> tuple[Tensor, Tensor]:
    """Keep the state only where it is found in a subspace: ΠρΠ/p with probability p = Tr Πρ.

    Args:
        rho: density matrices, shape (..., 2ⁿ, 2ⁿ).
        projector: Π, shape (..., 2ⁿ, 2ⁿ).

    Returns:
        The states kept, of the broadcast shape, and their probabilities, shape without the last two
        axes.

    Raises:
        ValueError: no density matrices, no projector, or a post-selection that never succeeds.

    >>> postselect(torch.eye(4, dtype=torch.complex128) / 4, subspace_projector(2, 2))[1].item()
    0.5
    """
    check_density("rho", rho)
    check_projector("projector", projector, rho)
    inside = projector @ rho @ projector
    probability = torch.einsum("...ii->...", inside).real
    least = probability.min().item()
    wanted = "leave a probability > 0 (an impossible post-selection)"
    demand(least > IMPOSSIBLE, "projector", wanted, f"{max(least, 0.0):g}")
    return inside / probability[..., None, None], probability


def swap_test_purify(rho: Tensor) -> tuple[Tensor, Tensor]:
    """One of two copies of ρ after a swap test that found them symmetric: (ρ + ρ²)/(1 + Tr ρ²).

    Tr₂[Π(ρ ⊗ ρ)Π] with Π = (1 + SWAP)/2 is ¼(ρ + ρ² + ρ² + ρ). The other outcome leaves (ρ − ρ²)/(1
    − Tr ρ²): without looking at the outcome nothing is gained.

    Args:
        rho: density matrices, shape (..., 2ⁿ, 2ⁿ).

    Returns:
        The states, same shape, and the probability (1 + Tr ρ²)/2 of the outcome, shape (...).

    Raises:
        ValueError: no density matrices.

    Source: J. I. Cirac, A. K. Ekert, C. Macchiavello, Phys. Rev. Lett. 82, 4344 (1999).

    >>> state, probability = swap_test_purify(torch.eye(2, dtype=torch.complex128) / 2)
    >>> state.real.diagonal().tolist(), probability.item()
    ([0.5, 0.5], 0.75)
    """
    check_density("rho", rho)
    whole = 1.0 + purity(rho)
    return (rho + rho @ rho) / whole[..., None, None], 0.5 * whole


def reset_fidelity(alpha: ArrayLike, r: int) -> Tensor:
    """Fidelity α + (1 − α)/r after `subspace_reset` to r dimensions that hold ψ; shape of `alpha`.

    >>> reset_fidelity(0.5, 4).item()
    0.625
    """
    return path_fidelity(alpha, whole_number("r", r, 1))


def postselection_law(alpha: ArrayLike, d: int, r: int) -> tuple[Tensor, Tensor]:
    """Fidelity (α + (1 − α)/d)/p and probability p = α + (1 − α)r/d of `postselect`.

    The r dimensions kept hold ψ.

    >>> [x.item() for x in postselection_law(0.5, 16, 4)]
    [0.85, 0.625]
    """
    kept = fraction("alpha", alpha)
    d = whole_number("d", d, 1)
    r = whole_number("r", r, 1)
    demand(r <= d, "r", f"lie in 1 … {d}", r)
    probability = kept + (1.0 - kept) * r / d
    return path_fidelity(kept, d) / probability, probability


def swap_test_law(alpha: ArrayLike, d: int) -> tuple[Tensor, Tensor]:
    """Fidelity (F + F²)/(1 + P) and probability (1 + P)/2 of `swap_test_purify`.

    F and P are fidelity and purity of the path.

    >>> [round(x.item(), 6) for x in swap_test_law(0.5, 16)]
    [0.627259, 0.648438]
    """
    overlap = path_fidelity(alpha, d)
    whole = 1.0 + path_purity(alpha, d)
    return (overlap + overlap.square()) / whole, 0.5 * whole


def single_copy_law(kraus: Tensor, alpha: ArrayLike) -> tuple[Tensor, Tensor]:
    """What an outcome of any measurement on one copy does for Haar targets: it never helps.

    With Kraus operators K of the outcome the probability, averaged over ψ, is p = Tr ΣK†K/d, and
    the mean overlap of the kept state is α(Σ|Tr K|²/(pd) + 1)/(d + 1) + (1 − α)/d ≤ α + (1 − α)/d,
    since |Tr K|² ≤ d Tr K†K.

    Args:
        kraus: operators K of one outcome, shape (..., m, d, d); all Kraus operators of a channel
            make it certain, p = 1.
        alpha: what survived of ψ, in [0, 1]; broadcasts with the leading axes.

    Returns:
        Overlap with ψ, weighted with the probability of the outcome, and that probability; leading
        shape.

    Raises:
        ValueError: no square matrices, α outside [0, 1], or an outcome that never happens.

    >>> nothing = torch.eye(16, dtype=torch.complex128)[None]
    >>> [round(x.item(), 6) for x in single_copy_law(nothing, 0.5)]
    [0.53125, 1.0]
    """
    check_operators("kraus", kraus)
    d = kraus.shape[-1]
    kept = fraction("alpha", alpha)
    probability = kraus.abs().square().sum((-3, -2, -1)) / d
    least = probability.min().item()
    demand(least > IMPOSSIBLE, "kraus", "describe an outcome of probability > 0", f"{least:g}")
    traces = torch.einsum("...kii->...k", kraus).abs().square().sum(-1)
    overlap = kept * (traces / (probability * d) + 1.0) / (d + 1) + (1.0 - kept) / d
    return overlap, probability
