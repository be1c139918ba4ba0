"""What runs, what waits, what failed, and who may look."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, has_right
from lighttouch.web.jobs.models import UNFINISHED, Job, State, Worker
from lighttouch.web.programmes.models import Trial

ALIVE_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """The state of the work, for whoever keeps the service running."""

    waiting: int
    running: int
    failed: int
    waiting_since: datetime | None
    worker_seen_at: datetime | None
    workers: int


def queue_state() -> Queue:
    """Return the state of the work; ``workers`` are those heard of within a minute."""
    due = Job.objects.filter(state=State.WAITING, due_at__lte=Now())
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    seen = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    return Queue(
        waiting=Job.objects.filter(state=State.WAITING).count(),
        running=Job.objects.filter(state=State.RUNNING).count(),
        failed=Job.objects.filter(state=State.FAILED).count(),
        waiting_since=oldest,
        worker_seen_at=seen,
        workers=Worker.objects.filter(seen_at__gte=Now() - ALIVE_WITHIN).count(),
    )


def may_see(user: User, job: Job) -> bool:
    """Say whether somebody may see a job: who started it, and who runs the service."""
    return job.user_id == user.pk or has_right(user, Right.RUN_SERVICE)


def unfinished() -> QuerySet[Job]:
    """Return what is being done or waits, in the order in which it will be done."""
    return Job.objects.filter(state__in=UNFINISHED).select_related("trial").order_by("state", "pk")


def failed() -> QuerySet[Job]:
    """Return what failed, newest first."""
    return Job.objects.filter(state=State.FAILED).select_related("trial").order_by("-finished_at")


def failed_in(trial: Trial) -> list[Job]:
    """Return the jobs of a trial that failed and were not done since, newest first."""
    newest: dict[tuple[str, str], Job] = {}
    for job in Job.objects.filter(trial=trial).order_by("-pk")[:500]:
        newest.setdefault((job.kind, job.key), job)
    return [job for job in newest.values() if job.state == State.FAILED]
