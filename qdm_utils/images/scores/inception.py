"""The Fréchet distance in features of the Inception network, for those who have its weights;
nothing stands in for them."""

import os
from pathlib import Path

from torch import Tensor

from qdm_utils.arguments import demand

WEIGHTS_VARIABLE = "QDM_INCEPTION"
BATCH = 100


class InceptionMissing(RuntimeError):
    """The Inception network or its weights are not here; the message names what is missing."""


def inception_distance(real: Tensor, generated: Tensor, weights: Path | str | None = None) -> float:
    """Fréchet inception distance of two sets of grey pictures, computed by torchmetrics; nothing is
    downloaded.

    Args:
        real, generated: shapes (N, 28, 28) in [0, 1]; enlarged and repeated to three colours.
        weights: file of the network's weights (pt_inception-2015-12-05-6726825d.pth, 2048
            features); else the environment variable QDM_INCEPTION.

    Raises:
        InceptionMissing: torchmetrics, torch-fidelity or the file of weights is not here.
        ValueError: pictures of another shape.
    """
    for name, pictures in (("real", real), ("generated", generated)):
        fits = pictures.ndim == 3 and len(pictures) > 1
        demand(fits, name, "have shape (N, height, width), N ≥ 2", f"shape {tuple(pictures.shape)}")
    path = weights if weights is not None else os.environ.get(WEIGHTS_VARIABLE)
    if not path or not Path(path).is_file():
        missing = f"{path} is not a file" if path else "none are named"
        raise InceptionMissing(
            f"The Inception weights are missing: {missing}. Give their file as `weights` or by "
            f"{WEIGHTS_VARIABLE}. `frechet_distance` on the features of a `Classifier` is "
            "another score."
        )
    # The module itself may be missing, or torch-fidelity, which it asks for when it is used.
    try:
        from torchmetrics.image.fid import FrechetInceptionDistance

        metric = FrechetInceptionDistance(
            feature=2048, normalize=True, feature_extractor_weights_path=str(path)
        )
    except ModuleNotFoundError as error:
        raise InceptionMissing(
            "The Inception distance needs torchmetrics with torch-fidelity, which is missing "
            f"({error}): pip install torchmetrics[image]"
        ) from None
    for pictures, is_real in ((real, True), (generated, False)):
        for batch in pictures.split(BATCH):
            metric.update(batch[:, None].expand(-1, 3, -1, -1).float(), real=is_real)
    return float(metric.compute())
