"""What later stages say before a survey opens: whether it may, and who is asked what.

Surveys know nothing of the allocation. Where some arms are asked more, the stage that draws them
says who is in which, once, while the survey is opened; nothing but opaque letters is kept here.
"""

from collections.abc import Callable, Mapping

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


ArmsOf = Callable[[Trial], Mapping[int, str] | None]
_TELLING: list[ArmsOf] = []


def tells_arms(tell: ArmsOf) -> ArmsOf:
    """Have a later stage say which arm each participant, by key, is in; None before the draw."""
    if tell not in _TELLING:
        _TELLING.append(tell)
    return tell


def arms_of(trial: Trial) -> Mapping[int, str] | None:
    """Return the arm of each participant by key; None where nobody knows yet."""
    for tell in _TELLING:
        found = tell(trial)
        if found is not None:
            return found
    return None
