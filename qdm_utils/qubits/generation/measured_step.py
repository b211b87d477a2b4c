"""A reverse step of a generator: fresh ancillas, a trainable circuit, a measurement of them.

A step of n_a ancillas has 2^(n_a) Kraus operators, one for each outcome. They give its *branches*,
which are exact in the measurement, its sampled outcomes, and the density of what a chain of steps
makes of Haar states.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.circuits import HardwareEfficient
from qdm_utils.qubits.generation.ensemble_distances import check_ensemble
from qdm_utils.qubits.states import squared_norms


@dataclass(frozen=True)
class MeasuredStep:
    """|ψ⟩ → K_m|ψ⟩/√p_m with probability p_m = ‖K_mψ‖², the result of reading n_a ancillas.

    They start in |0…0⟩ and pass the circuit with the qubits.

    Args:
        n: qubits kept, ≥ 1.
        ancillas: n_a ≥ 0; they are the first, most significant qubits of the circuit. Without any
            the step is unitary.
        layers: L ≥ 1 layers of the hardware-efficient circuit on n + n_a qubits: 2(n + n_a)L
            angles.

    Raises:
        ValueError: n < 1, n_a < 0 or L < 1.

    Source: B. Zhang et al., Phys. Rev. Lett. 132, 100602 (2024), fig. 1 (arXiv:2310.05866).

    >>> MeasuredStep(2, 1, 6).circuit.parameter_count
    36
    """

    n: int
    ancillas: int
    layers: int

    def __post_init__(self) -> None:
        whole_number("n", self.n, 1)
        whole_number("ancillas", self.ancillas, 0)
        whole_number("layers", self.layers, 1)

    @cached_property
    def circuit(self) -> HardwareEfficient:
        """The circuit on ancillas and qubits."""
        return HardwareEfficient(self.n + self.ancillas, self.layers)

    @property
    def outcomes(self) -> int:
        """2^(n_a)."""
        return 2**self.ancillas

    def kraus(self, theta: Tensor) -> Tensor:
        """The operators K_m, Σ K_m†K_m = 1, shape (..., 2^(n_a), 2ⁿ, 2ⁿ).

        Angles have shape (..., L, n + n_a, 2).
        """
        dtype = torch.complex64 if theta.dtype == torch.float32 else torch.complex128
        # The ancillas in |0…0⟩: the first 2ⁿ amplitudes. Rows are the images of the basis states,
        # so that the axis of the input comes last.
        start = torch.eye(2**self.n, self.outcomes * 2**self.n, dtype=dtype)
        images = self.circuit.apply(theta, start)
        return images.unflatten(-1, (self.outcomes, -1)).movedim(-3, -1)

    def branches(self, theta: Tensor, states: Tensor) -> Tensor:
        """All K_m|ψ⟩, not normalised: their squared norms are the probabilities of the outcomes.

        Args:
            theta: angles, shape (..., L, n + n_a, 2).
            states: shape (..., S, 2ⁿ), normalised; leading axes broadcast with those of `theta`.

        Returns:
            Shape (..., S, 2^(n_a), 2ⁿ), differentiable in both.

        Raises:
            ValueError: states that are not normalised or do not fit.
        """
        d = 2**self.n
        fits = states.shape[-1] == d
        demand(fits, "states", f"have {d} amplitudes", f"shape {tuple(states.shape)}")
        check_ensemble("states", states, squared_norms(states))
        flat = self.kraus(theta).flatten(-3, -2)
        return (states @ flat.mT).unflatten(-1, (self.outcomes, -1))


def measure(branches: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """One outcome for each state, drawn with its probability.

    Args:
        branches: shape (..., S, M, d), as of `MeasuredStep.branches`.
        source: of the draws.

    Returns:
        The states after the measurement, normalised, shape (..., S, d), and the outcomes m, shape
        (..., S).
    """
    # The outcome is the number of cumulated probabilities at or below a uniform draw. Their sum is
    # 1 only within rounding, hence the scale and the clamp; what is impossible is never drawn.
    below = squared_norms(branches.detach()).cumsum(-1)
    draws = torch.rand(below.shape[:-1], generator=source, dtype=torch.float64)[..., None]
    outcomes = (draws * below[..., -1:] >= below).sum(-1).clamp_max(branches.shape[-2] - 1)
    return select(branches, outcomes), outcomes


def select(branches: Tensor, outcomes: Tensor) -> Tensor:
    """The states after the given outcomes, normalised.

    Args:
        branches: shape (..., S, M, d), as of `MeasuredStep.branches`.
        outcomes: m of each state, shape (..., S).

    Raises:
        ValueError: an outcome that cannot occur: its probability is 0 within rounding.

    >>> select(torch.tensor([[[0.6, 0j], [0, 0.8]]]), torch.tensor([1]))
    tensor([[0.+0.j, 1.+0.j]])
    """
    index = outcomes[..., None, None].expand(*outcomes.shape, 1, branches.shape[-1])
    chosen = branches.gather(-2, index).squeeze(-2)
    norms = squared_norms(chosen).sqrt()[..., None]
    least = norms.detach().min().item() ** 2 if norms.numel() else 1.0
    demand(least > 1e-14, "outcomes", "be possible", f"an outcome of probability {least:.0e}")
    return chosen / norms


def frozen_probabilities(branches: Tensor) -> Tensor:
    """The same branches with probabilities that no gradient flows through.

    The mean loss of sampled outcomes changes with the angles in two ways: through the states and
    through how often each is drawn. Differentiating drawn states, as a simulation does that
    samples, keeps the first part and omits the second.
    """
    weights = squared_norms(branches)[..., None].clamp_min(1e-12)
    return branches * (weights.detach() / weights).sqrt()


def reachable_fidelity(n: int, ancillas: int, steps: int) -> float:
    """Bound min(1, 2^(n_a T − n)) on the mean fidelity with any one state from Haar inputs.

    The mean input 1/d with the ancillas' |0…0⟩ is flat on d of the d·2^(n_a T) states of all
    qubits, and stays flat on d of them; at most 2^(n_a T) of these belong to the one state.

    >>> reachable_fidelity(2, 1, 1)
    0.5
    """
    n = whole_number("n", n, 1)
    ancillas = whole_number("ancillas", ancillas, 0)
    steps = whole_number("steps", steps, 1)
    return min(1.0, 2.0 ** (ancillas * steps - n))


def chained_kraus(step: MeasuredStep, theta: Tensor) -> Tensor:
    """Operators of a whole chain, one for each record of its T outcomes: products of its steps'.

    Args:
        step: the kind of step.
        theta: angles, shape (T, L, n + n_a, 2); [-1] is applied first.

    Returns:
        Shape (2^(n_a T), 2ⁿ, 2ⁿ).
    """
    first, *others = step.kraus(theta).flip(0)
    for later in others:
        first = (later[:, None] @ first).flatten(0, 1)
    return first


def log_density(kraus: Tensor, states: Tensor) -> Tensor:
    """Log density, relative to Haar, of what measured steps make of Haar states.

    For an invertible K_m, a Haar state ψ taken with its weight ‖K_mψ‖² ends at φ = K_mψ/‖K_mψ‖ with
    the density |det K_m|^(−2) (φ†(K_m K_m†)^(−1) φ)^(−d−1); the outcomes add up. It is the complex
    angular central Gaussian law, weighted.

    Args:
        kraus: shape (M, d, d), Σ K†K = 1.
        states: shape (N, d).
    """
    d = kraus.shape[-1]
    solved = torch.linalg.solve(kraus, states.mT.expand(len(kraus), -1, -1))
    lengths = solved.abs().square().sum(-2).log()
    volumes = torch.linalg.slogdet(kraus).logabsdet
    return torch.logsumexp(-2 * volumes[:, None] - (d + 1) * lengths, 0)
