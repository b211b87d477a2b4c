"""Training the conditional circuit by Adam on the infidelity of its steps, several independent runs
at once, and sampling it."""

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
from qdm_utils.optimise import descend, linear
from qdm_utils.randomness import Seed, generator, spawn

STAGES = 5  # of equal length, after each of which the learning rate falls


@dataclass(frozen=True)
class TrainingPlan:
    """What is trained and how; the defaults are ours.

    Args:
        circuit, noise: the model and its forward path.
        per_step: a set of angles for every step instead of one shared by all.
        updates: Adam steps.
        per_label: latents of each digit in a batch.
        rate: of Adam, multiplied by `decay` after each fifth of the updates.
        decay: in (0, 1].
        together: every update takes the mean over all steps t; otherwise one t after the other in
            turn.
        sampled: one outcome of the ancilla is drawn and differentiated; otherwise both count with
            their probabilities.

    Raises:
        ValueError: a value out of range.
    """

    circuit: ConditionalCircuit = field(default_factory=ConditionalCircuit)
    noise: LatentNoise = field(default_factory=LatentNoise)
    per_step: bool = False
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
        between("decay", positive("decay", self.decay), 0.0, 1.0)
        demand(
            self.circuit.clock in (0, self.noise.steps),
            "circuit",
            "have a clock of T steps or none",
            self.circuit.clock,
        )

    @property
    def parameter_count(self) -> int:
        """Trainable numbers: angles, times T where each step has its own."""
        return self.circuit.parameter_count * (self.noise.steps if self.per_step else 1)

    def rate_at(self, update: int) -> float:
        """The learning rate of update 0, 1, …"""
        return self.rate * self.decay ** (STAGES * update // self.updates)


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
    if not plan.per_step:
        return kraus

    def steps(each: Tensor) -> Tensor:
        return each.unflatten(0, (-1, plan.noise.steps)).squeeze(2)

    return Kraus(steps(kraus.maps), steps(kraus.weights))


def step_infidelity(kraus: Kraus, inputs: Tensor, targets: Tensor) -> Tensor:
    """Mean over outcomes and latents of the infidelity of every step, shape (D, T, labels);
    differentiable."""
    after, chance, _ = branches(kraus, inputs)
    return (chance * infidelity(after, targets.unsqueeze(-3))).sum(-2).mean(-1)


def draw_pairs(
    noise: LatentNoise, by_label: list[Tensor], count: int, runs: int, source: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Inputs and targets of all reverse steps, for latents drawn with replacement, as many of each
    digit.

    Args:
        noise: the forward path.
        by_label: latents of each digit, real unit vectors, shapes (N_ℓ, size).
        count: of each digit and run.
        runs: D.
        source: of latents and noise.

    Returns:
        Two tensors of shape (D, T, labels, count, size).
    """
    latents = torch.stack(draw_latents(by_label, count, runs, source), 1)
    inputs, targets = noise.pairs(latents, source)
    return inputs.transpose(1, 2), targets.transpose(1, 2)


def draw_latents(
    by_label: list[Tensor], count: int, runs: int, source: torch.Generator
) -> list[Tensor]:
    """Of each digit as many latents for each run, with replacement, shapes (D, count, size)."""
    return [each[torch.randint(0, len(each), (runs, count), generator=source)] for each in by_label]


def train_conditional(plan: TrainingPlan, by_label: list[Tensor], runs: int, seed: Seed) -> Trained:
    """Adam on the mean infidelity; runs are independent in angles, batches and noise. Plans of one
    seed share all three.

    Args:
        plan: what to do.
        by_label: latents of each of the ten digits, real unit vectors, shapes (N_ℓ, 2ⁿ).
        runs: D.
        seed: of everything; its children 0 to 2 are used, see `generate`.

    Raises:
        ValueError: not ten digits.
        DivergenceError: a loss that is not finite, with the update and the run.
    """
    demand(len(by_label) == LABELS, "by_label", "hold the latents of ten digits", len(by_label))
    angle_seed, data_seed, outcome_seed = spawn(seed, 3)
    data = generator(data_seed)
    outcomes = generator(outcome_seed)
    start = plan.circuit.random_angles(runs, angle_seed)
    start = start.repeat_interleave(plan.noise.steps, 0) if plan.per_step else start
    theta = start.clone().requires_grad_()

    def loss(update: int) -> Tensor:
        inputs, targets = draw_pairs(plan.noise, by_label, plan.per_label, runs, data)
        kraus = matrices(plan, theta)
        if not plan.together:
            index = update % plan.noise.steps
            kraus = _step(kraus, index)
            inputs = inputs[:, index : index + 1]
            targets = targets[:, index : index + 1]
        if plan.sampled:
            after, _, _ = take_step(kraus, inputs, outcomes)
            return infidelity(after, targets).mean((1, 2, 3))
        return step_infidelity(kraus, inputs, targets).mean((1, 2))

    words = ("update", "run")
    losses = descend([theta], loss, plan.updates, plan.rate_at, words=words)
    return Trained(plan, start, theta.detach(), losses.double().numpy())


def best_matrices(
    noise: LatentNoise,
    by_label: list[Tensor],
    seed: Seed,
    per_step: bool = False,
    updates: int = 400,
    rate: float = 0.02,
    per_label: int = 64,
) -> Kraus:
    """The least infidelity that x → A_ℓ x/‖A_ℓ x‖ can have, with any matrices instead of those of a
    circuit; no ancilla.

    They start at the identity map and are bound by no norm, as if the label were found with any
    probability: what is left over it is due to the circuit and its training, not to the form.

    Args:
        noise, by_label: as in `train_conditional`.
        seed: of batches and noise.
        per_step: matrices for every step instead of one set.
        updates, rate, per_label: of Adam, whose rate falls to 0.

    Returns:
        `Kraus` with axes (1, T or 1, labels, 1, size, size), no gradients.

    Raises:
        ValueError: not ten digits, or values out of range.
        DivergenceError: a loss that is not finite, with the update.
    """
    demand(len(by_label) == LABELS, "by_label", "hold the latents of ten digits", len(by_label))
    whole_number("per_label", per_label, 1)
    size = by_label[0].shape[-1]
    source = generator(seed)
    steps = noise.steps if per_step else 1
    one = torch.eye(size, dtype=torch.complex64).expand(1, steps, LABELS, 1, size, size)
    parts = torch.view_as_real(one.contiguous()).clone().requires_grad_()

    def loss(update: int) -> Tensor:
        inputs, targets = draw_pairs(noise, by_label, per_label, 1, source)
        return step_infidelity(Kraus(torch.view_as_complex(parts), one), inputs, targets).mean()

    updates = whole_number("updates", updates, 1)
    descend([parts], loss, updates, linear(rate, updates), "the best matrices")
    return Kraus(torch.view_as_complex(parts.detach()), one)


@torch.no_grad()
def generate(
    kraus: Kraus, noise: LatentNoise, count: int, seed: Seed
) -> tuple[Tensor, Tensor, Tensor]:
    """Latent states from noise, T steps for every digit; the ancilla's outcomes are drawn, the
    label is always found.

    Args:
        kraus: the matrices of D models, without gradients.
        noise: the forward path, whose kind of noise generation begins with.
        count: states of each digit and run.
        seed: of noise and outcomes. Its children 3 and 4 are used: 0 to 2 belong to
            `train_conditional`, so that a model can be trained and sampled from one seed.

    Returns:
        States after every step, t = T … 0, shape (T + 1, D, labels, count, 2ⁿ); frequency of
        outcome 1 and mean probability of the label at steps T … 1, shapes (T, D, labels).
    """
    noise_seed, outcome_seed = spawn(seed, 5)[3:]
    outcomes = generator(outcome_seed)
    runs, *_, size = kraus.maps.shape
    shape = (runs, 1, LABELS, whole_number("count", count, 1), size)
    states = noise.start(shape, generator(noise_seed))
    path = [states]
    ones = []
    found = []
    for t in range(noise.steps, 0, -1):
        states, read, label = take_step(_step(kraus, t - 1), states, outcomes)
        path.append(states)
        ones.append(read.float().mean(-1)[:, 0])
        found.append(label.mean(-1)[:, 0])
    return torch.stack(path)[:, :, 0], torch.stack(ones), torch.stack(found)


def _step(kraus: Kraus, index: int) -> Kraus:
    """The matrices of step t = index + 1."""
    if kraus.maps.shape[1] == 1:
        return kraus
    return Kraus(kraus.maps[:, index : index + 1], kraus.weights[:, index : index + 1])
