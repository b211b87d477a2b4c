"""What a denoiser is trained on and how, what training records, and the bound on what it can learn; see `training`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.qubits.circuits import Ansatz

COSTS = ("global", "marginal", "average", "average local")
STATES = ("haar", "product")
STARTS = ("uniform", "small", "layerwise")
RATES = ("constant", "cosine")


@dataclass(frozen=True)
class DenoiserConfig:
    """What is trained, on what, and how. The defaults are the research log's.

    Args:
        n, layers, entangler: the `Ansatz`.
        depths: scrambling depth (half-layers) of each stage; every stage draws a new scrambler.
        nested: the stages' scramblers are the first layers of one circuit instead.
        epochs: Adam steps in a stage.
        n_states: training states S.
        states: "haar", or "product" for tensor products of Haar qubits.
        fresh_batch: new training states at every epoch instead of S fixed ones.
        cost: what is minimised. "global": infidelity over the training states; "marginal": that of their single-qubit
            marginals; "average": 1 − F_avg over all states, exactly; "average local": 1 − F_loc, the fidelity of the qubits
            over all product states, exactly.
        start: "uniform", angles on [0, 2π); "small", within ±0.1; "layerwise", small, and in each stage the rotation layers
            are released one after the other.
        learning_rate: Adam's.
        rate: "constant", or "cosine" from `learning_rate` to 0 within each stage.
        decay_epochs: τ > 0, the rate falls as exp(−epoch/τ) within each stage and recovers at the next; None: it does not.
        stage_factor: > 0, the rate of a stage is that of the stage before times this factor.
        half_life: H > 0 epochs, counted over the whole run, after which the rate has halved; None: it does not. The three
            multiply each other and `rate`, see `rate_at`.
        carry_adam: Adam's moments survive a change of stage (the angles always do).
        n_eval: held-out Haar states.
        eval_every: evaluate at every so many epochs and at the end of a stage.
        seeds: independent runs, each with its own scramblers, states and initial angles.
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
    states: str = "haar"
    fresh_batch: bool = False
    cost: str = "global"
    start: str = "uniform"
    learning_rate: float = 0.05
    rate: str = "constant"
    decay_epochs: float | None = None
    stage_factor: float = 1.0
    half_life: float | None = None
    carry_adam: bool = True
    n_eval: int = 50
    eval_every: int = 1
    seeds: int = 32
    seed: int | np.random.SeedSequence = 0

    def __post_init__(self) -> None:
        listed = isinstance(self.depths, tuple | list)
        demand(listed, "depths", "be a list of depths", repr(self.depths))
        demand(len(self.depths) > 0, "depths", "name at least one stage", self.depths)
        for depth in self.depths:
            whole_number("depths", depth, 0)
        for name in ("epochs", "n_states", "n_eval", "eval_every", "seeds"):
            whole_number(name, getattr(self, name), 1)
        for name in ("learning_rate", "stage_factor"):
            positive(name, getattr(self, name))
        for name in ("decay_epochs", "half_life"):
            if getattr(self, name) is not None:
                positive(name, getattr(self, name))
        for name, known in (
            ("cost", COSTS),
            ("states", STATES),
            ("start", STARTS),
            ("rate", RATES),
        ):
            demand(
                getattr(self, name) in known,
                name,
                f"be one of {', '.join(known)}",
                repr(getattr(self, name)),
            )
        if self.nested:
            demand(
                list(self.depths) == sorted(self.depths), "depths", "rise when nested", self.depths
            )
        object.__setattr__(self, "depths", tuple(self.depths))
        self.ansatz  # noqa: B018  refuses a bad n, layers or entangler now

    @property
    def ansatz(self) -> Ansatz:
        return Ansatz(self.n, self.layers, self.entangler)

    def rate_at(self, stage: int, epoch: int) -> float:
        """Adam's learning rate at an epoch of a stage, both counted from 0.

        `learning_rate` · `stage_factor`^stage · exp(−epoch/`decay_epochs`) · ½^(k/`half_life`), with k the epochs since the
        start of the run, and the cosine where it is asked for. A research log that writes "Adam" names none of these.

        Args:
            stage: index into `depths`.
            epoch: within the stage, in 0 … `epochs` − 1.

        >>> DenoiserConfig(learning_rate=0.03, stage_factor=0.5).rate_at(stage=1, epoch=7)
        0.015
        """
        rate = self.learning_rate * self.stage_factor**stage
        if self.rate == "cosine":
            rate *= 0.5 + 0.5 * np.cos(np.pi * epoch / self.epochs)
        if self.decay_epochs is not None:
            rate *= np.exp(-epoch / self.decay_epochs)
        if self.half_life is not None:
            rate *= 0.5 ** ((stage * self.epochs + epoch) / self.half_life)
        return float(rate)

    def key(self) -> dict:
        """The configuration as plain values, for comparison with a checkpoint."""
        plain = {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in asdict(self).items()
        }
        plain["depths"] = tuple(int(depth) for depth in self.depths)
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


PER_SEED = (
    "train_fidelity",
    "eval_fidelity",
    "average_fidelity",
    "fresh_fidelity",
    "loss",
    "gradient_norm",
    "theta",
)


def join_records(records: Sequence[TrainingRecord]) -> TrainingRecord:
    """Records of one configuration with different seeds as one, their runs in the order given.

    Args:
        records: at least one; the result keeps the `seed` of the first.

    Raises:
        ValueError: no record, or configurations that differ in more than `seeds` and `seed`.
    """
    demand(len(records) > 0, "records", "hold at least one record", "none")
    first = records[0].config
    for record in records:
        same = replace(record.config, seeds=first.seeds, seed=0) == replace(first, seed=0)
        demand(same, "records", "be of one configuration but for seeds and seed", record.config)
    config = replace(first, seeds=sum(record.config.seeds for record in records))
    arrays = {
        name: np.concatenate([getattr(record, name) for record in records]) for name in PER_SEED
    }
    return TrainingRecord(config, **arrays, stage=records[0].stage)


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
