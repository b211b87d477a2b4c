"""Distances between ensembles of pure states: unbiased MMD² of fidelities, and Wasserstein.

An ensemble is a set of states, or of the measured *branches* of each of S inputs: unnormalised
states (..., S, M, d) whose squared norms are their probabilities, summing to one over the M
outcomes. All are differentiable in the states.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb, exp, lgamma

import numpy as np
import torch
from scipy.special import gammainc
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.mmd import unbiased_mean
from qdm_utils.qubits.states import qubit_count, squared_norms
from qdm_utils.randomness import Seed, generator


@dataclass(frozen=True)
class FidelityKernel:
    """k(F), the mean of the moments Fᵐ and of exp(−(1 − F)/w); positive definite, k(1) = 1.

    The first moment alone sees nothing of an ensemble but its mean density matrix, the second its
    two-copy state, and so on; a finite width sees all moments.

    Args:
        moments: whole numbers m ≥ 1.
        widths: w > 0.

    Raises:
        ValueError: no moment and no width, or one out of range.

    >>> round(FidelityKernel(moments=(1, 2))(torch.tensor(0.5)).item(), 6)
    0.375
    """

    moments: tuple[int, ...] = (1,)
    widths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        demand(bool(self.moments or self.widths), "moments", "not be empty without `widths`", "()")
        for moment in self.moments:
            whole_number("moments", moment, 1)
        for width in self.widths:
            positive("widths", width)

    def __call__(self, fidelity: Tensor) -> Tensor:
        parts = [fidelity**moment if moment > 1 else fidelity for moment in self.moments]
        parts += [((fidelity - 1.0) / width).exp() for width in self.widths]
        return sum(parts[1:], parts[0]) / len(parts)

    def haar_mean(self, d: int) -> float:
        """E k(|⟨φ|ψ⟩|²) for Haar ψ and any φ of dimension d: F is Beta(1, d − 1).

        >>> round(FidelityKernel().haar_mean(4), 6)
        0.25
        """
        whole_number("d", d, 2)
        parts = [1 / comb(d + moment - 1, moment) for moment in self.moments]
        parts += [
            exp(lgamma(d)) * width ** (d - 1) * float(gammainc(d - 1, 1 / width))
            for width in self.widths
        ]
        return sum(parts) / len(parts)


def overlaps(states: Tensor, others: Tensor) -> Tensor:
    """|⟨φ|ψ⟩|² of all pairs, shapes (..., A, d) and (..., B, d) → (..., A, B)."""
    return torch.view_as_real(states @ others.mH).square().sum(-1)


def mmd_squared(states: Tensor, others: Tensor, kernel: FidelityKernel) -> Tensor:
    """Unbiased estimate of the squared maximum mean discrepancy between two ensembles.

    Its mean is 0 for equal ensembles, so that it may be negative.

    Args:
        states, others: independent states of either ensemble, shapes (..., A, d) and (..., B, d),
            A, B ≥ 2.
        kernel: k(F).

    Returns:
        Shape (...).

    Raises:
        ValueError: fewer than two states; states that are not normalised.

    Source: A. Gretton et al., J. Mach. Learn. Res. 13, 723 (2012), eq. 3.

    >>> up, down = torch.tensor([[1, 0j]] * 2), torch.tensor([[0j, 1]] * 3)
    >>> mmd_squared(up, down, FidelityKernel()).item()
    2.0
    """
    return branched_mmd_squared(states.unsqueeze(-2), others, kernel)


def branched_mmd_squared(branches: Tensor, data: Tensor, kernel: FidelityKernel) -> Tensor:
    """As `mmd_squared`, for branches (..., S, M, d) of independent inputs against data (..., B, d).

    It is the mean over all outcomes, weighted with their probabilities: exact in the measurement,
    and differentiable. Branches of one input exclude each other, so that pairs of them are left out
    as a state with itself is.
    """
    norms = squared_norms(data)
    check_ensemble("generated", branches, squared_norms(branches.detach().flatten(-2)))
    check_ensemble("data", data, norms)
    inputs, count = branches.shape[-3], data.shape[-2]
    for name, number in (("generated", inputs), ("data", count)):
        demand(number > 1, name, "hold at least two states", number)
    within, between, data_within = _totals([branches.flatten(-3, -2), data], kernel)
    same_input = _weighted_kernel(branches, branches, kernel).sum((-3, -2, -1))
    return (
        unbiased_mean(within, same_input, inputs)
        - 2 * between / (inputs * count)
        + unbiased_mean(data_within, norms.square().sum(-1), count)
    )


def haar_mmd_squared(data: Tensor, kernel: FidelityKernel) -> Tensor:
    """Unbiased MMD² between the Haar ensemble and data: mean of k over pairs, less E_Haar k.

    No unitary changes it, since a rotated Haar ensemble is the Haar ensemble.

    For the first moment its expectation is Tr ρ² − 1/d, ρ the mean density matrix of the data's
    distribution.

    Args:
        data: independent states, shape (..., B, d), B ≥ 2.
        kernel: k(F).

    Returns:
        Shape (...).

    Raises:
        ValueError: fewer than two states; states that are not normalised.
    """
    norms = squared_norms(data)
    check_ensemble("data", data, norms)
    *_, count, d = data.shape
    demand(count > 1, "data", "hold at least two states", count)
    [total] = _totals([data], kernel)
    return unbiased_mean(total, norms.square().sum(-1), count) - kernel.haar_mean(d)


def mmd_null(
    states: Tensor, others: Tensor, kernel: FidelityKernel, draws: int, seed: Seed
) -> np.ndarray:
    """MMD² of random splittings of the pooled sample: its distribution for equal ensembles.

    Args:
        states, others: shapes (A, d) and (B, d).
        kernel: k(F).
        draws: number of splittings.
        seed: the same seed gives the same splittings.

    Returns:
        Shape (draws,).

    Raises:
        ValueError: fewer than two states; states that are not normalised.

    Source: permutation test, Gretton et al. (2012), section 5.
    """
    draws = whole_number("draws", draws, 1)
    for name, ensemble in (("states", states), ("others", others)):
        check_ensemble(name, ensemble, squared_norms(ensemble))
        demand(len(ensemble) > 1, name, "hold at least two states", len(ensemble))
    a, b = len(states), len(others)
    pooled = torch.cat((states, others))
    gram = kernel(overlaps(pooled, pooled)).double()
    gram.fill_diagonal_(0.0)
    source = generator(seed)
    splittings = [torch.randperm(a + b, generator=source) < a for _ in range(draws)]
    first = torch.stack(splittings).double()
    # The matrix is computed once; a splitting only says which of its blocks are summed.
    rows = first @ gram
    within = (rows * first).sum(-1)
    crossed = (rows * (1 - first)).sum(-1)
    rest = gram.sum() - within - 2 * crossed
    means = unbiased_mean(within, 0.0, a) + unbiased_mean(rest, 0.0, b)
    return (means - 2 * crossed / (a * b)).numpy()


def wasserstein(generated: Tensor, data: Tensor) -> Tensor:
    """Least mean infidelity 1 − |⟨φ|ψ⟩|² at which one ensemble is carried onto the other.

    Args:
        generated: branches, shape (S, M, d), or states, shape (S, d).
        data: states, shape (B, d).

    Returns:
        A scalar, differentiable in costs and probabilities; solved exactly by POT. Biased upward by
        the finite samples.
    """
    import ot  # loads slowly, and only some need it

    branches = generated if generated.ndim == 3 else generated.unsqueeze(-2)
    check_ensemble("generated", branches, squared_norms(branches.flatten(-2)))
    check_ensemble("data", data, squared_norms(data))
    flat = branches.flatten(0, 1)
    weights = squared_norms(flat)
    cost = 1.0 - overlaps(flat, data) / weights.clamp_min(1e-12)[:, None]
    # A branch carries its probability: an unlikely outcome has little to transport.
    carried = (weights / weights.sum()).double()
    wanted = torch.full((len(data),), 1 / len(data), dtype=torch.float64)
    return ot.emd2(carried, wanted, cost.double(), check_marginals=False)


def check_ensemble(name: str, states: Tensor, norms: Tensor) -> None:
    """Refuse states whose total probability is not one."""
    qubit_count(name, states)
    worst = (norms.detach() - 1.0).abs().max().item() if norms.numel() else 0.0
    bound = 1e-8 if states.dtype == torch.complex128 else 1e-3
    demand(worst <= bound, name, f"be normalised within {bound:g}", f"a norm off by {worst:.2g}")


def _totals(ensembles: list[Tensor], kernel: FidelityKernel) -> list[Tensor]:
    """Sums of p p′ k(F) over all pairs, for each ensemble with itself and those that follow it.

    Each has the shape (..., count, d), unnormalised; there are one or two of them.
    """
    if not _compact(kernel, ensembles[0].shape[-1]):
        pairs = combinations_with_replacement(ensembles, 2)
        return [_weighted_kernel(*pair, kernel).sum((-2, -1)) for pair in pairs]
    # A sum of p p′ Fᵐ over pairs is the inner product of two Σ p (|ψ⟩⟨ψ|)^⊗m: for few dimensions it
    # is linear in the number of states, while a kernel with a width needs the matrix of all pairs.
    embedded = [_embedding(states, kernel) for states in ensembles]
    sums = [(one * other).sum(-1) for one, other in combinations_with_replacement(embedded, 2)]
    return [each / len(kernel.moments) for each in sums]


def _compact(kernel: FidelityKernel, d: int) -> bool:
    """Whether moment operators, of d^2m numbers, cost less than the matrix of all pairs."""
    return not kernel.widths and d ** max(kernel.moments) <= 64


def _embedding(states: Tensor, kernel: FidelityKernel) -> Tensor:
    """Σ p (|ψ⟩⟨ψ|)^⊗m for all moments m, their real and imaginary parts as one vector (..., K)."""
    operators = []
    for moment in kernel.moments:
        powers = states
        for _ in range(moment - 1):
            powers = (powers.unsqueeze(-1) * states.unsqueeze(-2)).flatten(-2)
        scaled = powers
        if moment > 1:
            scaled = powers * squared_norms(states)[..., None].clamp_min(1e-12) ** (1 - moment)
        operators.append(torch.view_as_real(scaled.mT @ powers.conj()).flatten(-3))
    return torch.cat(operators, -1) if len(operators) > 1 else operators[0]


def _weighted_kernel(flat: Tensor, others: Tensor, kernel: FidelityKernel) -> Tensor:
    """p p′ k(F) of all pairs of unnormalised states; for the first moment the plain overlap."""
    inner = overlaps(flat, others)
    if kernel == FidelityKernel():
        return inner
    weight = squared_norms(flat)[..., :, None] * squared_norms(others)[..., None, :]
    return weight * kernel(inner / weight.clamp_min(1e-12))
