"""What this stage does at intervals."""

from datetime import datetime, timedelta

from lighttouch.core.errors import LighttouchError
from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.delivery.models import Pause
from lighttouch.web.delivery.planning import plan_survey
from lighttouch.web.delivery.sending import logger, send_due
from lighttouch.web.jobs.leaving import LEAVING
from lighttouch.web.jobs.registry import periodic
from lighttouch.web.programmes.models import Stage
from lighttouch.web.surveys.models import Survey


@periodic("delivery.plan", every=timedelta(minutes=10))
def plan(now: datetime) -> None:
    """Plan every survey as its windows are now; one that cannot be planned keeps none back."""
    over = (Stage.LOCKED, Stage.PUBLISHED)
    stopped = Pause.objects.filter(for_good=True).values("trial")
    surveys = Survey.objects.exclude(trial__stage__in=over).exclude(trial__in=stopped)
    for survey in surveys.select_related("trial__programme").order_by("pk"):
        try:
            plan_survey(survey=survey, by=SYSTEM, now=now)
        except LighttouchError as error:
            logger.error("a survey cannot be planned", extra={"event": error.faults[0].what})


@periodic("delivery.send", every=timedelta(seconds=10), apart=True)
def send(now: datetime) -> bool:
    """Send what is due; say whether there is more. A worker told to end hands nothing more over."""
    return send_due(now, seconds=60, stopped=LEAVING.is_set).is_more
