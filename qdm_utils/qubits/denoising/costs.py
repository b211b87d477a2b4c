"""Local costs of a denoiser: how well single qubits come back, one by one. A fidelity of 1 is what training aims at."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.states import check_operators, qubit_count


def single_qubit_marginals(states: Tensor) -> Tensor:
    """Reduced density matrices of every single qubit of pure states.

    Args:
        states: amplitudes, shape (..., 2ⁿ).

    Returns:
        Shape (..., n, 2, 2), qubit by qubit, trace 1.

    Raises:
        ValueError: no amplitudes.

    >>> single_qubit_marginals(torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j).real[1]
    tensor([[0.5000, 0.0000],
            [0.0000, 0.5000]])
    """
    n = qubit_count("states", states)
    marginals = []
    for qubit in range(n):
        halves = states.unflatten(-1, (2**qubit, 2, -1)).transpose(-3, -2).flatten(-2)
        marginals.append(halves @ halves.mH)
    return torch.stack(marginals, -3)


def marginal_fidelity(states: Tensor, targets: Tensor) -> Tensor:
    """Uhlmann fidelity of single-qubit marginals, averaged over the qubits: (1/n) Σ_j F(ρ_j, σ_j).

    For two qubit states F = Tr ρσ + 2√(det ρ · det σ). It is 1 for states that share all marginals, however different they
    are as a whole, and linear in the output only where the target's marginals are pure.

    Args:
        states, targets: amplitudes, shapes (..., 2ⁿ) that broadcast, same dtype.

    Returns:
        Real tensor of the broadcast shape without the last axis, in [0, 1]; differentiable. Where both marginals are pure
        the root has no derivative and counts as constant.

    Raises:
        ValueError: no amplitudes, different sizes or dtypes.

    Source: research log, "Where It Breaks", the local cost; Jozsa, J. Mod. Opt. 41, 2315 (1994) for the qubit formula.

    >>> cat = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> odd_cat = torch.tensor([1, 0, 0, -1]) / 2**0.5 + 0j
    >>> round(marginal_fidelity(cat, odd_cat).item(), 6)  # orthogonal states
    1.0
    """
    n, other = qubit_count("states", states), qubit_count("targets", targets)
    demand(n == other, "targets", f"have shape (..., {2**n})", f"shape {tuple(targets.shape)}")
    demand(
        states.dtype == targets.dtype, "targets", f"be {states.dtype} like `states`", targets.dtype
    )
    rho, sigma = single_qubit_marginals(states), single_qubit_marginals(targets)
    overlap = (rho * sigma.conj()).real.sum((-2, -1))
    # Below this the product is rounding, and the root's derivative would be noise divided by nothing.
    floor = torch.finfo(overlap.dtype).eps ** 2
    product = _determinant(rho) * _determinant(sigma)
    root = torch.where(product > floor, product, floor).sqrt() * (product > floor)
    return (overlap + 2 * root).mean(-1)


def product_fidelity(denoiser: Tensor, scrambler: Tensor) -> Tensor:
    """Local fidelity of D·U on products of Haar qubits, averaged over those inputs exactly.

    With W = DU each qubit j sees a channel, the others entering in the maximally mixed state, with average fidelity
    (d + ‖Tr_j W‖²_F)/(6·2ⁿ⁻¹); their mean over j is returned.

    Args:
        denoiser, scrambler: unitaries D and U, shapes (..., 2ⁿ, 2ⁿ) that broadcast, same dtype.

    Returns:
        Real tensor of the broadcast leading shape, between 1/3 and 1; differentiable.

    Raises:
        ValueError: no square matrices, different sizes or dtypes.

    Source: M. A. Nielsen, Phys. Lett. A 303, 249 (2002), eq. 3, for the channel with Kraus operators ⟨a|W|b⟩/√2ⁿ⁻¹.

    >>> round(product_fidelity(torch.eye(8) + 0j, torch.eye(8) + 0j).item(), 6)
    1.0
    """
    n, other = check_operators("denoiser", denoiser), check_operators("scrambler", scrambler)
    demand(n == other, "scrambler", f"act on {n} qubits like `denoiser`", f"{other} qubits")
    demand(
        denoiser.dtype == scrambler.dtype,
        "scrambler",
        f"be {denoiser.dtype} like `denoiser`",
        scrambler.dtype,
    )
    whole, d = denoiser @ scrambler, 2**n
    weights = []
    for qubit in range(n):
        blocks = whole.unflatten(-2, (2**qubit, 2, -1)).unflatten(-1, (2**qubit, 2, -1))
        traced = blocks[..., 0, :, :, 0, :] + blocks[..., 1, :, :, 1, :]
        weights.append(traced.abs().square().sum((-4, -3, -2, -1)))
    return (d + torch.stack(weights, -1).mean(-1)) / (3 * d)


def _determinant(marginals: Tensor) -> Tensor:
    return (marginals[..., 0, 0] * marginals[..., 1, 1]).real - marginals[..., 0, 1].abs().square()
