"""``lighttouch allocate``: draw once, or replay a recorded draw."""

import csv
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from lighttouch.cli.support import FAULT_EXIT, say, utc_now


def allocate(
    study: Annotated[Path, typer.Argument(help="The study folder; with --verify also an archive.")],
    by: Annotated[str, typer.Option(help="Who runs the draw: a role or a code.")] = "",
    verify: Annotated[
        bool, typer.Option("--verify", help="Replay the recorded draw and compare.")
    ] = False,
) -> None:
    """Draw the allocation, once, or replay it.

    Drawing freezes the roster of participants first. With --verify the recorded draw is replayed.
    """
    if verify:
        _replay(study)
        return
    from lighttouch.core.archive.allocating import allocate_study
    from lighttouch.core.archive.layout import ALLOCATION_RECORD, ROSTER

    record = allocate_study(study, by=by, now=utc_now())
    counts = ", ".join(f"{arm} {number}" for arm, number in record.counts.items())
    say(f"Allocated: {counts}.")
    say(_say_exclusions(study / ROSTER))
    say(f"The secret is revealed in {study / ALLOCATION_RECORD}.")
    say(f"Anyone can replay the draw: lighttouch allocate {study} --verify")


def _say_exclusions(roster: Path) -> str:
    """Say how many people were left out before the draw, by rule of the trial file."""
    with roster.open(encoding="utf-8", newline="") as file:
        reasons = Counter(row["excluded_because"] for row in csv.DictReader(file))
    reasons.pop("", None)
    listed = ", ".join(f"{number} by {rule}" for rule, number in sorted(reasons.items()))
    return f"Left out before the draw: {listed or 'nobody'}."


def _replay(folder: Path) -> None:
    from lighttouch.core.archive.allocating import verify_allocation

    result = verify_allocation(folder)
    for line in result.lines:
        say(line)
    if not result.confirmed:
        raise typer.Exit(FAULT_EXIT)
