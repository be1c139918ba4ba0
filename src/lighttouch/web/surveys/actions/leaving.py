"""What staff take back by their private link: taking part, or their answers."""

from datetime import datetime

from django.db import transaction

from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import STAFF
from lighttouch.web.enrolment.actions import record_happening
from lighttouch.web.enrolment.models import Event, Withdrawal
from lighttouch.web.enrolment.telling import Told
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.erasing import empty_response
from lighttouch.web.surveys.models import Link, Response


@transaction.atomic
def withdraw(*, link: Link, how: Withdrawal, now: datetime) -> None:
    """Record how far somebody withdraws from the trial; possible at any time.

    ``stop_contact`` ends messages, ``stop_collection`` also answers and later returns, ``erase``
    also deletes what they answered and used. The same thing said twice is recorded once.
    """
    participant = link.participant
    told = Told(participant.staff_id, Event.WITHDRAWAL, today_of(now), detail=how)
    record_happening(
        trial=participant.trial, partner=participant.partner, told=told, by=STAFF, now=now
    )


@transaction.atomic
def erase(*, link: Link, now: datetime) -> int:
    """Delete somebody's answers to one survey, at any time; a sealed marker stays.

    Returns
    -------
    int
        How many answers went; 0 the second time.
    """
    response = (
        Response.objects.select_for_update()
        .filter(survey=link.survey, participant=link.participant)
        .first()
    )
    if response is None or response.erased_at is not None:
        return 0
    gone = empty_response(response, now)
    trial = link.survey.trial
    record(
        act="survey.answers_erased",
        by=STAFF,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=link.participant.partner.code,
        details={"wave": link.survey.wave},
    )
    return gone
