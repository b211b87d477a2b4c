"""Fetching the MNIST files from public mirrors: whole and verified, or not at all, never waiting
long on a dead network."""

import io
import os
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from qdm_utils.images.data.idx import SHA256, DataError, checked, find

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
# Seconds without a byte after which a mirror is given up: three dead mirrors take less than 15 s.
SILENCE = 4.5
QUIET_VARIABLE = "QDM_QUIET"  # set by the runner, whose own line shows progress


class Unreachable(Exception):
    """No mirror answered."""


def fetch_missing(cache: Path) -> str:
    """Download into `cache` those of the four files that it lacks; each is verified first and then
    moved into place whole.

    Args:
        cache: made if need be.

    Returns:
        The mirror that served the last file.

    Raises:
        Unreachable: a file is missing still and no mirror answered, with the reason of each.
        DataError: every mirror that answered sent something else (a captive portal does), or
            `cache` cannot be written.
    """
    mirrors = list(MIRRORS)
    for name in SHA256:
        if find(cache, name) is None:
            content, used = _from_any(mirrors, name)
            # Ask the one that works first from now on.
            mirrors.sort(key=lambda mirror: mirror != used)
            _store(content, cache / f"{name}.gz")
    return mirrors[0]


def _from_any(mirrors: list[str], name: str) -> tuple[bytes, str]:
    """The verified archive of one file and the mirror it is from."""
    remedy = "Try another network, or name a folder that holds the file by `folder` or QDM_DATA"
    reasons = []
    wrong = None
    for mirror in mirrors:
        address = f"{mirror}{name}.gz"
        try:
            content = _download(address)
            checked(content, name, address, remedy)
            return content, mirror
        except Unreachable as reason:
            reasons.append(f"{address}: {reason}")
        except DataError as error:
            wrong = error
    if wrong is not None:
        raise wrong
    raise Unreachable("; ".join(reasons))


class _Sink(io.BytesIO):
    """Collects what arrives, remembers when, and refuses more once nobody waits for it."""

    last = 0.0
    abandoned = False

    def write(self, chunk: Any) -> int:
        if self.abandoned:
            raise Unreachable("given up")
        self.last = time.monotonic()
        return super().write(chunk)


def _download(address: str) -> bytes:
    """The bytes behind an address; a thread fetches them, as name look-up heeds no timeout."""
    # Its progress bar complains in a notebook without ipywidgets.
    with warnings.catch_warnings(action="ignore"):
        import pooch

    sink = _Sink()
    failures: list[str] = []
    answers: list[Any] = []

    def fetch() -> None:
        try:
            bar = not os.environ.get(QUIET_VARIABLE)
            hooks = {"response": lambda answer, **_: answers.append(answer)}
            pooch.HTTPDownloader(progressbar=bar, timeout=SILENCE, hooks=hooks)(address, sink, None)
        # Whatever the network does, it is one reason why this mirror did not serve.
        except Exception as error:
            failures.append(type(error).__name__)
        finally:
            for answer in answers:  # an answer that was not read to its end keeps its socket
                answer.close()

    sink.last = time.monotonic()
    worker = threading.Thread(target=fetch, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(0.05)
        if time.monotonic() - sink.last > SILENCE:
            sink.abandoned = True
            raise Unreachable(f"silent for {SILENCE:g} s")
    if failures:
        raise Unreachable(failures[0])
    return sink.getvalue()


def _store(content: bytes, path: Path) -> None:
    """Write beside the file and move into place, so that an interruption leaves nothing that looks
    whole."""
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f"{path.name}.", suffix=".part", delete=False
        ) as file:
            part = Path(file.name)
            file.write(content)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror}): free the disk, or name another `cache`."
        ) from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
