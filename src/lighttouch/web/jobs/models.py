"""Jobs, the workers that run them, and what is done at intervals."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from lighttouch.core.errors import Fault
from lighttouch.web.accounts.models import User
from lighttouch.web.programmes.models import Partner, Trial


class State(models.TextChoices):
    """Where a job is."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Being done"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


WORTH_SAYING = 5
"""Seconds that work may take before a page says how long it has taken."""
UNFINISHED = (State.WAITING, State.RUNNING)


class Job(models.Model):
    """One piece of long work. This row is the truth; the queue only says when to look at it.

    ``claim`` names the attempt in hand and ``beats`` rises as long as its worker lives. Moments of
    the work itself are on the database's clock.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict, blank=True)
    trial = models.ForeignKey(
        Trial, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    started_by = models.CharField(max_length=64)
    then = models.CharField(max_length=300, blank=True)

    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    what = models.CharField(max_length=200, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    faults = models.JSONField(default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    beats = models.PositiveBigIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    task_id = models.CharField(max_length=64, blank=True)

    created_at = models.DateTimeField()
    due_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "key"), condition=Q(state__in=UNFINISHED), name="job_key_once"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
            models.CheckConstraint(
                condition=(Q(state="running") & Q(claim__isnull=False))
                | (~Q(state="running") & Q(claim=None)),
                name="job_claimed_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED, finished_at=None)
                | Q(state__in=("done", "failed"), finished_at__isnull=False),
                name="job_finished_when_over",
            ),
            models.CheckConstraint(
                condition=Q(total=0) | Q(done__lte=F("total")), name="job_done_within_total"
            ),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="job_by_state"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in (State.DONE, State.FAILED)

    @property
    def elapsed(self) -> str:
        """How long the attempt in hand has gone on, in words, once that is worth saying."""
        if self.state != State.RUNNING or self.started_at is None:
            return ""
        seconds = int((timezone.now() - self.started_at).total_seconds())
        if seconds < WORTH_SAYING:
            return ""
        count, unit = (seconds // 60, "minute") if seconds >= 60 else (seconds, "second")
        return f"{count} {unit}{'' if count == 1 else 's'}"

    @property
    def found_faults(self) -> list[Fault]:
        """What stopped it, as the core says faults."""
        return [Fault(**fault) for fault in self.faults]


class Worker(models.Model):
    """A process that runs jobs, and when it was last heard of."""

    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("started_at",)

    def __str__(self) -> str:
        return self.name

    @property
    def process(self) -> str:
        """The machine and the number of the process."""
        machine, _, rest = self.name.partition(":")
        return f"{machine}, process {rest.partition(':')[0]}"


class PeriodicRun(models.Model):
    """When something that is done at intervals is next due; whoever moves that on does it."""

    name = models.CharField(max_length=100, unique=True)
    due_at = models.DateTimeField(db_default=Now())
    claim = models.UUIDField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
