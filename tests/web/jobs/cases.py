"""Kinds of job for the tests."""

import time

from django.db import OperationalError, transaction
from django.utils import timezone

from lighttouch.core.errors import ReturnError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.jobs import actions
from lighttouch.web.jobs.models import Job
from lighttouch.web.jobs.registry import Run, job
from tests.web.cast import NOW

seen: list[str] = []
"""What the jobs of these kinds did, in this process."""


@job("test.count", title="Counting")
def count(run: Run, *, upto: int, word: str = "") -> None:
    """Count, and say so."""
    for number in range(upto):
        run.progress("counting", number + 1, upto)
    seen.append(f"{word}{upto}")


@job("test.refuse", title="Refusing")
def refuse(run: Run) -> None:
    """Fail in an expected way."""
    seen.append("refused")
    raise ReturnError("the sheet is missing", where="sheet Return", remedy="Send the template back")


@job("test.break", title="Breaking")
def break_down(run: Run, *, secret: str) -> None:
    """Fail in an unexpected way, with a value that must not get out."""
    raise ValueError(secret)


@job("test.locked", title="Meeting a locked database")
def meet_lock(run: Run, *, times: int) -> None:
    """Meet a locked database some times."""
    if run.attempt <= times:
        raise OperationalError("database is locked")
    seen.append("got through")


def start(kind: str, by: User, *, key: str = "one", then: str = "", **arguments: int | str) -> Job:
    """Start a job and return it as it then is."""
    found = actions.start(kind=kind, key=key, by=by, now=NOW, arguments=arguments, then=then)
    found.refresh_from_db()
    return found


@job("test.write", title="Writing once")
def write(run: Run, *, word: str, first: int = 0) -> None:
    """Linger on the first attempt, unless somebody takes over, then write one event."""
    run.progress("lingering", 0, 1)
    until = time.monotonic() + first
    while run.attempt == 1 and time.monotonic() < until:
        time.sleep(0.05)
        if Job.objects.filter(kind="test.write", attempts__gt=1).exists():
            break
    with transaction.atomic():
        run.hold()
        record(act="test.written", by=run.by, now=timezone.now(), details={"word": word})
    run.progress("written", 1, 1)
