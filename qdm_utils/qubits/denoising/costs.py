"""Local costs of a denoiser: how well single qubits come back, one by one.

Both are fidelities, so 1 is what training aims at; the cost that is minimised is one less this.
"""

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.states import check_rows, check_states


def single_qubit_marginals(states: Tensor) -> Tensor:
    """Reduced density matrices of every single qubit of pure states.

    Args:
        states: amplitudes, shape (..., 2ⁿ).

    Returns:
        Shape (..., n, 2, 2), qubit by qubit, trace 1.

    Raises:
        ValueError: no amplitudes, or another norm than 1.

    >>> single_qubit_marginals(torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j).real[1]
    tensor([[0.5000, 0.0000],
            [0.0000, 0.5000]])
    """
    n = check_states("states", states)
    marginals = []
    for qubit in range(n):
        # Two rows, one for each value of this qubit; the columns are all settings of the others.
        halves = states.unflatten(-1, (2**qubit, 2, -1)).transpose(-3, -2).flatten(-2)
        marginals.append(halves @ halves.mH)
    return torch.stack(marginals, -3)


def marginal_fidelity(states: Tensor, targets: Tensor) -> Tensor:
    """Uhlmann fidelity of single-qubit marginals, averaged over the qubits: (1/n) Σ_j F(ρ_j, σ_j).

    For two qubit states F = Tr ρσ + 2√(det ρ · det σ). It is 1 for states that share all marginals,
    however different they are as a whole, and linear in the output only where the target's
    marginals are pure.

    Args:
        states, targets: amplitudes, shapes (..., 2ⁿ) that broadcast, same dtype.

    Returns:
        Real tensor of the broadcast shape without the last axis, in [0, 1]; differentiable. Where
        both marginals are pure the root has no derivative and counts as constant.

    Raises:
        ValueError: no amplitudes, another norm than 1, different sizes or dtypes.

    Source: research log, "Where It Breaks", the local cost; Jozsa, J. Mod. Opt. 41, 2315 (1994) for
    the qubit formula.

    >>> cat = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> odd_cat = torch.tensor([1, 0, 0, -1]) / 2**0.5 + 0j
    >>> round(marginal_fidelity(cat, odd_cat).item(), 6)  # orthogonal states
    1.0
    """
    n = check_states("states", states)
    same = check_states("targets", targets) == n
    demand(same, "targets", f"have shape (..., {2**n})", f"shape {tuple(targets.shape)}")
    demand(
        states.dtype == targets.dtype, "targets", f"be {states.dtype} like `states`", targets.dtype
    )
    rho = single_qubit_marginals(states)
    sigma = single_qubit_marginals(targets)
    overlap = (rho * sigma.conj()).real.sum((-2, -1))
    # Below this the product is rounding, and its root's derivative noise divided by nothing. Both
    # the root's argument and its value are masked: zero times an infinite derivative would be NaN.
    rounding = torch.finfo(overlap.dtype).eps ** 2
    product = _determinant(rho) * _determinant(sigma)
    root = torch.where(product > rounding, product, rounding).sqrt() * (product > rounding)
    return (overlap + 2 * root).mean(-1)


def product_fidelity(denoiser: Tensor, scrambler: Tensor) -> Tensor:
    """Local fidelity of D·U on products of Haar qubits, averaged over those inputs exactly.

    With W = DU each qubit j sees a channel, the others entering in the maximally mixed state, with
    average fidelity (d + ‖Tr_j W‖²_F)/(6·2ⁿ⁻¹); their mean over j is returned.

    Args:
        denoiser, scrambler: unitaries D and U, shapes (..., 2ⁿ, 2ⁿ) that broadcast, same dtype.

    Returns:
        Real tensor of the broadcast leading shape, between 1/3 and 1; differentiable.

    Raises:
        ValueError: no square matrices with rows of norm 1, different sizes or dtypes.

    Source: M. A. Nielsen, Phys. Lett. A 303, 249 (2002), eq. 3, for the channel with Kraus
    operators ⟨a|W|b⟩/√2ⁿ⁻¹.

    >>> round(product_fidelity(torch.eye(8) + 0j, torch.eye(8) + 0j).item(), 6)
    1.0
    """
    n = check_rows("denoiser", denoiser)
    other = check_rows("scrambler", scrambler)
    demand(n == other, "scrambler", f"act on {n} qubits like `denoiser`", f"{other} qubits")
    demand(
        denoiser.dtype == scrambler.dtype,
        "scrambler",
        f"be {denoiser.dtype} like `denoiser`",
        scrambler.dtype,
    )
    whole = denoiser @ scrambler
    d = 2**n
    weights = []
    for qubit in range(n):
        # The axes of this qubit stand second in the row index and in the column index.
        blocks = whole.unflatten(-2, (2**qubit, 2, -1)).unflatten(-1, (2**qubit, 2, -1))
        traced = blocks[..., 0, :, :, 0, :] + blocks[..., 1, :, :, 1, :]
        weights.append(traced.abs().square().sum((-4, -3, -2, -1)))
    return (d + torch.stack(weights, -1).mean(-1)) / (3 * d)


def _determinant(marginals: Tensor) -> Tensor:
    return (marginals[..., 0, 0] * marginals[..., 1, 1]).real - marginals[..., 0, 1].abs().square()
