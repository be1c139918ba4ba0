"""Send what is due: claimed by one worker, handed over once, in doubt where that is not known."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from lighttouch.web.notices.models import Notice, State
from lighttouch.web.notices.sealing import unseal

logger = logging.getLogger("lighttouch.web.notices")

LEASE = timedelta(minutes=5)
"""A mail server has :setting:`EMAIL_TIMEOUT` for each answer, far less in all than this."""
MOST_ATTEMPTS = 10
LONGEST_PAUSE = timedelta(hours=1)
AT_ONCE = 200
FOR_GOOD = 500
"""Answers of a mail server from here on will not change by trying again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: sent, not taken (for now or for good), or in doubt."""

    state: State
    trouble: str = ""


SENT = Outcome(State.SENT)


def send_due(now: datetime) -> int:
    """Send every e-mail that is due; say how many went.

    A claim that has lasted too long belongs to a worker that died holding the e-mail. Whether the
    mail server has it cannot be known, so it is marked so and never sent again by itself.
    """
    lost = Notice.objects.filter(state=State.CLAIMED, claimed_at__lt=now - LEASE).update(
        state=State.UNKNOWN, trouble="the work stopped while this was being sent"
    )
    if lost:
        logger.error("e-mail is in doubt", extra={"count": lost})
    due = Notice.objects.filter(state=State.PLANNED, due_at__lte=now).order_by("due_at", "pk")
    return sum(send_one(pk, now) for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]))


def send_one(pk: int, now: datetime) -> bool:
    """Send one e-mail if it is due and nobody else has claimed it; say whether it went."""
    claim = uuid.uuid4()
    claimed = Notice.objects.filter(pk=pk, state=State.PLANNED, due_at__lte=now).update(
        state=State.CLAIMED, claim=claim, claimed_at=timezone.now(), attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    notice = Notice.objects.select_related("to").get(pk=pk)
    outcome = _attempt(notice)
    _keep(notice, outcome, now)
    return outcome is SENT


def _attempt(notice: Notice) -> Outcome:
    if not notice.to.is_active:
        return Outcome(State.FAILED, "the account is closed")
    try:
        body = unseal(bytes(notice.sealed_body))
    except InvalidToken:
        return Outcome(State.FAILED, "its text cannot be opened with the keys in use")
    message = EmailMessage(
        notice.subject,
        body,
        to=[notice.to.email],
        headers={"Message-ID": _message_id(notice), "Auto-Submitted": "auto-generated"},
    )
    try:
        message.message()
    except (ValueError, UnicodeError):
        return Outcome(State.FAILED, "the e-mail cannot be written as one")
    message.connection = connection = get_connection()
    try:
        return _hand_over(message, connection)
    finally:
        _hang_up(connection)


def _message_id(notice: Notice) -> str:
    """Name the e-mail the same at every attempt, so that a reader can tell two copies are one."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    return f"<{sha256(notice.key.encode()).hexdigest()[:32]}@{domain or 'localhost'}>"


def _hand_over(message: EmailMessage, connection: BaseEmailBackend) -> Outcome:
    """Hand the e-mail over; what happens before is known, silence from then on is not."""
    try:
        connection.open()
    except SMTPAuthenticationError:
        return Outcome(State.PLANNED, "the mail server refused our name and password")
    except (OSError, SMTPException):
        return Outcome(State.PLANNED, "the mail server could not be reached")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return _refused(max(codes, default=FOR_GOOD), "the mail server refused the address")
    except SMTPResponseException as error:
        return _refused(error.smtp_code, "the mail server refused the e-mail")
    except (OSError, SMTPException):
        return Outcome(State.UNKNOWN, "the mail server was cut off while this was being sent")
    return SENT


def _hang_up(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, SMTPException):
        logger.info("mail server did not say goodbye")


def _refused(code: int, trouble: str) -> Outcome:
    return Outcome(State.FAILED if code >= FOR_GOOD else State.PLANNED, trouble)


def _keep(notice: Notice, outcome: Outcome, now: datetime) -> None:
    """Write what became of it; put off what was not taken, and after some hours give up."""
    state = outcome.state
    if state == State.PLANNED and notice.attempts >= MOST_ATTEMPTS:
        state = State.FAILED
    mine = Notice.objects.filter(
        pk=notice.pk, claim=notice.claim, state__in=(State.CLAIMED, State.UNKNOWN)
    )
    if state == State.SENT:
        mine.update(state=state, sent_at=timezone.now(), sealed_body=b"", trouble="")
        return
    pause = min(timedelta(minutes=2 ** (notice.attempts - 1)), LONGEST_PAUSE)
    mine.update(state=state, trouble=outcome.trouble, due_at=now + pause)
    about = {"kind": notice.kind, "attempt": notice.attempts}
    logger.warning("e-mail was not sent", extra={**about, "event": outcome.trouble})
