"""Read the log: filtered, newest first, with people's names where they may be seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from lighttouch.web.audit.actors import OPERATOR, PUBLIC, SYSTEM
from lighttouch.web.audit.models import Event
from lighttouch.web.ui.dates import LONDON

OTHERS = {
    SYSTEM.actor: "The service itself",
    PUBLIC.actor: "Somebody without an account",
    OPERATOR.actor: "A command on the server",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a person reads it."""

    event: Event
    who: str
    what: str
    details: tuple[tuple[str, str], ...]


def find_events(
    *, trial: str = "", act: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Event]:
    """Return the events of a trial, of a kind or between two days (both included), newest first."""
    found = Event.objects.order_by("-number")
    if trial:
        found = found.filter(trial=trial)
    if act:
        found = found.filter(act=act)
    if since:
        found = found.filter(at__gte=_midnight(since))
    if until:
        found = found.filter(at__lt=_midnight(until + timedelta(days=1)))
    return found


def known_acts(*, trial: str = "") -> list[tuple[str, str]]:
    """Return each kind of act in the log, with its words, by those words."""
    found = Event.objects.filter(trial=trial) if trial else Event.objects.all()
    acts = found.order_by().values_list("act", flat=True).distinct()
    return sorted(((act, say_act(act)) for act in acts), key=lambda pair: pair[1])


def write_lines(events: Iterable[Event]) -> list[Line]:
    """Put events into words; people's names come from their accounts, never from the log."""
    listed = list(events)
    codes = {code for event in listed for code in (event.actor, *_codes(event))}
    names = _names(codes)
    return [
        Line(event, names.get(event.actor, event.actor), say_act(event.act), _say(event, names))
        for event in listed
    ]


def say_act(act: str) -> str:
    """Put an act into words.

    Examples
    --------
    >>> say_act("return.signed_off")
    'Return signed off'
    """
    return act.replace(".", " ").replace("_", " ").capitalize()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


def _codes(event: Event) -> list[str]:
    return [v for v in event.details.values() if isinstance(v, str) and v.startswith("user:")]


def _names(codes: Iterable[str]) -> dict[str, str]:
    keys = [int(code[5:]) for code in codes if code.startswith("user:") and code[5:].isdecimal()]
    people = get_user_model().objects.in_bulk(keys)
    return OTHERS | {f"user:{key}": str(getattr(one, "name", "")) for key, one in people.items()}


def _say(event: Event, names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key.replace("_", " ").capitalize(), _say_value(value, names))
        for key, value in event.details.items()
        if value not in ("", None)
    )


def _say_value(value: object, names: dict[str, str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return names.get(str(value), str(value))
