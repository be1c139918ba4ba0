"""Who is entered: how far everybody was when the survey closed at their partner, and no answer."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import date

from django.conf import settings

from lighttouch.core.prizes.entering import Asked, Completion, enter_draw
from lighttouch.core.protocol.prizes import Prize as DeclaredPrize
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.enrolment.queries import Standing, standings
from lighttouch.web.prizes.models import Prize
from lighttouch.web.surveys.models import Consent, Link, Response, Window
from lighttouch.web.ui.dates import day_of

TICKET = 20
"""Characters of a ticket: 80 bits."""


def declared_of(prize: Prize) -> DeclaredPrize:
    """Return a prize as the core knows it."""
    return DeclaredPrize.model_validate(
        {
            "rule": prize.rule,
            "number": prize.number,
            "worth": prize.worth,
            "smallest_team": prize.smallest_team or None,
        }
    )


def entries_of(prize: Prize) -> tuple[str, ...]:
    """Return what is entered, in order: teams by partner and code, or people by ticket."""
    return enter_draw(declared_of(prize), _asked(prize))


def ticket_of(prize: Prize, participant: int) -> str:
    """Return what stands for somebody in a draw: made from the site's key, and from no code."""
    about = f"prize-ticket:{prize.survey_id}:{participant}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), about, hashlib.sha256)
    return f"ticket-{made.hexdigest()[:TICKET]}"


def last_day(window: Window) -> date:
    """Return the day a survey closed at a partner."""
    return day_of(window.closed_at) if window.closed_at else window.closes_on


def _asked(prize: Prize) -> Iterator[Asked]:
    """Everybody asked, as they were on the last day; a few queries, however many there are."""
    survey = prize.survey
    days = {one.partner_id: last_day(one) for one in Window.objects.filter(survey=survey)}
    stood = {day: standings(survey.trial, day) for day in set(days.values())}
    said = {one.participant_id: one for one in Response.objects.filter(survey=survey)}
    links = Link.objects.filter(survey=survey, ended_at=None).select_related("participant__partner")
    for link in links.order_by("pk"):
        person = link.participant
        standing = stood[days[person.partner_id]].get(person.pk)
        team = standing.team if standing else person.team
        yield Asked(
            ticket_of(prize, person.pk),
            f"{person.partner.code}/{team}" if team else "",
            _completion(person, standing, said),
        )


def _completion(
    person: Participant, standing: Standing | None, said: Mapping[int, Response]
) -> Completion:
    response = said.get(person.pk)
    if standing is not None and standing.left:
        return Completion.AWAY
    if response is not None and response.erased_at is not None:
        return Completion.SETTLED
    if response is not None and response.finished_at is not None:
        return Completion.FINISHED
    if standing is not None and standing.on_leave:
        return Completion.AWAY
    declined = response is not None and response.consent == Consent.DECLINED
    withdrew = standing is not None and not standing.contact
    return Completion.SETTLED if declined or withdrew else Completion.OPEN
