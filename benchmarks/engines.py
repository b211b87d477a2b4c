"""What an engine is for this comparison, and the engine of this package in both precisions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from benchmarks.workloads import LEARNING_RATE, Correlators, Draws, ReverseStep, Training, Workload
from qdm_utils.qubits import Ansatz, Circuit, pauli_otoc
from qdm_utils.qubits.generation import FidelityKernel, branched_mmd_squared
from qdm_utils.qubits.states import COMPLEX, fidelity

Job = Callable[[], Sequence[Any]]
TOLERANCE = {"complex64": 2e-5, "complex128": 1e-10}


class Engine:
    """One competitor; a job is a function that does a workload once and returns what is compared.

    Everything that does not change from one training step to the next (circuits, states, devices)
    is prepared before the job and not timed. W1 and W4 return the loss and its gradients before the
    update, W2 the gradients, W3 the correlators.

    Attributes:
        compiles: whether the first call of a job takes long because it compiles.
    """

    name: str
    precision: str
    compiles = False

    def job(self, workload: Workload) -> Job | None:
        """The job for a workload; None if this engine has no part in it."""
        match workload:
            case Draws():
                return self.draws(workload)
            case Training():
                return self.training(workload)
            case Correlators():
                return self.correlators(workload)
            case ReverseStep():
                return self.reverse_step(workload)

    def training(self, workload: Training) -> Job | None:
        return None

    def draws(self, workload: Draws) -> Job | None:
        return None

    def correlators(self, workload: Correlators) -> Job | None:
        return None

    def reverse_step(self, workload: ReverseStep) -> Job | None:
        return None


class Adam:
    """Adam on a NumPy array, with the defaults of torch."""

    def __init__(self, values: np.ndarray, rate: float = LEARNING_RATE):
        self.values, self.rate, self.count = values, rate, 0
        self.first, self.second = np.zeros_like(values), np.zeros_like(values)

    def step(self, gradient: np.ndarray) -> None:
        self.count += 1
        self.first += 0.1 * (gradient - self.first)
        self.second += 0.001 * (gradient**2 - self.second)
        scale = np.sqrt(self.second / (1 - 0.999**self.count)) + 1e-8
        self.values -= self.rate / (1 - 0.9**self.count) * self.first / scale


class StateByState(Engine):
    """Engines that differentiate the fidelity of one pair of states; mean and Adam are NumPy's."""

    def gradients(
        self, ansatz: Ansatz, inputs: np.ndarray, targets: np.ndarray
    ) -> list[Callable[[np.ndarray], tuple[float, np.ndarray]]]:
        """For each pair of input and target: angles ↦ fidelity and its gradient, flat."""
        raise NotImplementedError

    def training(self, workload: Training) -> Job:
        gradients = self.gradients(workload.ansatz, workload.inputs, workload.targets)
        adam = Adam(workload.angles.copy())

        def step():
            loss, total = _mean_infidelity(gradients, adam.values)
            adam.step(total.reshape(adam.values.shape))
            return loss, total

        return step

    def draws(self, workload: Draws) -> Job | None:
        draws = [
            self.gradients(workload.ansatz, *pair)
            for pair in zip(workload.inputs, workload.targets, strict=True)
        ]
        return lambda: [
            _mean_infidelity(gradients, angles)[1]
            for gradients, angles in zip(draws, workload.angles, strict=True)
        ]


def _mean_infidelity(gradients: list[Callable], angles: np.ndarray) -> tuple[float, np.ndarray]:
    """1 − the mean of the fidelities, and its gradient, flat."""
    values, slopes = zip(*(gradient(angles) for gradient in gradients), strict=True)
    return 1 - np.mean(values), -np.mean(slopes, axis=0)


class TorchEngine(Engine):
    """Engines whose gradients come from torch: they differ in how they apply the ansatz."""

    def __init__(self, precision: str):
        self.precision = precision
        self.dtype = getattr(torch, precision)
        self.real = next(real for real, paired in COMPLEX.items() if paired == self.dtype)

    def circuit(self, workload: Training) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
        """The ansatz on angles (..., L+1, n, 3) and states (..., B, 2ⁿ), leading axes for draws."""
        raise NotImplementedError

    def training(self, workload: Training) -> Job:
        apply, (theta, inputs, targets) = self.circuit(workload), self.tensors(workload)
        return update(theta, lambda: 1 - fidelity(apply(theta, inputs), targets).mean())

    def draws(self, workload: Draws) -> Job:
        apply, (theta, inputs, targets) = self.circuit(workload), self.tensors(workload)

        def gradients():
            losses = 1 - fidelity(apply(theta, inputs), targets).mean(-1)
            return torch.autograd.grad(losses.sum(), theta)

        return gradients

    def branches(
        self, workload: ReverseStep
    ) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
        """Branches (runs, B, 2^(n_a), 2ⁿ) of angles (runs, L, n + n_a, 2), states (runs, B, 2ⁿ)."""
        raise NotImplementedError

    def reverse_step(self, workload: ReverseStep) -> Job:
        branches, (theta, inputs, targets) = self.branches(workload), self.tensors(workload)
        return update(
            theta,
            lambda: branched_mmd_squared(branches(theta, inputs), targets, FidelityKernel()).sum(),
        )

    def tensors(self, workload: Training | ReverseStep) -> list[torch.Tensor]:
        """Angles that require gradients, inputs and targets in this engine's precision."""
        inputs, targets = (
            torch.from_numpy(states).to(self.dtype)
            for states in (workload.inputs, workload.targets)
        )
        return [
            torch.from_numpy(workload.angles).to(self.real, copy=True).requires_grad_(),
            inputs,
            targets,
        ]


def update(theta: torch.Tensor, evaluate: Callable[[], torch.Tensor]) -> Job:
    """Loss, gradients and Adam; returns loss and gradients before the update."""
    optimizer = torch.optim.Adam([theta], lr=LEARNING_RATE, fused=True)

    def step():
        optimizer.zero_grad()
        loss = evaluate()
        loss.backward()
        gradient = theta.grad
        optimizer.step()
        return loss.detach(), gradient

    return step


class Ours(TorchEngine):
    """`Ansatz.apply`, `pauli_otoc` and `MeasuredStep.branches`."""

    def __init__(self, precision: str = "complex64"):
        super().__init__(precision)
        self.name = "this package" if precision == "complex64" else "this package, double"

    def circuit(self, workload: Training) -> Callable:
        return workload.ansatz.apply

    def branches(self, workload: ReverseStep) -> Callable:
        return workload.step.branches

    def correlators(self, workload: Correlators) -> Job:
        steps = tuple(
            (torch.from_numpy(gate).to(self.dtype), first) for gate, first in workload.steps
        )
        state = torch.from_numpy(workload.state).to(self.dtype)
        return lambda: (pauli_otoc(Circuit(workload.n, steps, self.dtype), state),)
