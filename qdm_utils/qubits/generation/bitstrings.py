"""MMD² between the bitstrings that two states give when measured, the loss of the research log.

The kernel falls with the Hamming distance h, k = eʰ with 0 ≤ e < 1: a Gaussian of variance σ² has e
= exp(−1/2σ²), and e = 0 asks for equal strings.
"""

from math import exp, sqrt

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.mmd import unbiased_mean
from qdm_utils.qubits.circuits import LayeredCircuit
from qdm_utils.qubits.states import qubit_count, zero_states
from qdm_utils.randomness import Seed, numpy_generator, spawn


def bitstring_mmd_squared(states: Tensor, others: Tensor, decay: float) -> Tensor:
    """Exact MMD² = Σ (p − q)(x) k(x, y) (p − q)(y) of the outcome distributions p and q.

    Args:
        states, others: amplitudes, shapes (..., 2ⁿ) that broadcast.
        decay: e of the kernel.

    Returns:
        Real tensor of the broadcast leading shape; it sees no phase.

    Raises:
        ValueError: e outside [0, 1).

    >>> plus, minus = torch.tensor([0.6, 0.8 + 0j]), torch.tensor([0.6, -0.8 + 0j])
    >>> bitstring_mmd_squared(plus, minus, 0.5).item()
    0.0
    """
    qubit_count("states", states)
    difference = states.abs().square() - others.abs().square()
    return (difference * _smooth(difference, decay)).sum(-1)


def sampled_mmd_squared(
    p: np.ndarray, q: np.ndarray, decay: float, shots: int, draws: int, seed: Seed
) -> np.ndarray:
    """Unbiased estimates of MMD² from so many measured strings of either state.

    Args:
        p, q: outcome distributions, shape (2ⁿ,).
        decay: e of the kernel.
        shots: strings of each state, ≥ 2.
        draws: independent estimates.
        seed: of all strings.

    Returns:
        Shape (draws,).
    """
    shots = whole_number("shots", shots, 2)
    random = numpy_generator(seed)
    counts = [random.multinomial(shots, each / each.sum(), size=draws) for each in (p, q)]
    a, b = (torch.from_numpy(each.astype(np.float64)) for each in counts)
    smooth_b = _smooth(b, decay)
    # A string is as good as itself, k(x, x) = 1, so that `shots` of the pairs within add up to
    # `shots`.
    within = unbiased_mean((a * _smooth(a, decay)).sum(-1), shots, shots)
    others_within = unbiased_mean((b * smooth_b).sum(-1), shots, shots)
    between = (a * smooth_b).sum(-1) / shots**2
    return (within - 2 * between + others_within).numpy()


def strings_needed(p: np.ndarray, q: np.ndarray, decay: float, error: float) -> float:
    """Strings of either state that bring the standard deviation of the unbiased MMD² to `error`.

    With m pairs of strings the variance of the U-statistic is [4(m − 2)ξ₁ + 2ξ₂]/(m(m − 1)), ξ₁ and
    ξ₂ the variances of its kernel h = k(x,x′) + k(y,y′) − k(x,y′) − k(x′,y), of the mean over (x′,
    y′) and of h itself; both are exact here.

    Args:
        p, q: outcome distributions, shape (2ⁿ,).
        decay: e of the kernel.
        error: > 0.

    Source: A. Gretton et al., J. Mach. Learn. Res. 13, 723 (2012), section 6; W. Hoeffding (1948).
    """
    positive("error", error)
    a, b = (torch.from_numpy(each) for each in (p, q))
    smooth_a, smooth_b = (_smooth(each, decay) for each in (a, b))
    contrast = smooth_a - smooth_b
    first = sum((w @ contrast.square() - (w @ contrast).square()).item() for w in (a, b))
    squares = a @ _smooth(a, decay**2) + b @ _smooth(b, decay**2) + 2 * (a @ _smooth(b, decay**2))
    products = (
        2 * (a @ smooth_a) * (b @ smooth_b)
        + 2 * (a @ smooth_b).square()
        - 4 * ((a + b) @ (smooth_a * smooth_b))
    )
    second = (squares + products - ((a - b) @ contrast).square()).item()
    # That this variance is error² is error² m² − (error² + 4ξ₁) m + 8ξ₁ − 2ξ₂ = 0.
    linear = error**2 + 4 * first
    constant = 8 * first - 2 * second
    return (linear + sqrt(max(linear**2 - 4 * error**2 * constant, 0.0))) / (2 * error**2)


def bitstring_gradients(
    circuit: LayeredCircuit, target: Tensor, decay: float, draws: int, seed: Seed
) -> Tensor:
    """Gradients of MMD² between a circuit's strings from |0…0⟩ and a target's, at random angles.

    Args:
        circuit: the trainable circuit.
        target: one state, shape (2ⁿ,), complex128.
        decay: e of the kernel.
        draws: sets of angles, uniform on the circle.
        seed: of the angles.

    Returns:
        Shape (draws, number of angles).
    """
    theta = circuit.random_angles(draws, spawn(seed, 1)[0]).requires_grad_()
    outputs = circuit.apply(theta, zero_states(1, circuit.n))[:, 0]
    values = bitstring_mmd_squared(outputs, target, decay)
    (slopes,) = torch.autograd.grad(values.sum(), theta)
    return slopes.flatten(1)


def decay_of_width(width: float) -> float:
    """e = exp(−1/2w²) of a Gaussian kernel of width w > 0 on the Hamming distance.

    w = 0 gives e = 0, which compares for equality.

    >>> decay_of_width(0.0)
    0.0
    """
    return exp(-1 / (2 * width**2)) if width else 0.0


def _smooth(values: Tensor, decay: float) -> Tensor:
    """The kernel matrix on the last axis of 2ⁿ entries; it is a product over qubits."""
    demand(0.0 <= decay < 1.0, "decay", "lie in [0, 1)", f"{decay:g}")
    shape = values.shape
    n = shape[-1].bit_length() - 1
    for qubit in range(n):
        blocks = values.reshape(*shape[:-1], 2**qubit, 2, -1)
        values = (blocks + decay * blocks.flip(-2)).reshape(shape)
    return values
