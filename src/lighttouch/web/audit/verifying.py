"""Walk the chain of events and find every place where it was tampered with."""

from collections.abc import Iterable
from dataclasses import dataclass

from lighttouch.web.audit.models import START, Event, Head
from lighttouch.web.audit.sealing import seal_of

CHUNK = 2000
MOST_BREAKS = 100


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk along the chain found.

    Parameters
    ----------
    events
        How many events were read.
    seal
        The last seal; noting it elsewhere makes a rewriting of the whole chain show.
    breaks
        One sentence per fault, without a full stop; none where the chain is whole.
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

    Events added meanwhile are walked too. Memory does not grow with the chain.

    Parameters
    ----------
    expected
        A seal noted earlier outside; it must be somewhere in the chain.
    """
    walk = _Walk(expected)
    while True:
        before = walk.number
        walk.follow(
            Event.objects.filter(number__gt=before).order_by("number").iterator(chunk_size=CHUNK)
        )
        end = Head.objects.filter(pk=1).first() or Head()
        if walk.is_full or walk.number in (before, end.number) or walk.number > end.number:
            break
    if not walk.is_full:
        walk.arrive(end)
    return ChainReport(walk.events, walk.seal, tuple(walk.breaks))


class _Walk:
    """Where a walk along the chain has come to, and what was wrong on the way."""

    def __init__(self, expected: str | None) -> None:
        self.number, self.seal, self.events = 0, START, 0
        self.expected = expected
        self.has_met = expected in (None, START)
        self.breaks: list[str] = []

    @property
    def is_full(self) -> bool:
        """Whether so much is wrong that the rest adds nothing."""
        return len(self.breaks) >= MOST_BREAKS

    def follow(self, events: Iterable[Event]) -> None:
        """Go on along these events."""
        for event in events:
            self._step(event)
            if self.is_full:
                self.breaks.append("and so on: the walk stopped here")
                return

    def arrive(self, end: Head) -> None:
        """Compare where the walk ended with where the chain says it does."""
        if end.number > self.number:
            self.breaks.append(f"{_range(self.number + 1, end.number)} removed from the end")
        elif (end.number, end.seal) != (self.number, self.seal):
            self.breaks.append("the end of the chain is not the last event")
        if not self.has_met:
            self.breaks.append(
                "the seal noted earlier is not in the chain: it was rewritten or cut"
            )

    def _step(self, event: Event) -> None:
        if event.number != self.number + 1:
            self.breaks.append(f"{_range(self.number + 1, event.number - 1)} removed")
        elif event.previous != self.seal:
            self.breaks.append(f"event {event.number} does not follow the one before it")
        if seal_of(event) != event.seal:
            self.breaks.append(f"event {event.number} was altered")
        self.number, self.seal = event.number, event.seal
        self.events += 1
        self.has_met = self.has_met or event.seal == self.expected


def _range(first: int, last: int) -> str:
    return f"event {first} was" if first == last else f"events {first} to {last} were"
