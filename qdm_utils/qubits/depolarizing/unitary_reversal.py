"""A reverse step that is a unitary circuit, trained by overlap or by trace distance."""

from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.diffusion import fraction
from qdm_utils.optimise import cosine, descend
from qdm_utils.qubits.circuits import Ansatz
from qdm_utils.qubits.states import check_density
from qdm_utils.randomness import Seed

LOSSES = ("infidelity", "trace distance")


@dataclass(frozen=True)
class UnitaryTraining:
    """What a training of reverse unitaries gave.

    Args:
        loss: values before every step and after the last, shape (steps + 1, ..., runs).
        overlap: Tr(target·generated) at the same moments, the fidelity where targets are pure; same
            shape.
        unitaries: the trained circuits, shape (..., runs, 2ⁿ, 2ⁿ).
    """

    loss: Tensor
    overlap: Tensor
    unitaries: Tensor


def reverse_loss(generated: Tensor, target: Tensor, loss: str) -> Tensor:
    """1 − Tr(target·generated), eq. 10 for pure targets, or ½‖generated − target‖₁.

    Args:
        generated, target: Hermitian, shapes (..., 2ⁿ, 2ⁿ) that broadcast. They are not checked:
            this runs at every step.
        loss: "infidelity" or "trace distance".

    Returns:
        Broadcast shape without the last two axes.

    >>> rho = torch.eye(2, dtype=torch.complex128) / 2
    >>> reverse_loss(rho, rho, "infidelity").item(), reverse_loss(rho, rho, "trace distance").item()
    (0.5, 0.0)
    """
    demand(loss in LOSSES, "loss", f"be one of {', '.join(LOSSES)}", repr(loss))
    if loss == "infidelity":
        return 1.0 - (target.mT * generated).sum((-2, -1)).real
    return 0.5 * torch.linalg.eigvalsh(generated - target).abs().sum(-1)


def train_unitary(
    ansatz: Ansatz,
    noisy: Tensor,
    target: Tensor,
    loss: str,
    steps: int,
    rate: float,
    runs: int,
    seed: Seed,
) -> UnitaryTraining:
    """Adam on the angles of U(θ), so that Uρ_tU† comes close to a target; independent runs.

    The loss of a run is its mean over S pairs.

    Args:
        ansatz: the circuit; angles start uniform on the circle.
        noisy: density matrices ρ_t, shape (..., S, 2ⁿ, 2ⁿ); every leading entry is a training of
            its own.
        target: what they should become, a shape that broadcasts with that of `noisy`.
        loss: "infidelity" or "trace distance", see `reverse_loss`.
        steps: Adam steps, ≥ 0.
        rate: learning rate at the start, falling to 0 along half a cosine.
        runs: independent initial angles for each leading entry.
        seed: of the initial angles.

    Raises:
        ValueError: no density matrices, another number of qubits, an unknown loss, sizes out of
            range.
        DivergenceError: a loss that is not finite.

    >>> rho = torch.eye(4, dtype=torch.complex128)[None] / 4
    >>> train_unitary(Ansatz(2, 1), rho, rho, "trace distance", 2, 0.1, 3, seed=1).loss.shape
    torch.Size([3, 3])
    """
    demand(loss in LOSSES, "loss", f"be one of {', '.join(LOSSES)}", repr(loss))
    steps = whole_number("steps", steps, 0)
    runs = whole_number("runs", runs, 1)
    check_density("noisy", noisy)
    check_density("target", target)
    d = 2**ansatz.n
    batched = noisy.ndim > 2 and noisy.shape[-1] == d
    demand(batched, "noisy", f"have shape (..., S, {d}, {d})", f"shape {tuple(noisy.shape)}")
    lead = noisy.shape[:-3]
    angles = ansatz.random_angles(lead.numel() * runs, seed)
    theta = angles.reshape(*lead, runs, *ansatz.shape).requires_grad_()
    # An axis for the runs before that of the pairs; a single target serves all of them as it is.
    noisy = noisy.unsqueeze(-4)
    target = target.unsqueeze(-4) if target.ndim > 2 else target
    overlaps = []

    def mean_loss(step: int) -> Tensor:
        unitary = ansatz.unitary(theta).unsqueeze(-3)
        generated = unitary @ noisy @ unitary.mH
        overlaps.append(1.0 - reverse_loss(generated.detach(), target, "infidelity").mean(-1))
        return reverse_loss(generated, target, loss).mean(-1)

    history = descend([theta], mean_loss, steps, cosine(rate, steps))
    with torch.no_grad():
        last = mean_loss(steps)
        unitaries = ansatz.unitary(theta)
    return UnitaryTraining(torch.stack([*history, last]), torch.stack(overlaps), unitaries)


def trace_distance_law(overlap: ArrayLike, alpha: Tensor | float, d: int) -> Tensor:
    """½‖ρ − |ψ⟩⟨ψ|‖₁ for ρ = α|φ⟩⟨φ| + (1 − α)1/d and |⟨φ|ψ⟩|² = c.

    It is (1 − α)(½ − 1/d) + ½√((1 − α)² + 4α(1 − c)).

    Args:
        overlap: c in [0, 1].
        alpha: what survived, in [0, 1]; broadcasts with `overlap`.
        d: dimension, ≥ 2.

    Returns:
        Broadcast shape. Against the infidelity 1 − αc − (1 − α)/d its slope in c is 1/√((1 − α)² +
        4α(1 − c)) times as
        large: smaller far from the target, up to 1/(1 − α) times larger close to it, and of the
            same sign throughout.

    Raises:
        ValueError: c or α outside [0, 1], or d < 2.

    >>> trace_distance_law(0.0, 1.0, 2).item(), trace_distance_law(1.0, 0.5, 16).item()
    (1.0, 0.46875)
    """
    lost = 1.0 - fraction("alpha", alpha)
    d = whole_number("d", d, 2)
    # Two eigenvalues live in the plane of φ and ψ, the other d − 2 are (1 − α)/d.
    plane = (lost.square() + 4 * (1.0 - lost) * (1.0 - fraction("overlap", overlap))).sqrt()
    return lost * (0.5 - 1.0 / d) + 0.5 * plane


def slope_ratio(overlap: ArrayLike, alpha: Tensor | float) -> Tensor:
    """Gradient of the trace distance over that of the infidelity, 1/√((1 − α)² + 4α(1 − c)).

    See `trace_distance_law`.

    >>> slope_ratio(0.0, 1.0).item(), slope_ratio(1.0, 0.5).item()
    (0.5, 2.0)
    """
    lost = 1.0 - fraction("alpha", alpha)
    return (lost.square() + 4 * (1.0 - lost) * (1.0 - fraction("overlap", overlap))).rsqrt()


def loss_gradients(
    ansatz: Ansatz, theta: Tensor, noisy: Tensor, target: Tensor, loss: str
) -> Tensor:
    """Length of the gradient of a loss over all angles, for one pair of states a draw.

    Args:
        ansatz: the circuit.
        theta: angles, shape (B, L+1, n, 3), float64.
        noisy, target: density matrices, shape (B, 2ⁿ, 2ⁿ).
        loss: "infidelity" or "trace distance".

    Returns:
        Shape (B,), per radian.

    >>> rho = torch.eye(4, dtype=torch.complex128)[None] / 4
    >>> ansatz = Ansatz(2, 1)
    >>> angles = ansatz.random_angles(1, seed=1)
    >>> loss_gradients(ansatz, angles, rho, rho, "infidelity").item() < 1e-12
    True
    """
    theta = theta.detach().requires_grad_()
    unitary = ansatz.unitary(theta)
    values = reverse_loss(unitary @ noisy @ unitary.mH, target, loss)
    (gradient,) = torch.autograd.grad(values.sum(), theta)
    return torch.linalg.vector_norm(gradient.flatten(1), dim=-1)
