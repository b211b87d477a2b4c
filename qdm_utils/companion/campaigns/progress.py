"""How a campaign looks while it runs: a bar with the time left, or a line now and then."""

import sys
import threading
import time
from contextlib import AbstractContextManager

from tqdm import tqdm

SIGN_OF_LIFE = 60.0  # seconds between lines where there is no terminal
MOVES = 1.0  # seconds between movements of the bar


class Progress(AbstractContextManager):
    """The tasks done so far, weighted by what each takes.

    Args:
        stem: of the campaign.
        seconds: expected core-seconds of each task, by name.
    """

    def __init__(self, stem: str, seconds: dict[str, float]) -> None:
        self.stem = stem
        self.seconds = seconds
        self.ended = 0
        self.weight = 0.0
        self.start = time.monotonic()
        self._total = sum(seconds.values())
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        live = sys.stderr.isatty()
        self._bar = tqdm(total=self._total, disable=not live, leave=False, bar_format=_BAR)

    def __enter__(self) -> "Progress":
        self._show()
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()
        self._bar.close()

    def finished(self, name: str) -> None:
        """One task has ended, one way or the other."""
        self.ended += 1
        self.weight += self.seconds[name]
        self._bar.update(self.seconds[name])
        self._bar.set_description_str(self._told())

    def left(self) -> float | None:
        """Seconds until all is done at the pace so far; None before the first task has ended."""
        if not self.weight:
            return None
        return (self._total - self.weight) / self.weight * (time.monotonic() - self.start)

    def _told(self) -> str:
        left = self.left()
        soon = "" if left is None else f", about {duration(left)} left"
        return f"{self.stem}: {self.ended} of {len(self.seconds)} tasks{soon}"

    def _show(self) -> None:
        if self._bar.disable:
            elapsed = time.monotonic() - self.start
            print(f"[{elapsed:6.1f} s] {self._told()}", file=sys.stderr, flush=True)
        else:
            self._bar.set_description_str(self._told())

    def _watch(self) -> None:
        while not self._over.wait(SIGN_OF_LIFE if self._bar.disable else MOVES):
            self._show()


_BAR = "{desc} |{bar}| {elapsed}"


def duration(seconds: float) -> str:
    """A time in words, to the digit that matters.

    >>> duration(42), duration(200), duration(12_000)
    ('42 s', '3 min', '3.3 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
