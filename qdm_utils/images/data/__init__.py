"""Handwritten digits: MNIST from a folder, a cache or a mirror, or scikit-learn's small digits
where there is none.

Pictures have shape (N, 28, 28), float32 in [0, 1], 0 the paper; labels are int64. `idx` knows the
four files of MNIST and lets no byte pass unchecked, `downloads` fetches them, `mnist` says which
source is taken and hands out `Images`.
"""

from qdm_utils.images.data.idx import DataError
from qdm_utils.images.data.mnist import SIDE, Images, check_images, load_images, subset
