"""Write an event, in the transaction of the act it tells of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.db import connection, transaction

from lighttouch.web.audit.actors import Actor
from lighttouch.web.audit.models import Event, Head

Detail = str | int | float | bool | None | list[str] | list[int] | dict[str, int] | dict[str, str]

SMALLEST, LARGEST = 1e-4, 1e15
"""Between these, numbers with a point are written the same by Python and by PostgreSQL."""


def record(
    *,
    act: str,
    by: Actor,
    now: datetime,
    programme: str = "",
    trial: str = "",
    partner: str = "",
    details: Mapping[str, Detail] | None = None,
) -> Event:
    """Append an event to the chain.

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
        If a detail would not come back from every database as it went in.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs in the transaction of its act")
    number, seal = _take_end()
    event = Event(
        number=number + 1,
        at=now,
        actor=by.actor,
        act=act,
        programme=programme,
        trial=trial,
        partner=partner,
        details=_checked(details or {}),
        previous=seal,
    )
    event.clean_fields(exclude={"details", "seal"})
    event.seal = seal_of(event)
    event.save(force_insert=True)
    _run("UPDATE audit_head SET number = %s, seal = %s WHERE id = 1", [event.number, event.seal])
    return event


def _take_end() -> tuple[int, str]:
    """Lock the chain's end and return it; made if this is the first event of all.

    Every act of the whole site waits here, so the words are ready-made.
    """
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    statement = f"SELECT number, seal FROM audit_head WHERE id = 1{lock}"  # noqa: S608 - fixed
    end = _run(statement)
    if end is None:
        Head.objects.get_or_create(pk=1)
        end = _run(statement)
    assert end is not None
    return end


def _run(statement: str, parameters: Sequence[int | str] = ()) -> tuple[int, str] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[int, str] | None = cursor.fetchone() if cursor.description else None
    return row


@transaction.atomic
def record_alone(
    *,
    act: str,
    by: Actor,
    now: datetime,
    programme: str = "",
    trial: str = "",
    details: Mapping[str, Detail] | None = None,
) -> Event:
    """Append an event about something that changes nothing else, such as a look."""
    return record(act=act, by=by, now=now, programme=programme, trial=trial, details=details)


def seal_of(event: Event) -> str:
    """Return the SHA-256 of an event and of the seal before it."""
    content = {
        "number": event.number,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor,
        "act": event.act,
        "programme": event.programme,
        "trial": event.trial,
        "partner": event.partner,
        "details": event.details,
        "previous": event.previous,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _checked(details: Mapping[str, Detail]) -> dict[str, Detail]:
    """Return details that every database gives back as they are, or refuse them."""
    for value in details.values():
        if isinstance(value, float) and not _is_plain(value):
            raise ValueError("a detail is a number that databases write differently")
    kept: dict[str, Detail] = json.loads(json.dumps(dict(details), allow_nan=False))
    return kept


def _is_plain(number: float) -> bool:
    return str(number) == "0.0" or SMALLEST <= abs(number) < LARGEST
