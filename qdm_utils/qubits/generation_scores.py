"""How good a generated ensemble is, and what a sampled measurement does to the gradient that made it."""

import numpy as np
import torch
from torch import Tensor

from qdm_utils.qubits.ensemble_distance import FidelityKernel, branched_mmd_squared, mmd_squared, wasserstein
from qdm_utils.qubits.ensembles import magnetisation
from qdm_utils.qubits.haar import Seed, haar_states
from qdm_utils.qubits.measured_step import MeasuredStep, frozen_probabilities
from qdm_utils.qubits.tensors import spawn

PAIRS = 500  # states of either ensemble in the Wasserstein distance: transport costs the square of them
POOR = 0.8  # a fidelity with |0…0⟩ below this counts as a failure of a cluster state


def score(states: Tensor, data: Tensor, kernel: FidelityKernel) -> dict[str, float]:
    """An ensemble against fresh data, shapes (S, 2ⁿ) and (B, 2ⁿ).

    Returns:
        MMD² with the kernel and with the first moment alone, Wasserstein distance (first `PAIRS` states), mean fidelity with
        |0…0⟩, share of states where it is below `POOR`, and mean |magnetisation|.
    """
    zero = states[:, 0].abs().square()
    return {
        "MMD²": mmd_squared(states, data, kernel).item(),
        "first moment": mmd_squared(states, data, FidelityKernel()).item(),
        "Wasserstein": wasserstein(states[:PAIRS], data[:PAIRS]).item(),
        "mean F₀": zero.mean().item(),
        "below .8": (zero < POOR).double().mean().item(),
        "magnetisation": magnetisation(states).mean().item(),
    }


def path_distances(path: Tensor, data: Tensor, kernel: FidelityKernel) -> np.ndarray:
    """MMD² to the data along a path, shape (steps, runs, S, 2ⁿ) → (steps, runs)."""
    return np.array([[mmd_squared(states, data, kernel).item() for states in step] for step in path])


def sampling_bias(
    step: MeasuredStep, data: Tensor, kernel: FidelityKernel, draws: int, inputs: int, seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    """How the mean gradient of sampled outcomes differs from the exact one, at random angles and Haar inputs.

    Args:
        step: the measured step.
        data: what it should generate, shape (B, 2ⁿ).
        kernel: of the MMD².
        draws: sets of angles, uniform on the circle.
        inputs: noise states, the same for all.
        seed: of both.

    Returns:
        Cosine between sampled and exact gradient, and length of the omitted part over that of the exact one, shape (draws,).
    """
    angle_seed, noise_seed = spawn(seed, 2)
    angles = step.circuit.random_angles(draws, angle_seed).requires_grad_()
    branches = step.branches(angles, haar_states(inputs, step.n, noise_seed))
    losses = [branched_mmd_squared(each, data, kernel).sum() for each in (branches, frozen_probabilities(branches))]
    exact, kept = (torch.autograd.grad(loss, angles, retain_graph=True)[0].flatten(1) for loss in losses)
    return torch.cosine_similarity(exact, kept).numpy(), ((exact - kept).norm(dim=1) / exact.norm(dim=1)).numpy()
