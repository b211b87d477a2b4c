"""The ensembles that QuDDPM learns, and what can be read off them.

Source of all four and of their constants: B. Zhang et al., Phys. Rev. Lett. 132, 100602 (2024),
arXiv:2310.05866.
"""

from math import pi, sin

import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.randomness import Seed, generator

EMPTY = 1e-6  # a basis state with a smaller probability counts as empty


def cluster_states(count: int, n: int, scale: float, seed: Seed) -> Tensor:
    """States around |0…0⟩: other amplitudes are `scale` times a complex normal with E|z|² = 2.

    Args:
        count: number of states.
        n: qubits.
        scale: s > 0; .08 for one qubit and .06 for two give mean fidelities with |0…0⟩ of .987 and
            .979.
        seed: of the draws.

    Returns:
        Amplitudes, complex128, shape (count, 2ⁿ).

    >>> cluster_states(3, 2, 0.06, seed=1).shape
    torch.Size([3, 4])
    """
    count = whole_number("count", count, 0)
    n = whole_number("n", n, 1)
    noise = torch.randn(count, 2**n, 2, generator=generator(seed), dtype=torch.float64)
    states = positive("scale", scale) * torch.view_as_complex(noise)
    states[:, 0] = 1.0
    return states / torch.linalg.vector_norm(states, dim=-1, keepdim=True)


def circle_states(count: int, seed: Seed) -> Tensor:
    """One-qubit states cos φ|0⟩ + sin φ|1⟩, φ uniform: a great circle of the Bloch sphere.

    >>> circle_states(2, seed=1).imag.abs().max().item()
    0.0
    """
    count = whole_number("count", count, 0)
    uniform = torch.rand(count, generator=generator(seed), dtype=torch.float64)
    angles = 2 * torch.pi * uniform
    return torch.stack((angles.cos(), angles.sin()), -1) + 0j


def correlated_noise_states(count: int, seed: Seed) -> Tensor:
    """A two-qubit state turned by exp(−iδ XX) with probability 0.8, else by exp(−iδ ZZ).

    δ is uniform on [−π/3, π/3].

    The state is (√0.1 e^{0.8i}, √0.55 e^{1.7i}, 0, √0.35 e^{2.4i}). There is no half in the
    exponent: XX = ±1, so the state turns by the full angle δ on either side, cos δ − i sin δ XX.
    Turning by ZZ leaves amplitude 10 empty.

    Args:
        count: number of states.
        seed: of the choices and angles.

    Returns:
        Amplitudes, complex128, shape (count, 4).

    >>> correlated_noise_states(2, seed=1).shape
    torch.Size([2, 4])
    """
    count = whole_number("count", count, 0)
    source = generator(seed)
    lengths = torch.tensor([0.1, 0.55, 0.0, 0.35], dtype=torch.float64).sqrt()
    start = torch.polar(lengths, torch.tensor([0.8, 1.7, 0.0, 2.4]).double())
    flips = torch.rand(count, 1, generator=source, dtype=torch.float64) < 0.8
    angles = 2 * torch.pi / 3 * (torch.rand(count, 1, generator=source, dtype=torch.float64) - 0.5)
    parity = torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=torch.float64)
    turned = torch.where(flips, start.flip(-1), parity * start)  # XX ψ or ZZ ψ
    return angles.cos() * start - 1j * angles.sin() * turned


def empty_share(states: Tensor) -> Tensor:
    """Share of states with a probability of |10⟩ below `EMPTY`: 0.2 in correlated noise.

    Args:
        states: amplitudes, shape (..., S, 4).

    Returns:
        Real tensor of shape (...).
    """
    demand(states.shape[-1] == 4, "states", "have two qubits", f"shape {tuple(states.shape)}")
    return (states[..., 2].abs().square() < EMPTY).double().mean(-1)


def inferred_probability(states: Tensor) -> Tensor:
    """The probability p of XX in correlated noise, inferred from the mean probability of |10⟩.

    Turning by XX brings the amplitude √0.55 of |01⟩ to |10⟩, so its mean probability there is p ·
    0.55 ⟨sin² δ⟩, and ⟨sin² δ⟩ = ½ − sin(2π/3)/(4π/3) for δ uniform on [−π/3, π/3].

    Args:
        states: amplitudes, shape (..., S, 4).

    Returns:
        Real tensor of shape (...); above 1 where the states have more of |10⟩ than the data can
        have.

    >>> round(inferred_probability(correlated_noise_states(100_000, seed=1)).item(), 2)
    0.8
    """
    demand(states.shape[-1] == 4, "states", "have two qubits", f"shape {tuple(states.shape)}")
    square_sine = 0.5 - sin(2 * pi / 3) / (4 * pi / 3)
    return states[..., 2].abs().square().mean(-1) / (0.55 * square_sine)


def ising_ground_states(
    count: int, n: int, seed: Seed, low: float = 0.2, high: float = 0.4
) -> Tensor:
    """Ground states of −Σ Z_i Z_{i+1} − g Σ X_i on an open chain, in the ordered phase.

    Args:
        count: number of states.
        n: qubits, ≥ 2.
        seed: of the draws of g.
        low, high: range of the field in units of the coupling.

    Returns:
        Real amplitudes as complex128, the one of |0…0⟩ positive, shape (count, 2ⁿ).

    >>> ising_ground_states(2, 4, seed=1).shape
    torch.Size([2, 16])
    """
    count = whole_number("count", count, 0)
    n = whole_number("n", n, 2)
    demand(0.0 < low <= high, "low", f"lie in (0, {high:g}]", f"{low:g}")
    basis = torch.arange(2**n)
    signs = 1.0 - 2.0 * ((basis[:, None] >> torch.arange(n - 1, -1, -1)) & 1).double()
    coupling = torch.diag(-(signs[:, 1:] * signs[:, :-1]).sum(-1))
    flips = sum(torch.eye(2**n, dtype=torch.float64)[basis ^ (1 << q)] for q in range(n))
    fields = low + (high - low) * torch.rand(count, generator=generator(seed), dtype=torch.float64)
    ground = torch.linalg.eigh(coupling - fields[:, None, None] * flips).eigenvectors[..., 0]
    return ground * ground[:, :1].sign() + 0j


def magnetisation(states: Tensor) -> Tensor:
    """Mean of |Σ Z_i|/n in each state, by which QuDDPM tells the phases; shape (..., 2ⁿ) → (...).

    >>> magnetisation(torch.tensor([1, 0, 0, 0j])).item()
    1.0
    """
    n = states.shape[-1].bit_length() - 1
    ones = ((torch.arange(2**n)[:, None] >> torch.arange(n)) & 1).sum(-1)
    return states.abs().square() @ ((n - 2.0 * ones) / n).abs().to(states.real.dtype)


def bloch_vectors(states: Tensor) -> Tensor:
    """Bloch vectors (⟨X⟩, ⟨Y⟩, ⟨Z⟩) of one-qubit states, shape (..., 2) → (..., 3).

    >>> bloch_vectors(torch.tensor([1, 0j])).tolist()
    [0.0, 0.0, 1.0]
    """
    coherence = 2 * states[..., 0].conj() * states[..., 1]
    height = states[..., 0].abs().square() - states[..., 1].abs().square()
    return torch.stack((coherence.real, coherence.imag, height), -1)
