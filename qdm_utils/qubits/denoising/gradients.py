"""Gradients of a denoiser at random angles: their size, and how it shrinks with more qubits.

A denoiser D(θ) gets states scrambled by U and should give the originals back. Four fidelities
measure that: the squared overlap with the original ("global"), its exact average over Haar states
("average"), the fidelity of single-qubit marginals ("marginal"), and the local fidelity averaged
exactly over products of Haar qubits ("product"). The gradient of a fidelity is minus that of the
infidelity: the variance is the same.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand, positive, real_array, whole_number
from qdm_utils.qubits.circuits import Ansatz, brickwork
from qdm_utils.qubits.denoising.costs import marginal_fidelity, product_fidelity
from qdm_utils.qubits.states import (
    average_fidelity,
    fidelity,
    haar_states,
    haar_unitaries,
    product_states,
)
from qdm_utils.randomness import Seed, spawn

OVER_STATES = {"global": fidelity, "marginal": marginal_fidelity}
EXACT_AVERAGES = {"product": product_fidelity, "average": average_fidelity}
ENSEMBLES = {"haar": haar_states, "product": product_states}
CHUNK = 50  # draws at a time, at most
AMPLITUDES = 2**22  # kept for the backward pass at a time, 64 MiB


class GradientVariance(NamedTuple):
    """Mean and variance of a gradient component over draws and angles; error of the variance.

    The error is a standard error.
    """

    mean: float
    variance: float
    error: float


def parameter_shift(cost: Callable[[Tensor], Tensor], theta: Tensor) -> Tensor:
    """Gradient from values alone: ∂C/∂θ = ½[C(θ + π/2) − C(θ − π/2)], angle by angle.

    Exact for costs linear in the output density matrix, such as the squared overlap and the product
    cost's local fidelity; not for a nonlinear one, such as the Uhlmann fidelity of mixed marginals.

    Args:
        cost: maps angles (K, ..., L+1, n, 3) with a leading draw axis K to values (K, ...).
        theta: angles, shape (..., L+1, n, 3).

    Returns:
        The gradient, shape of `theta`.

    Raises:
        ValueError: `theta` with fewer than three axes, not real, or not finite.

    Source: Mitarai, Negoro, Kitagawa, Fujii, Phys. Rev. A 98, 032309 (2018); research log, "What We
    Built".

    >>> ansatz, target = Ansatz(2, 1), haar_states(1, 2, seed=1)
    >>> infidelity = lambda theta: 1 - fidelity(ansatz.apply(theta, target), target).mean(-1)
    >>> theta = ansatz.random_angles(1, seed=2)[0].requires_grad_()
    >>> infidelity(theta).backward()
    >>> bool((parameter_shift(infidelity, theta.detach()) - theta.grad).abs().max() < 1e-14)
    True
    """
    demand(theta.ndim >= 3, "theta", "have shape (..., L+1, n, 3)", f"shape {tuple(theta.shape)}")
    demand(theta.is_floating_point(), "theta", "be float32 or float64", theta.dtype)
    demand(bool(torch.isfinite(theta).all()), "theta", "be finite", "NaN or infinity")
    one_circuit = theta.shape[-3:]
    lead = (1,) * (theta.ndim - 3)
    count = one_circuit.numel()
    # One row for each angle, shifted by π/2 while the others stay.
    shifts = 0.5 * torch.pi * torch.eye(count, dtype=theta.dtype, device=theta.device)
    parts = []
    with torch.no_grad():
        for shift in shifts.view(-1, *lead, *one_circuit).split(CHUNK):
            parts.append(0.5 * (cost(theta + shift) - cost(theta - shift)))
    return torch.cat(parts).movedim(0, -1).unflatten(-1, one_circuit)


def gradient_variance_law(n: int, n_states: int = 1) -> float:
    """Variance of any gradient component of the global cost, exactly.

    [1/S + (1 − 1/S)/(d² − 1)]/(2(d + 1)²).

    Around the angle's generator a squared overlap is 2 Im(ab*), a and b the amplitudes in its two
    eigenspaces. Haar states give 2E|a|²|b|² = 1/(2(d+1)²) wherever the angle sits. S states share
    the scrambler: what they have in common is the gradient of their average,
    (|Tr DU|² + d)/(d(d+1)), and a Haar DU gives that the variance 1/(2(d²−1)(d+1)²).

    Args:
        n: qubits, ≥ 1.
        n_states: S, Haar states in the cost, all scrambled by one Haar unitary, ≥ 1.

    Raises:
        ValueError: n < 1 or n_states < 1.

    >>> round(gradient_variance_law(4), 6)
    0.00173
    """
    d = 2 ** whole_number("n", n, 1)
    count = whole_number("n_states", n_states, 1)
    return (1 / count + (1 - 1 / count) / (d**2 - 1)) / (2 * (d + 1) ** 2)


def gradient_samples(
    n: int,
    layers: int,
    entangler: str,
    cost: str,
    n_draws: int,
    seed: Seed,
    n_states: int = 1,
    depth: int | None = None,
    spread: float = 2 * torch.pi,
    states: str = "haar",
) -> Tensor:
    """All gradient components of a fidelity at random angles.

    Each draw has angles, states and scrambler of its own.

    Args:
        n, layers, entangler: the circuit, see `Ansatz`.
        cost: "global", "marginal", "product" or "average".
        n_draws: independent draws, ≥ 1.
        seed: of angles, states and scramblers.
        n_states: states averaged over in the cost, ≥ 1; "product" and "average" are exact averages
            and take none.
        depth: half-layers of the brickwork that scrambles; None for a Haar unitary.
        spread: angles are uniform on [−spread/2, spread/2), in radians.
        states: "haar", or "product" for tensor products of Haar qubits; of no effect where the cost
            is an exact average.

    Returns:
        ∂F/∂θ, shape (n_draws, L+1, n, 3), float64.

    Raises:
        ValueError: an unknown cost or kind of states, sizes out of range, spread ≤ 0.

    >>> gradient_samples(2, 1, "chain", "global", n_draws=5, seed=1).shape
    torch.Size([5, 2, 2, 3])
    """
    ansatz = Ansatz(n, layers, entangler)
    costs = [*OVER_STATES, *EXACT_AVERAGES]
    demand(cost in costs, "cost", f"be one of {', '.join(costs)}", repr(cost))
    demand(states in ENSEMBLES, "states", f"be one of {', '.join(ENSEMBLES)}", repr(states))
    n_draws = whole_number("n_draws", n_draws, 1)
    n_states = whole_number("n_states", n_states, 1)
    spread = positive("spread", spread)
    rows = 2**n if cost in EXACT_AVERAGES else n_states
    size = max(1, min(CHUNK, AMPLITUDES // (rows * 2**n * (layers + 1))))
    counts = [min(size, n_draws - start) for start in range(0, n_draws, size)]
    found = []
    for count, child in zip(counts, spawn(seed, len(counts)), strict=True):
        angle_seed, state_seed = spawn(child, 2)
        theta = (ansatz.random_angles(count, angle_seed, spread) - spread / 2).requires_grad_()
        if cost in EXACT_AVERAGES:
            scramblers = _scramblers(n, depth, count, state_seed)
            value = EXACT_AVERAGES[cost](ansatz.unitary(theta), scramblers)
        else:
            draw = ENSEMBLES[states]
            targets, inputs = _scrambled_pairs(n, depth, count, n_states, state_seed, draw)
            value = OVER_STATES[cost](ansatz.apply(theta, inputs), targets).mean(-1)
        # Summed over draws, whose gradients do not mix: each has angles of its own.
        found.append(torch.autograd.grad(value.sum(), theta)[0])
    return torch.cat(found)


def gradient_variance(
    n: int,
    layers: int,
    entangler: str,
    cost: str,
    n_draws: int,
    seed: Seed,
    n_states: int = 1,
    depth: int | None = None,
    spread: float = 2 * torch.pi,
    states: str = "haar",
) -> GradientVariance:
    """Mean and variance of a gradient component, with the standard error of the variance.

    Arguments as `gradient_samples`. Components of one draw are correlated, so the error comes from
    the spread of the draws' mean squares. The mean is 0 by symmetry for uniform angles and is not
    subtracted.

    Raises:
        ValueError: fewer than two draws, and as `gradient_samples`.

    >>> found = gradient_variance(2, 1, "chain", "global", n_draws=400, seed=1)
    >>> abs(found.variance - gradient_variance_law(2)) < 4 * found.error
    True
    """
    whole_number("n_draws", n_draws, 2)
    samples = gradient_samples(
        n, layers, entangler, cost, n_draws, seed, n_states, depth, spread, states
    )
    squares = samples.square().flatten(1).mean(1)
    error = squares.std().item() / n_draws**0.5
    return GradientVariance(samples.mean().item(), squares.mean().item(), error)


def signal_to_noise(n: int, n_states: int) -> float:
    """Gradient of the Haar average over the noise of a fresh batch of S states, close to √S/d.

    Both are root mean squares.

    Args:
        n: qubits, ≥ 1.
        n_states: S, states in a batch, ≥ 1.

    Returns:
        √(S C/(V − C)) with V = 1/(2(d+1)²) the variance for one state and C = V/(d² − 1) that of
        the average.

    Raises:
        ValueError: n < 1 or n_states < 1.

    >>> round(signal_to_noise(8, 10), 4)
    0.0124
    """
    d = 2 ** whole_number("n", n, 1)
    count = whole_number("n_states", n_states, 1)
    return (count / (d**2 - 2)) ** 0.5


def fit_decay(
    sizes: ArrayLike, variances: ArrayLike, errors: ArrayLike
) -> tuple[float, float, float]:
    """Slope of log₂ Var against `sizes`, by least squares.

    Against n an exponential decay is straight, against log₂ n a power law. Every size counts the
    same: no decay here is a straight line, and weights would pull the slope to the small sizes.

    Args:
        sizes: n or log₂ n, at least three values, shape (m,).
        variances, errors: of the gradient and their standard errors, > 0, shape (m,).

    Returns:
        The slope, its standard error from `errors` alone, and χ² per degree of freedom: far above 1
        where the decay is no straight line.

    Raises:
        ValueError: fewer than three points, sizes all alike, shapes that differ, a variance or
            error ≤ 0.

    >>> slope, error, chi2 = fit_decay([1, 2, 3, 4], [0.5, 0.25, 0.125, 0.0625], [0.01] * 4)
    >>> round(slope, 6), round(chi2, 6)
    (-1.0, 0.0)
    """
    x = real_array("sizes", sizes)
    y = real_array("variances", variances)
    e = real_array("errors", errors)
    demand(x.ndim == 1 and len(x) > 2, "sizes", "have shape (m,) with m ≥ 3", f"shape {x.shape}")
    demand(x.min() < x.max(), "sizes", "differ from each other", f"{x}")
    for name, array in (("variances", y), ("errors", e)):
        good = array.shape == x.shape and bool((array > 0).all())
        demand(good, name, f"be positive, of shape {x.shape}", f"{array}")
    sigma = e / (y * np.log(2))  # of log₂ Var
    centred = x - x.mean()
    level = np.log2(y) - np.log2(y).mean()
    slope = np.sum(centred * level) / np.sum(centred**2)
    spread = np.sqrt(np.sum((centred * sigma) ** 2)) / np.sum(centred**2)
    chi2 = np.sum(((level - slope * centred) / sigma) ** 2) / (len(x) - 2)
    return float(slope), float(spread), float(chi2)


def _scramblers(n: int, depth: int | None, count: int, seed: Seed) -> Tensor:
    if depth is None:
        return haar_unitaries(count, 2**n, seed)
    return brickwork(n, depth, seed, count=count).unitary()


def _scrambled_pairs(
    n: int,
    depth: int | None,
    count: int,
    n_states: int,
    seed: Seed,
    draw: Callable[..., Tensor] = haar_states,
) -> tuple[Tensor, Tensor]:
    """States and their scrambled images, each (count, S, 2ⁿ)."""
    state_seed, other_seed = spawn(seed, 2)
    states = draw(count * n_states, n, state_seed).view(count, n_states, -1)
    if depth is not None:
        return states, brickwork(n, depth, other_seed, count=count).apply(states)
    if n_states == 1:
        return states, haar_states(count, n, other_seed).view(count, 1, -1)
    # With states = QR a Haar U takes the frame Q to a Haar frame that knows nothing of R: no
    # 2ⁿ × 2ⁿ matrix is needed. The frame comes from a QR of its own, whose phases are put back as
    # in `haar_unitaries`: LAPACK's choice of them is not Haar.
    triangle = torch.linalg.qr(states.mT).R
    directions = haar_states(count * triangle.shape[1], n, other_seed).view(count, -1, 2**n)
    frame, corner = torch.linalg.qr(directions.mT)
    frame = frame * torch.sgn(torch.diagonal(corner, dim1=-2, dim2=-1))[:, None, :]
    return states, (frame @ triangle).mT
