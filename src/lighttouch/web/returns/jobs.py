"""What this stage does in the background, and at intervals."""

from datetime import datetime, timedelta

from django.utils import timezone

from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.jobs.registry import Run, job, periodic
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.returns import actions, marking, reminders, resting
from lighttouch.web.returns.models import Version

GIVE_UP_AFTER = timedelta(hours=2)


@job("return.check", title="Checking the return")
def check(run: Run, version: int) -> None:
    """Check a large file that waits encrypted."""
    actions.check_sealed(version=_find(version), now=timezone.now(), progress=run.progress)


@job("return.mark", title="Marking your file")
def mark(run: Run, version: int) -> None:
    """Write the marked workbook of a large file."""
    run.progress("Opening the file", 0, 2)
    marking.keep_marked(version=_find(version), now=timezone.now())
    run.progress("Marked", 2, 2)


@periodic("returns.remind", every=timedelta(hours=1))
def remind(now: datetime) -> None:
    """Send the reminders that are due."""
    reminders.remind(now)


@periodic("returns.sweep", every=timedelta(minutes=10))
def sweep(now: datetime) -> None:
    """Delete what a killed worker left of files that may hold names."""
    actions.give_up_checking(before=now - GIVE_UP_AFTER, by=SYSTEM, now=now)
    resting.sweep()


@periodic("returns.ask", every=timedelta(hours=1))
def ask(now: datetime) -> None:
    """Ask for the returns of every registered trial, as its protocol has them now."""
    running = Trial.objects.filter(registration__isnull=False)
    over = (Stage.LOCKED, Stage.PUBLISHED)
    for trial in running.exclude(stage__in=over).select_related("programme"):
        actions.open_wave_returns(trial=trial, by=SYSTEM, now=now)


def _find(number: int) -> Version:
    return Version.objects.select_related(
        "for_return__trial__programme", "for_return__partner", "sealed", "original", "uploaded_by"
    ).get(pk=number)
