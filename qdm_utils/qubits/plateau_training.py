"""Training at the size where gradients are small: a fixed training set, its held-out fidelity, and what may help."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.qubits.ansatz import Ansatz
from qdm_utils.qubits.circuits import brickwork
from qdm_utils.qubits.costs import marginal_fidelity
from qdm_utils.qubits.fidelity import average_fidelity, fidelity
from qdm_utils.qubits.haar import Seed, haar_states, product_states
from qdm_utils.qubits.tensors import spawn

STARTS = {"uniform": 2 * torch.pi, "small": 0.2, "layerwise": 0.2}  # width of the interval of initial angles, in radians
TRAINING_COSTS = ("global", "marginal", "product")


class TrainingCurves(NamedTuple):
    """Squared overlaps along a training, each of shape (points, runs).

    `train` on the training states of that epoch; `held_out` the exact average over Haar states, same scrambler; `unseen` the
    same with a scrambler that training never met. `epochs`, shape (points,), counts the Adam steps done.
    """

    epochs: np.ndarray
    train: np.ndarray
    held_out: np.ndarray
    unseen: np.ndarray


def no_free_lunch(n: int, n_states: int) -> float:
    """Largest mean held-out fidelity of whatever learned a Haar unitary perfectly from S pairs: min(1, (S² + d + 1)/(d(d + 1))).

    Args:
        n: qubits, ≥ 1.
        n_states: S, training states, ≥ 0.

    Raises:
        ValueError: n < 1 or n_states < 0.

    Source: Poland, Beer, Osborne, arXiv:2003.14103 (2020).

    >>> round(no_free_lunch(8, 10), 4), no_free_lunch(2, 4)
    (0.0054, 1.0)
    """
    d, count = 2 ** whole_number("n", n, 1), whole_number("n_states", n_states, 0)
    return min(1.0, (min(count, d) ** 2 + d + 1) / (d * (d + 1)))


def train_fixed_states(
    ansatz: Ansatz,
    depth: int,
    n_states: int,
    epochs: int,
    rate: float,
    runs: int,
    seed: Seed,
    cost: str = "global",
    start: str = "uniform",
    fresh: bool = False,
    every: int = 10,
) -> TrainingCurves:
    """Adam with exact gradients on states scrambled by one brickwork, for independent runs at once, in single precision.

    Args:
        ansatz: the denoiser.
        depth: half-layers of the scrambler, ≥ 0.
        n_states: training states of a run, ≥ 1.
        epochs: Adam steps, ≥ 1.
        rate: learning rate, > 0.
        runs: independent runs, each with its own states, scrambler and angles, ≥ 1.
        seed: of everything random.
        cost: "global", squared overlap of Haar states; "marginal", their single-qubit marginals; "product", single-qubit
            fidelities of product states.
        start: "uniform", angles on the whole circle; "small", within ±0.1; "layerwise", small, and the rotation layers are
            released one after the other, the last one before the last part of the training.
        fresh: new training states in every epoch instead of fixed ones.
        every: epochs between two points of the curves.

    Raises:
        ValueError: an unknown cost or start, sizes or rate out of range.

    >>> curves = train_fixed_states(Ansatz(2, 3), 1, n_states=2, epochs=20, rate=0.05, runs=3, seed=1)
    >>> curves.train.shape, bool((curves.train[-1] > curves.train[0]).all())
    ((3, 3), True)
    """
    demand(cost in TRAINING_COSTS, "cost", f"be one of {', '.join(TRAINING_COSTS)}", repr(cost))
    demand(start in STARTS, "start", f"be one of {', '.join(STARTS)}", repr(start))
    n_states, epochs = whole_number("n_states", n_states, 1), whole_number("epochs", epochs, 1)
    runs, every, rate = whole_number("runs", runs, 1), whole_number("every", every, 1), positive("rate", rate)
    angle_seed, here, there, state_seed = spawn(seed, 4)
    width = STARTS[start]
    theta = (ansatz.random_angles(runs, angle_seed, width, torch.float32) - width / 2).requires_grad_()
    scrambler, other = (brickwork(ansatz.n, depth, child, runs, torch.complex64) for child in (here, there))
    matrices = scrambler.unitary(), other.unitary()
    draw = product_states if cost == "product" else haar_states
    closeness = fidelity if cost == "global" else marginal_fidelity
    adam, points, inputs = torch.optim.Adam([theta], lr=rate), [], None
    state_seeds = spawn(state_seed, epochs if fresh else 1)
    for epoch in range(epochs + 1):
        if inputs is None or (fresh and epoch < epochs):
            targets = draw(runs * n_states, ansatz.n, state_seeds[epoch], torch.complex64).view(runs, n_states, -1)
            inputs = scrambler.apply(targets)
        outputs = ansatz.apply(theta, inputs)
        if epoch % every == 0 or epoch == epochs:
            points.append((epoch, *_measure(ansatz, theta, outputs, targets, matrices)))
        adam.zero_grad()
        (1 - closeness(outputs, targets).mean(-1)).sum().backward()
        if start == "layerwise":
            theta.grad[:, 1 + epoch * (ansatz.layers + 1) // epochs :] = 0.0
        if epoch < epochs:
            adam.step()
    epoch, *curves = zip(*points, strict=True)
    return TrainingCurves(np.array(epoch), *(np.array(curve) for curve in curves))


@torch.no_grad()
def _measure(ansatz: Ansatz, theta: Tensor, outputs: Tensor, targets: Tensor, matrices: tuple[Tensor, ...]) -> list[np.ndarray]:
    denoiser = ansatz.unitary(theta)
    return [
        fidelity(outputs, targets).mean(-1).numpy(),
        *(average_fidelity(denoiser, matrix).numpy() for matrix in matrices),
    ]
