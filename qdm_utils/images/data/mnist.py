"""Handwritten digits: MNIST from a folder, a cache or a mirror, or the small digits of scikit-learn
that need no download."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import between, demand, whole_number
from qdm_utils.images.data.downloads import Unreachable, fetch_missing
from qdm_utils.images.data.idx import SHA256, DataError, find, read_file
from qdm_utils.randomness import Seed, generator

DATASETS = ("auto", "mnist", "digits")
FOLDER_VARIABLE = "QDM_DATA"
SIDE = 28  # pixels
DIGITS_HELD_OUT = 500  # of 1797
DIGITS_SEED = 1797
WAYS = (
    "name a folder that holds the four files "
    f"(`folder`, or the environment variable {FOLDER_VARIABLE}); "
    "put them into the cache (data/raw/mnist); or allow the download on a machine with a network"
)


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled pictures in two parts that share none.

    Args:
        name: "mnist" or "digits".
        source: one sentence: where they are from.
        train, test: pixels in [0, 1], 0 the paper, float32, shapes (N, 28, 28).
        train_labels, test_labels: the digits, int64, shapes (N,).
        fallback: MNIST was wanted and not found.
        notice: one sentence on that, to be shown; empty otherwise.
    """

    name: str
    source: str
    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor
    fallback: bool = False
    notice: str = ""


def load_images(
    dataset: str = "auto",
    folder: Path | str | None = None,
    cache: Path | str | None = None,
    download: bool = True,
) -> Images:
    """The digits to learn: MNIST from the first of three sources that has it, or scikit-learn's.

    The sources are the folder that the user names, the cache, and public mirrors. Files may be
    plain or end in .gz; the sha256 of the decompressed file decides everywhere. What is there but
    wrong is an error in every mode.

    Args:
        dataset: "mnist" stops where no source has it; "auto" takes the digits then and says so in
            `notice`; "digits" is scikit-learn's, 8×8 enlarged to 28×28 bilinearly, 1297 to train
            and 500 held out.
        folder: with the four files in it or in its subfolder `mnist`; else the environment variable
            QDM_DATA. A folder that is named must hold them.
        cache: where downloads are kept and looked for; without it a download is read and forgotten.
        download: whether the mirrors may be asked.

    Raises:
        DataError: a wrong, truncated or swapped file; a folder named that lacks one; with "mnist",
            no source at all.
        ValueError: another `dataset`.

    >>> load_images("digits").train.shape
    torch.Size([1297, 28, 28])
    """
    demand(dataset in DATASETS, "dataset", f"be one of {', '.join(DATASETS)}", repr(dataset))
    if dataset == "digits":
        return _digits()
    named = folder if folder is not None else os.environ.get(FOLDER_VARIABLE) or None
    if named is not None:
        return _mnist(_named_folder(Path(named)), "from a folder named by the user")
    reason = "there is no cached copy"
    if cache is not None and all(find(Path(cache), name) for name in SHA256):
        return _mnist(Path(cache), "from the cache")
    if download:
        try:
            return _downloaded(None if cache is None else Path(cache))
        except Unreachable as unreachable:
            reason += f" and no mirror answered ({unreachable})"
    if dataset == "mnist":
        raise DataError(f"MNIST is wanted, but {reason}. Three ways: {WAYS}.")
    return _digits(
        "MNIST was not found, so these are scikit-learn's 8×8 digits instead: "
        f"{reason}. To get MNIST: {WAYS}."
    )


def check_images(images: Tensor) -> None:
    """Complain of pictures that are not of shape (N, 28, 28) or not within [0, 1].

    Raises:
        ValueError: such pictures, with what is wrong.
    """
    fits = images.ndim == 3 and images.shape[1:] == (SIDE, SIDE)
    demand(fits, "images", f"have shape (N, {SIDE}, {SIDE})", f"shape {tuple(images.shape)}")
    if images.numel():
        between("images", np.array([images.min().item(), images.max().item()]), 0.0, 1.0)


def subset(images: Tensor, labels: Tensor, count: int, seed: Seed) -> tuple[Tensor, Tensor]:
    """The first `count` images of one random order for each seed, with their labels; smaller
    subsets lie within larger ones.

    Classes are not balanced: this is what so many draws without replacement give.

    Args:
        images, labels: shapes (N, ...) and (N,).
        count: 1 ≤ count ≤ N.
        seed: of the order.

    Raises:
        ValueError: a count out of range, or lengths that differ.

    >>> subset(torch.arange(5.0), torch.arange(5), 5, seed=1)[1].sort().values
    tensor([0, 1, 2, 3, 4])
    """
    demand(
        len(labels) == len(images),
        "labels",
        f"have length {len(images)} like `images`",
        len(labels),
    )
    whole_number("count", count, 1)
    demand(count <= len(images), "count", f"be ≤ {len(images)}, the images there are", count)
    order = torch.randperm(len(images), generator=generator(seed))[:count]
    return images[order], labels[order]


def _named_folder(folder: Path) -> Path:
    """The folder itself or its `mnist`, whichever holds the four files; refused with the name of
    the first that is missing."""
    nested = folder / "mnist"
    plain = any(find(folder, name) for name in SHA256)
    place = nested if not plain and any(find(nested, name) for name in SHA256) else folder
    missing = [name for name in SHA256 if find(place, name) is None]
    if missing:
        raise DataError(
            f"{place} was named as the folder of MNIST, but {', '.join(missing)} (plain or .gz) "
            f"is not there. Put it there, or leave `folder` and {FOLDER_VARIABLE} unset to use the "
            "cache or a download."
        )
    return place


def _downloaded(cache: Path | None) -> Images:
    with tempfile.TemporaryDirectory() as forgotten:
        place = cache or Path(forgotten)
        return _mnist(place, f"downloaded from {fetch_missing(place)}")


def _mnist(folder: Path, origin: str) -> Images:
    paths = {name: find(folder, name) for name in SHA256}
    arrays = [read_file(path or folder / name, name) for name, path in paths.items()]
    train, train_labels, test, test_labels = arrays
    source = f"MNIST, {len(train):,} + {len(test):,} digits, {origin}, sha256 verified."
    return Images(
        "mnist",
        source,
        train.float() / 255,
        train_labels.long(),
        test.float() / 255,
        test_labels.long(),
    )


def _digits(notice: str = "") -> Images:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    small = torch.from_numpy(bunch.images / 16).float()
    large = torch.nn.functional.interpolate(
        small[:, None], size=(SIDE, SIDE), mode="bilinear", align_corners=False
    )
    pixels = large[:, 0]
    labels = torch.from_numpy(bunch.target).long()
    order = torch.randperm(len(pixels), generator=generator(DIGITS_SEED))
    held = order[:DIGITS_HELD_OUT]
    kept = order[DIGITS_HELD_OUT:]
    source = f"scikit-learn's digits, {len(kept):,} + {len(held):,}, 8×8 enlarged to {SIDE}×{SIDE}."
    return Images(
        "digits",
        source,
        pixels[kept],
        labels[kept],
        pixels[held],
        labels[held],
        bool(notice),
        notice,
    )
