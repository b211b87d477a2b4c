"""`python -m qdm_utils`: run notebooks, verify what is published, keep the ledger, score states.

This is where the companion and the physics meet: neither imports the other.
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from qdm_utils.arguments import demand, whole_number
from qdm_utils.companion.cli import Command, main

MAGIC = b"\x93NUMPY"  # the first bytes of every .npy file
TASKS = "cluster-1, cluster-2, circle, noise, ising or haar"


def add_score_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `score`."""
    parser.add_argument("task", metavar="TASK", help=TASKS)
    parser.add_argument(
        "file", metavar="FILE.npy", type=Path, help="states of norm 1, shape (count, 2**n)"
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="where report and figure go (default: beside FILE)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of data and choices (default 0)"
    )


def score_file(arguments: argparse.Namespace) -> int:
    """Score the states of a file: print the report and write it, with a figure, as FILE.score.*

    Returns:
        0 when they were scored, whatever came out; 2 when they were refused; 130 on Ctrl-C.
    """
    try:
        states, source = _load(arguments.file)
        seed = whole_number("--seed", arguments.seed, 0)
        folder = arguments.out or arguments.file.parent
        folder.mkdir(parents=True, exist_ok=True)
        # Written beside their place and moved there whole.
        with TemporaryDirectory(prefix=".score-", dir=folder) as parts:
            report = _write_score(states, arguments.task, seed, source, arguments.file, Path(parts))
            names = sorted(part.name for part in Path(parts).iterdir())
            for name in names:
                os.replace(Path(parts) / name, folder / name)
        # Printed last: whoever reads the first lines only still finds all files.
        print(report)
        for name in names:
            print(f"Written: {folder / name}")
    except ValueError as error:
        print(f"qdm_utils: {error}.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"qdm_utils: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted; nothing was written.", file=sys.stderr)
        return 130
    return 0


def _load(file: Path) -> tuple[np.ndarray, str]:
    """The array of an .npy file, and a line that says which file it was."""
    with file.open("rb") as handle:
        wanted = "be an .npy file, as numpy.save writes it"
        demand(handle.read(len(MAGIC)) == MAGIC, "FILE", wanted, f"{str(file)!r}")
        handle.seek(0)
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    try:
        # A map reads nothing at once, so that a header that promises too much is refused.
        states = np.load(file, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy hands on whatever its parsers make of a damaged header
        what = str(error).split("\n")[0].rstrip(".")
        got = f"{str(file)!r}: {what}"
        raise ValueError(
            f"Argument `FILE` must be a whole .npy file of numbers, but got {got}"
        ) from None
    return states, f"States: `{file.name}`, sha256 `{digest}`."


def _write_score(
    states: np.ndarray, task: str, seed: int, source: str, file: Path, folder: Path
) -> str:
    """Write report and figure to a folder; the report."""
    # Both load slowly, and the other commands need neither.
    import matplotlib.pyplot as plt

    from qdm_utils.companion.figures import PAGE, save_figure, use_style
    from qdm_utils.qubits.generation import score
    from qdm_utils.qubits.generation.plots import score_page

    found = score(states, task, seed)
    use_style()
    figure = plt.figure(figsize=(PAGE, 3.2))
    score_page(figure, found)
    name = f"{file.stem}.score"
    save_figure(figure, folder, name)
    plt.close(figure)
    report = found.report(source)
    (folder / f"{name}.md").write_text(f"{report}\n![Score]({name}.png)\n", encoding="utf-8")
    return report


COMMANDS = (
    Command(
        "score",
        "say whether the states of a file can be told from data of a task (docs/scoring.md)",
        add_score_arguments,
        score_file,
    ),
)

if __name__ == "__main__":
    sys.exit(main(others=COMMANDS))
