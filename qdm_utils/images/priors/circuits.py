"""Quantum priors of latents: measured steps that turn Haar states into states of the data.

A chain is fitted greedily by the discrepancy of ensembles, the squared MMD with all outcomes
weighted, or as a whole by the exact likelihood of the states.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.images.priors.simple import FitConfig, draw_batch
from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits.generation import (
    FidelityKernel,
    MeasuredStep,
    branched_mmd_squared,
    chained_kraus,
    diffuse,
    log_density,
    measure,
)
from qdm_utils.qubits.states import haar_states
from qdm_utils.randomness import Seed, generator, spawn

LIKELY = 5000  # states at most whose likelihood is maximised
HISTORY = 30  # updates that L-BFGS remembers


@dataclass(frozen=True, eq=False)
class ChainPrior:
    """T measured steps from Haar states to states of the data; without ancillas it is a unitary
    chain.

    Args:
        step: the kind of step.
        theta: angles, float32, shape (T, L, n + n_a, 2); [0] belongs to the step that makes data.
    """

    step: MeasuredStep
    theta: Tensor

    @property
    def parameter_count(self) -> int:
        """Angles of the chain."""
        return self.theta.numel()

    def path(self, noise: Tensor, seed: Seed) -> list[Tensor]:
        """The noise states, shape (N, 2ⁿ), and what each step makes of them, one measured outcome
        each: T + 1 ensembles."""
        source = generator(seed)
        found = [noise]
        for theta in reversed(self.theta):
            found.append(measure(self.step.branches(theta, found[-1]), source)[0])
        return found

    def sample(self, count: int, seed: Seed) -> Tensor:
        """States, shape (count, 2ⁿ), complex64."""
        noise_seed, outcome_seed = spawn(seed, 2)
        noise = haar_states(count, self.step.n, noise_seed, torch.complex64)
        return self.path(noise, outcome_seed)[-1]


def fit_chain(
    states: Tensor, step: MeasuredStep, schedule: Sequence[float], config: FitConfig, seed: Seed
) -> ChainPrior:
    """Train a chain greedily, step T first, each from the angles of the one before, along the
    diffusion of the states.

    Args:
        states: complex64, shape (N, 2ⁿ), N ≥ 2.
        step: the kind of step.
        schedule: h_1 … h_T of `diffuse`: the step from t to t − 1 aims at the states diffused t − 1
            times.
        config: how.
        seed: of everything random.
    """
    demand(len(states) > 1, "states", "be two or more", len(states))
    path_seed, start_seed, draw_seed, noise_seed = spawn(seed, 4)
    wide = states.to(torch.complex128)
    wide = wide / torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
    path = diffuse(wide, list(schedule), path_seed).to(torch.complex64)
    source = generator(draw_seed)
    measured = FidelityKernel((), config.widths)
    theta = config.start * torch.randn(step.circuit.shape, generator=generator(start_seed))
    inputs = haar_states(20 * config.batch, step.n, noise_seed, torch.complex64)
    angles = []
    for targets in path[:-1].flip(0):

        def loss(theta: Tensor, targets: Tensor = targets, inputs: Tensor = inputs) -> Tensor:
            noise = draw_batch(inputs, config.batch, source)
            aims = draw_batch(targets, 4 * config.batch, source)
            return branched_mmd_squared(step.branches(theta, noise), aims, measured)

        theta = config.descend(theta, loss)
        angles.append(theta)
        inputs, _ = measure(step.branches(theta, inputs), source)
    return ChainPrior(step, torch.stack(angles[::-1]))


def fit_likelihood(
    states: Tensor, step: MeasuredStep, steps: int, config: FitConfig, seed: Seed
) -> ChainPrior:
    """A whole chain of T measured steps, all fitted together so that the states are likeliest, see
    `log_density`.

    The density is exact, so there is no noise in it and L-BFGS on a fixed set serves: it finds
    likelier angles in less time than Adam does on batches. Double precision, as operators become
    ill-conditioned where the states gather.

    Args:
        states: complex64, shape (N, 2ⁿ); the first 5,000 are used.
        step: the kind of step.
        steps: T ≥ 1; there are 2^(n_a T) records of outcomes to sum over.
        config: `updates` are iterations, `start` is used, the rest is not.
        seed: of the first angles.

    Raises:
        ValueError: steps < 1.
        DivergenceError: a likelihood that is not finite.
    """
    shape = (whole_number("steps", steps, 1), *step.circuit.shape)
    start = config.start * torch.randn(shape, generator=generator(seed), dtype=torch.float64)
    angles = start.requires_grad_()
    wide = states[:LIKELY].to(torch.complex128)
    search = torch.optim.LBFGS(
        [angles],
        max_iter=config.updates,
        max_eval=2 * config.updates,
        history_size=HISTORY,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        search.zero_grad()
        value = -log_density(chained_kraus(step, angles), wide).mean()
        value.backward()
        return value

    search.step(loss)
    if not torch.isfinite(loss()):
        raise DivergenceError("The likelihood of a chain diverged: lower `start`.")
    return ChainPrior(step, angles.detach().float())
