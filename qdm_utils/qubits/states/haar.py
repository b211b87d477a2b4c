"""Random states and unitaries: Haar measure, products of Haar qubits, and the fixed start |0…0⟩."""

import torch
from torch import Tensor

from qdm_utils.arguments import whole_number
from qdm_utils.qubits.states.checks import check_complex, squared_norms
from qdm_utils.randomness import Seed, generator


def haar_states(
    count: int,
    n: int,
    seed: Seed,
    dtype: torch.dtype = torch.complex128,
    device: torch.device | str | None = None,
) -> Tensor:
    """Independent pure states of n qubits, uniform on the unit sphere of ℂ^(2ⁿ).

    Args:
        count: number of states, ≥ 0.
        n: qubits, ≥ 1; qubit 0 is the most significant bit.
        seed: the same seed gives the same states in either precision and on every device.
        dtype: torch.complex64 or torch.complex128.
        device: where the result lives.

    Returns:
        Amplitudes, shape (count, 2ⁿ), unit norm.

    Raises:
        ValueError: count < 0, n < 1, or another dtype.

    >>> haar_states(3, 2, seed=7).shape
    torch.Size([3, 4])
    """
    count = whole_number("count", count, 0)
    n = whole_number("n", n, 1)
    states = _gaussian(seed, count, 2**n)
    states /= squared_norms(states).sqrt()[..., None]
    return _cast(states, dtype, device)


def product_states(
    count: int,
    n: int,
    seed: Seed,
    dtype: torch.dtype = torch.complex128,
    device: torch.device | str | None = None,
) -> Tensor:
    """Tensor products of independent Haar qubits; arguments and shape as `haar_states`.

    >>> product_states(3, 2, seed=7).shape
    torch.Size([3, 4])
    """
    count = whole_number("count", count, 0)
    n = whole_number("n", n, 1)
    qubits = _gaussian(seed, n, count, 2)
    qubits /= squared_norms(qubits).sqrt()[..., None]
    states = qubits[0]
    for qubit in qubits[1:]:
        states = (states[:, :, None] * qubit[:, None, :]).flatten(1)
    return _cast(states, dtype, device)


def zero_states(
    count: int,
    n: int,
    dtype: torch.dtype = torch.complex128,
    device: torch.device | str | None = None,
) -> Tensor:
    """`count` copies of |0…0⟩, shape (count, 2ⁿ).

    >>> zero_states(1, 1)
    tensor([[1.+0.j, 0.+0.j]], dtype=torch.complex128)
    """
    count = whole_number("count", count, 0)
    n = whole_number("n", n, 1)
    states = torch.zeros(count, 2**n, dtype=torch.complex128)
    states[:, 0] = 1.0
    return _cast(states, dtype, device)


def haar_unitaries(
    count: int,
    d: int,
    seed: Seed,
    dtype: torch.dtype = torch.complex128,
    device: torch.device | str | None = None,
) -> Tensor:
    """Independent unitaries of U(d), Haar distributed.

    They are the Q of the QR decomposition of complex Gaussian matrices, times the phases of R.

    Args:
        count: number of matrices, ≥ 0.
        d: dimension, ≥ 1.
        seed, dtype, device: as in `haar_states`.

    Returns:
        Unitary matrices, shape (count, d, d). The global phase is random too, which no fidelity or
        correlator sees.

    Raises:
        ValueError: count < 0, d < 1, or another dtype.

    Source: F. Mezzadri, Notices of the AMS 54, 592 (2007).

    >>> haar_unitaries(5, 4, seed=7).shape
    torch.Size([5, 4, 4])
    """
    count = whole_number("count", count, 0)
    d = whole_number("d", d, 1)
    q, r = torch.linalg.qr(_gaussian(seed, count, d, d))
    # Only the decomposition with a positive diagonal of R is unique and inherits the invariance of
    # the Gaussian measure; LAPACK's has a real diagonal of either sign, so its signs go over to Q.
    phases = torch.sgn(torch.diagonal(r, dim1=-2, dim2=-1))
    return _cast(q * phases[:, None, :], dtype, device)


def _gaussian(seed: Seed, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator(seed), dtype=torch.complex128)


def _cast(drawn: Tensor, dtype: torch.dtype, device: torch.device | str | None) -> Tensor:
    check_complex("dtype", dtype)
    return drawn.to(device=device, dtype=dtype)
