"""The Inception distance, which needs what is not here."""

import sys
import types

import pytest
import torch

from qdm_utils.images import (
    InceptionMissing,
    inception_distance,
)


def test_the_inception_distance_names_what_is_missing(tmp_path, monkeypatch):
    pictures = torch.zeros(4, 28, 28)
    for wrong in (pictures[:1], pictures[:, None]):
        with pytest.raises(ValueError, match="Argument `generated` must have shape"):
            inception_distance(pictures, wrong)
    monkeypatch.delenv("QDM_INCEPTION", raising=False)
    with pytest.raises(InceptionMissing, match="weights are missing: none are named"):
        inception_distance(pictures, pictures)
    monkeypatch.setenv("QDM_INCEPTION", str(tmp_path / "nowhere.pth"))
    with pytest.raises(InceptionMissing, match=r"nowhere.pth is not a file"):
        inception_distance(pictures, pictures)
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torchmetrics", None)
    with pytest.raises(InceptionMissing, match="needs torchmetrics with torch-fidelity"):
        inception_distance(pictures, pictures, weights)


def test_the_inception_distance_hands_torchmetrics_coloured_pictures(tmp_path, monkeypatch):
    """A stand-in for torchmetrics, which is not among the project's packages, that records how it
    is called."""
    seen = []

    class Metric:
        def __init__(self, **settings):
            seen.append(settings)

        def update(self, batch, real):
            seen.append((tuple(batch.shape), real))

        def compute(self):
            return torch.tensor(12.5)

    names = ("torchmetrics", "torchmetrics.image", "torchmetrics.image.fid")
    for name in names:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setattr(sys.modules[names[-1]], "FrechetInceptionDistance", Metric, raising=False)
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"")
    assert inception_distance(torch.zeros(130, 28, 28), torch.ones(20, 28, 28), weights) == 12.5
    assert seen[0] == {
        "feature": 2048,
        "normalize": True,
        "feature_extractor_weights_path": str(weights),
    }
    assert seen[1:] == [((100, 3, 28, 28), True), ((30, 3, 28, 28), True), ((20, 3, 28, 28), False)]
