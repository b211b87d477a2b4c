"""QuDDPM: a chain of measured steps, trained one by one to lead noise back along a diffusion."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.optimise import cosine, descend
from qdm_utils.qubits.generation.ensemble_distances import (
    FidelityKernel,
    branched_mmd_squared,
    wasserstein,
)
from qdm_utils.qubits.generation.measured_step import MeasuredStep, measure
from qdm_utils.qubits.states import COMPLEX, haar_states
from qdm_utils.randomness import Seed, generator, spawn


@dataclass(frozen=True)
class GenerationConfig:
    """How a chain is trained: greedily, step T first.

    Args:
        step: the kind of step; every step has angles of its own.
        loss: the kernel of MMD², or "wasserstein".
        iterations: Adam updates of each step, ≥ 1.
        rate: learning rate at the start of a step; it falls to a tenth along half a cosine.
        batch: inputs drawn for each update, ≥ 2.
        inputs: noise states drawn once and carried through the steps already trained, ≥ batch.
        warm: start a step from the angles of the one trained before, which has almost the same
            task; else from fresh ones.
        sampled: measure one outcome for each input instead of taking all branches; the gradient
            then misses the dependence of the probabilities on the angles.
        dtype: float32 or float64 angles.

    Raises:
        ValueError: a number out of range.
    """

    step: MeasuredStep
    loss: FidelityKernel | str = FidelityKernel()  # noqa: RUF009
    iterations: int = 300
    rate: float = 0.02
    batch: int = 100
    inputs: int = 500
    warm: bool = True
    sampled: bool = False
    dtype: torch.dtype = torch.float32

    def __post_init__(self) -> None:
        whole_number("iterations", self.iterations, 1)
        positive("rate", self.rate)
        whole_number("inputs", self.inputs, whole_number("batch", self.batch, 2))
        known = isinstance(self.loss, FidelityKernel) or self.loss == "wasserstein"
        demand(known, "loss", 'be a FidelityKernel or "wasserstein"', repr(self.loss))
        demand(self.dtype in COMPLEX, "dtype", "be torch.float32 or torch.float64", self.dtype)


@dataclass(frozen=True)
class Chain:
    """A trained generator of D independent runs.

    Args:
        step: the kind of step.
        theta: angles, float64, shape (D, T, L, n + n_a, 2); [:, 0] belongs to the last step, which
            makes data.
        losses: of every update, in the order of training, shape (T, iterations, D).
    """

    step: MeasuredStep
    theta: Tensor
    losses: np.ndarray

    def generate(self, noise: Tensor, seed: Seed) -> tuple[Tensor, Tensor]:
        """Noise states, complex128, shape (D, S, 2ⁿ), carried back with one measured outcome each.

        Returns:
            The path, shape (T + 1, D, S, 2ⁿ): like a forward one its last entry is noise, and entry
            0 what was generated; and the outcomes, shape (T, D, S), entry 0 those of the last
            measurement.
        """
        source = generator(seed)
        path = [noise]
        outcomes = []
        with torch.no_grad():
            for theta in reversed(self.theta.unbind(1)):
                states, drawn = measure(self.step.branches(theta, path[-1]), source)
                path.append(states)
                outcomes.append(drawn)
        return torch.stack(path[::-1]), torch.stack(outcomes[::-1])


def train_chain(
    config: GenerationConfig,
    path: Tensor,
    seed: Seed,
) -> Chain:
    """Train steps T, …, 1, each towards the ensemble that the diffusion had there.

    Its inputs are what the steps trained before it make of noise.

    Args:
        config: how.
        path: ensembles of the forward process, shape (T + 1, D, S, 2ⁿ), for D independent runs;
            entry T is not used: the chain starts from Haar states.
        seed: of angles (standard normal), noise, batches and outcomes.

    Raises:
        ValueError: a path of another shape, or shorter than one step.
        DivergenceError: a loss or a gradient that is not finite; it names step, update and run.

    Source: B. Zhang et al., arXiv:2310.05866, algorithm 1, with the branches of the measurement
    summed instead of sampled.
    """
    demand(path.ndim == 4, "path", "have shape (T + 1, D, S, 2ⁿ)", f"shape {tuple(path.shape)}")
    demand(len(path) > 1, "path", "hold T ≥ 1 steps", f"T = {len(path) - 1}")
    _, runs, _, d = path.shape
    wanted = 2**config.step.n
    demand(d == wanted, "path", f"have {wanted} amplitudes", f"shape {tuple(path.shape)}")
    dtype = COMPLEX[config.dtype]
    start_seed, noise_seed, draw_seed = spawn(seed, 3)
    shape = (len(path) - 1, runs, *config.step.circuit.shape)
    # Drawn in double precision, so that a seed gives the same angles in either.
    start = torch.randn(shape, generator=generator(start_seed), dtype=torch.float64)
    start = start.to(config.dtype)
    states = haar_states(runs * config.inputs, config.step.n, noise_seed, dtype)
    states = states.view(runs, config.inputs, d)
    source = generator(draw_seed)
    angles: list[Tensor] = []
    losses = []
    for step in range(len(path) - 1, 0, -1):
        first = angles[-1] if config.warm and angles else start[step - 1]
        targets = path[step - 1].to(dtype)
        theta, curve = _train_step(config, first, states, targets, source, f"step {step}")
        with torch.no_grad():
            states, _ = measure(config.step.branches(theta, states), source)
        angles.append(theta)
        losses.append(curve)
    return Chain(config.step, torch.stack(angles[::-1], 1).double(), np.stack(losses))


def _train_step(
    config: GenerationConfig,
    start: Tensor,
    states: Tensor,
    targets: Tensor,
    source: torch.Generator,
    where: str,
) -> tuple[Tensor, np.ndarray]:
    theta = start.clone().requires_grad_()

    def loss(update: int) -> Tensor:
        # Without replacement: an input that comes twice would bias the MMD.
        rows = torch.randperm(states.shape[1], generator=source)[: config.batch]
        return step_loss(config, theta, states[:, rows], targets, source)

    rate = cosine(config.rate, config.iterations, 0.1)
    losses = descend([theta], loss, config.iterations, rate, where)
    return theta.detach(), losses.double().numpy()


def step_loss(
    config: GenerationConfig,
    theta: Tensor,
    states: Tensor,
    targets: Tensor,
    source: torch.Generator,
) -> Tensor:
    """The loss of one step for each run, shape (D,).

    Args:
        config: how a chain is trained.
        theta: angles, shape (D, L, n + n_a, 2).
        states: inputs, shape (D, B, 2ⁿ).
        targets: the ensemble to come to, shape (D, S, 2ⁿ).
        source: of sampled outcomes, and of the targets that transport takes.
    """
    branches = config.step.branches(theta, states)
    if config.sampled:
        branches = measure(branches, source)[0].unsqueeze(-2)
    if isinstance(config.loss, FidelityKernel):
        return branched_mmd_squared(branches, targets, config.loss)
    # Transport costs the square of the sizes: not all targets of every update.
    rows = torch.randperm(targets.shape[1], generator=source)[: 2 * config.batch]
    pairs = zip(branches, targets[:, rows], strict=True)
    return torch.stack([wasserstein(*pair) for pair in pairs])
