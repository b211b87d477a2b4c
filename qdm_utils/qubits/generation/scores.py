"""How good a generated ensemble is, and what sampling an outcome does to a gradient."""

import numpy as np
import torch
from torch import Tensor

from qdm_utils.qubits.generation.ensemble_distances import (
    FidelityKernel,
    branched_mmd_squared,
    haar_mmd_squared,
    mmd_squared,
    wasserstein,
)
from qdm_utils.qubits.generation.ensembles import empty_share, inferred_probability, magnetisation
from qdm_utils.qubits.generation.measured_step import MeasuredStep, frozen_probabilities
from qdm_utils.qubits.states import haar_states
from qdm_utils.randomness import Seed, spawn

# States of either ensemble at most in the Wasserstein distance: transport costs the square of them.
PAIRS = 1000
POOR = 0.8  # a fidelity with |0…0⟩ below this counts as a failure of a cluster state
# The mean of exp(−(1 − F)/w) tells states apart that differ by 1 − F ≈ w.
NARROW = FidelityKernel(moments=(), widths=(0.1, 0.02))


def ensemble_scores(states: Tensor, data: Tensor, kernel: FidelityKernel) -> dict[str, float]:
    """An ensemble against fresh data, shapes (S, 2ⁿ) and (B, 2ⁿ).

    Returns:
        MMD² with the kernel, with the first moment alone and with `NARROW`, Wasserstein distance
        (first `PAIRS` states), mean fidelity with |0…0⟩, share of states where it is below `POOR`,
        mean |magnetisation| and, for two qubits (else nan), the share of states without |10⟩ and
        the inferred probability of XX noise.
    """
    zero = states[:, 0].abs().square()
    pair = states.shape[-1] == 4
    return {
        "MMD²": mmd_squared(states, data, kernel).item(),
        "first moment": mmd_squared(states, data, FidelityKernel()).item(),
        "narrow kernel": mmd_squared(states, data, NARROW).item(),
        "Wasserstein": wasserstein(states[:PAIRS], data[:PAIRS]).item(),
        "mean F₀": zero.mean().item(),
        "below .8": (zero < POOR).double().mean().item(),
        "magnetisation": magnetisation(states).mean().item(),
        "F₁₀ < 1e-6": empty_share(states).item() if pair else np.nan,
        "inferred p": inferred_probability(states).item() if pair else np.nan,
    }


def path_distances(path: Tensor, data: Tensor, kernel: FidelityKernel) -> np.ndarray:
    """MMD² to the data along a path, shape (steps, runs, S, 2ⁿ) → (steps, runs)."""
    rows = [[mmd_squared(states, data, kernel).item() for states in step] for step in path]
    return np.array(rows)


def path_wasserstein(path: Tensor, data: Tensor, count: int) -> np.ndarray:
    """Wasserstein distance to the data along a path, shape (steps, runs, S, 2ⁿ) → (steps, runs).

    Args:
        path, data: the ensembles; the first `count` states of either are compared.
    """
    few = data[:count]
    return np.array([[wasserstein(states[:count], few).item() for states in step] for step in path])


def fitting_offset(targets: Tensor, kernel: FidelityKernel) -> Tensor:
    """Least mean −(1 − k̄)/S that the unbiased MMD² to a *fixed* set of S targets can have.

    k̄ is the mean of k over pairs of different targets. With μ_P and μ̂ the mean embeddings of the
    generator and of the set, the mean over generated states is ‖μ_P − μ̂‖² − ‖μ̂‖² + k̄, and ‖μ̂‖²
    = k̄ + (1 − k̄)/S, for a state equals itself. A generator that repeats the set, P = μ̂, attains
    it. The estimate is unbiased for fresh targets only; training sees the same ones always.

    Args:
        targets: shape (..., S, 2ⁿ), S ≥ 2.
        kernel: k(F) with k(1) = 1.

    Returns:
        Shape (...), ≤ 0.
    """
    mean = haar_mmd_squared(targets, kernel) + kernel.haar_mean(targets.shape[-1])
    return -(1 - mean) / targets.shape[-2]


def sampling_bias(
    step: MeasuredStep, data: Tensor, kernel: FidelityKernel, draws: int, inputs: int, seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    """How the mean gradient of sampled outcomes differs from the exact one, at random angles.

    Args:
        step: the measured step.
        data: what it should generate, shape (B, 2ⁿ).
        kernel: of the MMD².
        draws: sets of angles, uniform on the circle.
        inputs: noise states, the same for all.
        seed: of both.

    Returns:
        Cosine between sampled and exact gradient, and length of the omitted part over that of the
        exact one, shape (draws,).
    """
    angle_seed, noise_seed = spawn(seed, 2)
    angles = step.circuit.random_angles(draws, angle_seed).requires_grad_()
    branches = step.branches(angles, haar_states(inputs, step.n, noise_seed))
    slopes = []
    for each in (branches, frozen_probabilities(branches)):
        loss = branched_mmd_squared(each, data, kernel).sum()
        slopes.append(torch.autograd.grad(loss, angles, retain_graph=True)[0].flatten(1))
    exact, kept = slopes
    omitted = (exact - kept).norm(dim=1) / exact.norm(dim=1)
    return torch.cosine_similarity(exact, kept).numpy(), omitted.numpy()
