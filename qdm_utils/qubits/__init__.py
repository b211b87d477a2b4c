"""Qubits: states, circuits that scramble and circuits that are trained to undo it.

The rooms, each with a face of its own from which everything it offers is imported:

- `states`: Haar states and unitaries, Pauli matrices, fidelities and distances, entanglement, Page.
- `circuits`: the brickwork of Haar gates, the trainable circuits, the engine behind them.
- `scrambling`: out-of-time-order correlators, saturation depths, growth of entanglement.
- `denoising`: training a circuit against scramblers, its costs, gradients, chance, no free lunch.
- `portraits`: discrete Wigner functions, mutual information, Schmidt spectra, likeness.
- `generation`: diffusion by measured circuits: steps with ancillas, chains, distances of ensembles.
- `depolarizing`: the depolarizing channel and what can be undone of it.

This face repeats what notebooks and readers ask for most; nothing is defined here. The imports are
plain ones, so that whoever takes `page_entropy` from here depends on that function and not on the
trainings beside it.

Everywhere: torch tensors in and out, complex64 or complex128; qubit 0 is the most significant bit;
leading axes are batches; fidelity is the squared overlap; depth counts half-layers of a brickwork;
entropies are in bits. Side doors, which load what few need: `plots` of a room, `gradient_plots`,
and `qiskit_circuits` and `qiskit_channels` for a second opinion.
"""

from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits.circuits import (
    ENTANGLERS,
    Ansatz,
    Circuit,
    HardwareEfficient,
    StronglyEntangling,
    brickwork,
    tangent_dimension,
)
from qdm_utils.qubits.denoising import (
    DenoiserConfig,
    GradientVariance,
    TrainingRecord,
    chance_fidelities,
    chance_maximum,
    fit_decay,
    gradient_samples,
    gradient_variance,
    gradient_variance_law,
    marginal_fidelity,
    no_free_lunch_bound,
    parameter_shift,
    product_fidelity,
    signal_to_noise,
    single_qubit_marginals,
    train_denoiser,
)
from qdm_utils.qubits.depolarizing import depolarize, depolarized, postselect, swap_test_purify
from qdm_utils.qubits.portraits import (
    discrete_wigner,
    leading_pair,
    mutual_information,
    negative_fraction,
    wigner_norm,
)
from qdm_utils.qubits.scrambling import (
    BUTTERFLY_VELOCITY,
    brickwork_purity,
    circuit_correlators,
    circuit_otoc,
    entanglement_growth,
    front_distribution,
    otoc_by_depth,
    otoc_exact,
    otoc_saturation_depth,
    pauli_otoc,
    purity_by_depth,
    sampled_otoc,
    saturation_schedule,
    sign_otoc,
)
from qdm_utils.qubits.states import (
    average_fidelity,
    density_matrix,
    entanglement_entropy,
    entropy,
    fidelity,
    haar_states,
    haar_unitaries,
    page_entropy,
    page_purity,
    partial_trace,
    product_states,
    purity,
    schmidt_spectrum,
    spectrum_entropy,
    trace_distance,
    uhlmann_fidelity,
    zero_states,
)
