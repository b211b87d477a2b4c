"""Run the notebooks in order: check, execute in scratch, publish atomically, resume where a run was cut off."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

from qdm_utils.companion import ledger, paths, publish, resume
from qdm_utils.companion.execute import cells_done
from qdm_utils.companion.source import NotebookError, Source, read_preset, read_source, stems
from qdm_utils.companion.sweep import QUIET_VARIABLE

# Results must not depend on how many threads a machine has; parallel work is spread over processes instead.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Options:
    """What a run was asked for; `given` are the parameters of `-p`."""

    only: tuple[str, ...] = ()
    preset: str = "paper"
    given: dict[str, Any] = field(default_factory=dict)
    jobs: int = 1
    force: bool = False
    tree: Path | None = None  # where to publish instead of the preset's own place


@dataclass
class Outcome:
    """How one notebook ended: status is "done", "kept" (nothing to do) or "failed"."""

    stem: str
    status: str
    seconds: float = 0.0
    error: str = ""
    traceback: str = ""


def target_tree(options: Options) -> Path:
    """The paper preset publishes into the project; presets and `-p` write beside it, under build/."""
    if options.tree is not None:
        return options.tree
    if options.given:
        return paths.build() / "custom"
    return paths.root() if options.preset == "paper" else paths.build() / options.preset


def select(only: tuple[str, ...]) -> list[str]:
    """The stems that `only` names, by number ("04") or in full; all of them when it is empty."""
    known = stems()
    if not known:
        raise NotebookError(f"There are no notebooks in {paths.notebooks(paths.root())}.")
    for name in only:
        if not any(name in (stem, stem[:2]) for stem in known):
            raise NotebookError(f"There is no notebook {name!r}; the notebooks are: {', '.join(known)}.")
    return [stem for stem in known if not only or stem in only or stem[:2] in only]


def plan(options: Options) -> tuple[dict[str, tuple[Source, dict[str, Any]]], list[Outcome]]:
    """Read and check every selected notebook before any runs.

    Returns:
        (sources with their parameters by stem, failures of notebooks whose own text is at fault).

    Raises:
        NotebookError: the request itself is wrong: unknown notebook, preset, parameter, or a value of the wrong type.
    """
    selected, preset = select(options.only), read_preset(options.preset)
    ready, failed, sources = {}, [], {}
    for stem in selected:
        try:
            sources[stem] = read_source(stem)
            _check_kernel(sources[stem])
            _check_claims(sources[stem])
        except (NotebookError, SyntaxError, OSError) as error:
            failed.append(Outcome(stem, "failed", error=str(error)))
            sources.pop(stem, None)
    for name in options.given:
        if sources and not any(name in source.parameters for source in sources.values()):
            known = sorted({name for source in sources.values() for name in source.parameters})
            raise NotebookError(
                f"No selected notebook ({', '.join(sources)}) has a parameter `{name}`; they have: {', '.join(known)}."
            )
    for stem, source in sources.items():
        given = {name: value for name, value in options.given.items() if name in source.parameters}
        ready[stem] = (source, source.resolve({**preset.get(stem, {}), **given}))
    return ready, failed


def _check_kernel(source: Source) -> None:
    installed = KernelSpecManager().find_kernel_specs()
    if source.kernel not in installed:
        raise NotebookError(
            f"{source.path.name} wants the kernel {source.kernel!r}, which is not installed (there is: "
            f"{', '.join(sorted(installed)) or 'none'}). Correct its header, or install the kernel with `make figures`."
        )


def _check_claims(source: Source) -> None:
    listed, assigned = set(source.claims), set(ledger.claims_of(source.stem))
    if listed != assigned:
        raise NotebookError(
            f"{source.path.name} and data/claims.toml disagree on its claims: "
            f"{', '.join(sorted(listed ^ assigned))} stand in only one of them."
        )


def run(options: Options) -> list[Outcome]:
    """Run what is selected and not yet done; one outcome per notebook, in order.

    Raises:
        NotebookError, PublishError: nothing was run, nothing published has changed.
    """
    tree = target_tree(options)
    ready, failed = plan(options)
    with _only_one_run():
        publish.require_writable(tree)
        publish.recover(tree)
        shutil.rmtree(paths.build() / "scratch", ignore_errors=True)
        progress = _Progress(len(ready))
        outcomes = list(failed)
        for outcome in failed:
            progress.finished(outcome)
        # The overview reads what the others recorded, so it waits for them.
        overview = [stem for stem in ready if stem.startswith("00_")]
        for batch in ([stem for stem in ready if stem not in overview], overview):
            outcomes += _run_batch([ready[stem] for stem in batch], tree, options, progress)
    order = stems()
    return sorted(outcomes, key=lambda outcome: order.index(outcome.stem))


def _run_batch(jobs: list, tree: Path, options: Options, progress: "_Progress") -> list[Outcome]:
    outcomes, waiting, running = [], [], {}
    for source, parameters in jobs:
        key = resume.fingerprint(source, parameters, tree)
        seconds = None if options.force else resume.done(source.stem, tree, key)
        if seconds is None:
            waiting.append((source, parameters, key))
        else:
            outcomes.append(Outcome(source.stem, "kept", seconds))
            progress.finished(outcomes[-1])
    with ThreadPoolExecutor(max_workers=options.jobs) as pool, _Workers() as workers:
        for source, parameters, key in waiting:
            running[pool.submit(workers.execute, source, parameters, tree)] = (source.stem, key)
        while running:
            finished, _ = wait(running, timeout=0.5)
            progress.show(workers.scratches)
            for future in finished:
                stem, key = running.pop(future)
                outcomes.append(_publish(stem, key, tree, *future.result()))
                progress.finished(outcomes[-1])
    return outcomes


def _publish(stem: str, key: str, tree: Path, result: dict, scratch: Path, seconds: float) -> Outcome:
    if "error" in result:
        return Outcome(stem, "failed", seconds, result["error"], result.get("traceback", ""))
    try:
        files = publish.publish(stem, result["rendered"], scratch / "output", tree)
        resume.remember(stem, tree, key, seconds, files)
    except (publish.PublishError, OSError) as error:
        return Outcome(stem, "failed", seconds, str(error))
    shutil.rmtree(scratch, ignore_errors=True)
    return Outcome(stem, "done", seconds)


class _Workers:
    """The processes that execute notebooks; they end with the `with` block, however it is left."""

    def __init__(self) -> None:
        self.scratches: dict[str, tuple[Path, float]] = {}
        self._processes: list[subprocess.Popen] = []

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()

    def execute(self, source: Source, parameters: dict[str, Any], tree: Path) -> tuple[dict, Path, float]:
        """Run one notebook in a fresh scratch folder; returns (result, scratch folder, seconds)."""
        start = time.monotonic()
        scratch = paths.build() / "scratch" / source.stem
        try:
            scratch.mkdir(parents=True)
            changed = {name: value for name, value in parameters.items() if value != source.parameters[name]}
            job = {
                "stem": source.stem,
                "text": source.text,
                "changed": changed,
                "claims": source.claims,
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
            **os.environ,
            **ONE_THREAD,
            QUIET_VARIABLE: "1",
            "QDM_ROOT": str(paths.root()),
            paths.OUTPUT_VARIABLE: str(scratch / "output"),
            paths.RECORDS_VARIABLE: str(tree),
            "PYTHONHASHSEED": "0",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        # A session of its own keeps the terminal's Ctrl-C from it; it ends when this process closes its standard input.
        process = subprocess.Popen(
            [sys.executable, "-m", "qdm_utils.companion.execute", str(scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
            text=True,
        )
        self._processes.append(process)
        self.scratches[stem] = (scratch, start)
        noise = process.stderr.read()
        process.wait()
        try:
            return json.loads((scratch / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {
                "error": f"its process ended with exit code {process.returncode}",
                "traceback": noise[-4000:].strip(),
            }


class _Progress:
    """One line per finished notebook; on a terminal also a line that moves with the cells of the running ones."""

    def __init__(self, count: int) -> None:
        self.count, self.ended, self.start = count, 0, time.monotonic()
        self.live = sys.stderr.isatty()

    def show(self, scratches: dict[str, tuple[Path, float]]) -> None:
        if not self.live:
            return
        parts = []
        for stem, (scratch, start) in list(scratches.items()):
            ran, cells = cells_done(scratch)
            parts.append(f"{stem} cell {ran}/{cells} {time.monotonic() - start:.0f} s")
        print(f"\r\x1b[K[{self.ended}/{self.count}] {' · '.join(parts)}", end="", file=sys.stderr, flush=True)

    def finished(self, outcome: Outcome) -> None:
        self.ended += 1
        clear = "\r\x1b[K" if self.live else ""
        words = {"done": "done", "kept": "up to date, kept", "failed": "FAILED"}[outcome.status]
        elapsed = time.monotonic() - self.start
        print(f"{clear}[{elapsed:6.1f} s] {outcome.stem}: {words}", file=sys.stderr, flush=True)


@contextmanager
def _only_one_run() -> Iterator[None]:
    """Hold the project's run lock; the system releases it when this process ends, however it ends."""
    lock = paths.build() / "run.lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("w")
    except OSError as error:
        raise publish.PublishError(
            f"Cannot write to {lock.parent}: {error.strerror}. Make it writable, then run again."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise publish.PublishError("Another run is under way in this project; wait for it or stop it first.") from None
        yield


def report(outcomes: list[Outcome], tree: Path) -> str:
    """The closing table: notebook, seconds, claims checked, verdicts; failures with cell and traceback below."""
    claims, records = ledger.load_claims(), ledger.all_records(tree)
    width = max(len(outcome.stem) for outcome in outcomes)
    lines = ["", f"{'notebook':<{width}}  {'status':<6}  {'seconds':>7}  {'claims':>6}  verdicts"]
    for outcome in outcomes:
        checked = [records[key] for key in records if key in claims and claims[key].notebook == outcome.stem]
        counts = Counter(record.verdict for record in checked) if outcome.status != "failed" else {}
        verdicts = ", ".join(f"{counts[name]} {name}" for name in ledger.VERDICTS if counts.get(name))
        lines.append(
            f"{outcome.stem:<{width}}  {outcome.status:<6}  {outcome.seconds:7.1f}  {sum(counts.values()):6d}  {verdicts or '–'}"
        )
    for outcome in outcomes:
        if outcome.status == "failed":
            lines += ["", f"{outcome.stem} failed: {outcome.error}"]
            lines += [f"    {line}" for line in outcome.traceback.splitlines()[-30:]]
    return "\n".join(lines)
