"""Reduced states, entropies (bits), purities, and Page's averages over the Haar measure."""

from collections.abc import Iterable, Sequence
from math import log

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.states.checks import (
    COMPLEX,
    TOLERANCE,
    check_density,
    check_states,
)


def density_matrix(states: Tensor) -> Tensor:
    """|ψ⟩⟨ψ| of pure states (..., 2ⁿ) of norm 1; shape (..., 2ⁿ, 2ⁿ).

    >>> density_matrix(torch.tensor([1, 0j])).real
    tensor([[1., 0.],
            [0., 0.]])
    """
    check_states("states", states)
    return states[..., :, None] * states[..., None, :].conj()


def partial_trace(states: Tensor, keep: int | Sequence[int]) -> Tensor:
    """Reduced density matrices of pure states on some of their qubits.

    Args:
        states: amplitudes, shape (..., 2ⁿ), norm 1.
        keep: the qubits kept, in the order in which they index the result, first the most
            significant.

    Returns:
        Shape (..., 2ᵏ, 2ᵏ) for k qubits kept, trace 1.

    Raises:
        ValueError: no states of norm 1; a qubit twice or outside 0 … n−1.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> partial_trace(bell, keep=0).real
    tensor([[0.5000, 0.0000],
            [0.0000, 0.5000]])
    """
    n = check_states("states", states)
    kept = _qubits("keep", keep, n)
    lead = states.ndim - 1
    order = [*kept, *(q for q in range(n) if q not in kept)]
    axes = states.reshape(*states.shape[:-1], *(2,) * n)
    axes = axes.permute(*range(lead), *(lead + q for q in order))
    # A matrix for each state: its rows are the qubits kept, its columns those traced out.
    rows = axes.reshape(*states.shape[:-1], 2 ** len(kept), -1)
    return rows @ rows.mH


def purity(rho: Tensor) -> Tensor:
    """Tr ρ² of density matrices (..., 2ⁿ, 2ⁿ); real, shape (...).

    >>> purity(torch.eye(2) / 2 + 0j).item()
    0.5
    """
    check_density("rho", rho, double=False)
    return rho.abs().square().sum((-2, -1))


def entropy(rho: Tensor) -> Tensor:
    """Von Neumann entropy −Tr ρ log₂ ρ in bits of density matrices (..., 2ⁿ, 2ⁿ); shape (...).

    >>> entropy(torch.eye(4) / 4 + 0j).item()
    2.0
    """
    check_density("rho", rho, double=False)
    return _entropy(torch.linalg.eigvalsh(rho))


def spectrum_entropy(probabilities: Tensor) -> Tensor:
    """−Σ p log₂ p in bits along the last axis.

    Args:
        probabilities: real, non-negative within rounding (what is below 0 counts as 0), sum 1.

    Raises:
        ValueError: no probabilities.

    >>> spectrum_entropy(torch.tensor([0.5, 0.5, 0.0])).item()
    1.0
    """
    real = isinstance(probabilities, Tensor) and probabilities.dtype in COMPLEX
    demand(real, "probabilities", "be a tensor of float32 or float64", type(probabilities).__name__)
    values = probabilities.detach()
    least = values.min().item() if values.numel() else 0.0
    demand(least >= -TOLERANCE, "probabilities", "be ≥ 0", f"{least:.2g}")
    worst = (values.sum(-1) - 1.0).abs().max().item() if values.numel() else 0.0
    sums = f"sum to 1 within {TOLERANCE:g}"
    demand(worst <= TOLERANCE, "probabilities", sums, f"a sum {worst:.2g} off")
    return _entropy(probabilities)


def _entropy(spectrum: Tensor) -> Tensor:
    tiny = torch.finfo(spectrum.dtype).tiny
    return -torch.xlogy(spectrum, spectrum.clamp_min(tiny)).sum(-1) / log(2)


def schmidt_spectrum(states: Tensor, cut: int) -> Tensor:
    """Squared Schmidt coefficients across the cut after the first qubits, largest first.

    Args:
        states: amplitudes, shape (..., 2ⁿ), norm 1.
        cut: number of qubits on the left, 1 … n−1.

    Returns:
        Shape (..., min(2^cut, 2^(n−cut))), sum 1.

    Raises:
        ValueError: no states of norm 1, or a cut outside 1 … n−1.

    >>> schmidt_spectrum(torch.tensor([1, 0, 0, 0j]), cut=1)
    tensor([1., 0.])
    """
    n = check_states("states", states)
    cut = whole_number("cut", cut, 1)
    demand(cut < n, "cut", f"lie in 1 … {n - 1}", cut)
    return torch.linalg.svdvals(states.unflatten(-1, (2**cut, -1))).square()


def entanglement_entropy(states: Tensor, cut: int) -> Tensor:
    """Entropy in bits of the qubits left of a cut; arguments as `schmidt_spectrum`, shape (...).

    >>> round(entanglement_entropy(torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j, cut=1).item(), 6)
    1.0
    """
    return _entropy(schmidt_spectrum(states, cut))


def page_entropy(d_a: int, d_b: int, *, approximate: bool = False) -> float:
    """Mean entanglement entropy of Haar states of dimension d_a·d_b between the two parts, in bits.

    With m ≤ k the two dimensions it is exactly S = [Σ_{j=k+1}^{mk} 1/j − (m − 1)/(2k)]/ln 2. Often
    quoted is the approximation log₂m − m/(2k ln 2) for 1 ≪ m ≤ k, which for a half chain lies
    0.052, 0.013 and 0.0033 bits below the mean for 4, 6 and 8 qubits.

    Args:
        d_a, d_b: dimensions of the parts, ≥ 1; 2**(n//2) twice for the half chain of an even number
            n of qubits.
        approximate: take the approximation instead of the exact mean.

    Returns:
        Bits. The approximation is negative for m = 1, where the exact mean is 0.

    Raises:
        ValueError: a dimension < 1.

    Source: D. N. Page, Phys. Rev. Lett. 71, 1291 (1993), abstract (approximation) and eq. 13; the
    latter proved by S. Sen, ibid. 77, 1 (1996).

    >>> round(page_entropy(4, 4), 6), round(page_entropy(4, 4, approximate=True), 6)
    (1.330736, 1.278652)
    """
    dimensions = (whole_number("d_a", d_a, 1), whole_number("d_b", d_b, 1))
    m, k = min(dimensions), max(dimensions)
    if approximate:
        return (log(m) - m / (2 * k)) / log(2)
    harmonic = sum(1.0 / j for j in range(k + 1, m * k + 1))
    return (harmonic - (m - 1) / (2 * k)) / log(2)


def page_purity(d_a: int, d_b: int) -> float:
    """Mean purity of a part of a Haar state, exactly: (d_a + d_b)/(d_a·d_b + 1).

    Source: E. Lubkin, J. Math. Phys. 19, 1028 (1978).

    >>> page_purity(4, 4) == 8 / 17
    True
    """
    d_a = whole_number("d_a", d_a, 1)
    d_b = whole_number("d_b", d_b, 1)
    return (d_a + d_b) / (d_a * d_b + 1)


def _qubits(name: str, qubits: int | Sequence[int], n: int) -> list[int]:
    """Qubits as a list of different whole numbers below n; any kind of whole numbers is welcome."""
    asked = list(qubits) if isinstance(qubits, Iterable) else [qubits]
    plain = [int(q) if isinstance(q, Tensor) else q for q in asked]
    chosen = [whole_number(name, q, 0) for q in plain]
    good = all(q < n for q in chosen) and len(set(chosen)) == len(chosen)
    demand(good, name, f"be different qubits among 0 … {n - 1}", qubits)
    return chosen
