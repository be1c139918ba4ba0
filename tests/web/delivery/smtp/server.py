"""A real mail server with bad days to order, on one step of the conversation each."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from enum import Enum, auto

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.web.postgres import free_port

PATIENCE = 0.2
"""Seconds that tests wait for an answer."""


class Day(Enum):
    """What is wrong with the next message."""

    CUT_AT_SENDER = auto()
    LEAVES_AT_SENDER = auto()
    SENDER_REFUSED = auto()
    CUT_AT_ADDRESS = auto()
    SILENT_AT_ADDRESS = auto()
    ADDRESS_LATER = auto()
    ADDRESS_REFUSED = auto()
    TEXT_LATER = auto()
    TEXT_REFUSED = auto()
    CUT_BEFORE_TAKING = auto()
    CUT_AFTER_TAKING = auto()
    SILENT_AFTER_TAKING = auto()
    NONSENSE_AFTER_TAKING = auto()


SAID = {
    Day.LEAVES_AT_SENDER: "421 Going away",
    Day.SENDER_REFUSED: "550 Not from you",
    Day.ADDRESS_LATER: "450 Try <{}> again later",
    Day.ADDRESS_REFUSED: "550 <{}> does not live here",
    Day.TEXT_LATER: "451 Busy",
    Day.TEXT_REFUSED: "554 Looks like spam",
}


class MailServer:
    """Takes mail; ``days`` is used up one message at a time, and holds ``None`` for good days."""

    def __init__(self) -> None:
        self.days: deque[Day | None] = deque()
        self.taken: list[Message] = []
        self.server: SMTP | None = None
        self._day: Day | None = None

    def references(self) -> list[str]:
        """Return the references of what it took, in order."""
        names = [str(one["Message-ID"]) for one in self.taken]
        return [name.strip("<>").partition("@")[0] for name in names]

    def hang_up(self) -> None:
        """Cut the connection that is open and has nothing to do."""
        assert self.server is not None
        assert isinstance(self.server.transport, asyncio.Transport)
        self.server.loop.call_soon_threadsafe(self.server.transport.abort)

    def _cut(self, server: SMTP, *days: Day) -> bool:
        if self._day in days:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return True
        return False

    def _answer(self, *days: Day, about: str = "") -> str:
        return SAID[self._day].format(about) if self._day in days else ""

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.server, self._day = server, self.days.popleft() if self.days else None
        if self._cut(server, Day.CUT_AT_SENDER):
            return "421 Gone"
        envelope.mail_from = address
        return self._answer(Day.LEAVES_AT_SENDER, Day.SENDER_REFUSED) or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._cut(server, Day.CUT_AT_ADDRESS):
            return "421 Gone"
        if self._day == Day.SILENT_AT_ADDRESS:
            await asyncio.sleep(PATIENCE * 1.5)
        envelope.rcpt_tos.append(address)
        return self._answer(Day.ADDRESS_LATER, Day.ADDRESS_REFUSED, about=address) or "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self._cut(server, Day.CUT_BEFORE_TAKING):
            return "451 Gone"
        if refused := self._answer(Day.TEXT_LATER, Day.TEXT_REFUSED):
            return refused
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content))
        if self._day == Day.SILENT_AFTER_TAKING:
            await asyncio.sleep(PATIENCE * 1.5)
        self._cut(server, Day.CUT_AFTER_TAKING)
        return "OK it is" if self._day == Day.NONSENSE_AFTER_TAKING else "250 OK"


@contextmanager
def running() -> Iterator[tuple[MailServer, int]]:
    """Serve on the loopback; give the server and its port."""
    peer = MailServer()
    controller = Controller(peer, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield peer, int(controller.port)
    finally:
        controller.stop()
