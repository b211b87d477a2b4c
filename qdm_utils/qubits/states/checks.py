"""Checks on tensors of states and operators, in the grammar of `arguments`."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand

COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}


def check_complex(name: str, dtype: torch.dtype) -> None:
    """Refuse a dtype that is not complex64 or complex128."""
    demand(dtype in COMPLEX.values(), name, "be torch.complex64 or torch.complex128", dtype)


def qubit_count(name: str, tensor: Tensor) -> int:
    """n of a complex tensor whose last axis is 2ⁿ, n ≥ 1."""
    demand(isinstance(tensor, Tensor), name, "be a torch tensor", type(tensor).__name__)
    demand(tensor.is_complex(), name, "be complex64 or complex128", tensor.dtype)
    size = tensor.shape[-1] if tensor.ndim else 0
    demand(
        size > 1 and size & (size - 1) == 0,
        name,
        "have 2ⁿ amplitudes along its last axis",
        f"shape {tuple(tensor.shape)}",
    )
    return size.bit_length() - 1


def check_states(name: str, states: Tensor, n: int, dtype: torch.dtype) -> Tensor:
    """`states` of shape (..., 2ⁿ) and of the given dtype, refused otherwise."""
    found = qubit_count(name, states)
    demand(
        found == n, name, f"have shape (..., {2**n}) for {n} qubits", f"shape {tuple(states.shape)}"
    )
    demand(states.dtype == dtype, name, f"be {dtype} like the circuit", states.dtype)
    return states


def check_operators(name: str, matrix: Tensor) -> int:
    """n of a complex tensor of shape (..., 2ⁿ, 2ⁿ)."""
    n = qubit_count(name, matrix)
    square = matrix.ndim >= 2 and matrix.shape[-1] == matrix.shape[-2]
    demand(square, name, "have shape (..., 2ⁿ, 2ⁿ)", f"shape {tuple(matrix.shape)}")
    return n


def check_unitary(name: str, matrix: Tensor) -> Tensor:
    """`matrix` of shape (..., 2ⁿ, 2ⁿ) with U†U = 1 within rounding, refused otherwise."""
    check_operators(name, matrix)
    residual = (
        matrix.mH @ matrix - torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
    ).abs()
    worst = residual.max().item() if residual.numel() else 0.0
    bound = 1e-10 if matrix.dtype == torch.complex128 else 1e-4
    demand(worst <= bound, name, f"be unitary within {bound:g}", f"max |U†U − 1| = {worst:.2g}")
    return matrix
