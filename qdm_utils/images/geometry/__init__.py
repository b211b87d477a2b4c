"""TODO face."""

from qdm_utils.images.geometry.latents import (
    KINDS,
    fix_phase,
    latent_size,
    matched_gaussian,
    matched_states,
    plain_prior,
    state_freedom,
)
from qdm_utils.images.geometry.penalty import (
    PENALISED,
    WIDTHS,
    closeness,
    ensemble_penalty,
    kernel,
    prior_means,
)

__all__ = [
    "KINDS",
    "PENALISED",
    "WIDTHS",
    "closeness",
    "ensemble_penalty",
    "fix_phase",
    "kernel",
    "latent_size",
    "matched_gaussian",
    "matched_states",
    "plain_prior",
    "prior_means",
    "state_freedom",
]
