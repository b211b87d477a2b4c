"""Where the time of an update goes: parts, torch calls, the share of the arithmetic limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, huber_loss
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from benchmarks.engines import Ours
from benchmarks.report import short
from benchmarks.timing import time_slice
from benchmarks.workloads import LEARNING_RATE, Draws, ReverseStep, Training
from qdm_utils.images.conditional import Kraus, TrainingPlan, draw_pairs, matrices, step_infidelity
from qdm_utils.images.conditional.circuit import LABELS
from qdm_utils.images.encoders import (
    Autoencoder,
    AutoencoderConfig,
    PositiveAutoencoder,
    PositiveConfig,
    to_blocks,
)
from qdm_utils.optimise import constant, descend
from qdm_utils.qubits.generation import FidelityKernel, branched_mmd_squared
from qdm_utils.qubits.states import fidelity
from qdm_utils.randomness import generator

Batch = Tensor | tuple[Tensor, Tensor]

TOGETHER = 10  # updates that are timed as one call of `descend`
PARTS = ("whole", "forward", "both", "loss", "optimiser")
COLUMNS = (
    "update",
    "whole, ms",
    "circuit forward",
    "forward and backward",
    "loss",
    "optimiser",
    "rest",
    "torch calls",
    "share of the limit",
)


@dataclass(frozen=True)
class Update:
    """An update in parts that can be timed alone.

    Args:
        title: what is trained.
        weights: the leaf tensors that move.
        batch: what an update works on, drawn anew where a training does so.
        circuit: the batch ↦ outputs of the circuit or network.
        loss: the batch and these outputs ↦ a scalar.
        fused: whether Adam is torch's fused one.
    """

    title: str
    weights: Sequence[Tensor]
    batch: Callable[[], Batch]
    circuit: Callable[[Batch], tuple[Tensor, ...]]
    loss: Callable[..., Tensor]
    fused: bool = False


@dataclass(frozen=True)
class Profile:
    """Median seconds of each of `PARTS`, torch calls and floating-point operations of an update."""

    title: str
    seconds: dict[str, float]
    calls: int
    operations: int


def updates(quick: bool) -> list[Update]:
    """What is published; in small, one of each kind."""
    if quick:
        return [
            _training(Training(4, 2, 2)),
            _measured(ReverseStep(10, 1)),
            _conditional(TrainingPlan(per_label=1), runs=1),
            _autoencoder(AutoencoderConfig(batch=4)),
        ]
    return [
        _training(Training(4, 6, 10)),
        _training(Training(8, 8, 10)),
        _training(Draws(4, 6, 10, 64)),
        _measured(ReverseStep(100, 1)),
        _conditional(TrainingPlan(per_label=6), runs=5),
        _autoencoder(AutoencoderConfig()),
        _positive(PositiveConfig()),
    ]


def measure(rounds: int, quick: bool = False) -> list[Profile]:
    """Every round visits all parts of all updates."""
    found = updates(quick)
    jobs = [_jobs(update) for update in found]
    times: list[dict[str, list[float]]] = [{part: [] for part in PARTS} for _ in found]
    counted = [_counted(each["whole"]) for each in jobs]
    for _ in range(rounds):
        for timed, each in zip(times, jobs, strict=True):
            for part, job in each.items():
                timed[part].append(median(time_slice(job)))
    profiles = []
    for update, timed, count in zip(found, times, counted, strict=True):
        seconds = {part: median(values) for part, values in timed.items()}
        seconds["whole"] /= TOGETHER
        profiles.append(
            Profile(update.title, seconds, count.calls // TOGETHER, count.operations // TOGETHER)
        )
    return profiles


def limit(rounds: int) -> float:
    """Floating-point operations per second of 64 products of 64×64 matrices, complex64."""
    left, right = torch.randn(2, 64, 64, 64, dtype=torch.complex64)
    with torch.no_grad():
        seconds = median(
            median(time_slice(lambda: torch.bmm(left, right))) for _ in range(max(rounds, 3))
        )
    return 8 * 64**4 / seconds


def table(profiles: list[Profile], rate: float) -> str:
    """The profiles in Markdown, parts in milliseconds."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for profile in profiles:
        seconds = profile.seconds
        rest = seconds["whole"] - seconds["both"] - seconds["loss"] - seconds["optimiser"]
        parts = [*(seconds[part] for part in PARTS), max(rest, 0.0)]
        share = profile.operations / rate / seconds["whole"]
        cells = [
            profile.title,
            *(short(1e3 * part) for part in parts),
            str(profile.calls),
            f"{share:.1%}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _jobs(update: Update) -> dict[str, Callable[[], object]]:
    """What is timed for each of `PARTS`; the whole is `TOGETHER` updates as trainings make them."""
    adam = torch.optim.Adam(update.weights, lr=LEARNING_RATE, fused=update.fused)

    def loss(_: int) -> Tensor:
        drawn = update.batch()
        return update.loss(drawn, *update.circuit(drawn))

    def whole() -> None:
        descend(adam, loss, TOGETHER, constant(LEARNING_RATE))

    @torch.no_grad()
    def forward() -> None:
        update.circuit(batch)

    def both() -> None:
        torch.autograd.grad(update.circuit(batch), update.weights, cotangents)

    def loss_alone() -> None:
        torch.autograd.grad(update.loss(batch, *outputs), outputs)

    batch = update.batch()
    outputs = [output.detach().requires_grad_() for output in update.circuit(batch)]
    cotangents = [torch.randn_like(output) for output in outputs]
    # Copies, as gradients of no meaning would spoil the weights themselves.
    copies = [weight.detach().clone().requires_grad_() for weight in update.weights]
    for copy in copies:
        copy.grad = torch.randn_like(copy)
    alone = torch.optim.Adam(copies, lr=LEARNING_RATE, fused=update.fused)
    return dict(zip(PARTS, (whole, forward, both, loss_alone, alone.step), strict=True))


class _Count(TorchDispatchMode):
    """Counts torch calls and the floating-point operations of products and convolutions."""

    calls = operations = 0

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        result = function(*arguments, **(options or {}))
        self.calls += 1
        if (packet := function.overloadpacket) in flop_registry:
            count = flop_registry[packet](*arguments, **(options or {}), out_val=result)
            # A complex product is four real ones.
            paired = any(isinstance(each, Tensor) and each.is_complex() for each in arguments)
            self.operations += 4 * count if paired else count
        return result


def _counted(job: Callable[[], object]) -> _Count:
    with _Count() as count:
        job()
    return count


def _training(workload: Training) -> Update:
    theta, inputs, targets = Ours().tensors(workload)
    return Update(
        workload.title,
        [theta],
        lambda: (inputs, targets),
        lambda batch: (workload.ansatz.apply(theta, batch[0]),),
        lambda batch, output: (1 - fidelity(output, batch[1]).mean(-1)).sum(),
    )


def _measured(workload: ReverseStep) -> Update:
    theta, inputs, targets = Ours().tensors(workload)
    return Update(
        workload.title,
        [theta],
        lambda: (inputs, targets),
        lambda batch: (workload.step.branches(theta, batch[0]),),
        lambda batch, branches: branched_mmd_squared(branches, batch[1], FidelityKernel()).sum(),
    )


def _conditional(plan: TrainingPlan, runs: int) -> Update:
    """An update of the conditional model on latents that are random unit vectors ≥ 0."""
    source = generator(1)
    latents = torch.rand(LABELS, 100, 2**plan.circuit.n, generator=source)
    by_label = list(latents / latents.norm(dim=-1, keepdim=True))
    theta = plan.circuit.random_angles(runs, 2).requires_grad_()

    def circuit(_: Batch) -> tuple[Tensor, Tensor]:
        kraus = matrices(plan, theta)
        return kraus.maps, kraus.weights

    def loss(pairs: Batch, maps: Tensor, weights: Tensor) -> Tensor:
        return step_infidelity(Kraus(maps, weights), *pairs).mean((1, 2)).sum()

    return Update(
        f"conditional model, runs={runs} latents={LABELS * plan.per_label}",
        [theta],
        lambda: draw_pairs(plan.noise, by_label, plan.per_label, runs, source),
        circuit,
        loss,
    )


def _autoencoder(config: AutoencoderConfig) -> Update:
    """An update of the encoder of digits into states, on random pictures."""
    model = Autoencoder(config)
    source = generator(1)
    images = torch.rand(1000, 28, 28, generator=source)
    return Update(
        f"encoder into states, batch={config.batch}",
        list(model.parameters()),
        lambda: to_blocks(_some(images, config.batch, source)),
        lambda blocks: (model.logits(model.latents(model.encoded(blocks)), gauge=False),),
        lambda blocks, logits: (
            binary_cross_entropy_with_logits(logits, blocks, reduction="sum") / len(blocks)
        ),
        fused=True,
    )


def _positive(config: PositiveConfig) -> Update:
    """An update of the encoder of the conditional model as published, on random pictures."""
    model = PositiveAutoencoder(config)
    source = generator(1)
    images = torch.rand(1000, 28, 28, generator=source)
    return Update(
        f"encoder of the conditional model, batch={config.batch}",
        list(model.parameters()),
        lambda: _some(images, config.batch, source),
        lambda batch: (model.decoder(model.latents(batch))[:, 0],),
        lambda batch, output: huber_loss(output, batch),
        fused=True,
    )


def _some(images: Tensor, count: int, source: torch.Generator) -> Tensor:
    return images[torch.randint(0, len(images), (count,), generator=source)]
