"""Images: handwritten digits, autoencoders into quantum and classical latents, and scores of what is generated. Torch tensors.

Pictures have shape (N, 28, 28), float32 in [0, 1]; a latent state has 16 complex amplitudes, qubit 0 the most significant bit.
"""

from qdm_utils.images.idx import DataError
from qdm_utils.images.mnist import Images, load_images, subset

__all__ = [
    "DataError",
    "Images",
    "load_images",
    "subset",
]
