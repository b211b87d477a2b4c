"""TODO face."""

from qdm_utils.qubits.denoising.chance import chance_fidelities, chance_maximum
from qdm_utils.qubits.denoising.configuration import (
    PER_SEED,
    DenoiserConfig,
    TrainingRecord,
    join_records,
    no_free_lunch_bound,
)
from qdm_utils.qubits.denoising.costs import (
    marginal_fidelity,
    product_fidelity,
    single_qubit_marginals,
)
from qdm_utils.qubits.denoising.gradients import (
    GradientVariance,
    fit_decay,
    gradient_samples,
    gradient_variance,
    gradient_variance_law,
    parameter_shift,
    signal_to_noise,
)
from qdm_utils.qubits.denoising.training import train_denoiser

__all__ = [
    "PER_SEED",
    "DenoiserConfig",
    "GradientVariance",
    "TrainingRecord",
    "chance_fidelities",
    "chance_maximum",
    "fit_decay",
    "gradient_samples",
    "gradient_variance",
    "gradient_variance_law",
    "join_records",
    "marginal_fidelity",
    "no_free_lunch_bound",
    "parameter_shift",
    "product_fidelity",
    "signal_to_noise",
    "single_qubit_marginals",
    "train_denoiser",
]
