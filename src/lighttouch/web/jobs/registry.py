"""What can be done in the background: every stage names its own in a module ``jobs``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lighttouch.core.errors import InputError
from lighttouch.web.jobs.runs import Run

Function = Callable[..., None]
Periodically = Callable[[datetime], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job."""

    name: str
    title: str
    function: Function


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something done at intervals."""

    name: str
    every: timedelta
    function: Periodically


KINDS: dict[str, Kind] = {}
PERIODICS: dict[str, Periodic] = {}


def job(name: str, *, title: str) -> Callable[[Function], Function]:
    """Name a function as a kind of job: ``def check(run: Run, **arguments: int | str) -> None``.

    It may be run again after a worker died, so it must be idempotent; :meth:`Run.hold` helps. An
    expected fault it raises is shown to whoever started it.

    Parameters
    ----------
    name
        ``noun.verb``, such as ``return.check``.
    title
        What the progress page is headed, such as ``Checking the return``.
    """

    def register(function: Function) -> Function:
        KINDS[name] = Kind(name, title, function)
        return function

    return register


def periodic(name: str, *, every: timedelta) -> Callable[[Periodically], Periodically]:
    """Name a function to be run at intervals, by one worker at a time."""

    def register(function: Periodically) -> Periodically:
        PERIODICS[name] = Periodic(name, every, function)
        return function

    return register


def find_kind(name: str) -> Kind:
    """Return a kind of job by its name."""
    try:
        return KINDS[name]
    except KeyError:
        raise InputError(
            "this version of the software does not know that kind of work",
            where=name,
            remedy="Run the same version everywhere, then try again",
        ) from None


__all__ = ["KINDS", "PERIODICS", "Kind", "Periodic", "Run", "find_kind", "job", "periodic"]
