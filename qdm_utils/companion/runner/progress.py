"""How a run looks from outside: a line per notebook while it goes on, a table when it is over."""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from qdm_utils.companion import ledger, paths

SIGN_OF_LIFE = 60.0  # seconds between lines where there is no terminal


@dataclass
class Outcome:
    """How one notebook ended.

    Its status is "done", "kept" (nothing to do), "text" (new text, results kept) or "failed".
    """

    stem: str
    status: str
    seconds: float = 0.0
    error: str = ""
    traceback: str = ""
    remark: str = ""  # which data stood in for those that were missing


def cells_done(scratch: Path) -> tuple[int, int]:
    """Code cells of a running job executed so far and in all, by papermill's last save."""
    try:
        cells = json.loads((scratch / paths.EXECUTED).read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):
        return 0, 0
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return sum(cell["execution_count"] is not None for cell in code), len(code)


class Progress:
    """One line per finished notebook, and the cells that the running ones have reached.

    On a terminal these stand in a line that moves, elsewhere in one line a minute.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.ended = 0
        self.start = time.monotonic()
        self.live = sys.stderr.isatty()
        self.said = self.start

    def show(self, scratches: dict[str, tuple[Path, float]]) -> None:
        now = time.monotonic()
        if not self.live and now - self.said < SIGN_OF_LIFE:
            return
        self.said = now
        parts = []
        for stem, (scratch, start) in list(scratches.items()):
            ran, cells = cells_done(scratch)
            parts.append(f"{stem} cell {ran}/{cells} {now - start:.0f} s")
        if self.live:
            print(
                f"\r\x1b[K[{self.ended}/{self.count}] {' · '.join(parts)}",
                end="",
                file=sys.stderr,
                flush=True,
            )
        elif parts:
            print(f"[{now - self.start:6.1f} s] {' · '.join(parts)}", file=sys.stderr, flush=True)

    def finished(self, outcome: Outcome) -> None:
        self.ended += 1
        self.said = time.monotonic()
        clear = "\r\x1b[K" if self.live else ""
        words = {
            "done": "done",
            "kept": "up to date, kept",
            "text": "new text, results kept",
            "failed": "FAILED",
        }[outcome.status]
        words += f" (other data: {outcome.remark})" if outcome.remark else ""
        elapsed = time.monotonic() - self.start
        print(f"{clear}[{elapsed:6.1f} s] {outcome.stem}: {words}", file=sys.stderr, flush=True)


def report(outcomes: list[Outcome], tree: Path) -> str:
    """The closing table: seconds, claims and verdicts by notebook, failures with their cells."""
    claims = ledger.load_claims()
    records = ledger.all_records(tree)
    width = max(len(outcome.stem) for outcome in outcomes)
    lines = ["", f"{'notebook':<{width}}  {'status':<6}  {'seconds':>7}  {'claims':>6}  verdicts"]
    for outcome in outcomes:
        checked = [
            records[key]
            for key in records
            if key in claims and claims[key].notebook == outcome.stem
        ]
        counts = (
            Counter(record.verdict for record in checked)
            if outcome.status != "failed" and not outcome.remark
            else {}
        )
        verdicts = ", ".join(
            f"{counts[name]} {name}" for name in ledger.VERDICTS if counts.get(name)
        )
        lines.append(
            f"{outcome.stem:<{width}}  {outcome.status:<6}  {outcome.seconds:7.1f}  "
            f"{sum(counts.values()):6d}  {verdicts or '–'}"
        )
        if outcome.remark:
            place = paths.stand_in(tree).relative_to(paths.root())
            lines.append(
                f"{'':<{width}}  {outcome.remark}; results in {place}, "
                "none of the ledger's verdicts has changed"
            )
    for outcome in outcomes:
        if outcome.status == "failed":
            lines += ["", f"{outcome.stem} failed: {outcome.error}"]
            lines += [f"    {line}" for line in outcome.traceback.splitlines()[-30:]]
    return "\n".join(lines)
