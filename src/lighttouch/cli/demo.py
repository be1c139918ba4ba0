"""The command that shows the whole of it: three simulated trials, from spreadsheets to reports."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from lighttouch.cli.report import summarise_outcome
from lighttouch.cli.support import progress_bar, say

TRIALS = ("letters", "goal_setting", "coffee")
MARKER = "made-by-lighttouch-demo.txt"


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the three studies and their reports.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulation.")] = 1,
    site: Annotated[
        bool, typer.Option("--site", help="Also start the site, with a simulated programme.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop the site started earlier, and do nothing else.")
    ] = False,
) -> None:
    """Simulate three trials and run them.

    Ends by saying where their reports are. With --site it also starts the site in the background
    and prints a sign-in link per role.
    """
    from lighttouch.cli.demo_site import start_site, stop_site

    if stop:
        say("Stopped." if stop_site(out) else "No site of a demonstration runs here.")
        return
    stop_site(out)
    _prepare(out)
    reports = [_run(name, out / name, seed) for name in TRIALS]
    say("The effects are made up, and known: each study folder holds them in truth.toml.")
    say("")
    say("Reports:")
    for path in reports:
        say(f"  {path}")
    if site:
        say("")
        start_site(out.absolute())


def _prepare(out: Path) -> None:
    """Make the folder, or empty it if an earlier demonstration made it."""
    from lighttouch.core.errors import InputError

    if (out / MARKER).is_file():
        shutil.rmtree(out)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            "there is something here that the demonstration did not make",
            where=str(out),
            remedy="Name another folder with --out",
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text("Everything in this folder is simulated.\n", encoding="utf-8")


def _run(name: str, folder: Path, seed: int) -> Path:
    """Simulate one trial's study, run it, say what was found, and return where its report is."""
    from lighttouch.core.protocol.library import library_text
    from lighttouch.core.reporting.pipeline import run_trial
    from lighttouch.core.simulation.study import simulate_study

    text = library_text(name)
    study, archive = folder / "study", folder / "archive"
    with progress_bar() as progress:
        simulate_study(text, seed=seed, folder=study, progress=progress)
        results = run_trial(text, data=study, out=archive, progress=progress)
    flow = results.flow
    clusters = f" in {flow.randomised_clusters} clusters" if flow.randomised_clusters else ""
    say(results.trial.title)
    say(f"  {flow.screened:,} screened, {flow.randomised:,} randomised{clusters}")
    for outcome in results.outcomes:
        if outcome.role == "primary":
            say(f"  {summarise_outcome(outcome)}")
    say(
        f"  {len(results.warnings)} warnings and {len(results.deviations)} deviations in the report"
    )
    say("")
    return archive / "report" / "report.html"
