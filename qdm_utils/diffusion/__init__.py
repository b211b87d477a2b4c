"""Classical diffusion (DDPM), the Gaussian counterpart of the depolarizing path: exact and sampled.

x_t = √(1 − β_t) x_{t−1} + √β_t ε with ε ~ N(0, 1); a schedule holds β_1 … β_T in [0, 1], and
ᾱ_t = Π(1 − β_s) is its `survival`, ᾱ_0 = 1. Points have shape (..., D); logarithms are natural.
Equations of QAMP 2025, and where they are:

- eqs 1, 2, the forward step and the jump from x_0 to x_t: `noised`, `forward_moments`.
- eq. 3, the reverse step as a Gaussian: `posterior_coefficients` (at known x_0), `exact_reverse`
  (of Gaussian data), `reverse_shape` (how far it is from a Gaussian for a mixture).
- eqs 4, 5, the variational bound and its terms: `variational_bound`, `bound_terms`,
  `negative_log_likelihood`.
- eq. 6, the simple loss: `train_predictors`; the weights it drops: `bound_weights`.
- sampling: `ancestral_path` for any model that predicts the clean point, `reverse_chain` for noise
  predictors; `energy_distance` judges the samples.

Schedules and `survival` serve the depolarizing path as well (eqs 7, 8). Side door: `plots`.
"""

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
    fraction,
    linear_schedule,
    schedule_of_survival,
    survival,
)
