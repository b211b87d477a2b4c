"""TODO face."""

from qdm_utils.images.priors.circuits import ChainPrior, fit_chain, fit_likelihood
from qdm_utils.images.priors.classical import (
    DiffusionPrior,
    MixturePrior,
    fit_diffusion,
    fit_mixture,
    fit_network,
)
from qdm_utils.images.priors.simple import FitConfig, MatchedPrior, PlainPrior, Prior, draw_batch

__all__ = [
    "ChainPrior",
    "DiffusionPrior",
    "FitConfig",
    "MatchedPrior",
    "MixturePrior",
    "PlainPrior",
    "Prior",
    "draw_batch",
    "fit_chain",
    "fit_diffusion",
    "fit_likelihood",
    "fit_mixture",
    "fit_network",
]
