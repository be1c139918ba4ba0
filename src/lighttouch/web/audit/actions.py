"""Write an event, in the transaction of the act it tells of."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from lighttouch.web.audit.actors import Actor
from lighttouch.web.audit.models import Event, Head

Detail = str | int | float | bool | None | list[str] | list[int] | dict[str, int] | dict[str, str]


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
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs in the transaction of its act")
    Head.objects.get_or_create(pk=1)
    head = Head.objects.select_for_update().get(pk=1)
    event = Event(
        number=head.number + 1,
        at=now,
        actor=by.actor,
        act=act,
        programme=programme,
        trial=trial,
        partner=partner,
        details=dict(details or {}),
        previous=head.seal,
    )
    event.seal = seal_of(event)
    event.save(force_insert=True)
    head.number, head.seal = event.number, event.seal
    head.save(update_fields=("number", "seal"))
    return event


@transaction.atomic
def record_alone(
    *, act: str, by: Actor, now: datetime, details: Mapping[str, Detail] | None = None
) -> Event:
    """Append an event about something that changes nothing else, such as a look."""
    return record(act=act, by=by, now=now, details=details)


def seal_of(event: Event) -> str:
    """Return the SHA-256 of an event and of the seal before it."""
    content = {
        "number": event.number,
        "at": event.at.isoformat(timespec="microseconds"),
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
