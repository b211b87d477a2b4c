"""Execute one notebook in a process of its own, in a scratch folder.

The process is `python -m qdm_utils.companion.runner.execute SCRATCH`. SCRATCH/job.json says what to
run; SCRATCH/result.json says how it went. Nothing outside SCRATCH is written. The process ends with
its parent: when standard input closes, it and its kernel stop.
"""

import json
import os
import re
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

from qdm_utils.companion import ledger
from qdm_utils.companion.paths import EXECUTED
from qdm_utils.companion.sources.notebook import normalise

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SAVE_EVERY = 1.0  # seconds


class SparingEngine(NBClientEngine):
    """papermill's engine, which here saves the notebook at most once in `SAVE_EVERY`.

    By itself it saves the whole notebook at both ends of every cell.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, *args: Any, **kwargs: Any
    ) -> None:
        save = nb_man.save

        def save_sparingly(**_: Any) -> None:
            if (nb_man.now() - nb_man.last_save_time).total_seconds() >= SAVE_EVERY:
                save()

        nb_man.save = save_sparingly
        try:
            super().execute_managed_notebook(nb_man, *args, **kwargs)
        finally:
            nb_man.save = save  # papermill's own last save must come, also of a kernel that died


papermill_engines.register("sparing", SparingEngine)


def execute(scratch: Path) -> dict:
    """Run the job of `scratch`: {"rendered": text} or {"error": sentence, "traceback": text}."""
    job = json.loads((scratch / "job.json").read_text(encoding="utf-8"))
    notebook = jupytext.reads(job["text"], fmt="py:percent")
    source = scratch / "source.ipynb"
    nbformat.write(notebook, source)
    try:
        papermill.execute_notebook(
            source,
            scratch / EXECUTED,
            parameters=job["changed"],
            engine_name="sparing",
            cwd=scratch,
            progress_bar=False,
            log_output=False,
            execution_timeout=job["cell_limit"],
        )
    except papermill.PapermillExecutionError:
        pass  # told below from the cell itself
    except CellTimeoutError:
        return {"error": f"{_last_started(scratch)} ran longer than {job['cell_limit']} s"}
    except DeadKernelError:
        return {"error": f"the kernel died in {_last_started(scratch)}, perhaps for want of memory"}
    executed = nbformat.read(scratch / EXECUTED, as_version=4)
    return _failure(executed, job) or {"rendered": normalise(executed, job["stem"])}


def _failure(executed: nbformat.NotebookNode, job: dict) -> dict | None:
    """Why an executed notebook does not count as done, or None.

    papermill raises for a cell that fails, but lets `sys.exit(0)`, warnings and unrun cells pass.
    """
    for position, cell in enumerate(_code_cells(executed), start=1):
        where = _where(position, cell)
        for output in cell.outputs:
            if output.output_type == "error":
                trace = (
                    ANSI.sub("", "\n".join(output.traceback)).strip()
                    or f"{output.ename}: {output.evalue}"
                )
                return {
                    "error": f"{where} raised {output.ename}: {output.evalue}",
                    "traceback": trace,
                }
            if output.get("name") == "stderr":
                return {
                    "error": f"{where} wrote to stderr, which no reader should see",
                    "traceback": output.text,
                }
        if cell.execution_count is None:
            return {"error": f"{where} did not run"}
    recorded = set(ledger.read_records(ledger.record_file(Path(job["output"]), job["stem"])))
    missing = sorted(set(job["claims"]) - recorded)
    return {"error": f"it never checked the claims {', '.join(missing)}"} if missing else None


def _code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def _where(position: int, cell: nbformat.NotebookNode) -> str:
    """A cell by the number Jupyter shows beside it, In [n], and its first line."""
    return f"cell [{position}] ({cell.source.strip().splitlines()[0][:60]})"


def _last_started(scratch: Path) -> str:
    cells = enumerate(_code_cells(nbformat.read(scratch / EXECUTED, as_version=4)), start=1)
    started = [(position, cell) for position, cell in cells if cell.metadata.papermill.start_time]
    return _where(*started[-1]) if started else "its first cell"


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main(scratch: Path) -> int:
    """Execute the job of `scratch` and write its result.json; an exit code."""
    try:
        result = json.dumps(execute(scratch))
        part = scratch / "result.part"
        part.write_text(result, encoding="utf-8")
        os.replace(part, scratch / "result.json")
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    code = main(Path(sys.argv[1]))
    sys.stderr.flush()
    os._exit(code)  # an ordinary exit would trip over the thread that still reads standard input
