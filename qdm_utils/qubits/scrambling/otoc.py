"""Out-of-time-order correlators of single circuits: exactly, and estimated from Haar states.

C[W, V] = 1 − Re Tr[W(t)VW(t)V]/2ⁿ with W(t) = U†WU and Paulis W, V on single sites. The average
over brickworks of Haar gates is in `exact_chain`.
"""

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.circuits import Circuit, brickwork
from qdm_utils.qubits.states import (
    apply_paulis,
    check_amplitudes,
    check_states,
    haar_states,
)
from qdm_utils.randomness import Seed, generator, spawn

EXACT_QUBITS = 10  # up to here W(t) itself fits into memory and time
SAMPLED_EXACTLY = 8  # up to here it is also cheaper than enough single estimates


def circuit_otoc(circuit: Circuit) -> Tensor:
    """C_j of a circuit (or each of a batch), W on site 0, averaged over Paulis W and V, exactly.

    Summed over the Paulis of site j, V·V traces that site out: C_j = (4/3)(1 − ‖Tr_j
    W(t)‖²/2^(n+1)), Frobenius norm.

    Args:
        circuit: n ≤ 10 qubits, gates of shape (..., 2ᵏ, 2ᵏ).

    Returns:
        C_j for j = 1 … n−1, real, shape (..., n−1).

    Raises:
        ValueError: more than 10 qubits.

    >>> circuit_otoc(brickwork(3, 0, seed=1))
    tensor([0., 0.], dtype=torch.float64)
    """
    n = _size_for_matrices(circuit)
    back = circuit.adjoint()
    rows = circuit.unitary().mT  # U|x⟩ for each basis state x
    by_pauli = []
    for moved in apply_paulis(rows, 0):
        w = back.apply(moved)  # the rows of W(t)ᵀ, whose partial traces have the same norms
        traced = [_trace_site(w, n, site).abs().square().sum((-2, -1)) for site in range(1, n)]
        by_pauli.append(torch.stack(traced, -1))
    total = by_pauli[0] + by_pauli[1] + by_pauli[2]
    return 4 / 3 * (1 - total / 3 / 2 ** (n + 1))


def circuit_correlators(circuit: Circuit) -> Tensor:
    """F = Tr[W(t)VW(t)V]/2ⁿ of a circuit for all pairs of single-site Paulis, exactly.

    W(t) and V are Hermitian, so F is real. `circuit_otoc` is 1 − F averaged over the Paulis of a
    pair of sites, faster; this serves what is not linear in F, such as 1 − |F|.

    Args:
        circuit: n ≤ 10 qubits, gates of shape (..., 2ᵏ, 2ᵏ).

    Returns:
        Real tensor [..., site of W, Pauli of W, site of V, Pauli of V], shape (..., n, 3, n, 3),
        Paulis in the order X, Y, Z.

    Raises:
        ValueError: more than 10 qubits.

    >>> circuit_correlators(brickwork(2, 0, seed=1))[0, 0]
    tensor([[ 1., -1., -1.],
            [ 1.,  1.,  1.]], dtype=torch.float64)
    """
    n = _size_for_matrices(circuit)
    back = circuit.adjoint()
    rows = circuit.unitary().mT  # U|x⟩ for each basis state x
    by_site = []
    for site in range(n):
        by_pauli = []
        for moved in apply_paulis(rows, site):
            m = _all_paulis(back.apply(moved), n)  # the rows of M = W(t)ᵀVᵀ; Tr MM = Tr W(t)VW(t)V
            by_pauli.append((m * m.mT).sum((-2, -1)).real / 2**n)
        by_site.append(torch.stack(by_pauli))
    return torch.stack(by_site).movedim((0, 1, 2, 3), (-4, -3, -2, -1))


def pauli_otoc(circuit: Circuit, state: Tensor) -> Tensor:
    """Re⟨ψ|W(t)VW(t)V|ψ⟩ of one circuit for all pairs of single-site Paulis.

    A Haar state ψ gives the trace up to 2^(−n/2). With φ = Uψ, w = U†Wφ and B = UVψ the value is
    ⟨Vw|U†WB⟩: 9n² circuit applications for all pairs.

    Args:
        circuit: a single circuit of n qubits.
        state: ψ, shape (2ⁿ,), norm 1.

    Returns:
        Real tensor [site of W, Pauli of W, site of V, Pauli of V], shape (n, 3, n, 3), Paulis in
        the order X, Y, Z.

    Raises:
        ValueError: a state of another size, dtype or norm.

    >>> pauli_otoc(brickwork(3, 2, seed=1), haar_states(1, 3, seed=2)[0]).shape
    torch.Size([3, 3, 3, 3])
    """
    n = circuit.n
    check_amplitudes("state", state, n, circuit.dtype)
    check_states("state", state)
    demand(state.ndim == 1, "state", f"have shape ({2**n},)", f"shape {tuple(state.shape)}")
    back = circuit.adjoint()
    evolved = circuit.apply(_all_paulis(state[None], n).flatten(0, 2))
    phi = circuit.apply(state[None])
    rows = []
    for site in range(n):
        left = back.apply(apply_paulis(phi, site).flatten(0, 1))
        right = back.apply(apply_paulis(evolved, site).flatten(0, 1)).unflatten(0, (3, n, 3))
        both = _all_paulis(left, n).movedim(2, 0)  # (Pauli of W, site of V, Pauli of V, 2ⁿ)
        rows.append(torch.linalg.vecdot(both, right).real)
    return torch.stack(rows)


def sign_otoc(circuit: Circuit, states: Tensor, seed: Seed) -> Tensor:
    """Estimates of C of a circuit, averaged over Paulis W on site 0, V on j, and j = 1 … n−1.

    A Haar state stands for the trace, and one random combination A = Σ ±V of the 3(n−1) Paulis V
    for all of them: averaged over the signs, ⟨ψ|W(t)AW(t)A|ψ⟩ = Σ_{V,V′} ±±′⟨ψ|W(t)VW(t)V′|ψ⟩ keeps
    the terms V = V′ alone. The others are noise, so the estimate is unbiased, at the price of 8
    circuit applications instead of 21(n − 1) or so.

    Args:
        circuit: a single circuit of n qubits.
        states: Haar states, shape (B, 2ⁿ), norm 1.
        seed: of the signs, one set for each state.

    Returns:
        Estimates, shape (B,).

    Raises:
        ValueError: states of another shape, dtype or norm.

    >>> sign_otoc(brickwork(3, 2, seed=1), haar_states(5, 3, seed=2), seed=3).shape
    torch.Size([5])
    """
    n = circuit.n
    check_amplitudes("states", states, n, circuit.dtype)
    check_states("states", states)
    demand(states.ndim == 2, "states", f"have shape (B, {2**n})", f"shape {tuple(states.shape)}")
    count = len(states)
    signs = 2.0 * torch.randint(2, (n - 1, 3, count, 1), generator=generator(seed)) - 1.0
    signs = signs.to(device=states.device, dtype=states.real.dtype)
    forward = circuit.apply(torch.cat((states, _signed(states, signs))))
    moved = apply_paulis(forward, 0).flatten(0, 1)
    back = circuit.adjoint().apply(moved).unflatten(0, (3, 2, count))
    values = [torch.linalg.vecdot(_signed(w, signs), right).real for w, right in back]
    return 1 - torch.stack(values).mean(0) / (3 * (n - 1))


def sampled_otoc(n: int, depth: int, count: int, seed: Seed) -> np.ndarray:
    """The OTOC decay C, averaged over sites j = 1 … n−1 and Paulis, of `count` random brickworks.

    Exact for each circuit up to 8 qubits, with one Haar state and random signs above; single
    precision.

    Args:
        n: qubits, ≥ 2.
        depth: number of half-layers, ≥ 0.
        count: number of independent circuits, ≥ 1.
        seed: of circuits, states and signs.

    Returns:
        Shape (count,); its mean estimates `otoc_exact(n, depth).mean()`.

    Raises:
        ValueError: n < 2, depth < 0 or count < 1.

    >>> sampled_otoc(4, 6, 3, seed=1).shape
    (3,)
    """
    n = whole_number("n", n, 2)
    depth = whole_number("depth", depth, 0)
    count = whole_number("count", count, 1)
    # As many circuits at a time as fit into memory.
    batch = min(count, max(1, 2**22 >> 2 * n)) if n <= SAMPLED_EXACTLY else 1
    sizes = [batch] * (count // batch) + [count % batch] * (count % batch > 0)
    values = []
    for size, child in zip(sizes, spawn(seed, len(sizes)), strict=True):
        circuit_seed, state_seed, sign_seed = spawn(child, 3)
        if n <= SAMPLED_EXACTLY:
            decay = circuit_otoc(brickwork(n, depth, circuit_seed, size, torch.complex64)).mean(-1)
            values += decay.tolist()
        else:
            circuit = brickwork(n, depth, circuit_seed, dtype=torch.complex64)
            state = haar_states(1, n, state_seed, torch.complex64)
            values += sign_otoc(circuit, state, sign_seed).tolist()
    return np.array(values)


def _size_for_matrices(circuit: Circuit) -> int:
    few = circuit.n <= EXACT_QUBITS
    wanted = f"have at most {EXACT_QUBITS} qubits for the exact OTOC"
    demand(few, "circuit", wanted, circuit.n)
    return circuit.n


def _all_paulis(states: Tensor, n: int) -> Tensor:
    """X, Y, Z of every site on states (..., 2ⁿ); shape (n, 3, ..., 2ⁿ)."""
    return torch.stack([apply_paulis(states, site) for site in range(n)])


def _signed(states: Tensor, signs: Tensor) -> Tensor:
    """Σ ±V over the Paulis of the sites 1 … n−1 on states (B, 2ⁿ), signs (n−1, 3, B, 1)."""
    total = torch.zeros_like(states)
    for site, sign in enumerate(signs, start=1):
        total += (sign * apply_paulis(states, site)).sum(0)
    return total


def _trace_site(operators: Tensor, n: int, site: int) -> Tensor:
    """Partial trace over one site of (..., 2ⁿ, 2ⁿ), shape (..., 2^(n−1), 2^(n−1))."""
    # A sum of two views, which for matrices of 2¹⁰ rows is several times faster than a general
    # partial trace.
    sides = (2**site, 2, 2 ** (n - 1 - site))
    blocks = operators.unflatten(-1, sides).unflatten(-4, sides)
    traced = blocks[..., :, 0, :, :, 0, :] + blocks[..., :, 1, :, :, 1, :]
    return traced.flatten(-2).flatten(-3, -2)
