"""One attempt at a job, and the heartbeat that keeps it its own."""

import threading
import time
import uuid
from types import TracebackType
from typing import Self

from django.db import Error, connection, connections
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actors import Actor, NamedActor
from lighttouch.web.jobs.models import Job, State
from lighttouch.web.programmes.models import Partner, Trial

HEARTBEAT = 10.0
"""Seconds between two signs of life, several of which may be missed within a lease."""
LOOK = 1.0
"""Seconds between two looks at how far the work is."""


class LeaseLostError(Exception):
    """Another worker has taken the job over: stop, and change nothing more."""


class Run:
    """One attempt at a job, as the job's function sees it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lost = False
        self.shown: tuple[str, int, int] = ("", 0, 0)

    @property
    def uuid(self) -> uuid.UUID:
        """The job's own number."""
        return self._job.uuid

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return self._job.attempts

    @property
    def by(self) -> Actor:
        """Who started the job, to be named in events."""
        return self._job.user or NamedActor(self._job.started_by)

    @property
    def user(self) -> User | None:
        """The person who started the job, if a person did."""
        return self._job.user

    @property
    def trial(self) -> Trial | None:
        """The trial it is about."""
        return self._job.trial

    @property
    def partner(self) -> Partner | None:
        """The partner it is about."""
        return self._job.partner

    def progress(self, what: str, done: int, total: int) -> None:
        """Say what is being done and how far it is; cheap enough to call for every row.

        Raises
        ------
        LeaseLostError
            If another worker has taken the job over.
        """
        if self._lost:
            raise LeaseLostError
        total = max(total, 0)
        self.shown = (what[:200], max(min(done, total) if total else done, 0), total)

    def hold(self) -> None:
        """Call first in the transaction of an effect: only the attempt in hand may have one.

        Raises
        ------
        LeaseLostError
            If another worker has taken the job over.
        RuntimeError
            If there is no transaction to hold the job in.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("a job is held in the transaction of its effect")
        if not self.mine().update(beats=F("beats") + 1):
            raise LeaseLostError

    def mine(self) -> QuerySet[Job]:
        """Return the job's row while this attempt is the one in hand, else nothing."""
        return Job.objects.filter(pk=self._job.pk, state=State.RUNNING, claim=self._job.claim)

    def show(self) -> None:
        """Write a sign of life, and how far the work is."""
        what, done, total = self.shown
        self._lost = not self.mine().update(
            beats=F("beats") + 1, heartbeat_at=Now(), what=what, done=done, total=total
        )


class Heartbeat:
    """Shows, from a thread with a connection of its own, that the attempt goes on.

    So long as the work itself holds a transaction, nobody else could see what it writes.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        # Inside a transaction, as in tests, the row is not there yet for anybody else.
        if not connection.in_atomic_block:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _beat(self) -> None:
        shown, shown_at = self._run.shown, time.monotonic()
        try:
            while not self._over.wait(LOOK):
                if self._run.shown == shown and time.monotonic() - shown_at < HEARTBEAT:
                    continue
                shown, shown_at = self._run.shown, time.monotonic()
                self._show()
        finally:
            connections.close_all()

    def _show(self) -> None:
        try:
            self._run.show()
        except Error:  # the database is busy or away: the next beat tries again
            connections.close_all()
