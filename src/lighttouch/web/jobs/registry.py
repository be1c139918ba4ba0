"""What can be done in the background: every stage names its own in a module ``jobs``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lighttouch.core.errors import InputError
from lighttouch.web.jobs.runs import Run

Function = Callable[..., None]
Periodically = Callable[[datetime], bool | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job."""

    name: str
    title: str
    function: Function


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something done at intervals; ``apart`` says that nothing else is to wait for it."""

    name: str
    every: timedelta
    function: Periodically
    apart: bool = False


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


def periodic(
    name: str, *, every: timedelta, apart: bool = False
) -> Callable[[Periodically], Periodically]:
    """Name a function to be run at intervals, by one worker at a time.

    Parameters
    ----------
    every
        How long after it ended it is due again. If it returns ``True``, it is due at once.
    apart
        Whether it runs beside the rest, since it takes long. It ends soon after
        :data:`lighttouch.web.jobs.leaving.LEAVING` is set.
    """

    def register(function: Periodically) -> Periodically:
        PERIODICS[name] = Periodic(name, every, function, apart)
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
