"""Generation of ensembles of quantum states (QuDDPM): diffusion, measured steps, distances.

An ensemble is a tensor of amplitudes (..., S, 2ⁿ), complex128 unless it is trained in complex64;
qubit 0 is the most significant. `TASKS` holds the five published tasks; `train_task` diffuses the
data of one, trains a chain of measured steps back along that path, and generates from fresh Haar
states. Where randomness enters a function it has a `seed`; paths run from t = 0, the data, to T.

- `ensembles`: the data, and what can be read off them.
- `random_diffusion`: the forward process.
- `measured_step`: ancillas, circuit, measurement: branches, outcomes, exact density.
- `ensemble_distances`: unbiased MMD² of fidelities, its null distribution, Wasserstein.
- `chain`, `tasks`: training, and the published settings.
- `scores`: a generated ensemble against fresh data; what sampling an outcome does to a gradient.
- `protocol`: whether an ensemble, whoever generated it, can be told from a task's data.
- `classical_generator`, `bitstrings`: a classical twin, and the MMD of measured strings.

Source: B. Zhang et al., Phys. Rev. Lett. 132, 100602 (2024), arXiv:2310.05866. Side door: `plots`.
"""

from qdm_utils.qubits.generation.bitstrings import (
    bitstring_gradients,
    bitstring_mmd_squared,
    decay_of_width,
    sampled_mmd_squared,
    strings_needed,
)
from qdm_utils.qubits.generation.chain import Chain, GenerationConfig, train_chain
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
from qdm_utils.qubits.generation.measured_step import (
    MeasuredStep,
    chained_kraus,
    log_density,
    measure,
    reachable_fidelity,
)
from qdm_utils.qubits.generation.protocol import SCORED, Measure, Score, ScoredTask, score
from qdm_utils.qubits.generation.random_diffusion import diffuse
from qdm_utils.qubits.generation.scores import (
    NARROW,
    ensemble_scores,
    fitting_offset,
    path_distances,
    path_wasserstein,
    sampling_bias,
)
from qdm_utils.qubits.generation.tasks import (
    TASKS,
    Task,
    TrainedTask,
    Training,
    direct_config,
    published_config,
    published_trainings,
    train_task,
)
