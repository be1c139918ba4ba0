"""What every transport is given and what it answers."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """By what means somebody is reached."""

    EMAIL = "email"
    TEXT = "text"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery, written out for one person.

    Parameters
    ----------
    reference
        Names the delivery the same at every attempt, and says nothing of the person.
    address
        An e-mail address, a telephone number, or the lines of a postal address.
    unsubscribe
        The address that stops further messages when it is posted to; empty for letters.
    reply_to
        Where an answer goes; empty where the sender's own address takes it.
    """

    reference: str
    channel: Channel
    address: str | tuple[str, ...] = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(default="", repr=False)
    unsubscribe: str = field(default="", repr=False)
    reply_to: str = field(default="", repr=False)


class Result(StrEnum):
    """What a transport knows of an attempt."""

    ACCEPTED = "accepted"
    """It has the message, and answers for it from now on."""
    REFUSED = "refused"
    """It will never take this message."""
    LATER = "later"
    """It did not take the message; trying again is safe."""
    UNKNOWN = "unknown"
    """It may have taken the message; trying again could send it twice."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt.

    Parameters
    ----------
    trouble
        What went wrong, in plain words, without anything of the person.
    provider_id
        What the transport calls the message, for receipts that come later.
    wait
        How long the transport asked us to wait, where it said.
    """

    result: Result
    trouble: str = ""
    provider_id: str = ""
    wait: timedelta | None = None


class Transport(Protocol):
    """Something that takes messages. It never raises for what the network or the peer does."""

    name: str
    channels: frozenset[Channel]

    def send(self, message: Message) -> Outcome:
        """Hand one message over."""

    def close(self) -> None:
        """Hang up."""
