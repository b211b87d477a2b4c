"""`python -m qdm_utils campaign`: what it does, says, and returns."""

import argparse
import sys

from qdm_utils.companion import locks
from qdm_utils.companion.campaigns import work
from qdm_utils.companion.campaigns.declaration import Campaign, CampaignError, load, select
from qdm_utils.companion.campaigns.records import STANDINGS, survey
from qdm_utils.companion.parallel.sweep import default_workers
from qdm_utils.companion.parallel.task import SweepError

BUSY = "Another campaign is under way in this project; wait for it or stop it first."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="these campaigns, by number or name (default: all)"
    )
    actions = parser.add_mutually_exclusive_group()
    actions.add_argument(
        "--status",
        action="store_true",
        help="show what is done, stale, missing and damaged, and the hours left; compute nothing",
    )
    actions.add_argument(
        "--revalidate",
        nargs="?",
        type=int,
        const=work.SAMPLE,
        metavar="K",
        help="compute a random sample of K stale records (default 3) again; if they come out the "
        "same, all stale records count as made by the present code",
    )
    actions.add_argument(
        "--prune", action="store_true", help="delete the records of another grid; compute nothing"
    )
    parser.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="processes on this machine (default: one per core); with --status the hours on N "
        "processes, or workers of a cluster",
    )


def main(arguments: argparse.Namespace) -> int:
    """Do what was asked; 0 if all went well, 1 if something failed or, with --status, is left.

    Raises:
        CampaignError: the request is refused.
    """
    for name, value in (("--jobs", arguments.jobs), ("--revalidate", arguments.revalidate)):
        if value is not None and value < 1:
            raise CampaignError(f"Argument `{name}` must be ≥ 1, but got {value}.")
    try:
        default_workers()
    except ValueError as error:
        raise CampaignError(f"{error}.") from None
    campaigns = [load(stem) for stem in select(arguments.names)]
    if arguments.status:
        return _status(campaigns, arguments.jobs or default_workers())
    try:
        with locks.hold("campaign", CampaignError(BUSY)):
            failed = [_act(campaign, arguments) for campaign in campaigns]
    except SweepError as error:
        print(f"{error} What was finished is kept.", file=sys.stderr)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(
            f"A record could not be written: {error.strerror or error}{where}. What was finished "
            "is kept; mend this, then run the same command again.",
            file=sys.stderr,
        )
        return 1
    return int(any(failed))


def _act(campaign: Campaign, arguments: argparse.Namespace) -> bool:
    """Do one campaign; whether anything went wrong."""
    stem = campaign.stem
    if arguments.prune:
        gone = work.prune(campaign)
        print(f"{stem}: {_records(len(gone))} of another grid deleted", *gone, sep="\n  ")
        return False
    if arguments.revalidate is not None:
        stamped, failures = work.revalidate(campaign, arguments.revalidate, arguments.jobs)
        if failures:
            failures.append("Nothing was changed.")
        else:
            print(f"{stem}: {_records(stamped)} good for the present code")
    else:
        written, failures = work.compute(campaign, arguments.jobs)
        kept = len(campaign.tasks) - written - len(failures)
        print(f"{stem}: {_records(written)} written, {kept} kept")
    print("\n".join(failures), end="\n" if failures else "", file=sys.stderr)
    return bool(failures)


def _records(count: int) -> str:
    return f"{count} record{'' if count == 1 else 's'}"


def _status(campaigns: list[Campaign], workers: int) -> int:
    width = max((len(campaign.stem) for campaign in campaigns), default=8)
    hours = {"core-hours left": 1, f"hours on {workers}": workers}
    print(
        f"{'campaign':<{width}}",
        *(f"{name:>8}" for name in STANDINGS),
        *(f"{name:>{len(name) + 1}}" for name in hours),
    )
    complete = True
    for campaign in campaigns:
        found = survey(campaign)
        counts = found.counts()
        left = {name: work.hours_left(campaign, found, shared) for name, shared in hours.items()}
        print(
            f"{campaign.stem:<{width}}",
            *(f"{counts[name]:>8}" for name in STANDINGS),
            *(f"{value:>{len(name) + 1}.2f}" for name, value in left.items()),
        )
        complete = complete and found.complete
    return 0 if complete else 1
