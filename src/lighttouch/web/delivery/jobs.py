"""What this stage does at intervals."""

from datetime import datetime, timedelta

from lighttouch.core.errors import LighttouchError
from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.delivery import turns
from lighttouch.web.delivery.models import Pause
from lighttouch.web.delivery.packs.actions import ask_partners, find_forgotten
from lighttouch.web.delivery.planning import plan_survey
from lighttouch.web.delivery.sending import logger, send_due
from lighttouch.web.delivery.transports.notify.looking_up import look_up_all
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


@periodic("delivery.packs", every=timedelta(hours=1))
def packs(now: datetime) -> None:
    """Ask coordinators for what they send themselves, and put in doubt what they say nothing of."""
    ask_partners(now)
    if forgotten := find_forgotten(now):
        logger.error("packs are in doubt", extra={"count": forgotten})
    turns.forget(now)


@periodic("delivery.ask_notify", every=timedelta(minutes=15))
def ask_notify(now: datetime) -> None:
    """Ask Notify of what is in doubt, and of what no receipt came for."""
    look_up_all(now)


@periodic("delivery.send", every=timedelta(seconds=10))
def send(now: datetime) -> None:
    """Send what is due."""
    send_due(now)
