"""What every command shares: the clock, secrets, progress bars, and how a fault is shown.

The command line is the only half that may read the clock or ask for randomness; it hands both
to the core as arguments.
"""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lighttouch.core.errors import LighttouchError
    from lighttouch.core.progress import Progress

SECRET_BYTES = 32
FAULT_EXIT = 1
MOST_FAULTS_SHOWN = 40


def say(text: str = "") -> None:
    """Print a line for the person at the keyboard."""
    print(text)  # noqa: T201 - the command line is where printing belongs


def utc_now() -> datetime:
    """Return the present moment in UTC, to the second."""
    return datetime.now(tz=UTC).replace(microsecond=0)


def draw_secret() -> bytes:
    """Return fresh random bytes for committing to an allocation."""
    return secrets.token_bytes(SECRET_BYTES)


def trial_source(trial: str) -> str:
    """Return the text of a trial file, given its path or the name of one in the library."""
    from lighttouch.core.protocol.library import library_names, library_text
    from lighttouch.core.protocol.reading import read_source

    if trial in library_names():
        return library_text(trial)
    return read_source(Path(trial))


def show_faults(error: "LighttouchError") -> None:
    """Print each fault on its own line to standard error, and how many there are."""
    faults = error.faults
    for fault in faults[:MOST_FAULTS_SHOWN]:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201
    if len(faults) > MOST_FAULTS_SHOWN:
        print(f"… and {len(faults) - MOST_FAULTS_SHOWN} more.", file=sys.stderr)  # noqa: T201
    if len(faults) > 1:
        print(f"{len(faults)} faults. Nothing was written.", file=sys.stderr)  # noqa: T201


@contextmanager
def progress_bar(*, quiet: bool = False) -> "Iterator[Progress]":
    """Show a progress bar on a terminal; elsewhere stay silent."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)

        def advance(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        yield advance
