"""Decide at the moment of sending whether a message still goes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count

from lighttouch.core.protocol.people import Nation
from lighttouch.web.delivery.hours import next_moment
from lighttouch.web.delivery.models import Delivery, OptOut, State
from lighttouch.web.enrolment.queries import Standing, standings
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.surveys.models import Window
from lighttouch.web.surveys.queries import settled
from lighttouch.web.ui.dates import day_of

A_WEEK = timedelta(days=7)
MOST_A_WEEK = 2
"""Messages one person gets in seven days; people said that they were overwhelmed."""
LOOK_AGAIN = timedelta(days=1)
OUTSIDE_HOURS = "outside working hours"


class Verdict(StrEnum):
    """What is done with a delivery that is due."""

    SEND = "send"
    CANCEL = "cancel"
    PUT_OFF = "put off"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done, why, and until when it is put off."""

    verdict: Verdict
    because: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that decisions about one trial's batch rest on, read in a few queries."""

    settled: Mapping[int, set[int]]
    standings: Mapping[int, Standing]
    opted_out: set[tuple[int, str]]
    recent: Mapping[int, int]
    windows: Mapping[tuple[int, int], Window]
    nations: Mapping[str, Nation]


def look_up(trial: Trial, deliveries: Iterable[Delivery], now: datetime) -> Known:
    """Read what decisions about these deliveries rest on."""
    batch = list(deliveries)
    people = [one.participant_id for one in batch]
    surveys = {one.step.survey_id: one.step.survey for one in batch}
    recent = (
        Delivery.objects.filter(participant__in=people, handed_over_at__gt=now - A_WEEK)
        .exclude(state=State.FAILED)
        .order_by()
        .values_list("participant")
        .annotate(Count("pk"))
    )
    windows = Window.objects.filter(survey__in=surveys).select_related("partner")
    codes = [one.participant.staff_id for one in batch]
    return Known(
        settled={pk: settled(survey) for pk, survey in surveys.items()},
        standings=standings(trial, day_of(now)),
        opted_out=set(
            OptOut.objects.filter(
                partner__programme=trial.programme_id, staff_id__in=codes
            ).values_list("partner", "staff_id")
        ),
        recent=Counter(dict(recent)),
        windows={(one.survey_id, one.partner_id): one for one in windows},
        nations={partner.id: partner.nation for partner in declared(trial).population.partners},
    )


def decide(delivery: Delivery, known: Known, now: datetime) -> Decision:
    """Say what is done with one delivery now."""
    person, mailing = delivery.participant, delivery.mailing
    window = known.windows.get((delivery.step.survey_id, mailing.partner_id))
    if because := _no_longer(delivery, known, window, now):
        return Decision(Verdict.CANCEL, because)
    standing = known.standings.get(person.pk)
    if standing is not None and standing.on_leave:
        return Decision(Verdict.PUT_OFF, "on leave", now + LOOK_AGAIN)
    if window is not None and day_of(now) < window.opens_on:
        return Decision(Verdict.PUT_OFF, "the survey is not open yet", now + LOOK_AGAIN)
    if known.recent.get(person.pk, 0) >= MOST_A_WEEK:
        return Decision(Verdict.PUT_OFF, "enough messages this week", now + LOOK_AGAIN)
    allowed = next_moment(now, known.nations.get(mailing.partner.code, "england"))
    if allowed > now:
        return Decision(Verdict.PUT_OFF, OUTSIDE_HOURS, allowed)
    return Decision(Verdict.SEND)


def _no_longer(delivery: Delivery, known: Known, window: Window | None, now: datetime) -> str:
    """Why a delivery is not needed any more, if it is not."""
    person = delivery.participant
    if window is None or window.closed_at is not None or window.closes_on < day_of(now):
        return "the survey is closed"
    if person.pk in known.settled[delivery.step.survey_id]:
        return "already settled"
    if (person.partner_id, person.staff_id) in known.opted_out:
        return "asked for no more messages"
    standing = known.standings.get(person.pk)
    if standing is not None and standing.left:
        return "left the organisation"
    if standing is not None and not standing.contact:
        return "asked not to be contacted"
    return ""
