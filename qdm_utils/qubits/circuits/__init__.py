"""Circuits on states: the brickwork that scrambles, and the trainable circuits that undo it.

- `brickworks`: `Circuit`, gates on neighbouring qubits, and `brickwork`, random ones of Haar gates.
- `ansatz`: the trainable circuits, layers of rotations with entanglers between them.
- `rotations`: the single-qubit rotations, their matrices and derivatives.
- `engine`: how layers are applied to many states under many draws of angles at once, and the
  gradient.
- `cost`: what a training step costs by its size, for estimates.
- `expressivity`: the dimension of a circuit's tangent space, how well it inverts given unitaries.

Circuits take states (..., B, 2ⁿ) of any norm, since they are linear; leading axes are independent
circuits. Angles are radians in exp(−iθσ/2). Depth counts half-layers of a brickwork. Side door:
`qiskit_circuits` builds the same circuits in Qiskit.
"""

from qdm_utils.qubits.circuits.ansatz import (
    ENTANGLERS,
    Ansatz,
    HardwareEfficient,
    LayeredCircuit,
    StronglyEntangling,
)
from qdm_utils.qubits.circuits.brickworks import Circuit, brickwork, gate_bytes, layer_bonds
from qdm_utils.qubits.circuits.cost import training_seconds
from qdm_utils.qubits.circuits.expressivity import best_inversion, tangent_dimension
from qdm_utils.qubits.circuits.rotations import euler_gates
