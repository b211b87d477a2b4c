"""The depolarizing path ρ_t = α_t ρ_0 + (1 − α_t) 1/d: channel and closed forms, bits."""

from itertools import product
from math import log

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import between, whole_number
from qdm_utils.diffusion import check_schedule, fraction
from qdm_utils.qubits.states import check_density, entropy, pauli_string


def depolarize(rho: Tensor, p: ArrayLike) -> Tensor:
    """One depolarizing step, (1 − p)ρ + p·1/d.

    Args:
        rho: density matrices, shape (..., 2ⁿ, 2ⁿ), complex128.
        p: share replaced by 1/d, in [0, 1]; its shape broadcasts with the leading axes of `rho`.

    Returns:
        Density matrices of the broadcast leading shape.

    Raises:
        ValueError: no density matrices, or p outside [0, 1].

    Source: QAMP 2025, eq. 7.

    >>> depolarize(torch.diag(torch.tensor([1, 0], dtype=torch.complex128)), 0.5).real.diagonal()
    tensor([0.7500, 0.2500], dtype=torch.float64)
    """
    check_density("rho", rho)
    lost = fraction("p", p)[..., None, None]
    d = rho.shape[-1]
    return (1.0 - lost) * rho + lost / d * torch.eye(d, dtype=rho.dtype)


def depolarized(rho: Tensor, alpha: ArrayLike) -> Tensor:
    """The state after any number of steps, α ρ_0 + (1 − α) 1/d.

    Args:
        rho: initial density matrices ρ_0, as in `depolarize`; of pure states by `density_matrix`.
        alpha: what survived, see `survival`; range and shape as of `p` there.

    Source: QAMP 2025, eq. 8.

    >>> depolarized(torch.diag(torch.tensor([1, 0], dtype=torch.complex128)), 0.5).real.diagonal()
    tensor([0.7500, 0.2500], dtype=torch.float64)
    """
    check_density("rho", rho)
    kept = fraction("alpha", alpha)[..., None, None]
    d = rho.shape[-1]
    return kept * rho + (1.0 - kept) / d * torch.eye(d, dtype=rho.dtype)


def depolarizing_path(rho: Tensor, schedule: ArrayLike) -> Tensor:
    """ρ_0, ρ_1, …, ρ_T, step by step.

    Args:
        rho: initial density matrices, shape (..., 2ⁿ, 2ⁿ).
        schedule: p_1 … p_T, shape (T,).

    Returns:
        Shape (T + 1, ..., 2ⁿ, 2ⁿ).

    Raises:
        ValueError: no density matrices, no step, or an entry outside [0, 1].

    >>> depolarizing_path(torch.eye(2, dtype=torch.complex128) / 2, [0.1, 0.2]).shape
    torch.Size([3, 2, 2])
    """
    path = [check_density("rho", rho)]
    for p in check_schedule("schedule", schedule):
        path.append(depolarize(path[-1], p))
    return torch.stack(path)


def depolarizing_kraus(n: int, p: float) -> Tensor:
    """Kraus operators: all Pauli strings with probability p/d², the identity with the rest.

    Args:
        n: qubits, ≥ 1.
        p: in [0, d²/(d² − 1)]: complete positivity ends a little above 1, where no weight is left
            on the identity.

    Returns:
        Shape (4ⁿ, 2ⁿ, 2ⁿ), ΣK†K = 1.

    Raises:
        ValueError: n < 1, or p out of range.

    >>> depolarizing_kraus(2, 0.3).shape
    torch.Size([16, 4, 4])
    """
    d = 2 ** whole_number("n", n, 1)
    p = float(between("p", p, 0.0, d**2 / (d**2 - 1)))
    words = ["".join(letters) for letters in product("IXYZ", repeat=n)]
    strings = torch.stack([pauli_string(word) for word in words])
    weights = torch.full((d**2,), p / d**2, dtype=torch.float64)
    weights[0] = max(0.0, 1.0 - p * (1.0 - 1.0 / d**2))
    return weights.sqrt()[:, None, None] * strings


def apply_kraus(kraus: Tensor, rho: Tensor) -> Tensor:
    """Σ_k K ρ K† for Kraus operators (m, d, d) and matrices (..., d, d).

    >>> up = torch.diag(torch.tensor([1, 0], dtype=torch.complex128))
    >>> apply_kraus(depolarizing_kraus(1, 1.0), up).real.diagonal()
    tensor([0.5000, 0.5000], dtype=torch.float64)
    """
    return (kraus @ rho[..., None, :, :] @ kraus.mH).sum(-3)


def path_fidelity(alpha: ArrayLike, d: int) -> Tensor:
    """⟨ψ|ρ_t|ψ⟩ = α + (1 − α)/d of a pure start ψ; shape of `alpha`.

    No unitary D after it reaches more: the overlap is then α|⟨ψ|D|ψ⟩|² + (1 − α)/d.

    >>> path_fidelity(0.5, 16).item()
    0.53125
    """
    kept = fraction("alpha", alpha)
    return kept + (1.0 - kept) / whole_number("d", d, 1)


def path_purity(alpha: ArrayLike, d: int) -> Tensor:
    """Tr ρ_t² = α² + (1 − α²)/d of a pure start; shape of `alpha`.

    >>> path_purity(0.5, 16).item()
    0.296875
    """
    kept = fraction("alpha", alpha).square()
    return kept + (1.0 - kept) / whole_number("d", d, 1)


def path_holevo(alpha: ArrayLike, d: int) -> Tensor:
    """Holevo information log₂d − S(ρ_t) of depolarized pure states with mean 1/d, in bits.

    ρ_t has the eigenvalue α + (1 − α)/d once and (1 − α)/d d − 1 times. For small α it is (d −
    1)α²/(2 ln 2).

    >>> path_holevo(1.0, 16).item(), path_holevo(0.0, 16).item()
    (4.0, 0.0)
    """
    kept = fraction("alpha", alpha)
    d = whole_number("d", d, 1)
    # log₂d − S = Σ λ log₂(dλ), written with x = dλ − 1 so that small α keep their digits; the
    # eigenvalues below 1/d vanish at α = 1, where x log x is 0.
    up = (d - 1) * kept
    above = (1.0 + up) * torch.log1p(up)
    below = torch.where(kept < 1, (1.0 - kept) * torch.log1p((-kept).clamp_min(-1 + 1e-300)), 0.0)
    return (above + (d - 1) * below) / (d * log(2))


def holevo_information(rho: Tensor) -> Tensor:
    """Holevo information χ = S(ρ̄) − mean S(ρ_k) of equally likely states, in bits.

    No measurement reads more bits from the ensemble.

    Args:
        rho: density matrices, shape (..., K, 2ⁿ, 2ⁿ); the ensemble runs along the axis before the
            matrices.

    Returns:
        Bits, shape (...).

    Raises:
        ValueError: no density matrices.

    >>> holevo_information(torch.diag_embed(torch.eye(4, dtype=torch.complex128))).item()
    2.0
    """
    check_density("rho", rho)
    return entropy(rho.mean(-3)) - entropy(rho).mean(-1)
