"""Qubits: Haar states, brickworks, trainable circuits, scrambling. Torch tensors in and out, complex64 or complex128.

Qubit 0 is the most significant bit; depth counts half-layers of a brickwork; fidelity is the squared overlap; entropies are
in bits. The second opinion by Qiskit is imported where it is wanted, from `qiskit_circuits`.
"""

from qdm_utils.qubits.ansatz import ENTANGLERS, Ansatz, HardwareEfficient, StronglyEntangling
from qdm_utils.qubits.chance import chance_fidelities, chance_maximum
from qdm_utils.qubits.circuits import Circuit, brickwork
from qdm_utils.qubits.costs import marginal_fidelity, product_fidelity, single_qubit_marginals
from qdm_utils.qubits.denoiser import DenoiserConfig, TrainingRecord, no_free_lunch_bound
from qdm_utils.qubits.depolarizing import depolarize, depolarized
from qdm_utils.qubits.distances import trace_distance, uhlmann_fidelity
from qdm_utils.qubits.entanglement import (
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
from qdm_utils.qubits.expressivity import tangent_dimension
from qdm_utils.qubits.fidelity import average_fidelity, fidelity
from qdm_utils.qubits.gradients import (
    GradientVariance,
    fit_decay,
    gradient_samples,
    gradient_variance,
    gradient_variance_law,
    parameter_shift,
    signal_to_noise,
)
from qdm_utils.qubits.growth import entanglement_growth
from qdm_utils.qubits.haar import haar_states, haar_unitaries, product_states, zero_states
from qdm_utils.qubits.information import leading_pair, mutual_information
from qdm_utils.qubits.otoc import circuit_correlators, circuit_otoc, pauli_otoc, sampled_otoc, sign_otoc
from qdm_utils.qubits.purification import postselect, swap_test_purify
from qdm_utils.qubits.scrambling import (
    BUTTERFLY_VELOCITY,
    brickwork_purity,
    front_distribution,
    otoc_by_depth,
    otoc_exact,
    otoc_saturation_depth,
    purity_by_depth,
    saturation_schedule,
)
from qdm_utils.qubits.training import DivergenceError, train_denoiser
from qdm_utils.qubits.wigner import discrete_wigner, negative_fraction, wigner_norm

__all__ = [
    "BUTTERFLY_VELOCITY",
    "ENTANGLERS",
    "Ansatz",
    "Circuit",
    "DenoiserConfig",
    "DivergenceError",
    "GradientVariance",
    "HardwareEfficient",
    "StronglyEntangling",
    "TrainingRecord",
    "average_fidelity",
    "brickwork",
    "brickwork_purity",
    "chance_fidelities",
    "chance_maximum",
    "circuit_correlators",
    "circuit_otoc",
    "density_matrix",
    "depolarize",
    "depolarized",
    "discrete_wigner",
    "entanglement_entropy",
    "entanglement_growth",
    "entropy",
    "fidelity",
    "fit_decay",
    "front_distribution",
    "gradient_samples",
    "gradient_variance",
    "gradient_variance_law",
    "haar_states",
    "haar_unitaries",
    "leading_pair",
    "marginal_fidelity",
    "mutual_information",
    "negative_fraction",
    "no_free_lunch_bound",
    "otoc_by_depth",
    "otoc_exact",
    "otoc_saturation_depth",
    "page_entropy",
    "page_purity",
    "parameter_shift",
    "partial_trace",
    "pauli_otoc",
    "postselect",
    "product_fidelity",
    "product_states",
    "purity",
    "purity_by_depth",
    "sampled_otoc",
    "saturation_schedule",
    "schmidt_spectrum",
    "sign_otoc",
    "signal_to_noise",
    "single_qubit_marginals",
    "spectrum_entropy",
    "swap_test_purify",
    "tangent_dimension",
    "trace_distance",
    "trace_out",
    "train_denoiser",
    "uhlmann_fidelity",
    "wigner_norm",
    "zero_states",
]
