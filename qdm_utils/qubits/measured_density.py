"""The exact density of states that one measured step makes of Haar noise: it can be fitted by its likelihood, without samples."""

import torch
from torch import Tensor


def log_density(kraus: Tensor, states: Tensor) -> Tensor:
    """Log density, relative to Haar, of what one measured step makes of Haar states.

    For an invertible K_m, a Haar state ψ taken with its weight ‖K_mψ‖² ends at φ = K_mψ/‖K_mψ‖ with the density
    |det K_m|^(−2) (φ†(K_m K_m†)^(−1) φ)^(−d−1); the outcomes add up. It is the complex angular central Gaussian law, weighted.

    Args:
        kraus: shape (M, d, d), Σ K†K = 1.
        states: shape (N, d).
    """
    d = kraus.shape[-1]
    solved = torch.linalg.solve(kraus, states.mT.expand(len(kraus), -1, -1))
    lengths = solved.abs().square().sum(-2).log()
    volumes = torch.linalg.slogdet(kraus).logabsdet
    return torch.logsumexp(-2 * volumes[:, None] - (d + 1) * lengths, 0)
