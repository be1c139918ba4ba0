"""Answers of a trial come from one source: from this site's surveys, or from a table given."""

from collections.abc import Callable

from lighttouch.web.programmes.models import Trial

_ASKED: list[Callable[[Trial], None]] = []


def before_opening(check: Callable[[Trial], None]) -> Callable[[Trial], None]:
    """Have a later stage asked before a survey is opened; it raises what stands in the way."""
    if check not in _ASKED:
        _ASKED.append(check)
    return check


def refuse_second_source(trial: Trial) -> None:
    """Ask every later stage whether a survey may be opened in a trial.

    Raises
    ------
    LighttouchError
        If answers are there from elsewhere.
    """
    for check in _ASKED:
        check(trial)
