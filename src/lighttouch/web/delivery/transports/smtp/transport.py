"""One conversation with a mail server, in which every step is known to be safe or not."""

import smtplib
from smtplib import SMTPException
from typing import cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result
from lighttouch.web.delivery.transports.writing import write_email

GOOD = 2
"""The first digit of an answer that agrees."""
FOR_NOW, FOR_GOOD = 400, 500
"""Answers from here on refuse; from the second on, trying again will not change them."""
GO_AHEAD = 354
LEAVING = 421
"""Said at any step by a server that hangs up."""
DOT = b".\r\n"
AWAY = "the mail server could not be reached"
REFUSED = "the mail server refused the message"
SILENT = "the mail server fell silent while this was handed over"


class SmtpTransport:
    """Hands messages to one mail server over one connection, opened when it is first needed."""

    name = "smtp"
    channels = frozenset({Channel.EMAIL})

    def __init__(self) -> None:
        self._backend: EmailBackend | None = None

    def send(self, message: Message) -> Outcome:
        """Hand one message over.

        A connection that the server let go of while nothing was sent is opened again once.
        """
        if message.channel not in self.channels:
            return Outcome(Result.REFUSED, "a mail server sends e-mails only")
        try:
            sender, recipient, content = _write(message)
        except (ValueError, TypeError):
            return Outcome(Result.REFUSED, "the message cannot be written as an e-mail")
        was_open = self._backend is not None
        outcome = self._try(sender, recipient, content)
        if was_open and outcome == Outcome(Result.LATER, AWAY):
            outcome = self._try(sender, recipient, content)
        if outcome.result is Result.ACCEPTED:
            return Outcome(Result.ACCEPTED, provider_id=message.reference)
        return outcome

    def _try(self, sender: str, recipient: str, content: bytes) -> Outcome:
        try:
            client = self._client()
        except (OSError, SMTPException):
            self.close()
            return Outcome(Result.LATER, AWAY)
        outcome = _hand_over(client, sender, recipient, content)
        if outcome.result is not Result.ACCEPTED:
            self.close()
        return outcome

    def _client(self) -> smtplib.SMTP:
        """Return the open connection, opened now if there is none."""
        if self._backend is None:
            self._backend = cast("EmailBackend", get_connection())
            self._backend.open()
            _client_of(self._backend).ehlo_or_helo_if_needed()
        return _client_of(self._backend)

    def close(self) -> None:
        """Hang up."""
        backend, self._backend = self._backend, None
        if backend is not None:
            try:
                backend.close()
            except (OSError, SMTPException):
                return


def _client_of(backend: EmailBackend) -> smtplib.SMTP:
    client = backend.connection
    if not isinstance(client, smtplib.SMTP):
        raise SMTPException
    return client


def _write(message: Message) -> tuple[str, str, bytes]:
    """Return sender, recipient and content as they go over the line.

    Raises
    ------
    ValueError
        If the address or the message cannot go over any mail server's line.
    """
    email: EmailMultiAlternatives = write_email(message)
    encoding = email.encoding or settings.DEFAULT_CHARSET
    recipient = str(message.address)
    if not recipient.isascii():
        raise ValueError("few mail servers take such an address, and none says so safely")
    content = email.message().as_bytes()
    sender = sanitize_address(email.from_email, encoding)
    return sender, sanitize_address(recipient, encoding), _end_with_the_dot(content)


def _end_with_the_dot(content: bytes) -> bytes:
    """Return content as it goes after DATA: dots at line ends doubled, and the one that ends it."""
    lines = content.splitlines()
    return b"".join((b"." + one if one.startswith(b".") else one) + b"\r\n" for one in lines) + DOT


def _hand_over(client: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> Outcome:
    try:
        refusal = _introduce(client, sender, recipient)
        if refusal is None:
            client.send(content)  # if this fails, the dot did not leave whole
    except (OSError, SMTPException):
        return Outcome(Result.LATER, AWAY)
    if refusal is not None:
        return refusal
    try:
        code, _ = client.getreply()
    except (OSError, SMTPException):
        return Outcome(Result.UNKNOWN, SILENT)
    return _read_verdict(code)


def _introduce(client: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
    """Go up to where the content may be sent; return what stands in the way."""
    code, _ = client.mail(sender)
    if not _is_good(code):
        # about this site, not about this person: once it is mended, everybody's goes
        trouble = AWAY if code == LEAVING else "the mail server does not take mail from this site"
        return Outcome(Result.LATER, trouble)
    code, _ = client.rcpt(recipient)
    if not _is_good(code):
        return _refused(code, "the mail server refused the address")
    code, _ = client.docmd("DATA")
    if code != GO_AHEAD:
        return _refused(code, REFUSED)
    return None


def _read_verdict(code: int) -> Outcome:
    """Read what the server says after the dot; what is no answer leaves it open."""
    if _is_good(code):
        return Outcome(Result.ACCEPTED)
    if code < FOR_NOW:
        return Outcome(Result.UNKNOWN, SILENT)
    return _refused(code, REFUSED)


def _is_good(code: int) -> bool:
    return code // 100 == GOOD


def _refused(code: int, trouble: str) -> Outcome:
    if code == LEAVING:
        return Outcome(Result.LATER, AWAY)
    return Outcome(Result.REFUSED if code >= FOR_GOOD else Result.LATER, trouble)
