"""What Notify says later of a message: read strictly, and harmless twice or in any order.

Of a receipt only the identifiers and the status are kept. The address in it is not read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lighttouch.core.errors import InputError
from lighttouch.web.delivery.models import State

LONGEST = 20_000
"""Bytes of a receipt; Notify's have some hundreds."""

STATUSES = {
    "created": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "pending": State.ACCEPTED,
    "sent": State.ACCEPTED,
    "accepted": State.ACCEPTED,
    "received": State.ACCEPTED,  # of a letter: it was dispatched
    "delivered": State.DELIVERED,
    "permanent-failure": State.RETURNED,
    "temporary-failure": State.RETURNED,
    "technical-failure": State.FAILED,
    "cancelled": State.FAILED,
    "validation-failed": State.FAILED,
    "virus-scan-failed": State.FAILED,
}
TROUBLE = {
    "permanent-failure": "the address or number does not exist",
    "temporary-failure": "it could not be delivered: the inbox is full or the telephone is off",
    "technical-failure": "GOV.UK Notify could not hand it on",
    "cancelled": "it was cancelled at GOV.UK Notify",
    "validation-failed": "GOV.UK Notify cannot print the letter",
    "virus-scan-failed": "GOV.UK Notify does not take the letter's file",
}
WEIGHT = {State.ACCEPTED: 1, State.FAILED: 2, State.RETURNED: 3, State.DELIVERED: 4}
"""What is known more surely outweighs the rest; states before handing over weigh nothing."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is kept of a receipt; ``reference`` is ``None`` for messages that are not ours."""

    provider_id: str
    reference: UUID | None
    status: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """What Notify says, when it is asked, of a message it has."""

    provider_id: str
    status: str


def clearest(found: Sequence[Sighting]) -> Sighting:
    """Return what says most of a delivery that Notify has, if it has it more than once."""
    return max(found, key=lambda one: WEIGHT.get(STATUSES.get(one.status, State.UNKNOWN), 0))


def read_sightings(answer: object, reference: str) -> list[Sighting] | None:
    """Read what Notify answers of a reference; ``None`` where that is no answer."""
    rows = answer.get("notifications") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        return None
    found: list[Sighting] = []
    for row in rows:
        if isinstance(row, dict) and row.get("reference") == reference:
            number, status = row.get("id"), row.get("status")
            if not isinstance(number, str) or not number:
                return None
            found.append(Sighting(number, status if isinstance(status, str) else "created"))
    return found


def advance(state: State, status: str) -> State:
    """Return where a delivery is after a receipt of this status.

    The order in which receipts come makes no difference, nor how often each does.

    Examples
    --------
    >>> advance(State.ACCEPTED, "delivered") == advance(State.DELIVERED, "sending")
    True
    """
    told = STATUSES.get(status)
    if told is None or WEIGHT[told] <= WEIGHT.get(state, 0):
        return state
    return told


def read_receipt(content: bytes) -> Receipt:
    """Read the body of a receipt.

    Raises
    ------
    InputError
        If it is not one.
    """
    wrong = InputError("this is not a receipt of GOV.UK Notify")
    if len(content) > LONGEST:
        raise wrong
    try:
        return _read(json.loads(content, object_pairs_hook=_each_once))
    except (ValueError, TypeError, RecursionError):
        raise wrong from None


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _read(found: object) -> Receipt:
    if not isinstance(found, dict):
        raise TypeError("not an object")
    number, status, reference = (found.get(name) for name in ("id", "status", "reference"))
    if not isinstance(number, str) or not isinstance(status, str):
        raise TypeError("no identifier or no status")
    if reference is not None and not isinstance(reference, str):
        raise TypeError("no reference")
    return Receipt(str(UUID(number)), _ours(reference), status)


def _ours(reference: str | None) -> UUID | None:
    """Return a reference if it can be one of ours: the partner may send other things as well."""
    try:
        return UUID(reference) if reference else None
    except ValueError:
        return None
