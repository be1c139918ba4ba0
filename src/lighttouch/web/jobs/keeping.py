"""Look after what other workers left: jobs of the dead, and jobs the queue has forgotten.

A lease is not a moment on a clock. A worker shows signs of life by counting up ``beats``; whoever
looks takes a job over when the count has stood still for a whole lease on its own steady clock. So
no clock put forward or back can make one job run twice, or keep a dead worker's job waiting.
"""

import logging
import time
import uuid
from collections.abc import Callable, Hashable
from datetime import timedelta

from django.db.models.functions import Now
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from lighttouch.web.jobs import tasks
from lighttouch.web.jobs.models import Job, State
from lighttouch.web.jobs.running import CUT_SHORT, MOST_ATTEMPTS, as_rows

logger = logging.getLogger("lighttouch.web.jobs")

LEASE = timedelta(seconds=60)
LOST_AFTER = timedelta(seconds=10)
"""How long the queue may seem to have forgotten a job before it is asked again."""
LONGEST_GAP = timedelta(seconds=30)
"""Who did not look for longer than this has seen nothing stand still."""
AT_ONCE = 200


class Keeper:
    """Looks at the jobs again and again, and remembers what it saw."""

    def __init__(
        self, *, lease: timedelta = LEASE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lease = lease
        self._clock = clock
        self._looked = clock()
        self._seen: dict[Hashable, tuple[Hashable, float]] = {}

    def look(self) -> None:
        """Take over what stands still, and ask the queue again for what it has forgotten."""
        if self._clock() - self._looked > LONGEST_GAP.total_seconds():
            self._seen.clear()
        self._looked = self._clock()
        before, self._seen = self._seen, {}
        self._take_over(before)
        self._ask_again(before)

    def _take_over(self, before: dict[Hashable, tuple[Hashable, float]]) -> None:
        running = Job.objects.filter(state=State.RUNNING).order_by("heartbeat_at")
        for job in running.only("uuid", "kind", "claim", "beats", "attempts")[:AT_ONCE]:
            stood = self._stood_still(before, job.uuid, (job.claim, job.beats))
            if stood >= self._lease.total_seconds():
                _take_over(job)

    def _ask_again(self, before: dict[Hashable, tuple[Hashable, float]]) -> None:
        due = Job.objects.filter(state=State.WAITING, due_at__lte=Now()).order_by("due_at")
        for number, task_id in due.values_list("uuid", "task_id")[:AT_ONCE]:
            if task_id and _is_queued(task_id):
                continue
            stood = self._stood_still(before, number, task_id)
            if not task_id or stood >= LOST_AFTER.total_seconds():
                tasks.enqueue(number)

    def _stood_still(
        self,
        before: dict[Hashable, tuple[Hashable, float]],
        number: uuid.UUID,
        mark: Hashable,
    ) -> float:
        """Return for how many seconds a mark has been the same whenever it was looked at."""
        known, since = before.get(number, (None, 0.0))
        if known != mark:
            since = self._looked
        self._seen[number] = (mark, since)
        return self._looked - since


def _is_queued(task_id: str) -> bool:
    """Say whether the queue still has a task to hand out."""
    if not tasks.run_job.get_backend().supports_get_result:
        return False
    try:
        return tasks.run_job.get_result(task_id).status == TaskResultStatus.READY
    except TaskResultDoesNotExist:
        return False


def _take_over(job: Job) -> None:
    """Free a job whose worker shows no sign of life, unless it just did."""
    dead = Job.objects.filter(pk=job.pk, state=State.RUNNING, claim=job.claim, beats=job.beats)
    about = {"job": str(job.uuid), "kind": job.kind, "attempt": job.attempts}
    if job.attempts >= MOST_ATTEMPTS:
        if dead.update(
            state=State.FAILED, claim=None, finished_at=Now(), faults=as_rows((CUT_SHORT,))
        ):
            logger.error("job was given up after its workers died", extra=about)
    elif dead.update(state=State.WAITING, claim=None, task_id="", due_at=Now()):
        logger.warning("job was taken over from a dead worker", extra=about)
        tasks.enqueue(job.uuid)
