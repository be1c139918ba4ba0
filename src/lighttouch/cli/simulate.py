"""The command that makes up a whole trial with a known truth."""

from pathlib import Path
from typing import Annotated

import typer

from lighttouch.cli.support import progress_bar, say, trial_source


def simulate(
    trial: Annotated[str, typer.Argument(help="A trial file, or the name of one in the library.")],
    out: Annotated[Path, typer.Option(help="The archive to make.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same archive.")] = 1,
    study: Annotated[
        Path | None,
        typer.Option(help="Keep the study folder too: spreadsheets as partners send them, truth."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="A profile file, or the name of a packaged one such as generic."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an archive already there.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Simulate a whole trial, with known effects."""
    from lighttouch.core.errors import InputError
    from lighttouch.core.simulation.profiles import find_profile
    from lighttouch.core.simulation.study import simulate_archive

    if study is not None and study.resolve() == out.resolve():
        raise InputError(
            "the archive and the study folder cannot be one folder",
            where=str(out),
            remedy="Give --out and --study two names",
        )
    with progress_bar(quiet=quiet) as progress:
        made = simulate_archive(
            trial_source(trial),
            seed=seed,
            out=out,
            study=study,
            profile=None if profile is None else find_profile(profile),
            progress=progress,
            replace_out=replace,
        )
    say(f"Simulated: {made.people:,} people, {made.randomised:,} in the trial.")
    say(f"Archive: {out}")
    if study is not None:
        say(f"Study folder: {study} (the true effects are in truth.toml)")
