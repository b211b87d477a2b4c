"""The four IDX files of MNIST: what they are called, which bytes they hold, and how they are read.
No byte passes unchecked."""

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

# sha256 of the *decompressed* files: archives of the same digits differ in their gzip headers.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
UNSIGNED_BYTE = 8  # the type code of an IDX file of bytes


class DataError(ValueError):
    """Image data that is missing or not what it should be; the message names the file, the hashes
    and the remedy."""


def find(folder: Path, name: str) -> Path | None:
    """The file `name`, plain or with .gz, in a folder; None where neither is there."""
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def read_file(path: Path, name: str) -> Tensor:
    """The array of the IDX file `name`, read from `path` and checked.

    Args:
        path: a plain or gzip-compressed file.
        name: which of the four files it must be, a key of `SHA256`.

    Returns:
        uint8 tensor: images of shape (N, 28, 28) or labels of shape (N,).

    Raises:
        DataError: it cannot be read or does not hold the expected bytes.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}): make it readable, or remove it."
        ) from None
    remedy = f"Remove {path} (it is then fetched again) or replace it by the original"
    return parse(checked(content, name, str(path), remedy))


def checked(content: bytes, name: str, place: str, remedy: str) -> bytes:
    """The decompressed bytes of the file `name`; refused unless their sha256 is the known one.

    Args:
        content: the file as it lies or as it came, plain or gzip-compressed.
        name: a key of `SHA256`.
        place, remedy: where it is from and what to do about it, for the message.

    Raises:
        DataError: a wrong, truncated, damaged or swapped file.
    """
    expected = SHA256[name]
    plain = content
    if content[:2] == b"\x1f\x8b":
        try:
            plain = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            found = hashlib.sha256(content).hexdigest()
            raise DataError(
                f"{place} is damaged or cut off: it does not decompress ({error}). "
                f"sha256 of its {len(content)} compressed bytes: {found}; "
                f"expected of {name}, decompressed: {expected}. {remedy}."
            ) from None
    found = hashlib.sha256(plain).hexdigest()
    if found == expected:
        return plain
    other = next((known for known, digest in SHA256.items() if digest == found), None)
    what = (
        f"holds {other}, not {name}"
        if other
        else f"is not the {name} of MNIST ({len(plain)} bytes, decompressed)"
    )
    raise DataError(f"{place} {what}. sha256 found: {found}; expected: {expected}. {remedy}.")


def parse(content: bytes) -> Tensor:
    """The array of an IDX file of unsigned bytes: magic number, one big-endian length for each
    axis, then the entries.

    Raises:
        DataError: another type of entries, or a length that does not fit the header.

    >>> parse(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    tensor([7, 9], dtype=torch.uint8)
    """
    axes = content[3] if len(content) > 3 else 0
    start = 4 + 4 * axes
    if len(content) < start or content[:3] != bytes([0, 0, UNSIGNED_BYTE]):
        raise DataError(f"not an IDX file of unsigned bytes: it begins with {content[:4].hex()}")
    shape = tuple(np.frombuffer(content, ">u4", axes, 4).tolist())
    if len(content) - start != np.prod(shape, dtype=np.int64):
        raise DataError(f"an IDX file of shape {shape} that holds {len(content) - start} entries")
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy())
