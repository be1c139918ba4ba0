"""What has to go when somebody asks for erasure: later stages name it here.

A stage that keeps something about participants marks a function with :func:`on_erase`. It is
called in the transaction that records the withdrawal, and says how much it took away.
"""

from collections.abc import Callable
from datetime import datetime

from lighttouch.web.enrolment.models import Participant

Eraser = Callable[[Participant, datetime], dict[str, int]]
"""Deletes what one stage keeps about a participant; returns how many rows by what they are."""

_erasers: list[Eraser] = []


def on_erase(eraser: Eraser) -> Eraser:
    """Have a function called when a participant's data are erased.

    Examples
    --------
    ::

        @on_erase
        def erase_answers(participant: Participant, now: datetime) -> dict[str, int]:
            gone, _ = Answer.objects.filter(participant=participant).delete()
            return {"answers": gone}
    """
    if eraser not in _erasers:
        _erasers.append(eraser)
    return eraser


def forget_eraser(eraser: Eraser) -> None:
    """Take a function off again."""
    _erasers.remove(eraser)


def erase(participant: Participant, now: datetime) -> dict[str, int]:
    """Delete what every stage keeps about a participant; the roster and the draw stay."""
    gone: dict[str, int] = {}
    for eraser in _erasers:
        for what, rows in eraser(participant, now).items():
            gone[what] = gone.get(what, 0) + rows
    return gone
