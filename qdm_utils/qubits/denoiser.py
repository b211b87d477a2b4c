"""Training a circuit to undo a scrambler: the log's curriculum and its variants, many seeds at once along the draw axis."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.qubits.ansatz import Ansatz
from qdm_utils.qubits.circuits import brickwork
from qdm_utils.qubits.costs import product_fidelity
from qdm_utils.qubits.fidelity import average_fidelity, fidelity
from qdm_utils.qubits.haar import haar_states
from qdm_utils.qubits.tensors import spawn

COSTS = ("global", "average", "product")
RATES = ("constant", "cosine")
MEASURES = ("train_fidelity", "eval_fidelity", "average_fidelity", "fresh_fidelity", "loss", "gradient_norm")


class DivergenceError(FloatingPointError):
    """Training left the finite numbers; the message names epoch and seed."""


@dataclass(frozen=True)
class DenoiserConfig:
    """What is trained, on what, and how. The defaults are the research log's.

    Args:
        n, layers, entangler: the `Ansatz`.
        depths: scrambling depth (half-layers) of each stage; every stage draws a new scrambler.
        nested: the stages' scramblers are the first layers of one circuit instead.
        epochs: Adam steps in a stage.
        n_states: Haar training states S.
        fresh_batch: new training states at every epoch instead of S fixed ones.
        cost: what is minimised. "global": infidelity over the training states; "average": 1 − F_avg, exactly, over all
            states; "product": the local cost 1 − F_loc over random product states, exactly.
        learning_rate: Adam's.
        rate: "constant", or "cosine" from `learning_rate` to 0 within each stage.
        carry_adam: Adam's moments survive a change of stage (the angles always do).
        n_eval: held-out Haar states.
        eval_every: evaluate at every so many epochs and at the end of a stage.
        seeds: independent runs, each with its own scramblers, states and initial angles, uniform on [0, 2π).
        seed: root of everything random.

    Raises:
        ValueError: a value out of range, at once.
    """

    n: int = 4
    layers: int = 6
    entangler: str = "chain"
    depths: tuple[int, ...] = (2, 4, 6, 8, 10, 12)
    nested: bool = False
    epochs: int = 100
    n_states: int = 10
    fresh_batch: bool = False
    cost: str = "global"
    learning_rate: float = 0.05
    rate: str = "constant"
    carry_adam: bool = True
    n_eval: int = 50
    eval_every: int = 1
    seeds: int = 32
    seed: int | np.random.SeedSequence = 0

    def __post_init__(self) -> None:
        demand(len(self.depths) > 0, "depths", "name at least one stage", self.depths)
        for depth in self.depths:
            whole_number("depths", depth, 0)
        for name in ("epochs", "n_states", "n_eval", "eval_every", "seeds"):
            whole_number(name, getattr(self, name), 1)
        positive("learning_rate", self.learning_rate)
        demand(self.cost in COSTS, "cost", f"be one of {', '.join(COSTS)}", repr(self.cost))
        demand(self.rate in RATES, "rate", f"be one of {', '.join(RATES)}", repr(self.rate))
        if self.nested:
            demand(list(self.depths) == sorted(self.depths), "depths", "rise when nested", self.depths)
        object.__setattr__(self, "depths", tuple(self.depths))
        self.ansatz  # noqa: B018  refuses a bad n, layers or entangler now

    @property
    def ansatz(self) -> Ansatz:
        return Ansatz(self.n, self.layers, self.entangler)

    def key(self) -> dict:
        """The configuration as plain values, for comparison with a checkpoint."""
        plain = asdict(self)
        if isinstance(self.seed, np.random.SeedSequence):
            plain["seed"] = (self.seed.entropy, self.seed.spawn_key)
        return plain


@dataclass(frozen=True)
class TrainingRecord:
    """What happened, before each Adam step: every array but `stage` and `theta` has shape (seeds, epochs of all stages).

    Args:
        train_fidelity: mean fidelity over the training states.
        eval_fidelity: over held-out states under the same scrambler.
        average_fidelity: over all states under the same scrambler, exactly.
        fresh_fidelity: over held-out states under another scrambler of that depth.
        loss, gradient_norm: of the cost minimised.
        stage: index into `depths`, shape (epochs,).
        theta: final angles, shape (seeds, L+1, n, 3).

    Between evaluations the three evaluated fidelities are NaN.
    """

    config: DenoiserConfig
    train_fidelity: np.ndarray
    eval_fidelity: np.ndarray
    average_fidelity: np.ndarray
    fresh_fidelity: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    stage: np.ndarray
    theta: np.ndarray

    def best(self, measure: str = "train_fidelity") -> np.ndarray:
        """Largest value within each stage, shape (seeds, stages)."""
        return np.nanmax(self._by_stage(measure), axis=-1)

    def last(self, measure: str = "train_fidelity") -> np.ndarray:
        """Value at the last epoch of each stage, shape (seeds, stages)."""
        return self._by_stage(measure)[..., -1]

    def first(self, measure: str = "train_fidelity") -> np.ndarray:
        """Value at the first epoch of each stage, shape (seeds, stages)."""
        return self._by_stage(measure)[..., 0]

    def _by_stage(self, measure: str) -> np.ndarray:
        return getattr(self, measure).reshape(self.config.seeds, len(self.config.depths), -1)


def no_free_lunch_bound(n_states: int | np.ndarray, d: int) -> np.ndarray:
    """Largest expected fidelity on all states of a unitary that is perfect on S Haar states of a Haar-typical target.

    min(1, (S² + d + 1)/(d(d + 1))). A target within the learner's reach, such as a shallow circuit, may beat it.

    Args:
        n_states: S ≥ 0, any shape.
        d: dimension, ≥ 2.

    Raises:
        ValueError: S < 0 or d < 2.

    Source: K. Poland, K. Beer, T. J. Osborne, arXiv:2003.14103.

    >>> round(float(no_free_lunch_bound(10, 16)), 3)
    0.43
    """
    demand(bool((np.asarray(n_states) >= 0).all()), "n_states", "be ≥ 0", n_states)
    d = whole_number("d", d, 2)
    return np.minimum(1.0, (np.square(n_states, dtype=float) + d + 1) / (d * (d + 1)))


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
    theta = config.ansatz.random_angles(config.seeds, angle_seed, dtype=torch.float32).requires_grad_()
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


def _train_stage(config: DenoiserConfig, stage: int, seeds: list, theta: Tensor, adam: torch.optim.Adam) -> np.ndarray:
    """One stage; the measures by epoch, shape (measures, seeds, epochs)."""
    gate_seed, other_seed, state_seed, held_seed = spawn(seeds[stage], 4)
    depth, shape = config.depths[stage], (config.seeds, -1, 2**config.n)
    if config.nested:
        gate_seed = spawn(seeds[0], 1)[0]
    scrambler, other = (brickwork(config.n, depth, s, config.seeds, torch.complex64) for s in (gate_seed, other_seed))
    held = haar_states(config.seeds * config.n_eval, config.n, held_seed, torch.complex64).view(shape)
    held_same, held_other = scrambler.apply(held.expand(shape)), other.apply(held)
    unitary = scrambler.unitary().expand(config.seeds, -1, -1)
    batches = spawn(state_seed, config.epochs)
    rows = np.full((len(MEASURES), config.seeds, config.epochs), np.nan)
    for epoch in range(config.epochs):
        if epoch == 0 or config.fresh_batch:
            states = haar_states(config.seeds * config.n_states, config.n, batches[epoch], torch.complex64).view(shape)
            scrambled = scrambler.apply(states)
        for group in adam.param_groups:
            turn = np.pi * epoch / config.epochs
            group["lr"] = config.learning_rate * (0.5 + 0.5 * np.cos(turn) if config.rate == "cosine" else 1.0)
        if epoch % config.eval_every == 0 or epoch == config.epochs - 1:
            rows[1:4, :, epoch] = _evaluate(config.ansatz, theta, unitary, held, held_same, held_other).numpy()
        adam.zero_grad()
        trained = fidelity(config.ansatz.apply(theta, scrambled), states).mean(-1)
        loss = 1 - trained if config.cost == "global" else _whole_cost(config, theta, unitary)
        loss.sum().backward()
        norm = theta.grad.flatten(1).norm(dim=-1)
        broken = ~(torch.isfinite(loss) & torch.isfinite(norm))
        if broken.any():
            where = f"epoch {epoch + 1} of stage {stage + 1} (depth {depth}), seed {int(broken.nonzero()[0])}"
            raise DivergenceError(f"Training diverged at {where}: the loss or its gradient is not finite; lower `learning_rate`.")
        rows[[0, 4, 5], :, epoch] = torch.stack((trained, loss, norm)).detach().numpy()
        adam.step()
    return rows


def _whole_cost(config: DenoiserConfig, theta: Tensor, unitary: Tensor) -> Tensor:
    """Costs that do not look at the training states, exactly, from the circuit's matrix."""
    measure = average_fidelity if config.cost == "average" else product_fidelity
    return 1 - measure(config.ansatz.unitary(theta), unitary)


@torch.no_grad()
def _evaluate(ansatz: Ansatz, theta: Tensor, unitary: Tensor, held: Tensor, same: Tensor, other: Tensor) -> Tensor:
    denoiser = ansatz.unitary(theta)
    under_same, under_other = (fidelity(scrambled @ denoiser.mT, held).mean(-1) for scrambled in (same, other))
    return torch.stack((under_same, average_fidelity(denoiser, unitary), under_other))


def _save(config: DenoiserConfig, path: Path | str, theta: Tensor, adam: torch.optim.Adam, rows: list[np.ndarray]) -> None:
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


def _resume(config: DenoiserConfig, path: Path | str | None, theta: Tensor, adam: torch.optim.Adam) -> tuple[int, list]:
    """Stages done and their measures; `theta` and `adam` are set to where they were."""
    if path is None or not Path(path).exists():
        return 0, []
    state = torch.load(path, weights_only=True)
    differing = [f.name for f in fields(config) if state["config"].get(f.name) != config.key()[f.name]]
    demand(not differing, "checkpoint", "belong to this configuration", f"{path}, which differs in {', '.join(differing)}")
    with torch.no_grad():
        theta.copy_(state["theta"])
    adam.load_state_dict(state["adam"])
    rows = [row.numpy() for row in state["rows"]]
    return len(rows), rows
