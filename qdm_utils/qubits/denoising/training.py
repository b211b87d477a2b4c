"""Training a circuit to undo a scrambler, many independent runs at once along an axis of draws.

`train_denoiser` is the research log's curriculum with its variants: it draws scramblers and states
itself and keeps a record. `train_on_states` takes states, their scrambled images and initial angles
from outside and returns angles. Both minimise with `optimise.descend`.
"""

import pickle
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.optimise import Rate, descend
from qdm_utils.qubits.circuits import Ansatz, brickwork
from qdm_utils.qubits.denoising.configuration import DenoiserConfig
from qdm_utils.qubits.denoising.costs import marginal_fidelity, product_fidelity
from qdm_utils.qubits.denoising.records import MEASURES, TrainingRecord
from qdm_utils.qubits.states import average_fidelity, fidelity, haar_states, product_states
from qdm_utils.randomness import spawn

EXACT_AVERAGES = {"average": average_fidelity, "average local": product_fidelity}


def train_denoiser(config: DenoiserConfig, checkpoint: Path | str | None = None) -> TrainingRecord:
    """Train `config.seeds` denoisers at once, stage by stage, by Adam on exact gradients.

    States and angles are in single precision.

    Args:
        config: what to do.
        checkpoint: a file written at the end of every stage; when it is there, training goes on
            from it with the same numbers as without the interruption.

    Raises:
        ValueError: a checkpoint of another configuration, or one that cannot be read.
        DivergenceError: a loss or gradient that is not finite, with epoch, stage and seed.

    >>> config = DenoiserConfig(n=2, layers=1, depths=(1,), epochs=3, seeds=2)
    >>> train_denoiser(config).train_fidelity.shape
    (2, 3)
    """
    angle_seed, *stage_seeds = spawn(config.seed, 1 + len(config.depths))
    theta = config.ansatz.random_angles(config.seeds, angle_seed, dtype=torch.float32)
    if config.start != "uniform":
        theta = 0.1 * (theta / torch.pi - 1)
    theta.requires_grad_()
    adam = torch.optim.Adam([theta], lr=config.learning_rate, fused=True)
    stages = _resume(config, checkpoint, theta, adam)
    for index in range(len(stages), len(config.depths)):
        if not config.carry_adam:
            adam.state.clear()
        stages.append(_Stage(config, index, stage_seeds).train(theta, adam))
        if checkpoint is not None:
            _save(config, checkpoint, theta, adam, stages)
    whole = {name: np.concatenate([stage[name] for stage in stages], -1) for name in MEASURES}
    index_of_epoch = np.repeat(np.arange(len(config.depths)), config.epochs)
    return TrainingRecord(config, **whole, stage=index_of_epoch, theta=theta.detach().numpy())


def train_on_states(
    ansatz: Ansatz,
    theta: Tensor,
    originals: Tensor,
    scrambled: Tensor,
    epochs: Sequence[int],
    rate: Rate,
) -> Tensor:
    """Angles on the way to the highest mean fidelity of D(θ)·(scrambled states) with the originals.

    By Adam on exact gradients. Each draw has angles, states and scrambler of its own and is trained
    as if it were alone; one epoch is one step on all states of a draw.

    Args:
        ansatz: the denoiser D.
        theta: angles to begin with, shape (draws, L+1, n, 3), radians.
        originals, scrambled: states ψ and Uψ, shape (draws, S, 2ⁿ).
        epochs: epochs after which the angles are kept, increasing, ≥ 0; training ends with the
            last.
        rate: Adam's learning rate by epoch, counted from 0, such as `optimise.constant(0.05)`.

    Returns:
        Angles, shape (len(epochs), draws, L+1, n, 3).

    Raises:
        ValueError: epochs that do not increase, numbers that are not finite, or tensors that do not
            fit together.
        DivergenceError: a loss or gradient that is not finite, with epoch and draw.

    Source: the research log "Quantum Diffusion Models: First Experiments", part "What We Built".

    >>> from qdm_utils.optimise import constant
    >>> ansatz, states = Ansatz(2, 1), haar_states(3, 2, seed=1)[None]
    >>> start = ansatz.random_angles(1, seed=2)
    >>> train_on_states(ansatz, start, states, states, epochs=[0, 5], rate=constant(0.05)).shape
    torch.Size([2, 1, 2, 2, 3])
    """
    looks = [whole_number("epochs", epoch, 0) for epoch in epochs]
    rising = bool(looks) and looks == sorted(set(looks))
    demand(rising, "epochs", "increase from 0 or more", list(epochs))
    for name, tensor in (("theta", theta), ("originals", originals), ("scrambled", scrambled)):
        demand(bool(torch.isfinite(tensor).all()), name, "be finite", "NaN or infinity")
    shape = tuple(scrambled.shape)
    demand(len(shape) == 3, "scrambled", "have shape (draws, S, 2ⁿ)", f"shape {shape}")
    same = tuple(originals.shape) == shape
    demand(same, "originals", f"have shape {shape}", f"shape {tuple(originals.shape)}")
    paired = theta.ndim == 4 and len(theta) == len(scrambled)
    demand(paired, "theta", f"hold {len(scrambled)} draws", f"shape {tuple(theta.shape)}")
    theta = theta.detach().clone().requires_grad_()
    kept = []

    def infidelity(epoch: int) -> Tensor:
        if epoch in looks:
            kept.append(theta.detach().clone())
        return 1 - fidelity(ansatz.apply(theta, scrambled), originals).mean(-1)

    descend([theta], infidelity, looks[-1], rate, words=("epoch", "draw"))
    return torch.stack([*kept, theta.detach()])


class _Stage:
    """One stage of the curriculum: a scrambler for each run, states, and training on them."""

    def __init__(self, config: DenoiserConfig, index: int, stage_seeds: list) -> None:
        gate_seed, other_seed, state_seed, held_seed = spawn(stage_seeds[index], 4)
        if config.nested:
            # A deeper brickwork from the same seed begins with the layers of a shallower one.
            gate_seed = spawn(stage_seeds[0], 1)[0]
        depth = config.depths[index]
        self.config = config
        self.index = index
        self.scrambler = brickwork(config.n, depth, gate_seed, config.seeds, torch.complex64)
        other = brickwork(config.n, depth, other_seed, config.seeds, torch.complex64)
        self.unitary = self.scrambler.unitary()
        count = config.seeds * config.n_eval
        self.held = self._by_run(haar_states(count, config.n, held_seed, torch.complex64))
        self.held_scrambled = self.scrambler.apply(self.held)
        self.held_scrambled_otherwise = other.apply(self.held)
        self.batch_seeds = spawn(state_seed, config.epochs)

    def train(self, theta: Tensor, adam: torch.optim.Adam) -> dict[str, np.ndarray]:
        """Move `theta`, which `adam` holds; the measures by epoch, shape (seeds, epochs) each."""
        config = self.config
        found = {name: np.full((config.seeds, config.epochs), np.nan) for name in MEASURES}
        batch = self.draw(0)

        def loss(epoch: int) -> Tensor:
            nonlocal batch
            due = epoch % config.eval_every == 0 or epoch == config.epochs - 1
            # Angles that left the finite numbers have no fidelity; the loss below will say so.
            if due and bool(torch.isfinite(theta).all()):
                for name, values in self.evaluate(theta).items():
                    found[name][:, epoch] = values.numpy()
            if config.fresh_batch and epoch > 0:
                batch = self.draw(epoch)
            states, scrambled = batch
            denoised = config.ansatz.apply(theta, scrambled)
            trained = fidelity(denoised, states).mean(-1)
            found["train_fidelity"][:, epoch] = trained.detach().numpy()
            if config.cost == "global":
                return 1 - trained
            if config.cost == "marginal":
                return 1 - marginal_fidelity(denoised, states).mean(-1)
            return 1 - EXACT_AVERAGES[config.cost](config.ansatz.unitary(theta), self.unitary)

        def before_update(epoch: int) -> None:
            gradient = theta.grad
            assert gradient is not None
            if config.start == "layerwise":
                # A layer that is not released yet has no gradient, so Adam leaves it where it is.
                released = 1 + epoch * (config.layers + 1) // config.epochs
                gradient[:, released:] = 0.0
            found["gradient_norm"][:, epoch] = gradient.flatten(1).norm(dim=-1).numpy()

        losses = descend(
            adam,
            loss,
            config.epochs,
            lambda epoch: config.rate_at(self.index, epoch),
            where=f"stage {self.index + 1} (depth {config.depths[self.index]})",
            before_update=before_update,
            words=("epoch", "seed"),
        )
        found["loss"][:] = losses.T.numpy()
        return found

    def draw(self, epoch: int) -> tuple[Tensor, Tensor]:
        """Training states and their scrambled images, shape (seeds, S, 2ⁿ) each."""
        config = self.config
        ensemble = haar_states if config.states == "haar" else product_states
        count = config.seeds * config.n_states
        drawn = ensemble(count, config.n, self.batch_seeds[epoch], torch.complex64)
        states = self._by_run(drawn)
        return states, self.scrambler.apply(states)

    @torch.no_grad()
    def evaluate(self, theta: Tensor) -> dict[str, Tensor]:
        """Fidelities on states that were not trained on, shape (seeds,) each."""
        denoiser = self.config.ansatz.unitary(theta)
        same = fidelity(self.held_scrambled @ denoiser.mT, self.held)
        otherwise = fidelity(self.held_scrambled_otherwise @ denoiser.mT, self.held)
        return {
            "eval_fidelity": same.mean(-1),
            "average_fidelity": average_fidelity(denoiser, self.unitary),
            "fresh_fidelity": otherwise.mean(-1),
        }

    def _by_run(self, states: Tensor) -> Tensor:
        return states.view(self.config.seeds, -1, 2**self.config.n)


def _save(
    config: DenoiserConfig,
    path: Path | str,
    theta: Tensor,
    adam: torch.optim.Adam,
    stages: list[dict[str, np.ndarray]],
) -> None:
    """Write beside the file, then move: an interruption leaves the last good one."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    state = {
        "config": config.key(),
        "theta": theta.detach(),
        "adam": adam.state_dict(),
        "stages": [
            {name: torch.from_numpy(values) for name, values in stage.items()} for stage in stages
        ],
    }
    torch.save(state, part)
    part.replace(path)


def _resume(
    config: DenoiserConfig, path: Path | str | None, theta: Tensor, adam: torch.optim.Adam
) -> list[dict[str, np.ndarray]]:
    """Measures of the stages done; `theta` and `adam` are set to where they were."""
    if path is None or not Path(path).exists():
        return []
    try:
        state = torch.load(path, weights_only=True)
        written = state["config"]
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError):
        raise ValueError(
            f"Argument `checkpoint` must be a whole checkpoint of a training, but got {path}"
        ) from None
    key = config.key()
    differing = [f.name for f in fields(config) if written.get(f.name) != key[f.name]]
    got = f"{path}, which differs in {', '.join(differing)}"
    demand(not differing, "checkpoint", "belong to this configuration", got)
    with torch.no_grad():
        theta.copy_(state["theta"])
    adam.load_state_dict(state["adam"])
    return [{name: values.numpy() for name, values in stage.items()} for stage in state["stages"]]
