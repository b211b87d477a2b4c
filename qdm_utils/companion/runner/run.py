"""Run the notebooks in order: check all, execute in scratch, publish whole, keep what stands."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

from qdm_utils.companion import ledger, locks, paths
from qdm_utils.companion.campaigns import CampaignError, check
from qdm_utils.companion.runner import publish, resume
from qdm_utils.companion.runner.progress import Outcome, Progress
from qdm_utils.companion.runner.workers import Workers
from qdm_utils.companion.sources.notebook import (
    NotebookError,
    Source,
    read_preset,
    read_source,
    stems,
)


@dataclass(frozen=True)
class Options:
    """What a run was asked for; `given` are the parameters of `-p`."""

    only: tuple[str, ...] = ()
    preset: str = "paper"
    given: dict[str, Any] = field(default_factory=dict)
    jobs: int = 1
    force: bool = False
    cell_limit: int | None = None  # seconds that one cell may take
    tree: Path | None = None  # where to publish instead of the preset's own place


def target_tree(options: Options) -> Path:
    """The paper preset publishes into the project, presets and `-p` write under build/."""
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
            raise NotebookError(
                f"There is no notebook {name!r}; the notebooks are: {', '.join(known)}."
            )
    return [stem for stem in known if not only or stem in only or stem[:2] in only]


def plan(options: Options) -> tuple[dict[str, tuple[Source, dict[str, Any]]], list[Outcome]]:
    """Read and check every selected notebook before any runs.

    Returns:
        (sources with their parameters by stem, failures of notebooks whose own text is at fault).

    Raises:
        NotebookError: the request itself is wrong: unknown notebook, preset or parameter, a value
            of the wrong type or out of range.
    """
    preset = read_preset(options.preset)
    ready: dict[str, tuple[Source, dict[str, Any]]] = {}
    failed: list[Outcome] = []
    sources: dict[str, Source] = {}
    for stem in select(options.only):
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
                f"No selected notebook ({', '.join(sources)}) has a parameter `{name}`; "
                f"they have: {', '.join(known)}."
            )
    for stem, source in sources.items():
        given = {name: value for name, value in options.given.items() if name in source.parameters}
        parameters = source.resolve({**preset.get(stem, {}), **given})
        try:
            check(stem, parameters)
            ready[stem] = (source, parameters)
        except CampaignError as error:
            failed.append(Outcome(stem, "failed", error=str(error)))
    return ready, failed


def _check_kernel(source: Source) -> None:
    installed = KernelSpecManager().find_kernel_specs()
    if source.kernel not in installed:
        raise NotebookError(
            f"{source.path.name} wants the kernel {source.kernel!r}, which is not installed "
            f"(there is: {', '.join(sorted(installed)) or 'none'}). Correct its header, or install "
            "the kernel with `make figures`."
        )


def _check_claims(source: Source) -> None:
    code = "\n".join(cell["source"] for cell in source.code_cells)
    claims = ledger.claims_of(source.stem)
    try:
        ledger.refuse_bad_calls(source.path.name, code, claims)
    except ledger.LedgerError as error:  # of this notebook alone: the others run
        raise NotebookError(str(error)) from None


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
        # What cannot be read is refused now, not after the computing.
        publish.manifest_rows(tree)
        ledger.all_records(tree)
        shutil.rmtree(paths.build() / "scratch", ignore_errors=True)
        progress = Progress(len(ready))
        outcomes = list(failed)
        for outcome in failed:
            progress.finished(outcome)
        # The overview reads what the others recorded, so it waits for them.
        overview = [stem for stem in ready if stem.startswith("00_")]
        for batch in ([stem for stem in ready if stem not in overview], overview):
            outcomes += _run_batch([ready[stem] for stem in batch], tree, options, progress)
        if tree == paths.root():
            publish.refresh_pages()
    order = stems()
    return sorted(outcomes, key=lambda outcome: order.index(outcome.stem))


def stale_overview() -> str | None:
    """The overview's stem when the published one no longer shows the ledger as it is."""
    overview = [stem for stem in stems() if stem.startswith("00_")]
    if not overview:
        return None
    source = read_source(overview[0])
    key = resume.fingerprint(source, source.parameters, paths.root())
    return None if resume.done(source.stem, paths.root(), key) is not None else source.stem


def _run_batch(jobs: list, tree: Path, options: Options, progress: Progress) -> list[Outcome]:
    outcomes: list[Outcome] = []
    waiting = []
    running = {}
    for source, parameters in jobs:
        key, kept = resume.standing(source, parameters, tree)
        if (
            kept is not None
            and not options.force
            and (text := resume.renewed(source, kept)) is not None
        ):
            outcomes.append(_keep(source.stem, key, kept, text))
            progress.finished(outcomes[-1])
        else:
            waiting.append((source, parameters, key))
    with (
        Workers(options.cell_limit) as workers,
        ThreadPoolExecutor(max_workers=options.jobs) as pool,
    ):
        for source, parameters, key in waiting:
            running[pool.submit(workers.execute, source, parameters, tree)] = (source.stem, key)
        try:
            while running:
                finished, _ = wait(running, timeout=0.5)
                progress.show(workers.scratches)
                for future in finished:
                    stem, key = running.pop(future)
                    outcomes.append(_publish(stem, key, tree, *future.result()))
                    progress.finished(outcomes[-1])
        except BaseException:
            # Ctrl-C: nothing that waits may start, nothing that runs may go on.
            pool.shutdown(wait=False, cancel_futures=True)
            workers.stop()
            raise
    return outcomes


def _keep(stem: str, key: str, tree: Path, text: str) -> Outcome:
    """The outcome of a notebook whose results stand in `tree`; a new text is published."""
    seconds = resume.done(stem, tree, key) or 0.0
    remark = resume.remark(stem, tree)
    if text == (paths.notebooks(tree) / f"{stem}.ipynb").read_text(encoding="utf-8"):
        return Outcome(stem, "kept", seconds, remark=remark)
    try:
        resume.note_renewed(stem, tree, publish.publish_text(stem, text, tree))
    except (publish.PublishError, OSError) as error:
        return Outcome(stem, "failed", seconds, str(error))
    return Outcome(stem, "text", seconds, remark=remark)


def _publish(
    stem: str, key: str, tree: Path, result: dict, scratch: Path, seconds: float
) -> Outcome:
    if "error" in result:
        return Outcome(stem, "failed", seconds, result["error"], result.get("traceback", ""))
    marker = scratch / "output" / paths.STAND_IN
    remark = marker.read_text(encoding="utf-8") if marker.exists() else ""
    tree = paths.stand_in(tree) if remark else tree
    try:
        files = publish.publish(stem, result["rendered"], scratch / "output", tree)
        resume.remember(stem, tree, key, seconds, files, remark)
    except (publish.PublishError, OSError) as error:
        return Outcome(stem, "failed", seconds, str(error))
    shutil.rmtree(scratch, ignore_errors=True)
    return Outcome(stem, "done", seconds, remark=remark)


@contextmanager
def _only_one_run() -> Iterator[None]:
    busy = publish.PublishError(
        "Another run is under way in this project; wait for it or stop it first."
    )
    with ExitStack() as held:
        try:
            held.enter_context(locks.hold("run", busy))
        except OSError as error:
            raise publish.PublishError(
                f"Cannot write to {paths.build()}: {error.strerror}. "
                "Make it writable, then run again."
            ) from error
        yield
