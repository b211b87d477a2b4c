"""Images: handwritten digits, autoencoders into quantum and classical latents, priors on these, and
scores of what is drawn.

Pictures have shape (N, 28, 28), float32 in [0, 1]. A latent belongs to a geometry, `States(n)`,
`Sphere(d)` or `Vector(d)`; a state has 2ⁿ complex amplitudes, qubit 0 the most significant bit. The
rooms below hold what fewer need: `encoders`, `priors`, `scores`, `conditional` (the model that is
told the digit) and `trials` (encoder, priors and scores under one seed). Side doors: `plots` and
`conditional.plots`.
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
    Geometry,
    Sphere,
    States,
    Vector,
    fix_phase,
    latent_geometry,
    state_freedom,
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
