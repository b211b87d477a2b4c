"""TODO face."""

from qdm_utils.images.data.idx import SHA256, DataError
from qdm_utils.images.data.mnist import Images, load_images, subset

__all__ = ["SHA256", "DataError", "Images", "load_images", "subset"]
