"""What an event is sealed by: the SHA-256 of all it says and of the seal before it.

The text is JSON with its names in alphabetical order. It is put together around the two things that
only the end of the chain knows, the event's number and the seal before, so that a database can seal
as well as Python does.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from lighttouch.web.audit.models import Event


class Pieces(NamedTuple):
    """An event's text before its number, between that and the seal before it, and after."""

    before: str
    between: str
    after: str


def pieces_of(
    *,
    at: datetime,
    actor: str,
    act: str,
    programme: str,
    trial: str,
    partner: str,
    details: Mapping[str, object],
) -> Pieces:
    """Return an event's text, cut where its number and the seal before it go."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    first = _text({"act": act, "actor": actor, "at": moment, "details": details})
    last = _text({"programme": programme, "trial": trial})
    return Pieces(
        before=f'{first[:-1]},"number":',
        between=f',"partner":{_text(partner)},"previous":"',
        after=f'",{last[1:]}',
    )


def seal(pieces: Pieces, number: int, previous: str) -> str:
    """Return the seal of an event with this number, after the event with that seal."""
    text = f"{pieces.before}{number}{pieces.between}{previous}{pieces.after}"
    return hashlib.sha256(text.encode()).hexdigest()


def seal_of(event: Event) -> str:
    """Return the seal that an event should have."""
    pieces = pieces_of(
        at=event.at,
        actor=event.actor,
        act=event.act,
        programme=event.programme,
        trial=event.trial,
        partner=event.partner,
        details=event.details,
    )
    return seal(pieces, event.number, event.previous)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
