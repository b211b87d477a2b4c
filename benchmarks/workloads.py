"""What is measured: the inputs of each workload, double precision, the same for every engine."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from qdm_utils.arguments import demand
from qdm_utils.qubits import Ansatz, brickwork, haar_states
from qdm_utils.qubits.generation import MeasuredStep, cluster_states

LEARNING_RATE = 0.01


@dataclass(frozen=True)
class Training:
    """W1: a training step of the chain ansatz: infidelity of `batch` states, gradients, Adam."""

    n: int
    layers: int
    batch: int
    family: ClassVar[str] = "W1"

    @property
    def title(self) -> str:
        return f"{self.family} n={self.n} L={self.layers} B={self.batch}"

    @cached_property
    def ansatz(self) -> Ansatz:
        return Ansatz(self.n, self.layers)

    @cached_property
    def angles(self) -> np.ndarray:
        """Shape (L+1, n, 3)."""
        return self.ansatz.random_angles(1, seed=1)[0].numpy()

    @cached_property
    def inputs(self) -> np.ndarray:
        """Haar states, shape (B, 2ⁿ)."""
        return haar_states(self.batch, self.n, seed=2).numpy()

    @cached_property
    def targets(self) -> np.ndarray:
        """Haar states, shape (B, 2ⁿ)."""
        return haar_states(self.batch, self.n, seed=3).numpy()


@dataclass(frozen=True)
class Draws(Training):
    """W2: gradients of `draws` circuits, each with its own angles and `batch` inputs and targets.

    The loss of a draw is its mean infidelity.
    """

    draws: int
    family: ClassVar[str] = "W2"

    @property
    def title(self) -> str:
        return f"{self.family} n={self.n} L={self.layers} draws={self.draws} B={self.batch}"

    @cached_property
    def angles(self) -> np.ndarray:
        """Shape (draws, L+1, n, 3)."""
        return self.ansatz.random_angles(self.draws, seed=1).numpy()

    @cached_property
    def inputs(self) -> np.ndarray:
        """Haar states, shape (draws, B, 2ⁿ)."""
        return self._haar(seed=2)

    @cached_property
    def targets(self) -> np.ndarray:
        """Haar states, shape (draws, B, 2ⁿ)."""
        return self._haar(seed=3)

    def _haar(self, seed: int) -> np.ndarray:
        states = haar_states(self.draws * self.batch, self.n, seed)
        return states.view(self.draws, self.batch, -1).numpy()


@dataclass(frozen=True)
class Correlators:
    """W3: Re⟨ψ|W(t)VW(t)V|ψ⟩ of a brickwork and a Haar state for all pairs of Paulis."""

    n: int
    depth: int
    family: ClassVar[str] = "W3"

    @property
    def title(self) -> str:
        return f"{self.family} n={self.n} t={self.depth}"

    @cached_property
    def steps(self) -> list[tuple[np.ndarray, int]]:
        """(4×4 gate, first qubit) in the order of action."""
        return [
            (gate.numpy(), first) for gate, first in brickwork(self.n, self.depth, seed=1).steps
        ]

    @cached_property
    def state(self) -> np.ndarray:
        """Shape (2ⁿ,)."""
        return haar_states(1, self.n, seed=2)[0].numpy()


@dataclass(frozen=True)
class ReverseStep:
    """W4: an update of a measured step of QuDDPM: MMD² of the branches of `batch` states, Adam.

    Circuit and data are those of the two-qubit cluster. `runs` trainings, each with its own angles
    and states, go on at once.
    """

    batch: int
    runs: int
    step: ClassVar[MeasuredStep] = MeasuredStep(2, 1, 6)
    family: ClassVar[str] = "W4"

    @property
    def title(self) -> str:
        step = self.step
        sizes = f"n={step.n}+{step.ancillas} L={step.layers} B={self.batch}"
        return f"{self.family} {sizes} runs={self.runs}"

    @cached_property
    def angles(self) -> np.ndarray:
        """Shape (runs, L, n + n_a, 2)."""
        return self.step.circuit.random_angles(self.runs, seed=1).numpy()

    @cached_property
    def inputs(self) -> np.ndarray:
        """Haar states of the qubits that are kept, shape (runs, B, 2ⁿ)."""
        return (
            haar_states(self.runs * self.batch, self.step.n, seed=2)
            .view(self.runs, self.batch, -1)
            .numpy()
        )

    @cached_property
    def targets(self) -> np.ndarray:
        """Data, shape (runs, B, 2ⁿ)."""
        return (
            cluster_states(self.runs * self.batch, self.step.n, 0.06, seed=3)
            .view(self.runs, self.batch, -1)
            .numpy()
        )


Workload = Training | Draws | Correlators | ReverseStep

WORKLOADS = (
    Training(4, 6, 10),
    Training(8, 8, 10),
    Training(10, 8, 64),
    Draws(8, 8, 1, 200),
    Draws(4, 6, 10, 64),
    Draws(3, 6, 100, 16),
    Correlators(8, 13),
    Correlators(12, 19),
    ReverseStep(100, 1),
    ReverseStep(100, 3),
)
QUICK = (Training(4, 6, 10), Draws(4, 6, 2, 10), Correlators(4, 5), ReverseStep(20, 2))
FAMILIES = ("W1", "W2", "W3", "W4", "cost", "profile")


def select(names: list[str], quick: bool = False) -> list[Workload]:
    """The workloads of the named families, of all if none is named.

    Raises:
        ValueError: an unknown family.
    """
    for name in names:
        demand(name in FAMILIES, "only", f"be one of {', '.join(FAMILIES)}", repr(name))
    return [
        workload
        for workload in (QUICK if quick else WORKLOADS)
        if not names or workload.family in names
    ]
