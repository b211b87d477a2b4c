"""States of qubits: drawing them, comparing them, and what their parts say about each other.

- `haar`: Haar-random states and unitaries, products of Haar qubits, |0…0⟩.
- `paulis`: the one table of Pauli matrices, strings of them, and their action on states.
- `distances`: fidelities (squared overlaps) and trace distances.
- `entanglement`: reduced states, entropies in bits, purities, Page's averages.
- `checks`: what counts as a state, an operator, a unitary, a density matrix; one's own state.

Pure states are complex tensors (..., 2ⁿ) of norm 1, qubit 0 the most significant bit; leading axes
are batches. Everything public checks norm, trace, Hermiticity and positivity of what it is given;
the linear map `apply_paulis`, which needs none of it, takes anything of the right shape.
"""

from qdm_utils.qubits.states.checks import (
    COMPLEX,
    ROUNDING,
    check_amplitudes,
    check_density,
    check_operators,
    check_rows,
    check_states,
    check_unitary,
    pure_state,
    qubit_count,
    squared_norms,
)
from qdm_utils.qubits.states.distances import (
    average_fidelity,
    fidelity,
    trace_distance,
    uhlmann_fidelity,
    unitary_trace_distance,
)
from qdm_utils.qubits.states.entanglement import (
    density_matrix,
    entanglement_entropy,
    entropy,
    page_entropy,
    page_purity,
    partial_trace,
    purity,
    schmidt_spectrum,
    spectrum_entropy,
)
from qdm_utils.qubits.states.haar import haar_states, haar_unitaries, product_states, zero_states
from qdm_utils.qubits.states.paulis import PAULIS, apply_paulis, pauli_string
