"""What a circuit can do: the dimension of its tangent space, how well it inverts unitaries."""

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.optimise import cosine, descend
from qdm_utils.qubits.circuits.ansatz import Ansatz, LayeredCircuit
from qdm_utils.qubits.states import average_fidelity
from qdm_utils.randomness import Seed


def tangent_dimension(ansatz: Ansatz, seed: Seed, tolerance: float = 1e-9) -> int:
    """Rank of the Jacobian of U(θ) at random angles.

    It is at most min(parameters, 4ⁿ − 1). Every angle enters as exp(−iθσ/2), so ∂U/∂θ = ½ U(θ + π)
    exactly. U†∂U is the tangent vector; as σ has no trace, it has none, and no direction is that of
    the global phase.

    Args:
        ansatz: the circuit; n ≤ 6 keeps the matrices small.
        seed: of the angles. Any draw gives the generic rank with probability 1.
        tolerance: singular values below this share of the largest count as zero.

    Raises:
        ValueError: more than 6 qubits.

    >>> tangent_dimension(Ansatz(2, 3), seed=1)
    15
    """
    demand(ansatz.n <= 6, "ansatz", "have at most 6 qubits", ansatz.n)
    theta = ansatz.random_angles(1, seed)[0]
    count = ansatz.parameter_count
    turns = torch.pi * torch.eye(count, dtype=theta.dtype).view(count, *ansatz.shape)
    tangents = ansatz.unitary(theta).mH @ ansatz.unitary(theta + turns)
    return int(torch.linalg.matrix_rank(torch.view_as_real(tangents).flatten(1), rtol=tolerance))


def best_inversion(
    circuit: LayeredCircuit,
    unitaries: Tensor,
    starts: int,
    iterations: int,
    seed: Seed,
    rate: float = 0.1,
) -> Tensor:
    """Average fidelity with which the circuit undoes each unitary, after Adam from several starts.

    Args:
        circuit: the trainable circuit.
        unitaries: what to undo, shape (U, 2ⁿ, 2ⁿ), complex128.
        starts: random starts for each unitary, ≥ 1.
        iterations: Adam updates, the rate falling to 0 along half a cosine.
        seed: of the starts.
        rate: learning rate at the start.

    Returns:
        Best F_avg found, a lower bound on the reachable one, shape (U,).

    Raises:
        ValueError: no unitaries, no start or no update.
        DivergenceError: a rate that is far too high.

    >>> chain = Ansatz(2, 3).unitary(torch.zeros(1, 4, 2, 3).double())
    >>> best_inversion(Ansatz(2, 3), chain, starts=4, iterations=150, seed=1).item() > 0.999
    True
    """
    starts = whole_number("starts", starts, 1)
    iterations = whole_number("iterations", iterations, 1)
    theta = circuit.random_angles(len(unitaries) * starts, seed).requires_grad_()
    targets = unitaries.repeat_interleave(starts, 0)

    def closeness() -> Tensor:
        return average_fidelity(circuit.unitary(theta), targets)

    descend([theta], lambda step: -closeness(), iterations, cosine(rate, iterations))
    with torch.no_grad():
        return closeness().view(len(unitaries), starts).amax(-1)
