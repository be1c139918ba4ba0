"""Deliveries of one thing come from one source: from this site, or from a table given."""

from collections.abc import Callable, Collection

from lighttouch.core.protocol.checks_messages import SURVEY
from lighttouch.web.delivery.models import Step
from lighttouch.web.programmes.models import Trial

_ASKED: list[Callable[[Trial, Collection[str]], None]] = []


def before_planning(
    check: Callable[[Trial, Collection[str]], None],
) -> Callable[[Trial, Collection[str]], None]:
    """Have a later stage asked before interventions are planned; it raises what is in the way."""
    if check not in _ASKED:
        _ASKED.append(check)
    return check


def refuse_second_source(trial: Trial, interventions: Collection[str]) -> None:
    """Ask every later stage whether the messages of these interventions may be sent from here.

    Raises
    ------
    LighttouchError
        If deliveries of one of them are there from elsewhere.
    """
    for check in _ASKED:
        check(trial, interventions)


def sent_from_here(trial: Trial) -> set[str]:
    """Return the interventions whose messages are sent from here; ``survey`` for surveys."""
    steps = Step.objects.filter(trial=trial).order_by()
    named = set(steps.filter(survey=None).values_list("intervention", flat=True))
    return named | ({SURVEY} if steps.filter(survey__isnull=False).exists() else set())
