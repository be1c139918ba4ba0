"""E-mail through the mail server that the site's settings name.

What happens before a message is handed over is known. Silence from then on is not: the server may
have it, so the outcome is unknown and nobody tries again by themselves.
"""

from smtplib import (
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result
from lighttouch.web.delivery.transports.writing import write_email

FOR_GOOD = 500
"""Answers of a mail server from here on will not change by trying again."""


class SmtpTransport:
    """Hands messages to one mail server over one connection, opened when it is first needed."""

    name = "smtp"
    channels = frozenset({Channel.EMAIL})

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def send(self, message: Message) -> Outcome:
        """Hand one message over."""
        try:
            email = write_email(message)
        except (ValueError, TypeError):
            return Outcome(Result.REFUSED, "the message cannot be written as an e-mail")
        if self._connection is None:
            connection = get_connection()
            try:
                connection.open()
            except (OSError, SMTPException):
                return Outcome(Result.LATER, "the mail server could not be reached")
            self._connection = connection
        outcome = _hand_over(email, self._connection)
        if outcome.result is not Result.ACCEPTED:
            self.close()
        return outcome

    def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except (OSError, SMTPException):
                return


def _hand_over(email: EmailMultiAlternatives, connection: BaseEmailBackend) -> Outcome:
    email.connection = connection
    try:
        email.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return _refused(max(codes, default=FOR_GOOD), "the mail server refused the address")
    except SMTPResponseException as error:
        return _refused(error.smtp_code, "the mail server refused the message")
    except (OSError, SMTPException):
        return Outcome(Result.UNKNOWN, "the mail server fell silent while this was handed over")
    return Outcome(Result.ACCEPTED)


def _refused(code: int, trouble: str) -> Outcome:
    if code >= FOR_GOOD:
        return Outcome(Result.REFUSED, trouble)
    return Outcome(Result.LATER, trouble)
