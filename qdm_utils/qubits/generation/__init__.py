"""TODO face."""

from qdm_utils.qubits.generation.bitstrings import (
    bitstring_gradients,
    bitstring_mmd_squared,
    decay_of_width,
    sampled_mmd_squared,
    strings_needed,
)
from qdm_utils.qubits.generation.chain import GenerationConfig, step_loss, train_chain
from qdm_utils.qubits.generation.classical_generator import AmplitudeNetwork, train_network
from qdm_utils.qubits.generation.ensemble_distances import (
    FidelityKernel,
    branched_mmd_squared,
    haar_mmd_squared,
    mmd_null,
    mmd_squared,
    overlaps,
    wasserstein,
)
from qdm_utils.qubits.generation.ensembles import (
    bloch_vectors,
    circle_states,
    cluster_states,
    correlated_noise_states,
    empty_share,
    inferred_probability,
    ising_ground_states,
    magnetisation,
)
from qdm_utils.qubits.generation.measured_density import chained_kraus, log_density
from qdm_utils.qubits.generation.measured_step import (
    MeasuredStep,
    frozen_probabilities,
    measure,
    reachable_fidelity,
    select,
)
from qdm_utils.qubits.generation.random_diffusion import diffuse
from qdm_utils.qubits.generation.scores import (
    NARROW,
    fitting_offset,
    path_distances,
    path_wasserstein,
    sampling_bias,
    score,
)
from qdm_utils.qubits.generation.tasks import (
    TASKS,
    Job,
    direct_settings,
    published_jobs,
    run_job,
    settings,
    thinned,
)

__all__ = [
    "NARROW",
    "TASKS",
    "AmplitudeNetwork",
    "FidelityKernel",
    "GenerationConfig",
    "Job",
    "MeasuredStep",
    "bitstring_gradients",
    "bitstring_mmd_squared",
    "bloch_vectors",
    "branched_mmd_squared",
    "chained_kraus",
    "circle_states",
    "cluster_states",
    "correlated_noise_states",
    "decay_of_width",
    "diffuse",
    "direct_settings",
    "empty_share",
    "fitting_offset",
    "frozen_probabilities",
    "haar_mmd_squared",
    "inferred_probability",
    "ising_ground_states",
    "log_density",
    "magnetisation",
    "measure",
    "mmd_null",
    "mmd_squared",
    "overlaps",
    "path_distances",
    "path_wasserstein",
    "published_jobs",
    "reachable_fidelity",
    "run_job",
    "sampled_mmd_squared",
    "sampling_bias",
    "score",
    "select",
    "settings",
    "step_loss",
    "strings_needed",
    "thinned",
    "train_chain",
    "train_network",
    "wasserstein",
]
