"""Portraits of pure states in numbers, and how far a portrait agrees with that of an original."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.portraits.correlations import (
    information_of,
    leading_pair,
    mutual_information,
    pair_information,
)
from qdm_utils.qubits.portraits.moduli_and_phases import modulus_correlation, phase_error
from qdm_utils.qubits.portraits.wigner import discrete_wigner, negative_fraction, wigner_norm
from qdm_utils.qubits.states import (
    check_states,
    density_matrix,
    entanglement_entropy,
    fidelity,
    haar_states,
    purity,
    schmidt_spectrum,
)
from qdm_utils.randomness import Seed


def state_portrait(states: Tensor) -> dict[str, Tensor]:
    """The numbers of a portrait, state by state.

    Args:
        states: amplitudes, shape (..., 2ⁿ), n ≥ 2.

    Returns:
        Tensors of shape (...): "negative" the fraction of negative Wigner values, "norm" Σ|W|/ΣW,
        "bits" what the leading pair shares, "schmidt" the largest squared Schmidt coefficient and
        "entropy" (bits) across the middle cut, "purity".

    Raises:
        ValueError: no amplitudes of norm 1, or a single qubit.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> {name: round(value.item(), 4) for name, value in state_portrait(bell).items()}
    {'negative': 0.25, 'norm': 2.0, 'bits': 2.0, 'schmidt': 0.5, 'entropy': 1.0, 'purity': 1.0}
    """
    n = check_states("states", states)
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


def pictures(state: Tensor) -> dict[str, Tensor]:
    """What the four pictures of one pure state are drawn from.

    Args:
        state: amplitudes, shape (2ⁿ,), n ≥ 2.

    Returns:
        "rho" the density matrix, shape (2ⁿ, 2ⁿ); "wigner" the discrete Wigner function, (4ⁿ,);
        "bits" the mutual information of every two qubits, (n, n); "schmidt" the squared Schmidt
        coefficients across the middle cut, largest first; "purity" Tr ρ², ().

    Raises:
        ValueError: amplitudes of several states or of a single qubit, or another norm than 1.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> pictures(bell)["schmidt"]
    tensor([0.5000, 0.5000])
    """
    n = check_states("state", state)
    demand(state.ndim == 1, "state", "be a single state", f"shape {tuple(state.shape)}")
    demand(n >= 2, "state", "have at least 2 qubits", n)
    rho = density_matrix(state)
    return {
        "rho": rho,
        "wigner": discrete_wigner(state),
        "bits": mutual_information(state),
        "schmidt": schmidt_spectrum(state, n // 2),
        "purity": purity(rho),
    }


def likeness(states: Tensor, originals: Tensor) -> dict[str, Tensor]:
    """How far the portraits of states agree with those of their originals.

    Args:
        states, originals: amplitudes, shapes (..., 2ⁿ) that broadcast, n ≥ 2.

    Returns:
        Tensors of shape (...): "fidelity", the squared overlap; "moduli" by `modulus_correlation`;
        "phases" and "phases, weighted" by `phase_error` (radians); "same pair", 1 where the
        original's leading pair leads and 0 elsewhere; "pair bits", what that pair shares in the
        state.

    Raises:
        ValueError: states of different sizes, no amplitudes of norm 1, or a single qubit.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> round(likeness(bell, bell)["moduli"].item(), 6)
    1.0
    """
    rho = density_matrix(states)
    original = density_matrix(originals)
    bits = mutual_information(states)
    pair = leading_pair(mutual_information(originals))
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
        weighted, scrambled" (radians); "bits of scrambled pair", what the pair that led after
        scrambling shares after denoising; "negative", "norm" and "schmidt" of the denoised state as
        in `state_portrait`; "negative gained" and "norm gained" over the scrambled state;
        "between", 1 where the largest Schmidt coefficient lies strictly between the other two.

    Raises:
        ValueError: states of different sizes, no amplitudes of norm 1, or a single qubit.

    >>> bell, zero = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j, torch.tensor([1, 0, 0, 0j])
    >>> round(restoration(bell, zero, bell)["negative gained"].item(), 6)
    0.25
    """
    before = likeness(scrambled, original)
    after = likeness(denoised, original)
    cut = check_states("original", original) // 2
    first = schmidt_spectrum(original, cut)[..., 0]
    middle = schmidt_spectrum(scrambled, cut)[..., 0]
    last = schmidt_spectrum(denoised, cut)[..., 0]
    points, points_before = discrete_wigner(denoised), discrete_wigner(scrambled)
    negative, norm = negative_fraction(points), wigner_norm(points)
    scrambled_pair = leading_pair(mutual_information(scrambled))
    return after | {
        "moduli gained": after["moduli"] - before["moduli"],
        "phases, scrambled": before["phases"],
        "phases, weighted, scrambled": before["phases, weighted"],
        "bits of scrambled pair": information_of(mutual_information(denoised), scrambled_pair),
        "negative": negative,
        "negative gained": negative - negative_fraction(points_before),
        "norm": norm,
        "norm gained": norm - wigner_norm(points_before),
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
        ValueError: no amplitudes of norm 1, or a fidelity outside 0 … 1.

    >>> bell = torch.tensor([1, 0, 0, 1], dtype=torch.complex128) / 2**0.5
    >>> round(fidelity(chance_states(bell, torch.tensor(0.3), seed=1), bell).item(), 6)
    0.3
    """
    n = check_states("originals", originals)
    lead = originals.shape[:-1]
    demand(lead.numel() > 0, "originals", "hold at least one state", f"shape {tuple(lead)}")
    inside = bool(((fidelities >= 0) & (fidelities <= 1)).all())
    demand(inside, "fidelities", "lie in 0 … 1", fidelities)
    other = haar_states(lead.numel(), n, seed).to(originals).reshape(originals.shape)
    other = other - (originals.conj() * other).sum(-1, keepdim=True) * originals
    other = other / torch.linalg.vector_norm(other, dim=-1, keepdim=True)
    kept = fidelities[..., None]
    return kept.sqrt() * originals + (1 - kept).sqrt() * other
