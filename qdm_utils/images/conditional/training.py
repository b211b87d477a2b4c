"""Training the conditional circuit by Adam on the infidelity of its steps, several independent runs at once, and sampling it."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import between, demand, positive, whole_number
from qdm_utils.images.conditional.circuit import (
    LABELS,
    ConditionalCircuit,
    Kraus,
    branches,
    take_step,
)
from qdm_utils.images.conditional.noise import LatentNoise, infidelity
from qdm_utils.optimise import DivergenceError
from qdm_utils.randomness import Seed, generator, spawn


@dataclass(frozen=True)
class TrainingPlan:
    """What is trained and how; the defaults are ours, those of the published code are in `published`.

    Args:
        circuit, noise: the model and its forward path.
        own: a set of angles for every step instead of one shared by all.
        updates: Adam steps.
        per_label: latents of each digit in a batch.
        rate: of Adam, multiplied by `decay` after each fifth of the updates.
        decay: in (0, 1].
        together: every update takes the mean over all steps t; otherwise one t after the other in turn.
        sampled: one outcome of the ancilla is drawn and differentiated; otherwise both count with their probabilities.
    """

    circuit: ConditionalCircuit = field(default_factory=ConditionalCircuit)
    noise: LatentNoise = field(default_factory=LatentNoise)
    own: bool = False
    updates: int = 300
    per_label: int = 16
    rate: float = 0.02
    decay: float = 0.7
    together: bool = True
    sampled: bool = False

    def __post_init__(self) -> None:
        whole_number("updates", self.updates, 1)
        whole_number("per_label", self.per_label, 1)
        positive("rate", self.rate)
        between("decay", self.decay, 0.0, 1.0)
        demand(
            self.circuit.clock in (0, self.noise.steps),
            "circuit",
            "have a clock of T steps or none",
            self.circuit.clock,
        )

    @property
    def parameter_count(self) -> int:
        """Trainable numbers: angles, times T where each step has its own."""
        return self.circuit.parameter_count * (self.noise.steps if self.own else 1)


@dataclass(frozen=True)
class Trained:
    """Angles, shape (D·(T or 1), angles), and the loss before each update, shape (updates, D)."""

    plan: TrainingPlan
    start: Tensor
    theta: Tensor
    losses: np.ndarray

    def kraus(self, theta: Tensor | None = None) -> Kraus:
        """The matrices of the steps, leading axes (D, T or 1), without gradients."""
        with torch.no_grad():
            return matrices(self.plan, self.theta if theta is None else theta)

    def infidelities(self, pairs: tuple[Tensor, Tensor]) -> np.ndarray:
        """Mean infidelity of every step on inputs and targets as of `draw_pairs`, shape (D, T)."""
        return step_infidelity(self.kraus(), *pairs).mean(2).numpy()


def matrices(plan: TrainingPlan, theta: Tensor) -> Kraus:
    """Those of `ConditionalCircuit.kraus`; angles of their own make the axis T."""
    kraus = plan.circuit.kraus(theta)
    if not plan.own:
        return kraus
    parts = (
        each.unflatten(0, (-1, plan.noise.steps)).squeeze(2) for each in (kraus.maps, kraus.weights)
    )
    return Kraus(*parts)


def step_infidelity(kraus: Kraus, inputs: Tensor, targets: Tensor) -> Tensor:
    """Mean over outcomes and latents of the infidelity of every step, shape (D, T, labels); differentiable."""
    after, chance, _ = branches(kraus, inputs)
    return (chance * infidelity(after, targets.unsqueeze(-3))).sum(-2).mean(-1)


def draw_pairs(
    noise: LatentNoise, by_label: list[Tensor], count: int, runs: int, source: torch.Generator
) -> tuple[Tensor, ...]:
    """Inputs and targets, shape (runs, T, labels, count, size), of latents drawn with replacement, as many of each digit."""
    chosen = [
        each[torch.randint(0, len(each), (runs, count), generator=source)] for each in by_label
    ]
    pairs = noise.pairs(torch.stack(chosen, 1), source)
    return tuple(each.transpose(1, 2) for each in pairs)


def train_conditional(plan: TrainingPlan, by_label: list[Tensor], runs: int, seed: Seed) -> Trained:
    """Adam on the mean infidelity; runs are independent in angles, batches and noise. Plans of one seed share all three.

    Args:
        plan: what to do.
        by_label: latents of each of the ten digits, real unit vectors, shapes (N_ℓ, 2ⁿ).
        runs: D.
        seed: of everything.

    Raises:
        ValueError: not ten digits.
        DivergenceError: a loss that is not finite, with the update.
    """
    demand(len(by_label) == LABELS, "by_label", "hold the latents of ten digits", len(by_label))
    angle_seed, data_seed, outcome_seed = spawn(seed, 3)
    data, outcomes = generator(data_seed), generator(outcome_seed)
    start = plan.circuit.random_angles(runs, angle_seed)
    start = start.repeat_interleave(plan.noise.steps, 0) if plan.own else start
    theta = start.clone().requires_grad_()
    adam = torch.optim.Adam([theta], plan.rate)
    losses = np.empty((plan.updates, runs))
    for update in range(plan.updates):
        adam.param_groups[0]["lr"] = plan.rate * plan.decay ** (5 * update // plan.updates)
        inputs, targets = draw_pairs(plan.noise, by_label, plan.per_label, runs, data)
        kraus = matrices(plan, theta)
        if not plan.together:
            kraus, inputs, targets = _one_step(kraus, inputs, targets, update % plan.noise.steps)
        if plan.sampled:
            loss = infidelity(take_step(kraus, inputs, outcomes)[0], targets).mean((1, 2, 3))
        else:
            loss = step_infidelity(kraus, inputs, targets).mean((1, 2))
        losses[update] = loss.detach().numpy()
        if not np.isfinite(losses[update]).all():
            raise DivergenceError(f"Training diverged at update {update + 1}: lower `rate`.")
        adam.zero_grad()
        loss.sum().backward()
        adam.step()
    return Trained(plan, start, theta.detach(), losses)


def best_matrices(
    noise: LatentNoise,
    by_label: list[Tensor],
    seed: Seed,
    own: bool = False,
    updates: int = 400,
    rate: float = 0.02,
    per_label: int = 64,
) -> Kraus:
    """The least infidelity that x → A_ℓ x/‖A_ℓ x‖ can have, with any matrices instead of those of a circuit; no ancilla.

    They start at the identity map and are bound by no norm, as if the label were found with any probability: what is left over
    it is the circuit's and its training's share, not that of the form.

    Args:
        noise, by_label: as in `train_conditional`.
        seed: of batches and noise.
        own: matrices for every step instead of one set.
        updates, rate, per_label: of Adam, whose rate falls to 0.

    Returns:
        `Kraus` with axes (1, T or 1, labels, 1, size, size), no gradients.
    """
    size, source = by_label[0].shape[-1], generator(seed)
    one = torch.eye(size, dtype=torch.complex64).expand(
        1, noise.steps if own else 1, LABELS, 1, size, size
    )
    parts = torch.view_as_real(one.contiguous()).clone().requires_grad_()
    adam = torch.optim.Adam([parts], positive("rate", rate))
    for update in range(whole_number("updates", updates, 1)):
        adam.param_groups[0]["lr"] = rate * (1 - update / updates)
        inputs, targets = draw_pairs(noise, by_label, per_label, 1, source)
        adam.zero_grad()
        step_infidelity(Kraus(torch.view_as_complex(parts), one), inputs, targets).mean().backward()
        adam.step()
    return Kraus(torch.view_as_complex(parts.detach()), one)


@torch.no_grad()
def generate(
    kraus: Kraus, noise: LatentNoise, count: int, seed: Seed
) -> tuple[Tensor, Tensor, Tensor]:
    """Latent states from noise, T steps for every digit; the ancilla's outcomes are drawn, the label is always found.

    Args:
        kraus: the matrices of D models, without gradients.
        noise: the forward path, whose kind of noise generation begins with.
        count: states of each digit and run.
        seed: of noise and outcomes.

    Returns:
        States after every step, t = T … 0, shape (T + 1, D, labels, count, 2ⁿ); frequency of outcome 1 and mean probability of
        the label at steps T … 1, shapes (T, D, labels).
    """
    noise_seed, outcome_seed = spawn(seed, 2)
    outcomes, (runs, *_, size) = generator(outcome_seed), kraus.maps.shape
    states = noise.start(
        (runs, 1, LABELS, whole_number("count", count, 1), size), generator(noise_seed)
    )
    path, ones, found = [states], [], []
    for t in range(noise.steps, 0, -1):
        states, read, label = take_step(_step(kraus, t - 1), states, outcomes)
        path.append(states)
        ones.append(read.float().mean(-1)[:, 0])
        found.append(label.mean(-1)[:, 0])
    return torch.stack(path)[:, :, 0], torch.stack(ones), torch.stack(found)


def _step(kraus: Kraus, index: int) -> Kraus:
    shared = kraus.maps.shape[1] == 1
    return (
        kraus
        if shared
        else Kraus(kraus.maps[:, index : index + 1], kraus.weights[:, index : index + 1])
    )


def _one_step(
    kraus: Kraus, inputs: Tensor, targets: Tensor, index: int
) -> tuple[Kraus, Tensor, Tensor]:
    return _step(kraus, index), inputs[:, index : index + 1], targets[:, index : index + 1]
