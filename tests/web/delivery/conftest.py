"""The letters trial with its roster frozen, and a transport that does as it is told."""

from collections.abc import Callable

import pytest

from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result
from lighttouch.web.programmes.models import Partner
from tests.web.cast import Cast
from tests.web.studies import world


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, with the letters trial's roster frozen."""
    return world("enrolled")


class Told:
    """A transport that keeps what it is given, and answers as it is told."""

    name = "told"
    channels = frozenset({Channel.EMAIL})

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.answer: Callable[[Message], Outcome] = lambda message: Outcome(
            Result.ACCEPTED, provider_id=message.reference
        )

    def __call__(self, partner: Partner, channel: Channel) -> "Told":
        return self

    def send(self, message: Message) -> Outcome:
        self.taken.append(message)
        return self.answer(message)

    def close(self) -> None:
        pass


@pytest.fixture
def told() -> Told:
    """A transport that does as it is told."""
    return Told()
