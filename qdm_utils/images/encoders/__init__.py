"""TODO face."""

from qdm_utils.images.encoders.autoencoder import (
    CHUNK,
    SIDE,
    Autoencoder,
    AutoencoderConfig,
    check_images,
    from_blocks,
    parameter_count,
    posterior,
    to_blocks,
)
from qdm_utils.images.encoders.positive import (
    PUBLISHED,
    PositiveAutoencoder,
    PositiveConfig,
    layer_count,
    train_positive,
)
from qdm_utils.images.encoders.training import (
    HELD_OUT,
    TrainingCurves,
    prior_divergence,
    reconstruction_loss,
    train_autoencoder,
)

__all__ = [
    "CHUNK",
    "HELD_OUT",
    "PUBLISHED",
    "SIDE",
    "Autoencoder",
    "AutoencoderConfig",
    "PositiveAutoencoder",
    "PositiveConfig",
    "TrainingCurves",
    "check_images",
    "from_blocks",
    "layer_count",
    "parameter_count",
    "posterior",
    "prior_divergence",
    "reconstruction_loss",
    "to_blocks",
    "train_autoencoder",
    "train_positive",
]
