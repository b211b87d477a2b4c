"""The exact density of the states that measured steps make of Haar noise: a chain can be fitted by its likelihood."""

import torch
from torch import Tensor

from qdm_utils.qubits.generation.measured_step import MeasuredStep


def chained_kraus(step: MeasuredStep, theta: Tensor) -> Tensor:
    """Operators of a whole chain, one for each record of its T outcomes: products of those of its steps, Σ K†K = 1.

    Args:
        step: the kind of step.
        theta: angles, shape (T, L, n + n_a, 2); [-1] is applied first.

    Returns:
        Shape (2^(n_a T), 2ⁿ, 2ⁿ).
    """
    first, *others = step.kraus(theta).flip(0)
    for later in others:
        first = (later[:, None] @ first).flatten(0, 1)
    return first


def log_density(kraus: Tensor, states: Tensor) -> Tensor:
    """Log density, relative to Haar, of what measured steps make of Haar states.

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
