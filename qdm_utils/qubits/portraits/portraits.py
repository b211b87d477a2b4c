"""Portraits of pure states in numbers, and how far a portrait agrees with that of an original."""

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.portraits.correlations import (
    information_of,
    leading_pair,
    mutual_information,
    pair_information,
)
from qdm_utils.qubits.portraits.wigner import discrete_wigner, negative_fraction, wigner_norm
from qdm_utils.qubits.states import (
    check_operators,
    density_matrix,
    entanglement_entropy,
    fidelity,
    haar_states,
    purity,
    qubit_count,
    schmidt_spectrum,
)
from qdm_utils.randomness import Seed


def state_portrait(states: Tensor) -> dict[str, Tensor]:
    """The numbers of a portrait, state by state.

    Args:
        states: amplitudes, shape (..., 2ⁿ), n ≥ 2.

    Returns:
        Tensors of shape (...): "negative" the share of negative Wigner values, "norm" Σ|W|/ΣW, "bits" what the leading pair
        shares, "schmidt" the largest squared Schmidt coefficient and "entropy" (bits) across the middle cut, "purity".

    Raises:
        ValueError: no amplitudes, or a single qubit.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> {name: round(value.item(), 4) for name, value in state_portrait(bell).items()}
    {'negative': 0.25, 'norm': 2.0, 'bits': 2.0, 'schmidt': 0.5, 'entropy': 1.0, 'purity': 1.0}
    """
    n = qubit_count("states", states)
    demand(n >= 2, "states", "have at least 2 qubits", n)
    points = discrete_wigner(states)
    return {
        "negative": negative_fraction(points),
        "norm": wigner_norm(points),
        "bits": pair_information(mutual_information(states)).amax(-1),
        "schmidt": schmidt_spectrum(states, n // 2)[..., 0],
        "entropy": entanglement_entropy(states, n // 2),
        "purity": purity(density_matrix(states)),
    }


def likeness(states: Tensor, originals: Tensor) -> dict[str, Tensor]:
    """How far the portraits of states agree with those of their originals.

    Args:
        states, originals: amplitudes, shapes (..., 2ⁿ) that broadcast, n ≥ 2.

    Returns:
        Tensors of shape (...): "fidelity" squared, "moduli" by `modulus_correlation`, "phases" and "phases, weighted" by
        `phase_error` (radians), "same pair" 1 where the original's leading pair leads and 0 elsewhere, "pair bits" what that
        pair shares in the state.

    Raises:
        ValueError: states of different sizes, or a single qubit.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> round(likeness(bell, bell)["moduli"].item(), 6)
    1.0
    """
    rho, original = density_matrix(states), density_matrix(originals)
    bits, pair = mutual_information(states), leading_pair(mutual_information(originals))
    return {
        "fidelity": fidelity(states, originals),
        "moduli": modulus_correlation(rho, original),
        "phases": phase_error(rho, original),
        "phases, weighted": phase_error(rho, original, weighted=True),
        "same pair": (leading_pair(bits) == pair).all(-1).to(bits.dtype),
        "pair bits": information_of(bits, pair),
    }


def restoration(original: Tensor, scrambled: Tensor, denoised: Tensor) -> dict[str, Tensor]:
    """What denoising brought back, state by state.

    Args:
        original, scrambled, denoised: amplitudes, all of shape (..., 2ⁿ), n ≥ 2.

    Returns:
        Tensors of shape (...): those of `likeness` for the denoised states; "moduli gained", the
        correlation of the moduli less that of the scrambled state; "phases, scrambled" and "phases,
        weighted, scrambled" (radians); "bits of scrambled pair", what the pair that led after scrambling
        shares after denoising; "negative" and "schmidt" of the denoised state as in `state_portrait`;
        "negative gained" over the scrambled state; "between", 1 where the largest Schmidt coefficient
        lies strictly between the other two.

    Raises:
        ValueError: states of different sizes, or a single qubit.

    >>> bell, zero = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j, torch.tensor([1, 0, 0, 0j])
    >>> round(restoration(bell, zero, bell)["negative gained"].item(), 6)
    0.25
    """
    before, after = likeness(scrambled, original), likeness(denoised, original)
    cut = qubit_count("original", original) // 2
    first, middle, last = (
        schmidt_spectrum(states, cut)[..., 0] for states in (original, scrambled, denoised)
    )
    negative, negative_before = (
        negative_fraction(discrete_wigner(states)) for states in (denoised, scrambled)
    )
    scrambled_pair = leading_pair(mutual_information(scrambled))
    return after | {
        "moduli gained": after["moduli"] - before["moduli"],
        "phases, scrambled": before["phases"],
        "phases, weighted, scrambled": before["phases, weighted"],
        "bits of scrambled pair": information_of(mutual_information(denoised), scrambled_pair),
        "negative": negative,
        "negative gained": negative - negative_before,
        "schmidt": last,
        "between": ((last - middle) * (first - last) > 0).to(last.dtype),
    }


def chance_states(originals: Tensor, fidelities: Tensor, seed: Seed) -> Tensor:
    """States with a given fidelity to their originals that are random in every other respect.

    √F·ψ + √(1 − F)·φ, with φ Haar-random among the states orthogonal to the original ψ. What they
    share with the originals they owe to their fidelity alone.

    Args:
        originals: amplitudes ψ of norm 1, shape (..., 2ⁿ), n ≥ 1.
        fidelities: F between 0 and 1, of a shape that broadcasts to (...).
        seed: of the random states.

    Returns:
        Amplitudes of norm 1, shape (..., 2ⁿ).

    Raises:
        ValueError: no amplitudes, or a fidelity outside 0 … 1.

    >>> bell = torch.tensor([1, 0, 0, 1], dtype=torch.complex128) / 2**0.5
    >>> round(fidelity(chance_states(bell, torch.tensor(0.3), seed=1), bell).item(), 6)
    0.3
    """
    n = qubit_count("originals", originals)
    inside = bool(((fidelities >= 0) & (fidelities <= 1)).all())
    demand(inside, "fidelities", "lie in 0 … 1", fidelities)
    lead = originals.shape[:-1]
    other = haar_states(lead.numel(), n, seed).to(originals).reshape(originals.shape)
    other = other - (originals.conj() * other).sum(-1, keepdim=True) * originals
    other = other / torch.linalg.vector_norm(other, dim=-1, keepdim=True)
    share = fidelities[..., None]
    return share.sqrt() * originals + (1 - share).sqrt() * other


def modulus_correlation(rho: Tensor, original: Tensor) -> Tensor:
    """Pearson correlation of |ρ_ij| with the moduli of the original, over all entries.

    Args:
        rho, original: density matrices, shapes (..., d, d) that broadcast.

    Returns:
        Shape (...), 1 for equal moduli whatever the phases; for two independent Haar states 0 on average.

    Raises:
        ValueError: no square matrices or different sizes.

    >>> plus, minus = torch.tensor([[0.8, 0.6], [0.8, -0.6]]) + 0j
    >>> round(modulus_correlation(torch.outer(plus, plus), torch.outer(minus, minus)).item(), 6)
    1.0
    """
    _same_size(rho, original)
    x, y = (matrix.abs().flatten(-2) for matrix in (rho, original))
    x, y = x - x.mean(-1, keepdim=True), y - y.mean(-1, keepdim=True)
    return (x * y).sum(-1) / (x.square().sum(-1) * y.square().sum(-1)).sqrt()


def phase_error(rho: Tensor, original: Tensor, weighted: bool = False) -> Tensor:
    """Mean size of the angle between ρ_ij and the original's entry, over the pairs i < j.

    Args:
        rho, original: density matrices, shapes (..., d, d) that broadcast.
        weighted: weight each entry with the product of the two moduli, so that the phase of an entry close to 0 counts little.

    Returns:
        Radians between 0 and π, shape (...); π/2 on average where the phases are random.

    Raises:
        ValueError: no square matrices or different sizes.

    >>> plus, turned = torch.tensor([[1, 1], [1, 1j]]) / 2**0.5
    >>> round(phase_error(torch.outer(turned, turned.conj()), torch.outer(plus, plus)).item(), 4)
    1.5708
    """
    _same_size(rho, original)
    i, j = torch.triu_indices(rho.shape[-1], rho.shape[-1], 1, device=rho.device)
    turn = rho[..., i, j] * original[..., i, j].conj()
    weight = turn.abs() if weighted else torch.ones_like(turn.real)
    return (turn.angle().abs() * weight).sum(-1) / weight.sum(-1)


def modulus_spread(rho: Tensor) -> Tensor:
    """Coefficient of variation of |ρ_ij| over all entries: 0 for a uniform grey.

    A pure state has √(d²/(Σ_i|ψ_i|)⁴ − 1); with Porter–Thomas populations this tends to √(16/π² − 1) = .788 for large d.

    Args:
        rho: density matrices, shape (..., d, d).

    Returns:
        Shape (...).

    >>> modulus_spread(torch.ones(2, 2) / 2 + 0j).item()
    0.0
    """
    check_operators("rho", rho)
    moduli = rho.abs().flatten(-2)
    return moduli.std(-1, correction=0) / moduli.mean(-1)


def half_gain(times: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """First time at which curves have made half of their way from their first to their last value, linear between samples.

    Args:
        times: increasing, shape (m,).
        curves: shape (..., m); rising or falling.

    Returns:
        Shape (...), in the unit of `times`; NaN for a curve that ends where it began.

    Raises:
        ValueError: fewer than two times, or curves of another length.

    >>> half_gain(np.array([0.0, 10.0, 20.0]), np.array([3.0, 2.0, 1.0])).item()
    10.0
    """
    times, curves = np.asarray(times, dtype=float), np.asarray(curves, dtype=float)
    demand(
        times.ndim == 1 and len(times) > 1 and bool((np.diff(times) > 0).all()),
        "times",
        "increase, shape (m,)",
        times,
    )
    demand(
        curves.shape[-1:] == times.shape,
        "curves",
        f"have shape (..., {len(times)})",
        f"shape {curves.shape}",
    )
    way = curves[..., -1:] - curves[..., :1]
    gain = (curves - curves[..., :1]) / np.where(way == 0, np.nan, way)
    after = np.argmax(gain >= 0.5, axis=-1)[..., None]
    before = np.maximum(after - 1, 0)
    low, high = np.take_along_axis(gain, before, -1), np.take_along_axis(gain, after, -1)
    crossing = times[before] + (0.5 - low) / (high - low) * (times[after] - times[before])
    return crossing[..., 0]


def _same_size(rho: Tensor, original: Tensor) -> None:
    n, other = check_operators("rho", rho), check_operators("original", original)
    demand(
        n == other,
        "original",
        f"have shape (..., {2**n}, {2**n})",
        f"shape {tuple(original.shape)}",
    )
