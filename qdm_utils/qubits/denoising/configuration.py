"""What a denoiser is trained on, for which cost, and at which learning rates."""

from dataclasses import asdict, dataclass
from math import exp, log

import numpy as np
import torch

from qdm_utils.arguments import demand, positive, whole_number, within_memory
from qdm_utils.optimise import cosine, exponential
from qdm_utils.qubits.circuits import Ansatz, gate_bytes
from qdm_utils.randomness import Seed

HIGHEST_RATE = 1000.0  # beyond it single precision loses the angles within a few steps
CHOICES = {
    "cost": ("global", "marginal", "average", "average local"),
    "states": ("haar", "product"),
    "start": ("uniform", "small", "layerwise"),
    "rate": ("constant", "cosine"),
}


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
        cost: what is minimised. "global": infidelity over the training states; "marginal": that of
            their single-qubit marginals; "average": 1 − F_avg over all states, exactly; "average
            local": 1 − `product_fidelity`, that of single qubits over all product states, exactly.
        start: "uniform", angles on [0, 2π); "small", within ±0.1; "layerwise", small, and in each
            stage the rotation layers are released one after the other.
        learning_rate: Adam's.
        rate: "constant", or "cosine" from `learning_rate` to 0 within each stage.
        decay_epochs: τ > 0, the rate falls as exp(−epoch/τ) within each stage and recovers at the
            next; None: it does not.
        stage_factor: > 0, the rate of a stage is that of the stage before times this factor.
        half_life: H > 0 epochs, counted over the whole run, after which the rate has halved; None:
            it does not. The three multiply each other and `rate`, see `rate_at`.
        carry_adam: Adam's moments survive a change of stage (the angles always do).
        n_eval: held-out Haar states.
        eval_every: evaluate at every so many epochs and at the end of a stage.
        seeds: independent runs, each with its own scramblers, states and initial angles.
        seed: root of everything random, a whole number ≥ 0 or a SeedSequence.

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
    seed: Seed = 0

    def __post_init__(self) -> None:
        listed = isinstance(self.depths, tuple | list)
        demand(listed, "depths", "be a list of depths", repr(self.depths))
        demand(len(self.depths) > 0, "depths", "name at least one stage", self.depths)
        for depth in self.depths:
            whole_number("depths", depth, 0)
        for name in ("epochs", "n_states", "n_eval", "eval_every", "seeds"):
            whole_number(name, getattr(self, name), 1)
        for name in ("nested", "fresh_batch", "carry_adam"):
            switch = getattr(self, name)
            demand(isinstance(switch, bool | np.bool_), name, "be True or False", repr(switch))
        for name, known in CHOICES.items():
            value = getattr(self, name)
            demand(value in known, name, f"be one of {', '.join(known)}", repr(value))
        if not isinstance(self.seed, np.random.SeedSequence):
            whole_number("seed", self.seed, 0)
        if self.nested:
            rising = list(self.depths) == sorted(self.depths)
            demand(rising, "depths", "rise when nested", self.depths)
        self._check_rates()
        object.__setattr__(self, "depths", tuple(self.depths))
        self.ansatz  # noqa: B018  refuses a bad n, layers or entangler now
        self._check_memory()

    def _check_rates(self) -> None:
        for name in ("learning_rate", "stage_factor"):
            positive(name, getattr(self, name))
        for name in ("decay_epochs", "half_life"):
            if getattr(self, name) is not None:
                positive(name, getattr(self, name))
        # A power of the factor leaves the floating-point numbers near e^±700.
        last = log(self.learning_rate) + (len(self.depths) - 1) * log(self.stage_factor)
        within = abs(last) < 700.0
        demand(within, "stage_factor", "keep the rates of all stages finite", self.stage_factor)
        for name, highest in (
            ("learning_rate", self.learning_rate),
            ("stage_factor", exp(last)),
        ):
            # Adam turns every angle by about the rate at each step.
            told = f"keep the rate ≤ {HIGHEST_RATE:g} radians a step"
            demand(highest <= HIGHEST_RATE, name, told, f"{getattr(self, name):g}")

    def _check_memory(self) -> None:
        amplitude = torch.complex64.itemsize * float(self.seeds)
        within_memory("n", self.n, amplitude * 4.0**self.n)  # the scramblers' matrices
        within_memory("n_states", self.n_states, amplitude * self.n_states * 2.0**self.n)
        within_memory("n_eval", self.n_eval, amplitude * self.n_eval * 2.0**self.n)
        deepest = max(self.depths)
        needed = gate_bytes(self.n, deepest, self.seeds, torch.complex64)
        within_memory("depths", deepest, needed)

    @property
    def ansatz(self) -> Ansatz:
        """The circuit that is trained."""
        return Ansatz(self.n, self.layers, self.entangler)

    def rate_at(self, stage: int, epoch: int) -> float:
        """Adam's learning rate at an epoch of a stage, both counted from 0.

        `learning_rate` · `stage_factor`^stage · exp(−epoch/`decay_epochs`) · ½^(k/`half_life`),
        with k the epochs since the start of the run, and the cosine where it is asked for. A
        research log that writes "Adam" names none of these.

        Args:
            stage: index into `depths`.
            epoch: within the stage, in 0 … `epochs` − 1.

        >>> DenoiserConfig(learning_rate=0.03, stage_factor=0.5).rate_at(stage=1, epoch=7)
        0.015
        """
        rate = self.learning_rate * self.stage_factor**stage
        if self.rate == "cosine":
            rate = cosine(rate, self.epochs)(epoch)
        if self.decay_epochs is not None:
            rate = exponential(rate, self.decay_epochs)(epoch)
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
