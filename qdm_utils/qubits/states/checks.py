"""What a tensor must be to count as states, operators, unitaries or density matrices.

The public functions of this room check what they are given at their door, so that a forgotten
normalisation is a sentence and not a fidelity of 4. The checks look at values only and record no
gradient; a training of four qubits pays some percent of its time for them, a larger one less.

One thing passes that is wrong: states or unitaries that carry a gradient may hold NaN. They come
from a circuit that is being trained, and the loop that trains it says which update and which draw
diverged (`qdm_utils.optimise`), which nothing here could.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand

COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}
# Of norms and traces. Long circuits in single precision drift by 1e-5, and in double there are
# states that were single once, or that a finite difference has moved.
TOLERANCE = 1e-4
ROUNDING = 1e-10  # of identities such as U†U = 1 where double precision is asked for


def check_complex(name: str, dtype: torch.dtype) -> None:
    """Refuse a dtype that is not complex64 or complex128."""
    demand(dtype in COMPLEX.values(), name, "be torch.complex64 or torch.complex128", dtype)


def qubit_count(name: str, tensor: Tensor) -> int:
    """n of a complex tensor whose last axis is 2ⁿ, n ≥ 1; its values are not looked at."""
    demand(isinstance(tensor, Tensor), name, "be a torch tensor", type(tensor).__name__)
    known = tensor.dtype in COMPLEX.values()
    demand(known, name, "be complex64 or complex128", tensor.dtype)
    size = tensor.shape[-1] if tensor.ndim else 0
    demand(
        size > 1 and size & (size - 1) == 0,
        name,
        "have 2ⁿ amplitudes along its last axis",
        f"shape {tuple(tensor.shape)}",
    )
    return size.bit_length() - 1


def squared_norms(vectors: Tensor) -> Tensor:
    """‖ψ‖² along the last axis of complex vectors, differentiable.

    Torch takes the moduli of complex numbers one by one, the squares of real ones many at once,
    which makes this tens of times faster than a norm of complex vectors.

    >>> squared_norms(torch.tensor([[3, 4j], [1, 1 + 1j]]))
    tensor([25.,  3.])
    """
    return torch.view_as_real(vectors.resolve_conj()).flatten(-2).square().sum(-1)


def check_states(name: str, states: Tensor) -> int:
    """n of pure states: a complex tensor of shape (..., 2ⁿ) whose vectors have norm 1.

    >>> check_states("states", torch.tensor([1, 1, 1, 1 + 0j]))
    Traceback (most recent call last):
    ValueError: Argument `states` must have norm 1 within 0.0001, but got norm 2
    """
    n = qubit_count(name, states)
    _check_norms(name, states, "have norm 1")
    return n


def pure_state(amplitudes: ArrayLike | Tensor, n: int) -> Tensor:
    """Numbers that somebody typed in, as one pure state of n qubits.

    Args:
        amplitudes: 2ⁿ real or complex numbers of norm 1, qubit 0 the most significant bit.
        n: qubits, ≥ 1.

    Returns:
        Amplitudes, complex128, shape (2ⁿ,).

    Raises:
        ValueError: no numbers, another count of them, or another norm.

    >>> pure_state([0.6, 0.8j], 1)
    tensor([0.6000+0.0000j, 0.0000+0.8000j], dtype=torch.complex128)
    """
    try:
        numbers = np.asarray(amplitudes, dtype=np.complex128)
    except (TypeError, ValueError):
        message = f"Argument `amplitudes` must be numbers, but got {amplitudes!r}"
        raise ValueError(message) from None
    wanted = f"be {2**n} numbers, one for each basis state of {n} qubits"
    demand(numbers.shape == (2**n,), "amplitudes", wanted, f"shape {numbers.shape}")
    state = torch.from_numpy(numbers.copy())
    check_states("amplitudes", state)
    return state


def check_amplitudes(name: str, states: Tensor, n: int, dtype: torch.dtype) -> Tensor:
    """`states` of shape (..., 2ⁿ) and of the given dtype, of any norm; refused otherwise."""
    found = qubit_count(name, states)
    wanted = f"have shape (..., {2**n}) for {n} qubits"
    demand(found == n, name, wanted, f"shape {tuple(states.shape)}")
    demand(states.dtype == dtype, name, f"be {dtype} like the circuit", states.dtype)
    return states


def check_operators(name: str, matrix: Tensor) -> int:
    """n of a complex tensor of shape (..., 2ⁿ, 2ⁿ); its values are not looked at."""
    n = qubit_count(name, matrix)
    square = matrix.ndim >= 2 and matrix.shape[-1] == matrix.shape[-2]
    demand(square, name, "have shape (..., 2ⁿ, 2ⁿ)", f"shape {tuple(matrix.shape)}")
    return n


def check_rows(name: str, matrix: Tensor) -> int:
    """n of matrices (..., 2ⁿ, 2ⁿ) whose rows have norm 1, as those of a unitary have.

    That costs no product of matrices, so that it may stand in a training, and it is enough to keep
    |Tr DU| ≤ d.
    """
    n = check_operators(name, matrix)
    _check_norms(name, matrix, "be unitary, with rows of norm 1")
    return n


def check_unitary(name: str, matrix: Tensor) -> Tensor:
    """`matrix` of shape (..., 2ⁿ, 2ⁿ) with U†U = 1 within rounding, refused otherwise."""
    check_operators(name, matrix)
    one = torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
    worst = _largest(matrix.mH @ matrix - one)
    bound = ROUNDING if matrix.dtype == torch.complex128 else TOLERANCE
    demand(worst <= bound, name, f"be unitary within {bound:g}", f"max |U†U − 1| = {worst:.2g}")
    return matrix


def check_density(name: str, rho: Tensor, double: bool = True) -> Tensor:
    """`rho` of shape (..., 2ⁿ, 2ⁿ), Hermitian, of trace 1 and without negative eigenvalues.

    Args:
        name: of the argument, for the message.
        rho: what should be density matrices.
        double: ask for complex128 and an accuracy of `ROUNDING`, where matrices that differ by
            little are to be told apart; otherwise `TOLERANCE` in either precision.

    Returns:
        `rho` itself.

    Raises:
        ValueError: anything else, by name.
    """
    check_operators(name, rho)
    demand(rho.dtype == torch.complex128 or not double, name, "be complex128", rho.dtype)
    bound = ROUNDING if double else TOLERANCE
    values = rho.detach()
    # The comparisons are written so that NaN fails them.
    skew = _largest(values - values.mH)
    hermitian = f"be Hermitian within {bound:g}"
    demand(skew <= bound, name, hermitian, f"max |ρ − ρ†| = {skew:.2g}")
    trace = torch.einsum("...ii->...", values).real
    off = (trace - 1.0).abs()
    if not bool((off <= bound).all()):
        worst = trace.flatten()[off.flatten().argmax()].item()
        demand(False, name, f"have trace 1 within {bound:g}", f"trace {worst:.12g}")
    # A Cholesky factor of ρ + ε exists where no eigenvalue is below −ε, and is cheaper than a
    # spectrum.
    shift = bound * torch.eye(rho.shape[-1], dtype=rho.dtype, device=rho.device)
    if bool(torch.linalg.cholesky_ex(values + shift).info.any()):
        least = torch.linalg.eigvalsh(values).min().item()
        demand(False, name, "have no negative eigenvalue", f"{least:.2g}")
    return rho


def _check_norms(name: str, vectors: Tensor, requirement: str) -> None:
    norms = squared_norms(vectors.detach()).sqrt()
    if not norms.numel():
        return
    # This stands in every step of a training: two numbers say whether there is anything to say.
    least, most = (end.item() for end in norms.aminmax())
    if 1.0 - least <= TOLERANCE and most - 1.0 <= TOLERANCE:
        return
    if vectors.requires_grad and norms.isnan().any():
        return  # a training that diverged: see the head of this module
    norm = norms.flatten()[(norms - 1.0).abs().argmax()].item()
    demand(False, name, f"{requirement} within {TOLERANCE:g}", f"norm {norm:.6g}")


def _largest(values: Tensor) -> float:
    return values.abs().max().item() if values.numel() else 0.0
