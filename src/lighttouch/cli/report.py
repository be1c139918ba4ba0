"""Commands that end in a report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lighttouch.cli.support import FAULT_EXIT, progress_bar, say, trial_source

if TYPE_CHECKING:
    from lighttouch.core.estimation.model import Estimate
    from lighttouch.core.reporting.results import OutcomeResult, Results

SMALLEST_P_SHOWN = 0.001

Replace = Annotated[
    bool, typer.Option("--replace", help="Replace what an earlier run left in the folder.")
]


def run(
    trial: Annotated[str, typer.Argument(help="A trial file, or the name of one in the library.")],
    data: Annotated[Path, typer.Option(help="The study folder: returns, allocation, responses.")],
    out: Annotated[Path, typer.Option(help="Where the archive and its report are written.")],
    replace: Replace = False,
) -> None:
    """Run a trial: from its data to an archive with results and a report."""
    from lighttouch.core.reporting.pipeline import run_trial

    text = trial_source(trial)
    with progress_bar() as progress:
        results = run_trial(text, data=data, out=out, progress=progress, replace=replace)
    _summarise(results)
    say(f"Archive: {out}")
    say(f"Report:  {out / 'report' / 'report.html'}")


def report(
    archive: Annotated[Path, typer.Argument(help="A complete archive.")],
    out: Annotated[
        Path | None, typer.Option(help="Where the report is written; in the archive if left out.")
    ] = None,
    replace: Replace = False,
) -> None:
    """Write the report of an archive again.

    The same archive gives the same bytes.
    """
    from lighttouch.core.reporting.pipeline import rebuild_report

    with progress_bar() as progress:
        results = rebuild_report(archive, out=out, progress=progress, replace=replace)
    _summarise(results)
    say(f"Report: {(out or archive / 'report') / 'report.html'}")


def verify(
    archive: Annotated[Path, typer.Argument(help="An archive.")],
) -> None:
    """Check that an archive is unaltered.

    Every file is compared with the manifest, and allocation and prizes are drawn again.
    """
    from lighttouch.core.archive.allocating import verify_allocation
    from lighttouch.core.archive.prizes import verify_prizes, waves_with_prizes
    from lighttouch.core.reporting.pipeline import check_results

    with progress_bar() as progress:
        contents, same = check_results(archive, progress=progress)
    say("Every file of data is as the manifest says.")
    if same is not None:
        say(
            "The results are what the data give when they are computed again."
            if same
            else "error: results.json is not what the data give; write it again with: "
            "lighttouch report ARCHIVE"
        )
    confirmed = True
    if contents.record is None:
        say("The allocation was not drawn here, so there is no draw to replay.")
    else:
        draw = verify_allocation(archive)
        confirmed = draw.confirmed
        for line in draw.lines:
            say(line)
    for wave in waves_with_prizes(archive):
        prizes = verify_prizes(archive, wave)
        confirmed = confirmed and prizes.confirmed
        for line in prizes.lines:
            say(line)
    if same is False or not confirmed:
        raise typer.Exit(FAULT_EXIT)


def _summarise(results: "Results") -> None:
    """Print the size of the trial, its primary outcomes and its warnings."""
    flow = results.flow
    clusters = f" in {flow.randomised_clusters} clusters" if flow.randomised_clusters else ""
    say(f"{results.trial.title}: {flow.randomised} participants{clusters}.")
    for outcome in results.outcomes:
        if outcome.role == "primary":
            say("  " + summarise_outcome(outcome))
    for warning in results.warnings:
        say(f"  Warning: {warning}")


def summarise_outcome(outcome: "OutcomeResult") -> str:
    """Say the registered estimate of an outcome in one line."""
    registered = [e for e in outcome.estimates if e.specification == "registered"]
    if not registered:
        return f"{outcome.label}: {outcome.not_estimated}"
    return f"{outcome.label}: " + "; ".join(_say_estimate(outcome, e) for e in registered)


def _say_estimate(outcome: "OutcomeResult", estimate: "Estimate") -> str:
    """Say one estimate with the p-value of record."""
    low, high = estimate.interval
    redrawn = [t.p_value for t in outcome.randomisation if t.arm == estimate.arm]
    of_record, source = estimate.p_value, ""
    if estimate.redraw_of_record and redrawn and redrawn[0] is not None:
        of_record, source = redrawn[0], " by randomisation inference"
    shown = "p < 0.001" if of_record < SMALLEST_P_SHOWN else f"p = {of_record:.3f}"
    clusters = f" in {estimate.clusters} clusters" if estimate.clusters else ""
    return (
        f"{estimate.arm} against {estimate.reference} {estimate.estimate:+.3g} "
        f"({100 * estimate.confidence_level:g}% interval {low:.3g} to {high:.3g}; "
        f"{shown}{source}; n = {estimate.n}{clusters})"
    )
