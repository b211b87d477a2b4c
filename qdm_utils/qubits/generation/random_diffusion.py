"""The forward process of QuDDPM: every state goes its own way through random gates."""

from math import sqrt

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import at_least, demand
from qdm_utils.qubits.circuits import euler_gates
from qdm_utils.qubits.generation.ensemble_distances import check_ensemble
from qdm_utils.qubits.states import qubit_count, squared_norms
from qdm_utils.randomness import Seed, generator


def diffuse(states: Tensor, schedule: ArrayLike, seed: Seed) -> Tensor:
    """The path of an ensemble through random rotations and phases, towards Haar.

    In step t each qubit of each state is turned by Rz·Ry·Rz with angles h_t·U[−π/8, π/8], then all
    pairs of qubits by exp(−i γ ZZ/2) with γ = h_t g/(2√n), g ~ U[.4, .6], one g for each state.

    Args:
        states: complex128, normalised, shape (S, 2ⁿ).
        schedule: strengths h_1 … h_T, ≥ 0.
        seed: of all angles.

    Returns:
        Ensembles after 0, 1, …, T steps, shape (T + 1, S, 2ⁿ).

    Raises:
        ValueError: an empty schedule (T = 0), a negative strength, states that are not normalised.

    Source: B. Zhang et al., arXiv:2310.05866, supplement.

    >>> diffuse(torch.tensor([[1, 0j]]).to(torch.complex128), [0.5, 1.0], seed=3).shape
    torch.Size([3, 1, 2])
    """
    strengths = at_least("schedule", schedule, 0.0)
    fits = strengths.ndim == 1 and strengths.size > 0
    demand(fits, "schedule", "hold T ≥ 1 steps", f"shape {strengths.shape}")
    n = qubit_count("states", states)
    count = len(states)
    source = generator(seed)
    check_ensemble("states", states, squared_norms(states))
    parities = _parities(n)
    path = [states]
    for strength in strengths:
        uniform = torch.rand(3, n, count, generator=source, dtype=torch.float64)
        angles = strength * torch.pi / 4 * (uniform - 0.5)
        gates = euler_gates(angles.flatten(1)).view(2, 2, n, count)
        states = path[-1]
        for qubit in range(n):
            blocks = states.view(count, 2**qubit, 2, -1)
            states = torch.einsum("abs,slbr->slar", gates[:, :, qubit], blocks).reshape(count, -1)
        g = 0.4 + 0.2 * torch.rand(count, 1, generator=source, dtype=torch.float64)
        couplings = strength * g / (2 * sqrt(n))
        phases = -0.5 * couplings * parities
        path.append(states * torch.polar(torch.ones_like(phases), phases))
    return torch.stack(path)


def _parities(n: int) -> Tensor:
    """Σ_{i<j} z_i z_j of every basis state, shape (2ⁿ,)."""
    bits = (torch.arange(2**n)[:, None] >> torch.arange(n)) & 1
    total = (1.0 - 2.0 * bits).sum(-1).double()
    return (total.square() - n) / 2
