"""What this stage does in the background."""

from typing import cast

from django.utils import timezone

from lighttouch.web.accounts.models import User
from lighttouch.web.enrolment.actions import freeze
from lighttouch.web.jobs.registry import Run, job
from lighttouch.web.programmes.models import Trial

FREEZE = "roster.freeze"


@job(FREEZE, title="Freezing the roster")
def freeze_roster(run: Run, trial: int, reason: str = "") -> None:
    """Freeze the roster of a trial, as the person who asked for it."""
    freeze(
        trial=Trial.objects.select_related("programme").get(pk=trial),
        by=cast("User", run.by),
        now=timezone.now(),
        again_because=reason,
        progress=run.progress,
    )
