"""How many directions a circuit can move in: the dimension of its tangent space."""

import torch

from qdm_utils.arguments import demand
from qdm_utils.qubits.ansatz import Ansatz
from qdm_utils.qubits.haar import Seed


def tangent_dimension(ansatz: Ansatz, seed: Seed, tolerance: float = 1e-9) -> int:
    """Rank of the Jacobian of U(θ) at random angles, the global phase left out: at most min(parameters, 4ⁿ − 1).

    Every angle enters as exp(−iθσ/2), so ∂U/∂θ = ½ U(θ + π) exactly; U†∂U without its trace is the tangent vector.

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
    count, d = ansatz.parameter_count, 2**ansatz.n
    turns = torch.pi * torch.eye(count, dtype=theta.dtype).view(count, *ansatz.shape)
    tangents = ansatz.unitary(theta).mH @ ansatz.unitary(theta + turns)
    phases = torch.diagonal(tangents, dim1=-2, dim2=-1).mean(-1)
    tangents = tangents - phases[:, None, None] * torch.eye(d)
    return int(torch.linalg.matrix_rank(torch.view_as_real(tangents).flatten(1), rtol=tolerance))
