"""What this stage does at intervals."""

from datetime import datetime, timedelta

from lighttouch.core.errors import LighttouchError
from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.delivery import turns
from lighttouch.web.delivery.models import Pause
from lighttouch.web.delivery.packs.actions import ask_partners, find_forgotten
from lighttouch.web.delivery.planning import plan_interventions, plan_survey
from lighttouch.web.delivery.sending import logger, send_due
from lighttouch.web.delivery.telling import tell_troubles
from lighttouch.web.delivery.transports.notify.looking_up import look_up_all
from lighttouch.web.jobs.leaving import LEAVING
from lighttouch.web.jobs.registry import periodic
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.surveys.models import Survey


@periodic("delivery.plan", every=timedelta(minutes=10))
def plan(now: datetime) -> None:
    """Plan every survey and intervention as they now are; one at fault keeps no other back.

    Interventions are planned after the data are locked as well: a waitlist arm gets its own then.
    """
    over = (Stage.LOCKED, Stage.PUBLISHED)
    stopped = Pause.objects.filter(for_good=True).values("trial")
    surveys = Survey.objects.exclude(trial__stage__in=over).exclude(trial__in=stopped)
    for survey in surveys.select_related("trial__programme").order_by("pk"):
        try:
            plan_survey(survey=survey, by=SYSTEM, now=now)
        except LighttouchError as error:
            logger.error("a survey cannot be planned", extra={"event": error.faults[0].what})
    enrolled = Trial.objects.filter(roster__isnull=False).exclude(pk__in=stopped)
    for trial in enrolled.select_related("programme").order_by("pk"):
        try:
            plan_interventions(trial=trial, by=SYSTEM, now=now)
        except LighttouchError as error:
            logger.error("messages cannot be planned", extra={"event": error.faults[0].what})


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


@periodic("delivery.send", every=timedelta(seconds=10), apart=True)
def send(now: datetime) -> bool:
    """Send what is due; say whether there is more. A worker told to end hands nothing more over."""
    return send_due(now, seconds=60, stopped=LEAVING.is_set).is_more


@periodic("delivery.tell", every=timedelta(hours=1))
def tell(now: datetime) -> None:
    """Tell named people of what went wrong, each once a day."""
    tell_troubles(now)
