"""Put an e-mail in the outbox; send it again by hand."""

from datetime import datetime
from functools import partial
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from lighttouch.core.errors import InputError
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.notices import tasks
from lighttouch.web.notices.models import Notice, State
from lighttouch.web.notices.sealing import seal


class Recipient(Actor, Protocol):
    """A person with an account."""

    @property
    def pk(self) -> int:
        """The number of the account."""


@transaction.atomic
def send(
    *, to: Recipient, kind: str, subject: str, body: str, key: str, by: Actor, now: datetime
) -> Notice:
    """Put an e-mail in the outbox, in the transaction of the act that calls for it.

    Parameters
    ----------
    to
        A person with an account; the address is theirs when it is sent.
    key
        What makes it this one e-mail: a second with the same key is not made.

    Raises
    ------
    InputError
        If the subject is not one line of text, since more lines could add headers.
    """
    notice = Notice(
        key=key,
        kind=kind,
        to_id=to.pk,
        subject=subject,
        sealed_body=seal(body),
        due_at=now,
        created_at=now,
    )
    _check(notice)
    if (before := Notice.objects.filter(key=key).first()) is not None:
        return before
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:  # somebody planned the same at the same moment
        return Notice.objects.get(key=key)
    record(act="notice.planned", by=by, now=now, details={"kind": kind, "to": to.actor})
    transaction.on_commit(partial(tasks.enqueue, notice.pk))
    return notice


def _check(notice: Notice) -> None:
    try:
        notice.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise InputError(
            "the e-mail cannot be written like this",
            where=field,
            remedy="Give one line of plain text, not too long",
        ) from None


@transaction.atomic
def send_again(*, notice: Notice, by: Actor, now: datetime) -> Notice:
    """Try once more what failed or is in doubt; somebody decides this, never the program.

    Raises
    ------
    InputError
        If it is neither.
    """
    again = Notice.objects.filter(pk=notice.pk, state__in=(State.FAILED, State.UNKNOWN)).update(
        state=State.PLANNED, attempts=0, due_at=now, trouble="", claim=None
    )
    if not again:
        raise InputError("this e-mail neither failed nor is in doubt", where=f"notice {notice.pk}")
    record(
        act="notice.sent_again", by=by, now=now, details={"kind": notice.kind, "notice": notice.pk}
    )
    transaction.on_commit(partial(tasks.enqueue, notice.pk))
    notice.refresh_from_db()
    return notice
