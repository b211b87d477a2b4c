"""Training a circuit to undo a scrambler: the log's curriculum and its variants, many seeds at once along the draw axis."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits.circuits import Ansatz, brickwork
from qdm_utils.qubits.denoising.configuration import DenoiserConfig, TrainingRecord
from qdm_utils.qubits.denoising.costs import marginal_fidelity, product_fidelity
from qdm_utils.qubits.states import average_fidelity, fidelity, haar_states, product_states
from qdm_utils.randomness import spawn

MEASURES = (
    "train_fidelity",
    "eval_fidelity",
    "average_fidelity",
    "fresh_fidelity",
    "loss",
    "gradient_norm",
)


def train_denoiser(config: DenoiserConfig, checkpoint: Path | str | None = None) -> TrainingRecord:
    """Train `config.seeds` denoisers at once, stage by stage, by Adam on exact gradients; single precision.

    Args:
        config: what to do.
        checkpoint: a file written at the end of every stage; when it is there, training goes on from it with the same
            numbers as without the interruption.

    Raises:
        ValueError: a checkpoint of another configuration.
        DivergenceError: a loss or gradient that is not finite, with epoch and seed.

    >>> train_denoiser(DenoiserConfig(n=2, layers=1, depths=(1,), epochs=3, seeds=2)).train_fidelity.shape
    (2, 3)
    """
    angle_seed, *stage_seeds = spawn(config.seed, 1 + len(config.depths))
    theta = config.ansatz.random_angles(config.seeds, angle_seed, dtype=torch.float32)
    if config.start != "uniform":
        theta = 0.1 * (theta / torch.pi - 1)
    theta.requires_grad_()
    adam = torch.optim.Adam([theta], lr=config.learning_rate)
    done, rows = _resume(config, checkpoint, theta, adam)
    for stage in range(done, len(config.depths)):
        if not config.carry_adam:
            adam.state.clear()
        rows.append(_train_stage(config, stage, stage_seeds, theta, adam))
        if checkpoint is not None:
            _save(config, checkpoint, theta, adam, rows)
    measures = dict(zip(MEASURES, np.concatenate(rows, axis=-1), strict=True))
    stages = np.repeat(np.arange(len(config.depths)), config.epochs)
    return TrainingRecord(config, **measures, stage=stages, theta=theta.detach().numpy())


def _train_stage(
    config: DenoiserConfig, stage: int, seeds: list, theta: Tensor, adam: torch.optim.Adam
) -> np.ndarray:
    """One stage; the measures by epoch, shape (measures, seeds, epochs)."""
    gate_seed, other_seed, state_seed, held_seed = spawn(seeds[stage], 4)
    depth, shape = config.depths[stage], (config.seeds, -1, 2**config.n)
    if config.nested:
        gate_seed = spawn(seeds[0], 1)[0]
    scrambler, other = (
        brickwork(config.n, depth, s, config.seeds, torch.complex64)
        for s in (gate_seed, other_seed)
    )
    held = haar_states(config.seeds * config.n_eval, config.n, held_seed, torch.complex64).view(
        shape
    )
    held_same, held_other = scrambler.apply(held), other.apply(held)
    unitary = scrambler.unitary()
    draw = haar_states if config.states == "haar" else product_states
    batches = spawn(state_seed, config.epochs)
    rows = np.full((len(MEASURES), config.seeds, config.epochs), np.nan)
    for epoch in range(config.epochs):
        if epoch == 0 or config.fresh_batch:
            states = draw(
                config.seeds * config.n_states, config.n, batches[epoch], torch.complex64
            ).view(shape)
            scrambled = scrambler.apply(states)
        for group in adam.param_groups:
            group["lr"] = config.rate_at(stage, epoch)
        if epoch % config.eval_every == 0 or epoch == config.epochs - 1:
            rows[1:4, :, epoch] = _evaluate(
                config.ansatz, theta, unitary, held, held_same, held_other
            ).numpy()
        adam.zero_grad()
        denoised = config.ansatz.apply(theta, scrambled)
        trained = fidelity(denoised, states).mean(-1)
        loss = 1 - (
            trained
            if config.cost == "global"
            else _closeness(config, theta, unitary, denoised, states)
        )
        loss.sum().backward()
        if config.start == "layerwise":
            theta.grad[:, 1 + epoch * (config.layers + 1) // config.epochs :] = 0.0
        norm = theta.grad.flatten(1).norm(dim=-1)
        broken = ~(torch.isfinite(loss) & torch.isfinite(norm))
        if broken.any():
            where = f"epoch {epoch + 1} of stage {stage + 1} (depth {depth}), seed {int(broken.nonzero()[0])}"
            raise DivergenceError(
                f"Training diverged at {where}: the loss or its gradient is not finite; lower `learning_rate`."
            )
        rows[[0, 4, 5], :, epoch] = torch.stack((trained, loss, norm)).detach().numpy()
        adam.step()
    return rows


def _closeness(
    config: DenoiserConfig, theta: Tensor, unitary: Tensor, denoised: Tensor, states: Tensor
) -> Tensor:
    """What the costs other than "global" want to be 1, for each seed."""
    if config.cost == "marginal":
        return marginal_fidelity(denoised, states).mean(-1)
    measure = average_fidelity if config.cost == "average" else product_fidelity
    return measure(config.ansatz.unitary(theta), unitary)


@torch.no_grad()
def _evaluate(
    ansatz: Ansatz, theta: Tensor, unitary: Tensor, held: Tensor, same: Tensor, other: Tensor
) -> Tensor:
    denoiser = ansatz.unitary(theta)
    under_same, under_other = (
        fidelity(scrambled @ denoiser.mT, held).mean(-1) for scrambled in (same, other)
    )
    return torch.stack((under_same, average_fidelity(denoiser, unitary), under_other))


def _save(
    config: DenoiserConfig,
    path: Path | str,
    theta: Tensor,
    adam: torch.optim.Adam,
    rows: list[np.ndarray],
) -> None:
    """Write the state beside the file and move it into place, so that an interruption leaves the last good one."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    state = {
        "config": config.key(),
        "theta": theta.detach(),
        "adam": adam.state_dict(),
        "rows": [torch.from_numpy(r) for r in rows],
    }
    torch.save(state, part)
    part.replace(path)


def _resume(
    config: DenoiserConfig, path: Path | str | None, theta: Tensor, adam: torch.optim.Adam
) -> tuple[int, list]:
    """Stages done and their measures; `theta` and `adam` are set to where they were."""
    if path is None or not Path(path).exists():
        return 0, []
    state = torch.load(path, weights_only=True)
    differing = [
        f.name for f in fields(config) if state["config"].get(f.name) != config.key()[f.name]
    ]
    demand(
        not differing,
        "checkpoint",
        "belong to this configuration",
        f"{path}, which differs in {', '.join(differing)}",
    )
    with torch.no_grad():
        theta.copy_(state["theta"])
    adam.load_state_dict(state["adam"])
    rows = [row.numpy() for row in state["rows"]]
    return len(rows), rows
