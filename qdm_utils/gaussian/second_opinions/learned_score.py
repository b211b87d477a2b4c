"""The Wigner score learned from samples, as a diffusion model would: denoising score matching.

A Gaussian Wigner function is a probability density, so a classical score model can be trained on
it. Its mean Jacobian estimates −(γ + τ²·1)⁻¹ (τ the width of the training noise), hence γ, hence
the reverse drift, without knowledge of ν or r.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import at_least, demand, positive, scalar, whole_number
from qdm_utils.gaussian.covariance import check_covariance
from qdm_utils.optimise import descend, linear
from qdm_utils.perceptron import Perceptron
from qdm_utils.randomness import Seed, generator


def learned_covariance(
    cov: ArrayLike,
    seed: Seed,
    samples: int = 2048,
    steps: int = 300,
    width: int = 32,
    noise: float = 0.2,
    learning_rate: float = 1e-2,
) -> np.ndarray:
    """Covariances as networks see them that were trained on samples of Wigner functions, one each.

    Args:
        cov: reference covariances, shape (m, 2, 2).
        seed: seeds samples, initial weights and noise.
        samples: training points per network.
        steps: full-batch Adam steps, learning rate falling linearly to zero.
        width: hidden units of the one-hidden-layer network ξ ↦ score, with a linear skip.
        noise: standard deviation τ of the training noise, in vacuum units.
        learning_rate: initial learning rate of Adam.

    Returns:
        Estimates (−E ∇s)⁻¹ − τ²·1, symmetrised, shape (m, 2, 2). Their error is statistical, about
        √(2/samples) relative.

    Raises:
        ValueError: an argument out of range.
        DivergenceError: a training left the finite numbers.

    Source: denoising score matching, Vincent, Neural Computation 23, 1661 (2011).
    """
    cov = check_covariance(cov)
    stack = cov.ndim == 3 and cov.shape[-1] == 2
    demand(stack, "cov", "have shape (m, 2, 2)", f"shape {cov.shape}")
    samples = whole_number("samples", samples, 2)
    steps = whole_number("steps", steps, 1)
    noise = float(at_least("noise", scalar("noise", noise), 1e-6))
    rate = linear(positive("learning_rate", learning_rate), steps)
    network = Perceptron((2, whole_number("width", width, 1), 2))
    draw = generator(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    count = len(cov)
    points = normal(count, samples, 2) @ torch.linalg.cholesky(torch.from_numpy(cov)).mT
    hidden = torch.cat([0.7 * normal(count, 2, width), 0.1 * normal(count, 1, width)], 1)
    no_bias = torch.zeros(count, 1, 2, dtype=torch.float64)
    outward = torch.cat([normal(count, width, 2) / width, no_bias], 1)
    weights = torch.cat([hidden.flatten(1), outward.flatten(1)], 1).requires_grad_()
    # The linear skip starts as the score of the vacuum.
    skip = -torch.eye(2, dtype=torch.float64).repeat(count, 1, 1)
    skip.requires_grad_()

    def score(xi: Tensor) -> Tensor:
        return network(weights, xi) + xi @ skip

    def loss(step: int) -> Tensor:
        shift = normal(count, samples, 2)
        return ((noise * score(points + noise * shift) + shift) ** 2).mean((1, 2))

    def keep_no_bias(step: int) -> None:
        # The references are centred, so their score has no constant part to be learned.
        assert weights.grad is not None
        weights.grad[:, -2:] = 0.0

    descend([weights, skip], loss, steps, rate, "the score networks", keep_no_bias)
    jacobian = _mean_jacobian(score, points + noise * normal(count, samples, 2))
    learned = np.linalg.inv(-jacobian.numpy()) - noise**2 * np.eye(2)
    return (learned + np.swapaxes(learned, -1, -2)) / 2.0


def _mean_jacobian(score: Callable[[Tensor], Tensor], points: Tensor) -> Tensor:
    """∂s_a/∂ξ_b averaged over each network's points (m, n, 2), shape (m, 2, 2)."""
    points = points.detach().requires_grad_()
    values = score(points)
    rows = [
        torch.autograd.grad(values[..., a].sum(), points, retain_graph=True)[0].mean(1)
        for a in range(2)
    ]
    return torch.stack(rows, 1)
