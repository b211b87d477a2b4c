"""The discrete Wigner function of qubits, and how much of it is negative.

A pure state of n qubits becomes a real number for each point of a 2ⁿ × 2ⁿ phase space.
"""

from math import comb, pi, sqrt

import numpy as np
import torch
from scipy.integrate import quad
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.states import PAULIS, check_states, density_matrix

SIGNS = ((1, 1), (1, -1), (-1, 1), (-1, -1))  # (s, s′) of the points of one qubit


def discrete_wigner(states: Tensor) -> Tensor:
    """Discrete Wigner function W = ⟨ψ|⊗_q ½(1 + s_q X + s′_q Y + s_q s′_q Z)|ψ⟩/2ⁿ of pure states.

    The sum over all s′ is the probability of the outcomes s when every qubit is measured in X, the
    sum over all s that of s′ in Y, and the points with s_q s′_q = z_q for all q add up to the
    probability of z in Z.

    Args:
        states: amplitudes, shape (..., 2ⁿ).

    Returns:
        Real, shape (..., 4ⁿ), sum 1 for states of norm 1. The point with index 2ⁿ·a + b has
        s_q = (−1)^(a_q) and s′_q = (−1)^(b_q), where a_q, b_q are the bits of a and b, qubit 0 the
        most significant. A reshape to (..., 2ⁿ, 2ⁿ) is the map of phase space, rows the strings of
        s, columns the strings of s′.

    Raises:
        ValueError: no amplitudes of qubits, no state at all, or another norm than 1.

    Source: W. K. Wootters, Ann. Phys. 176, 1 (1987), products of his function of one qubit, with
    the axes named anew.

    >>> discrete_wigner(torch.tensor([1, 0j]))
    tensor([0.5000, 0.0000, 0.0000, 0.5000])
    """
    n = check_states("states", states)
    demand(states.numel() > 0, "states", "hold at least one state", f"shape {tuple(states.shape)}")
    batch = states.shape[:-1]
    lead = len(batch)
    by_qubit = (*batch, *(2,) * (2 * n))
    rows_and_columns = [axis for q in range(n) for axis in (lead + q, lead + n + q)]
    rho = density_matrix(states).reshape(by_qubit)
    values = rho.permute(*range(lead), *rows_and_columns).flatten(lead)
    kernel = _kernel().to(states)
    # Each round transforms the foremost qubit and sends it to the back: after n rounds all are done
    # and stand in their order again.
    for _ in range(n):
        values = (values.unflatten(-1, (4, -1)).mT @ kernel).flatten(-2)
    s_then_s_prime = [*range(lead, lead + 2 * n, 2), *range(lead + 1, lead + 2 * n, 2)]
    points = values.real.reshape(by_qubit)
    return points.permute(*range(lead), *s_then_s_prime).flatten(lead)


def negative_fraction(wigner: Tensor) -> Tensor:
    """Fraction of phase-space points at which a Wigner function is negative.

    Args:
        wigner: real, shape (..., 4ⁿ).

    Returns:
        Shape (...), between 0 and 1. Values above −64 ε·max|W|, ε the rounding unit, count as the
        zeros that they are for stabiliser states.

    Raises:
        ValueError: not real, not finite, or no 4ⁿ points.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> negative_fraction(discrete_wigner(bell)).item()
    0.25
    """
    _check_points(wigner)
    rounding = 64 * torch.finfo(wigner.dtype).eps * wigner.abs().amax(-1, keepdim=True)
    return (wigner < -rounding).to(wigner.dtype).mean(-1)


def wigner_norm(wigner: Tensor) -> Tensor:
    """Σ|W|/ΣW: 1 for a Wigner function that is a probability distribution, else larger.

    It multiplies for products of states. Arguments, shape and errors as `negative_fraction`.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> round(wigner_norm(discrete_wigner(bell)).item(), 6)
    2.0
    """
    _check_points(wigner)
    return wigner.abs().sum(-1) / wigner.sum(-1)


def haar_negativity(n: int) -> tuple[float, float]:
    """Means over Haar states of `negative_fraction` and `wigner_norm`, without sampling.

    At every point W ∝ Σ_k λ_k p_k, where p_k are the populations in the eigenbasis of the kernel,
    alike for all points up to Pauli operators. For Haar states p_k ∝ independent exponentials, so
    both means are integrals of the characteristic function φ(t) = Π(1 − iλ_k t)⁻¹:
    P(W < 0) = ½ − ∫ Im φ/(πt), and E|Σ λ_k p_k| = (2/π)∫ (1 − Re φ)/t² divided by 2ⁿ.

    Args:
        n: qubits, 1 … 10.

    Returns:
        Mean negative fraction and mean Σ|W|/ΣW.

    Raises:
        ValueError: n outside 1 … 10.

    >>> [round(mean, 4) for mean in haar_negativity(4)]
    [0.4497, 2.9114]
    """
    n = whole_number("n", n, 1)
    demand(n <= 10, "n", "be at most 10", n)
    k = np.arange(n + 1)
    values = (0.5 * (1 + sqrt(3))) ** (n - k) * (0.5 * (1 - sqrt(3))) ** k
    counts = np.array([comb(n, int(j)) for j in k])

    def phi(t: float) -> complex:
        return np.exp(-np.sum(counts * np.log1p(-1j * values * t)))

    # t = tan(u) makes the half-line finite.
    def sign_integrand(u: float) -> float:
        return phi(np.tan(u)).imag / np.tan(u) / np.cos(u) ** 2

    def size_integrand(u: float) -> float:
        return (1 - phi(np.tan(u)).real) / np.sin(u) ** 2

    sign = quad(sign_integrand, 0, pi / 2, limit=400, epsabs=1e-11)[0]
    size = quad(size_integrand, 0, pi / 2, limit=400, epsabs=1e-11)[0]
    return 0.5 - sign / pi, 2 / pi * size


def product_negativity(n: int) -> tuple[float, float]:
    """The means of `haar_negativity` over products of n Haar qubits: ½(1 − 3^(−n/2)) and (2/√3)ⁿ.

    One qubit has W = ¼(1 + √3 u) with u uniform on [−1, 1]; signs and sizes multiply.

    Args:
        n: qubits, ≥ 1.

    Raises:
        ValueError: n < 1.

    >>> [round(mean, 4) for mean in product_negativity(4)]
    [0.4444, 1.7778]
    """
    n = whole_number("n", n, 1)
    return 0.5 * (1 - 3 ** (-n / 2)), (2 / sqrt(3)) ** n


def _check_points(wigner: Tensor) -> None:
    demand(isinstance(wigner, Tensor), "wigner", "be a torch tensor", type(wigner).__name__)
    demand(wigner.is_floating_point(), "wigner", "be float32 or float64", wigner.dtype)
    size = wigner.shape[-1] if wigner.ndim else 0
    points = size > 1 and size & (size - 1) == 0 and size.bit_length() % 2 == 1
    shape = f"shape {tuple(wigner.shape)}"
    demand(points, "wigner", "have 4ⁿ points along its last axis", shape)
    demand(wigner.numel() > 0, "wigner", "hold at least one function", shape)
    demand(bool(torch.isfinite(wigner).all()), "wigner", "be finite", "NaN or infinity")


def _kernel() -> Tensor:
    """One qubit's kernel over 2: rows the entries ρ_ij, columns the points.

    Tr ρA pairs ρ_ij with A_ji, hence the transposes.
    """
    one, x, y, z = PAULIS
    points = [0.25 * (one + s * x + t * y + s * t * z) for s, t in SIGNS]
    return torch.stack([point.T.flatten() for point in points], -1)
