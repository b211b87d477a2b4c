"""The processes that execute notebooks, one each, and end with the run that started them."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from qdm_utils.companion import ledger, paths
from qdm_utils.companion.parallel.sweep import QUIET_VARIABLE
from qdm_utils.companion.parallel.task import ONE_THREAD
from qdm_utils.companion.sources.notebook import Source

# Bytes; a disk with less left could not take what a worker has to say.
ROOM_FOR_A_RESULT = 2**17


class Workers:
    """The processes that execute notebooks; they end with the `with` block, however it is left.

    Args:
        cell_limit: seconds that one cell may take; None for as long as it wants.
    """

    def __init__(self, cell_limit: int | None = None) -> None:
        self.cell_limit = cell_limit
        self.scratches: dict[str, tuple[Path, float]] = {}
        self._processes: list[subprocess.Popen] = []
        self._stopped = False

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Kill every process still running; their kernels end with them."""
        self._stopped = True
        for process in self._processes:
            process.kill()

    def execute(
        self, source: Source, parameters: dict[str, Any], tree: Path
    ) -> tuple[dict, Path, float]:
        """Run one notebook in a fresh scratch folder; returns (result, scratch folder, seconds)."""
        start = time.monotonic()
        scratch = paths.build() / "scratch" / source.stem
        try:
            scratch.mkdir(parents=True)
            changed = {
                name: value
                for name, value in parameters.items()
                if value != source.parameters[name]
            }
            job = {
                "stem": source.stem,
                "text": source.text,
                "changed": changed,
                "claims": sorted(ledger.required(ledger.claims_of(source.stem))),
                "cell_limit": self.cell_limit,
                "output": str(scratch / "output"),
            }
            (scratch / "job.json").write_text(json.dumps(job), encoding="utf-8")
            result = self._process(source.stem, scratch, tree, start)
        except OSError as error:
            result = {"error": f"could not prepare {scratch}: {error.strerror or error}"}
        self.scratches.pop(source.stem, None)
        return result, scratch, time.monotonic() - start

    def _process(self, stem: str, scratch: Path, tree: Path, start: float) -> dict:
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in ("PYTHONWARNINGS", "PYTHONSTARTUP")
            },
            **ONE_THREAD,
            QUIET_VARIABLE: "1",
            "QDM_ROOT": str(paths.root()),
            paths.OUTPUT_VARIABLE: str(scratch / "output"),
            # A side tree without records of its own shows the published ones.
            paths.RECORDS_VARIABLE: str(
                tree if any(paths.processed(tree).glob("*.ledger.json")) else paths.root()
            ),
            # What a user's own settings of Matplotlib and IPython would change in the results.
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "IPYTHONDIR": str(scratch / "ipython"),
            "PYTHONHASHSEED": "0",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        noise = scratch / "stderr.txt"
        with noise.open("w", encoding="utf-8") as stderr:
            # A session of its own keeps the terminal's Ctrl-C from it; it ends when its standard
            # input closes.
            process = subprocess.Popen(
                [sys.executable, "-m", "qdm_utils.companion.runner.execute", str(scratch)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=environment,
                start_new_session=True,
            )
        with process:
            self._processes.append(process)
            if self._stopped:  # stopped while this one was being started
                process.kill()
            self.scratches[stem] = (scratch, start)
            while process.poll() is None:
                time.sleep(0.05)
        try:
            return json.loads((scratch / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            end = f"its process ended with exit code {process.returncode}"
            if shutil.disk_usage(scratch).free < ROOM_FOR_A_RESULT:
                end = f"No space left on device for {scratch}; free some and run again"
            return {"error": end, "traceback": noise.read_text(encoding="utf-8").strip()}
