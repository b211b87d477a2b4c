"""Local costs: placeholder until the full module arrives."""

import torch
from torch import Tensor


def product_fidelity(denoiser: Tensor, scrambler: Tensor) -> Tensor:
    """F_loc."""
    from qdm_utils.qubits.entanglement import trace_out

    m = denoiser @ scrambler
    n = m.shape[-1].bit_length() - 1
    total = torch.stack([trace_out(m, j).abs().square().sum((-2, -1)) for j in range(n)]).mean(0)
    return (2**n + total) / (6 * 2 ** (n - 1))
