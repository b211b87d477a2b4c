"""TODO face."""

from qdm_utils.qubits.scrambling.exact_chain import (
    BUTTERFLY_VELOCITY,
    brickwork_purity,
    front_distribution,
    otoc_by_depth,
    otoc_exact,
    otoc_saturation_depth,
    purity_by_depth,
    saturation_schedule,
)
from qdm_utils.qubits.scrambling.growth import entanglement_growth
from qdm_utils.qubits.scrambling.otoc import (
    apply_paulis,
    circuit_correlators,
    circuit_otoc,
    pauli_otoc,
    sampled_otoc,
    sign_otoc,
)

__all__ = [
    "BUTTERFLY_VELOCITY",
    "apply_paulis",
    "brickwork_purity",
    "circuit_correlators",
    "circuit_otoc",
    "entanglement_growth",
    "front_distribution",
    "otoc_by_depth",
    "otoc_exact",
    "otoc_saturation_depth",
    "pauli_otoc",
    "purity_by_depth",
    "sampled_otoc",
    "saturation_schedule",
    "sign_otoc",
]
