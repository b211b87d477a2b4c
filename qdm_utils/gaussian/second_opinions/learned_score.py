"""The Wigner score learned from samples, as a diffusion model would: denoising score matching with a small network.

A Gaussian Wigner function is a probability density, so a classical score model can be trained on it. Its mean Jacobian estimates
−(γ + τ²·1)⁻¹ (τ the width of the training noise), hence γ, hence the reverse drift, without knowledge of ν or r.
"""

import numpy as np
import torch

from qdm_utils.arguments import at_least, demand, real_array, whole_number
from qdm_utils.gaussian.covariance import check_covariance


def learned_covariance(
    cov: np.ndarray,
    seed: int,
    samples: int = 2048,
    steps: int = 300,
    width: int = 32,
    noise: float = 0.2,
    learning_rate: float = 1e-2,
) -> np.ndarray:
    """Covariances as networks see them that were trained on samples of Wigner functions, one network each.

    Args:
        cov: reference covariances, shape (m, 2, 2).
        seed: seeds samples, initial weights and noise.
        samples: training points per network.
        steps: full-batch Adam steps, learning rate falling linearly to zero.
        width: hidden units of the one-hidden-layer network ξ ↦ score, with a linear skip.
        noise: standard deviation τ of the training noise, in vacuum units.
        learning_rate: initial learning rate of Adam.

    Returns:
        Estimates (−E ∇s)⁻¹ − τ²·1, symmetrised, shape (m, 2, 2). Their error is statistical, about √(2/samples) relative.

    Source: denoising score matching, Vincent, Neural Computation 23, 1661 (2011).
    """
    cov = check_covariance(cov)
    demand(
        cov.ndim == 3 and cov.shape[-1] == 2, "cov", "have shape (m, 2, 2)", f"shape {cov.shape}"
    )
    samples, steps = whole_number("samples", samples, 2), whole_number("steps", steps, 1)
    noise, rate = (
        float(at_least("noise", noise, 1e-6)),
        float(real_array("learning_rate", learning_rate)),
    )
    draw = torch.Generator().manual_seed(whole_number("seed", seed, 0))

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    count = len(cov)
    points = normal(count, samples, 2) @ torch.linalg.cholesky(torch.from_numpy(cov)).mT
    weights = [
        0.7 * normal(count, 2, width),
        0.1 * normal(count, 1, width),
        normal(count, width, 2) / width,
    ]
    weights.append(-torch.eye(2, dtype=torch.float64).repeat(count, 1, 1))
    weights = [weight.requires_grad_() for weight in weights]
    optimiser = torch.optim.Adam(weights, lr=rate)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for _ in range(steps):
        shift = normal(count, samples, 2)
        score, _ = _score(weights, points + noise * shift)
        optimiser.zero_grad()
        ((noise * score + shift) ** 2).mean().backward()
        optimiser.step()
        decay.step()
    with torch.no_grad():
        _, jacobian = _score(weights, points + noise * normal(count, samples, 2))
    learned = np.linalg.inv(-jacobian.numpy()) - noise**2 * np.eye(2)
    return (learned + np.swapaxes(learned, -1, -2)) / 2.0


def _score(weights: list[torch.Tensor], xi: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Network output at ξ, shape (m, n, 2), and its Jacobian averaged over the n points, shape (m, 2, 2)."""
    inward, offset, outward, skip = weights
    hidden = torch.tanh(xi @ inward + offset)
    slope = (1.0 - hidden**2).mean(-2, keepdim=True)
    jacobian = ((inward * slope) @ outward + skip).mT
    return hidden @ outward + xi @ skip, jacobian
