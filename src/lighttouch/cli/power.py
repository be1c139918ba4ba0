"""The command that says what a trial can find before it is launched."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from lighttouch.cli.support import progress_bar, say, trial_source

Draws = Annotated[int, typer.Option(min=100, help="Trials to simulate for each outcome.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the simulation.")]


def power(
    trial: Annotated[str, typer.Argument(help="A trial file, or the name of one in the library.")],
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Also draw and analyse the declared design.")
    ] = False,
    draws: Draws = 2000,
    seed: Seed = 1,
    workers: Annotated[int, typer.Option(help="Processes; -1 is every core.")] = -1,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler to simulate on, e.g. tcp://10.0.0.1:8786."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for power.txt, power.json and the curves.")
    ] = None,
) -> None:
    """Say how large an effect a trial can find.

    By formula; with --simulate also by drawing and analysing the declared design.
    """
    from lighttouch.core.archive.writing import whole_or_nothing
    from lighttouch.core.power.rendering import render_power_report, render_power_text
    from lighttouch.core.power.reporting import compute_power_report
    from lighttouch.core.protocol.reading import parse_trial

    parsed = parse_trial(trial_source(trial), source=trial)
    written: tuple[Path, ...] = ()
    with nullcontext() if out is None else whole_or_nothing(out) as folder:
        with use_scheduler(scheduler), progress_bar() as progress:
            report = compute_power_report(
                parsed,
                draws=draws if simulate or scheduler else None,
                seed=seed,
                workers=workers,
                progress=progress,
            )
        if folder is not None:
            written = render_power_report(report, folder)
    say(render_power_text(report))
    if out is not None:
        for path in written:
            say(f"Written: {out / path.name}")


@contextmanager
def use_scheduler(address: str | None) -> Iterator[None]:
    """Run parallel work on a named Dask scheduler, or here when none is named.

    Raises
    ------
    InputError
        If the software for schedulers is not installed or none answers at the address.
    """
    if address is None:
        yield
        return
    from lighttouch.core.errors import InputError

    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise InputError(
            "simulating on a scheduler needs software that is not installed",
            where="--scheduler",
            remedy="Install lighttouch[cluster], or leave --scheduler out to use every core here",
        ) from error
    import joblib

    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            "no scheduler answers at this address",
            where="--scheduler",
            remedy="Start it, or give its address as tcp://host:port",
        ) from error
    with client, joblib.parallel_config(backend="dask", n_jobs=-1):
        yield
