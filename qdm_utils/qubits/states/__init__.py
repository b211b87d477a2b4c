"""TODO face."""

from qdm_utils.qubits.states.checks import (
    COMPLEX,
    check_operators,
    check_states,
    check_unitary,
    qubit_count,
)
from qdm_utils.qubits.states.distances import (
    ROUNDING,
    check_density,
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
    trace_out,
)
from qdm_utils.qubits.states.fidelities import average_fidelity, fidelity
from qdm_utils.qubits.states.haar import haar_states, haar_unitaries, product_states, zero_states

__all__ = [
    "COMPLEX",
    "ROUNDING",
    "average_fidelity",
    "check_density",
    "check_operators",
    "check_states",
    "check_unitary",
    "density_matrix",
    "entanglement_entropy",
    "entropy",
    "fidelity",
    "haar_states",
    "haar_unitaries",
    "page_entropy",
    "page_purity",
    "partial_trace",
    "product_states",
    "purity",
    "qubit_count",
    "schmidt_spectrum",
    "spectrum_entropy",
    "trace_distance",
    "trace_out",
    "uhlmann_fidelity",
    "unitary_trace_distance",
    "zero_states",
]
