"""TODO face."""

from qdm_utils.qubits.circuits.ansatz import (
    ENTANGLERS,
    Ansatz,
    HardwareEfficient,
    LayeredCircuit,
    StronglyEntangling,
)
from qdm_utils.qubits.circuits.brickworks import Circuit, brickwork, fuse, layer_bonds
from qdm_utils.qubits.circuits.expressivity import best_inversion, tangent_dimension
from qdm_utils.qubits.circuits.rotations import euler_gates

__all__ = [
    "ENTANGLERS",
    "Ansatz",
    "Circuit",
    "HardwareEfficient",
    "LayeredCircuit",
    "StronglyEntangling",
    "best_inversion",
    "brickwork",
    "euler_gates",
    "fuse",
    "layer_bonds",
    "tangent_dimension",
]
