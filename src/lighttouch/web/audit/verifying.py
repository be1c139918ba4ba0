"""Walk the chain of events and find every place where it was tampered with."""

from dataclasses import dataclass

from lighttouch.web.audit.actions import seal_of
from lighttouch.web.audit.models import Event, Head

START = "0" * 64
CHUNK = 2000
MOST_BREAKS = 100


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk along the chain found.

    Parameters
    ----------
    events
        How many events there are.
    seal
        The last seal; noting it elsewhere makes a rewriting of the whole chain show.
    breaks
        One sentence per fault; none where the chain is whole.
    """

    events: int
    seal: str
    breaks: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was removed, altered, added or moved."""
        return not self.breaks


def verify_chain(expected: str | None = None) -> ChainReport:
    """Check every event against its seal, its number and the event before it.

    Parameters
    ----------
    expected
        A seal noted earlier outside; it must be somewhere in the chain.
    """
    breaks: list[str] = []
    number, seal, met = 0, START, expected in (None, START)
    for event in Event.objects.order_by("number").iterator(CHUNK):
        if event.number != number + 1:
            breaks.append(f"events {number + 1} to {event.number - 1} were removed")
        elif event.previous != seal:
            breaks.append(f"event {event.number} does not follow the one before it")
        if seal_of(event) != event.seal:
            breaks.append(f"event {event.number} was altered")
        number, seal = event.number, event.seal
        met = met or seal == expected
        if len(breaks) >= MOST_BREAKS:
            break
    breaks += _check_end(number, seal)
    if not met:
        breaks.append("the seal noted earlier is not in the chain: it was rewritten or cut")
    return ChainReport(Event.objects.count(), seal, tuple(breaks))


def _check_end(number: int, seal: str) -> list[str]:
    head = Head.objects.filter(pk=1).first() or Head()
    if head.number > number:
        return [f"events {number + 1} to {head.number} were removed from the end"]
    if (head.number, head.seal) != (number, seal):
        return ["the end of the chain is not the last event"]
    return []
