"""Which qubits of a pure state share information: its correlation graph, in bits."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.states import check_states, entropy, page_entropy, partial_trace


def mutual_information(states: Tensor) -> Tensor:
    """Quantum mutual information I = S_i + S_j − S_ij between every two qubits of pure states.

    Args:
        states: amplitudes, shape (..., 2ⁿ).

    Returns:
        Bits, shape (..., n, n), symmetric, each entry between 0 and 2. The diagonal holds the
        entropies S_i of the single qubits, which is what the formula gives for i = j.

    Raises:
        ValueError: no amplitudes of qubits, no state at all, or another norm than 1.

    >>> bell = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j
    >>> mutual_information(bell)
    tensor([[1.0000, 2.0000],
            [2.0000, 1.0000]])
    """
    n = check_states("states", states)
    demand(states.numel() > 0, "states", "hold at least one state", f"shape {tuple(states.shape)}")
    single = torch.stack([entropy(partial_trace(states, q)) for q in range(n)], -1)
    bits = torch.diag_embed(single)
    for i in range(n):
        for j in range(i):
            shared = single[..., i] + single[..., j] - entropy(partial_trace(states, (i, j)))
            bits[..., i, j] = shared
            bits[..., j, i] = shared
    return bits


def haar_mutual_information(n: int) -> float:
    """Mean mutual information of two qubits of a Haar state of n qubits, exactly, in bits.

    2·S(2, 2ⁿ⁻¹) − S(4, 2ⁿ⁻²), where S is Page's mean entropy, see `page_entropy`.

    Args:
        n: qubits, ≥ 2.

    Raises:
        ValueError: n < 2.

    >>> round(haar_mutual_information(4), 4)
    0.4016
    """
    n = whole_number("n", n, 2)
    return 2 * page_entropy(2, 2 ** (n - 1)) - page_entropy(4, 2 ** (n - 2))


def pair_information(bits: Tensor) -> Tensor:
    """The pairs of `mutual_information` in a row, in the order 01, 02, …, 12, ….

    Args:
        bits: mutual information, shape (..., n, n), n ≥ 2.

    Returns:
        Bits, shape (..., n(n−1)/2).

    Raises:
        ValueError: no square matrices, a single qubit, or numbers that are not finite.

    >>> pair_information(torch.tensor([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]]))
    tensor([1., 2., 3.])
    """
    i, j = _pairs(bits)
    return bits[..., i, j]


def leading_pair(bits: Tensor) -> Tensor:
    """The pair of qubits i < j that share most information.

    Args:
        bits: mutual information, shape (..., n, n), n ≥ 2; its diagonal is not looked at.

    Returns:
        Qubits i and j, whole numbers, shape (..., 2).

    Raises:
        ValueError: no square matrices, a single qubit, or numbers that are not finite.

    >>> leading_pair(torch.tensor([[9.0, 1.0, 2.0], [1.0, 9.0, 3.0], [2.0, 3.0, 9.0]]))
    tensor([1, 2])
    """
    i, j = _pairs(bits)
    best = bits[..., i, j].argmax(-1)
    return torch.stack([i[best], j[best]], -1)


def information_of(bits: Tensor, pair: Tensor) -> Tensor:
    """What given pairs of qubits share.

    Args:
        bits: mutual information, shape (..., n, n).
        pair: qubits, whole numbers 0 … n−1, shape (..., 2); leading axes broadcast with those of
            `bits`.

    Returns:
        Bits, shape (...).

    Raises:
        ValueError: no square matrices, or no pairs of its qubits.

    >>> bits = torch.tensor([[9.0, 1.0, 2.0], [1.0, 9.0, 3.0], [2.0, 3.0, 9.0]])
    >>> information_of(bits, torch.tensor([1, 2])).item()
    3.0
    """
    _pairs(bits)
    n = bits.shape[-1]
    whole = isinstance(pair, Tensor) and pair.dtype == torch.int64 and pair.shape[-1:] == (2,)
    demand(
        whole and bool(((pair >= 0) & (pair < n)).all()),
        "pair",
        f"hold two qubits of 0 … {n - 1}, shape (..., 2)",
        pair,
    )
    place = (pair[..., 0] * n + pair[..., 1])[..., None]
    lead = torch.broadcast_shapes(place.shape[:-1], bits.shape[:-2])
    return bits.flatten(-2).expand(*lead, n * n).gather(-1, place.expand(*lead, 1))[..., 0]


def _pairs(bits: Tensor) -> tuple[Tensor, Tensor]:
    demand(isinstance(bits, Tensor), "bits", "be a torch tensor", type(bits).__name__)
    n = bits.shape[-1] if bits.ndim else 0
    square = bits.ndim >= 2 and bits.shape[-2] == n >= 2 and bits.numel() > 0
    demand(square, "bits", "have shape (..., n, n) with n ≥ 2", f"shape {tuple(bits.shape)}")
    demand(bool(torch.isfinite(bits).all()), "bits", "be finite", "NaN or infinity")
    i, j = torch.triu_indices(n, n, 1, device=bits.device)
    return i, j
