"""A mail server of the tests' own, on this machine, that does as it is told."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.web.postgres import free_port


class Peer:
    """Takes e-mail, unless told to answer something else or to fall silent."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.to: list[str] = []
        self.answer_to_address = "250 OK"
        self.answer_to_text = "250 OK"
        self.cuts_off = False
        self.waits = 0.0

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_to_address.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_address

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.answer_to_text.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(message_from_bytes(envelope.content))
            self.to += envelope.rcpt_tos
        await asyncio.sleep(self.waits)
        if self.cuts_off:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.answer_to_text


@contextmanager
def listening(peer: Peer, port: int = 0) -> Iterator[int]:
    """Serve on loopback; give the port."""
    controller = Controller(peer, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()
