"""TODO face."""

from qdm_utils.diffusion.bound import (
    LinearReverse,
    bound_terms,
    cross_entropy,
    exact_reverse,
    negative_log_likelihood,
    variational_bound,
)
from qdm_utils.diffusion.closed_forms import (
    bound_weights,
    clean_from_noise,
    forward_moments,
    mean_from_noise,
    noised,
    posterior_coefficients,
    reverse_variances,
)
from qdm_utils.diffusion.mixtures import Mixture, reverse_shape, ring
from qdm_utils.diffusion.noise_predictor import (
    energy_distance,
    train_predictors,
)
from qdm_utils.diffusion.sampler import ancestral_path, reverse_chain
from qdm_utils.diffusion.schedules import (
    check_schedule,
    check_step,
    fraction,
    linear_schedule,
    schedule_of_survival,
    survival,
)

__all__ = [
    "LinearReverse",
    "Mixture",
    "ancestral_path",
    "bound_terms",
    "bound_weights",
    "check_schedule",
    "check_step",
    "clean_from_noise",
    "cross_entropy",
    "energy_distance",
    "exact_reverse",
    "forward_moments",
    "fraction",
    "linear_schedule",
    "mean_from_noise",
    "negative_log_likelihood",
    "noised",
    "posterior_coefficients",
    "reverse_chain",
    "reverse_shape",
    "reverse_variances",
    "ring",
    "schedule_of_survival",
    "survival",
    "train_predictors",
    "variational_bound",
]
