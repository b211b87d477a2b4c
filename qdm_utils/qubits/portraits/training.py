"""Denoisers to take portraits of: an ansatz trained to undo one scrambler on a few fixed states, many draws at once."""

from collections.abc import Sequence
from math import exp, inf

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.circuits import Ansatz
from qdm_utils.qubits.states import fidelity


def train_on_scrambled(
    ansatz: Ansatz,
    theta: Tensor,
    originals: Tensor,
    scrambled: Tensor,
    epochs: Sequence[int],
    learning_rate: float = 0.05,
    decay: float = inf,
) -> Tensor:
    """Angles on the way to the highest mean fidelity of D(θ)·(scrambled states) with the originals, by Adam on exact gradients.

    Each draw has angles, states and scrambler of its own. One epoch is one step on all states of a draw.

    Args:
        ansatz: the denoiser D.
        theta: angles to begin with, shape (draws, L+1, n, 3), radians.
        originals, scrambled: states ψ and Uψ, shape (draws, S, 2ⁿ).
        epochs: epochs after which the angles are kept, increasing, ≥ 0; training ends with the last one.
        learning_rate: of Adam in the first epoch, > 0.
        decay: epochs in which the learning rate falls by a factor e, > 0; infinite for a constant rate.

    Returns:
        Angles, shape (len(epochs), draws, L+1, n, 3).

    Raises:
        ValueError: epochs that do not increase, a decay ≤ 0, or tensors that do not fit together.

    Source: the research log "Quantum Diffusion Models: First Experiments", part "What We Built".

    >>> from qdm_utils.qubits import haar_states
    >>> ansatz, states = Ansatz(2, 1), haar_states(3, 2, seed=1)[None]
    >>> train_on_scrambled(ansatz, ansatz.random_angles(1, seed=2), states, states, epochs=[0, 5]).shape
    torch.Size([2, 1, 2, 2, 3])
    """
    steps = list(epochs)
    demand(
        bool(steps) and steps[0] >= 0 and steps == sorted(set(steps)),
        "epochs",
        "increase from 0 or more",
        epochs,
    )
    demand(
        originals.shape == scrambled.shape,
        "originals",
        f"have shape {tuple(scrambled.shape)}",
        f"{tuple(originals.shape)}",
    )
    demand(decay > 0, "decay", "be > 0", decay)
    theta = theta.detach().clone().requires_grad_()
    adam = torch.optim.Adam([theta], lr=learning_rate)
    kept = [theta.detach().clone()] if steps[0] == 0 else []
    for epoch in range(1, steps[-1] + 1):
        adam.param_groups[0]["lr"] = learning_rate * exp(-(epoch - 1) / decay)
        adam.zero_grad()
        # Summed over draws, so that each draw is trained as if it were alone.
        (1 - fidelity(ansatz.apply(theta, scrambled), originals).mean(-1)).sum().backward()
        adam.step()
        if epoch in steps:
            kept.append(theta.detach().clone())
    return torch.stack(kept)


def first_reaching(curve: Tensor, target: float) -> Tensor:
    """The first look at which each draw has reached a target; its best look where it never does.

    Args:
        curve: fidelity of each draw at each look, shape (looks, draws).
        target: the fidelity to be reached.

    Returns:
        Indices of looks, whole numbers, shape (draws,).

    >>> first_reaching(torch.tensor([[0.1, 0.1], [0.4, 0.2], [0.5, 0.1]]), 0.3)
    tensor([1, 1])
    """
    demand(curve.ndim == 2, "curve", "have shape (looks, draws)", f"shape {tuple(curve.shape)}")
    reached = curve >= target
    first = reached.to(torch.int64).argmax(0)
    return torch.where(reached.any(0), first, curve.argmax(0))
