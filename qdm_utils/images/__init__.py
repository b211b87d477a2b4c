"""Images: handwritten digits, autoencoders into quantum and classical latents, and scores of what is generated. Torch tensors.

Pictures have shape (N, 28, 28), float32 in [0, 1]; a latent state has 2ⁿ complex amplitudes, qubit 0 the most significant bit.
"""

from qdm_utils.images.autoencoder import Autoencoder, AutoencoderConfig, parameter_count
from qdm_utils.images.autoencoder_training import TrainingCurves, train_autoencoder
from qdm_utils.images.classifier import Classifier, ClassifierConfig, train_classifier
from qdm_utils.images.frechet import FrechetScore, frechet_bootstrap, frechet_distance
from qdm_utils.images.idx import DataError
from qdm_utils.images.inception import InceptionMissing, inception_distance
from qdm_utils.images.latents import fix_phase, latent_size, matched_gaussian, matched_states, plain_prior
from qdm_utils.images.mnist import Images, load_images, subset
from qdm_utils.images.neighbours import ManifoldScore, nearest_training_image, precision_recall
from qdm_utils.images.penalty import ensemble_penalty

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
