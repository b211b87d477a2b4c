"""The command line: `python -m qdm_utils run | verify | campaign | ledger`, see `--help`.

Commands of the physics, such as `score`, are handed over by `qdm_utils.__main__`.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from qdm_utils.companion import ledger, paths, verification
from qdm_utils.companion.campaigns import CampaignError
from qdm_utils.companion.campaigns import command as campaigns_command
from qdm_utils.companion.runner import progress, resume, run
from qdm_utils.companion.runner.publish import PublishError, refresh_pages, stale_pages
from qdm_utils.companion.sources.notebook import NotebookError

DESCRIPTION = "Run notebooks and campaigns, verify what is published, keep the ledger."


@dataclass(frozen=True)
class Command:
    """A command from outside the companion, which knows no physics.

    Args:
        name: what is typed.
        help: a line for the list of commands.
        add_arguments: declares its arguments.
        run: does what was asked and returns the exit code.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def _parser(others: Sequence[Command] = ()) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qdm_utils", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="run the notebooks and publish figures, data, ledger")
    runs.add_argument(
        "--list",
        action="store_true",
        help="show the notebooks and whether they are up to date; run nothing",
    )
    runs.add_argument("--force", action="store_true", help="run also what is up to date")
    runs.add_argument(
        "-p",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="given",
        help="set a parameter; results then go to build/custom, not over the published ones",
    )
    verify = commands.add_parser(
        "verify",
        help="run everything anew under build/verify and compare it with what is published",
    )
    for command in (runs, verify):
        command.add_argument(
            "--only",
            nargs="+",
            action="extend",
            default=[],
            metavar="NN",
            help="these notebooks, by number or name",
        )
        command.add_argument(
            "--jobs", type=int, default=1, metavar="N", help="notebooks at a time (default 1)"
        )
        command.add_argument(
            "--cell-limit",
            type=int,
            metavar="SECONDS",
            help="end a notebook whose cell runs longer (default: no limit)",
        )
    runs.add_argument(
        "--preset",
        default="paper",
        help="paper (default), or a file of notebooks/presets such as smoke",
    )
    campaigns_command.add_arguments(
        commands.add_parser(
            "campaign", help="compute what is missing of the records that notebooks draw from"
        )
    )
    commands.add_parser(
        "ledger", help="bring the README's claims table up to date and name what is missing"
    )
    for other in others:
        other.add_arguments(commands.add_parser(other.name, help=other.help))
    return parser


def _given(pairs: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise NotebookError(f"Argument `-p` must be NAME=VALUE, but got {pair!r}.")
        if name in given:
            raise NotebookError(
                f"Argument `-p` sets `{name}` twice, to {given[name]!r} and to {value!r}."
            )
        given[name] = _value(name, value)
    return given


def _value(name: str, text: str) -> object:
    """A number as Python reads it (YAML would take 1e-4 for text), anything else as YAML."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise NotebookError(f"Argument `{name}` must be a YAML value, but got {text!r}.") from None


def _options(arguments: argparse.Namespace, **fixed: Any) -> run.Options:
    if arguments.jobs < 1:
        raise NotebookError(f"Argument `--jobs` must be ≥ 1, but got {arguments.jobs}.")
    limit = arguments.cell_limit
    if limit is not None and limit < 1:
        raise NotebookError(f"Argument `--cell-limit` must be ≥ 1, but got {limit}.")
    return run.Options(only=tuple(arguments.only), jobs=arguments.jobs, cell_limit=limit, **fixed)


def _run(arguments: argparse.Namespace) -> int:
    options = _options(
        arguments, preset=arguments.preset, given=_given(arguments.given), force=arguments.force
    )
    if arguments.list:
        return _list(options)
    outcomes = run.run(options)
    tree = run.target_tree(options)
    print(progress.report(outcomes, tree))
    if tree != paths.root():
        print(
            f"\nWritten to {tree.relative_to(paths.root())}; "
            "the published figures and ledger are untouched."
        )
    elif options.only and (stale := run.stale_overview()):
        print(f"\n{stale} shows the ledger as it was; run without --only to bring it up to date.")
    return 1 if any(outcome.status == "failed" for outcome in outcomes) else 0


def _list(options: run.Options) -> int:
    ready, failed = run.plan(options)
    tree = run.target_tree(options)
    for stem, (source, parameters) in ready.items():
        key, kept = resume.standing(source, parameters, tree)
        state = "to run" if kept is None else f"up to date ({resume.done(stem, kept, key):.0f} s)"
        print(f"{stem:<28} {state:<18} {len(ledger.claims_of(stem)):>3} claims  {source.title}")
        if kept is not None and (remark := resume.remark(stem, kept)):
            print(f"{'':<28} other data: {remark}")
        print(f"{'':<28} {', '.join(f'{name}={value!r}' for name, value in parameters.items())}")
    for outcome in failed:
        print(f"{outcome.stem:<28} {outcome.error}")
    return 1 if failed else 0


def _verify(arguments: argparse.Namespace) -> int:
    verification.load_bands()  # refused now if unreadable, not after the computing
    tree = paths.build() / "verify"
    shutil.rmtree(tree, ignore_errors=True)
    outcomes = run.run(_options(arguments, tree=tree, force=True))
    print(progress.report(outcomes, tree))
    compared = [
        verification.compare(outcome.stem, tree)
        for outcome in outcomes
        if outcome.status != "failed" and not outcome.remark
    ]
    print(f"\n{verification.report(compared)}")
    without_data = [outcome.stem for outcome in outcomes if outcome.remark]
    print("".join(f"not compared, its data are missing: {stem}\n" for stem in without_data), end="")
    stale = [str(path.relative_to(paths.root())) for path in stale_pages()]
    print("".join(f"differs: {name}: not what the records give\n" for name in stale), end="")
    bad = any(outcome.status == "failed" for outcome in outcomes) or bool(without_data or stale)
    bad = bad or any(row.drifts for row in compared)
    print(
        "What was regenerated does not mean the same as what is published."
        if bad
        else "What was regenerated means the same as what is published."
    )
    return int(bad)


def _ledger() -> int:
    refresh_pages()
    found = ledger.problems(paths.root())
    print("\n".join(found) or "Every checked claim has its record.")
    return 1 if found else 0


def main(argv: list[str] | None = None, others: Sequence[Command] = ()) -> int:
    """Run a command and return its exit code.

    0 when all went well, 1 when a notebook failed, 2 when the request was refused, 130 on Ctrl-C.
    """
    arguments = _parser(others).parse_args(argv)
    for other in others:
        if other.name == arguments.command:
            return other.run(arguments)
    if named := os.environ.get(paths.DATA_VARIABLE):
        # Relative to where the user stands, who is not where the notebooks run.
        os.environ[paths.DATA_VARIABLE] = str(Path(named).absolute())
    try:
        if arguments.command == "run":
            return _run(arguments)
        if arguments.command == "campaign":
            return campaigns_command.main(arguments)
        return _verify(arguments) if arguments.command == "verify" else _ledger()
    except (NotebookError, PublishError, CampaignError, ledger.LedgerError) as error:
        print(f"qdm_utils: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\nInterrupted. Finished notebooks and records are kept; "
            "the same command goes on from there.",
            file=sys.stderr,
        )
        return 130
