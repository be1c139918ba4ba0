"""Write an event, in the transaction of the act it tells of."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from lighttouch.web.audit.actors import Actor
from lighttouch.web.audit.models import START, Head
from lighttouch.web.audit.sealing import Pieces, pieces_of, seal
from lighttouch.web.storage.statements import Value, fetch_one, moment, run

Detail = str | int | float | bool | None | list[str] | list[int] | dict[str, int] | dict[str, str]

SMALLEST, LARGEST = 1e-4, 1e15
"""Between these, numbers with a point are written the same by Python and by PostgreSQL."""
LONGEST = 64
_TOLD = 7
"""How many columns an event tells; the others its place in the chain gives."""
APPEND = "audit_append(%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s)"
"""On PostgreSQL, what appends :func:`event_values`; it may stand in the statement of its act."""
_COLUMNS = "number, previous, seal, at, actor, act, programme, trial, partner, details"
_INSERT = f"INSERT INTO audit_event ({_COLUMNS}) VALUES ({', '.join(['%s'] * 10)})"  # noqa: S608
_MOVE = "UPDATE audit_head SET number = %s, seal = %s WHERE id = 1"
_END = "SELECT number, seal FROM audit_head WHERE id = 1"


def record(
    *,
    act: str,
    by: Actor,
    now: datetime,
    programme: str = "",
    trial: str = "",
    partner: str = "",
    details: Mapping[str, Detail] | None = None,
) -> int:
    """Append an event to the chain and return its number.

    Call it last in the act's transaction: the chain's end stays locked until that commits.

    Parameters
    ----------
    act
        ``noun.verb``, such as ``return.signed_off``.
    by
        Who acted.
    now
        When, with its zone.
    programme, trial, partner
        Slugs and codes, where they apply.
    details
        Counts, codes, reasons; never a personal value.

    Raises
    ------
    RuntimeError
        If there is no transaction to be part of.
    ValueError
        If something would not come back from every database as it went in.
    """
    values = event_values(
        act=act, by=by, now=now, programme=programme, trial=trial, partner=partner, details=details
    )
    return append(values)


def event_values(
    *,
    act: str,
    by: Actor,
    now: datetime,
    programme: str = "",
    trial: str = "",
    partner: str = "",
    details: Mapping[str, Detail] | None = None,
) -> tuple[Value, ...]:
    """Return what is appended of an event: its columns, then the text that is sealed.

    For :func:`append`, or for an act that is one statement and so a transaction by itself.

    Raises
    ------
    ValueError
        If something would not come back from every database as it went in.
    """
    words = (by.actor, act, programme, trial, partner)
    if not (act and by.actor) or max(map(len, words)) > LONGEST:
        raise ValueError("an event's act or actor is empty, or a word of it is too long")
    kept = _checked(details or {})
    pieces = pieces_of(
        at=now,
        actor=by.actor,
        act=act,
        programme=programme,
        trial=trial,
        partner=partner,
        details=kept,
    )
    return (moment(now), *words, json.dumps(kept, ensure_ascii=False), *pieces)


def append(values: tuple[Value, ...]) -> int:
    """Add an event to the chain, move its end and return the event's number.

    Every act of the whole site waits here. SQLite has one writer, whose lock is taken already; for
    PostgreSQL it is one statement, so that the end is locked for as short a time as can be.

    Raises
    ------
    RuntimeError
        If there is no transaction to be part of.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs in the transaction of its act")
    if connection.vendor == "postgresql":
        made = fetch_one(f"SELECT {APPEND}", values)
        assert made is not None
        return int(made[0])
    end = fetch_one(_END)
    number, previous = end or (0, START)
    if end is None:
        Head.objects.create()
    columns, pieces = values[:_TOLD], Pieces(*map(str, values[_TOLD:]))
    sealed = seal(pieces, number + 1, previous)
    run(_INSERT, (number + 1, previous, sealed, *columns))
    run(_MOVE, (number + 1, sealed))
    return int(number + 1)


@transaction.atomic
def record_alone(
    *,
    act: str,
    by: Actor,
    now: datetime,
    programme: str = "",
    trial: str = "",
    details: Mapping[str, Detail] | None = None,
) -> int:
    """Append an event about something that changes nothing else, such as a look."""
    return record(act=act, by=by, now=now, programme=programme, trial=trial, details=details)


def _checked(details: Mapping[str, Detail]) -> dict[str, Detail]:
    """Return details that every database gives back as they are, or refuse them."""
    for value in details.values():
        if isinstance(value, float) and not _is_plain(value):
            raise ValueError("a detail is a number that databases write differently")
    kept: dict[str, Detail] = json.loads(json.dumps(dict(details), allow_nan=False))
    return kept


def _is_plain(number: float) -> bool:
    return str(number) == "0.0" or SMALLEST <= abs(number) < LARGEST
