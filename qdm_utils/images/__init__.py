"""Images: handwritten digits, autoencoders into quantum and classical latents, and scores of what is generated. Torch tensors.

Pictures have shape (N, 28, 28), float32 in [0, 1]; a latent state has 2ⁿ complex amplitudes, qubit 0 the most significant bit.
"""

from qdm_utils.images.data import DataError, Images, load_images, subset
from qdm_utils.images.encoders import (
    Autoencoder,
    AutoencoderConfig,
    TrainingCurves,
    parameter_count,
    train_autoencoder,
)
from qdm_utils.images.geometry import (
    ensemble_penalty,
    fix_phase,
    latent_size,
    matched_gaussian,
    matched_states,
    plain_prior,
)
from qdm_utils.images.scores import (
    Classifier,
    ClassifierConfig,
    FrechetScore,
    InceptionMissing,
    ManifoldScore,
    frechet_bootstrap,
    frechet_distance,
    inception_distance,
    nearest_training_image,
    precision_recall,
    train_classifier,
)

__all__ = [
    "Autoencoder",
    "AutoencoderConfig",
    "Classifier",
    "ClassifierConfig",
    "DataError",
    "FrechetScore",
    "Images",
    "InceptionMissing",
    "ManifoldScore",
    "TrainingCurves",
    "ensemble_penalty",
    "fix_phase",
    "frechet_bootstrap",
    "frechet_distance",
    "inception_distance",
    "latent_size",
    "load_images",
    "matched_gaussian",
    "matched_states",
    "nearest_training_image",
    "parameter_count",
    "plain_prior",
    "precision_recall",
    "subset",
    "train_autoencoder",
    "train_classifier",
]
