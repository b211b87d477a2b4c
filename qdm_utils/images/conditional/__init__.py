"""The conditional latent model: a circuit told the digit denoises latents step by step, beside
classical models of them.

Latents are unit vectors of eight numbers ≥ 0 of a `PositiveAutoencoder`, sorted by digit. Axes are
(D runs, T steps, 10 labels, B latents, 2ⁿ amplitudes); step t carries x_t to x_{t−1}, t = T … 1.
`circuit` holds the model, `noise` its forward path, `training` what is minimised and how samples
are made, `twin` the classical models of the same latents, `unet_size` the count of a U-Net's
parameters. Side door: `plots`.
"""

from qdm_utils.images.conditional.circuit import ConditionalCircuit, Kraus, branches, take_step
from qdm_utils.images.conditional.noise import (
    LatentNoise,
    constant_infidelity,
    infidelity,
    normalised,
)
from qdm_utils.images.conditional.training import (
    TrainingPlan,
    best_matrices,
    draw_pairs,
    generate,
    matrices,
    step_infidelity,
    train_conditional,
)
from qdm_utils.images.conditional.twin import (
    GAUSSIANS,
    LatentTwin,
    TrainedTwin,
    gaussian_prior,
    sample_twin,
    train_twin,
)
from qdm_utils.images.conditional.unet_size import unet_parameters
