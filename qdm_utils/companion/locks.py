"""Locks of the project: one run of the notebooks at a time, one campaign at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from qdm_utils.companion import paths


@contextmanager
def hold(name: str, busy: Exception) -> Iterator[None]:
    """Hold build/`name`.lock; the system releases it when this process ends, however it ends.

    Args:
        name: of the lock.
        busy: raised where another process holds it.

    Raises:
        OSError: build/ cannot be written to.
    """
    lock = paths.build() / f"{name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy from None
        yield
