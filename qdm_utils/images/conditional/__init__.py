"""TODO face."""

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

__all__ = [
    "GAUSSIANS",
    "ConditionalCircuit",
    "Kraus",
    "LatentNoise",
    "LatentTwin",
    "TrainedTwin",
    "TrainingPlan",
    "best_matrices",
    "branches",
    "constant_infidelity",
    "draw_pairs",
    "gaussian_prior",
    "generate",
    "infidelity",
    "matrices",
    "normalised",
    "sample_twin",
    "step_infidelity",
    "take_step",
    "train_conditional",
    "train_twin",
    "unet_parameters",
]
