"""Priors: rules by which new latents are drawn, each with a counted number of fitted parameters.

Plain and moment-matched ones in `simple`, measured quantum circuits in `circuits`, and a network, a
diffusion and a Gaussian mixture in `classical`. All have `parameter_count` and `sample(count,
seed)`; `fit_…` functions take latents, a budget of parameters or a circuit, and a `FitConfig`.
"""

from qdm_utils.images.priors.circuits import ChainPrior, fit_chain, fit_likelihood
from qdm_utils.images.priors.classical import (
    DiffusionPrior,
    MixturePrior,
    NetworkPrior,
    fit_diffusion,
    fit_mixture,
    fit_network,
)
from qdm_utils.images.priors.simple import FitConfig, MatchedPrior, PlainPrior, Prior
