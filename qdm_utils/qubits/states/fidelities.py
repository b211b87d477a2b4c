"""How close two pure states are, and how close a denoiser comes to undoing a scrambler. Fidelity is the squared overlap."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand
from qdm_utils.qubits.states.checks import check_operators, qubit_count


def fidelity(states: Tensor, others: Tensor) -> Tensor:
    """Squared overlap |⟨φ|ψ⟩|² of pure states.

    Args:
        states, others: amplitudes, shapes (..., 2ⁿ) that broadcast, same dtype.

    Returns:
        Real tensor of the broadcast shape without the last axis.

    Raises:
        ValueError: no amplitudes, different sizes or dtypes.

    >>> round(fidelity(torch.tensor([1, 0j]), torch.tensor([0.6, 0.8j])).item(), 6)
    0.36
    """
    demand(
        qubit_count("states", states) == qubit_count("others", others),
        "others",
        f"have shape (..., {states.shape[-1]})",
        f"shape {tuple(others.shape)}",
    )
    demand(states.dtype == others.dtype, "others", f"be {states.dtype} like `states`", others.dtype)
    return torch.linalg.vecdot(others, states).abs().square()


def average_fidelity(denoiser: Tensor, scrambler: Tensor) -> Tensor:
    """Fidelity of D·U|ψ⟩ with |ψ⟩, averaged over Haar states ψ exactly: (|Tr DU|² + d)/(d(d + 1)).

    Args:
        denoiser, scrambler: unitaries D and U, shapes (..., 2ⁿ, 2ⁿ) that broadcast, same dtype.

    Returns:
        Real tensor of the broadcast leading shape, between 1/(d+1) and 1.

    Raises:
        ValueError: no square matrices, different sizes or dtypes.

    Source: M. A. Nielsen, Phys. Lett. A 303, 249 (2002), eq. 3 for a unitary channel.

    >>> average_fidelity(torch.eye(4) + 0j, torch.eye(4) + 0j).item()
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
    d = denoiser.shape[-1]
    trace = (denoiser * scrambler.mT).sum((-2, -1))  # Tr DU without the product
    return (trace.abs().square() + d) / (d * (d + 1))
