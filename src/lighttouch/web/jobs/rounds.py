"""Do what is due at intervals, whichever worker gets to it first."""

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Now

from lighttouch.web.jobs.models import PeriodicRun
from lighttouch.web.jobs.registry import PERIODICS, Periodic

logger = logging.getLogger("lighttouch.web.jobs")

LONGEST = timedelta(minutes=10)
"""Nobody else starts the same thing for so long, unless its interval is longer still."""


def run_due(now: datetime, *, apart: bool = False) -> int:
    """Do everything that is due and that nobody else does; say how many things that was.

    What does not work out is written to the log and is due again after its interval.

    Parameters
    ----------
    apart
        Whether to do what runs beside the rest, or the rest.
    """
    known = set(PeriodicRun.objects.values_list("name", flat=True))
    new = [PeriodicRun(name=name) for name in PERIODICS if name not in known]
    PeriodicRun.objects.bulk_create(new, ignore_conflicts=True)
    ours = [periodic for periodic in PERIODICS.values() if periodic.apart == apart]
    return sum(_run(periodic, now) for periodic in ours)


def _run(periodic: Periodic, now: datetime) -> bool:
    claim = uuid.uuid4()
    if not _claim(periodic, claim):
        return False
    failed, again = 0, False
    try:
        again = periodic.function(now) is True
    except Exception as error:
        failed = 1
        logger.exception("periodic work failed", extra={"kind": periodic.name}, exc_info=error)
    PeriodicRun.objects.filter(name=periodic.name, claim=claim).update(
        due_at=Now() if again else Now() + periodic.every,
        claim=None,
        finished_at=Now(),
        failures=F("failures") + 1 if failed else 0,
    )
    return True


def _claim(periodic: Periodic, claim: uuid.UUID) -> bool:
    """Move on when something is due, in one statement that only one worker succeeds with.

    What is due later than it could be was written before the clock was put back: it is due.
    """
    hold = max(periodic.every, LONGEST)
    due = Q(due_at__lte=Now()) | Q(due_at__gt=Now() + hold + timedelta(seconds=1))
    runs = PeriodicRun.objects.filter(due, name=periodic.name)
    return runs.update(due_at=Now() + hold, claim=claim) > 0
