"""Decide at the moment of sending whether a message still goes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, QuerySet

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.messages import Contact
from lighttouch.core.protocol.people import Nation
from lighttouch.web.delivery.hours import next_moment
from lighttouch.web.delivery.models import Delivery, OptOut, State, Step
from lighttouch.web.delivery.scripts import script_of
from lighttouch.web.enrolment.queries import Standing, standings
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.surveys.models import Window
from lighttouch.web.surveys.queries import settled
from lighttouch.web.ui.dates import day_of

A_WEEK = timedelta(days=7)
LOOK_AGAIN = timedelta(days=1)
OUTSIDE_HOURS = "outside working hours"
SOON = timedelta(minutes=10)
ENOUGH = "enough messages this week"


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
    """All that decisions about one trial's batch rest on, read in a few queries.

    ``recent`` counts what each person got in the last seven days over all trials of the programme;
    ``under_way`` has those to whom another message is just being sent.
    """

    contact: Contact
    acts: set[int]
    settled: Mapping[int, set[int]]
    standings: Mapping[int, Standing]
    opted_out: set[tuple[int, str]]
    recent: Mapping[str, int]
    under_way: set[str]
    windows: Mapping[tuple[int, int], Window]
    nations: Mapping[str, Nation]


def look_up(trial: Trial, deliveries: Iterable[Delivery], now: datetime) -> Known:
    """Read what decisions about these deliveries rest on."""
    batch, protocol = list(deliveries), declared(trial)
    surveys = {one.step.survey_id: one.step.survey for one in batch if one.step.survey}
    windows = Window.objects.filter(survey__in=surveys).select_related("partner")
    codes = [one.participant.staff_id for one in batch]
    steps = {one.step_id: one.step for one in batch}
    return Known(
        contact=protocol.contact,
        acts={pk for pk, step in steps.items() if _is_declared(step)},
        settled={pk: settled(survey) for pk, survey in surveys.items() if pk is not None},
        standings=standings(trial, day_of(now)),
        opted_out=set(
            OptOut.objects.filter(
                partner__programme=trial.programme_id, staff_id__in=codes
            ).values_list("partner", "staff_id")
        ),
        recent=_recent(trial, batch, now),
        under_way=_under_way(trial, batch),
        windows={(one.survey_id, one.partner_id): one for one in windows},
        nations={partner.id: partner.nation for partner in protocol.population.partners},
    )


def _is_declared(step: Step) -> bool:
    try:
        script_of(step)
    except InputError:
        return False
    return True


def _same_people(trial: Trial, batch: list[Delivery]) -> QuerySet[Delivery]:
    """Return every delivery to these people, in any trial of the programme."""
    trials = Trial.objects.filter(programme=trial.programme_id).values_list("pk", flat=True)
    return Delivery.objects.filter(
        participant__trial__in=list(trials),
        participant__partner__in={one.participant.partner_id for one in batch},
        participant__staff_id__in=[one.participant.staff_id for one in batch],
    )


def _recent(trial: Trial, batch: list[Delivery], now: datetime) -> Mapping[str, int]:
    rows = (
        _same_people(trial, batch)
        .filter(handed_over_at__gt=now - A_WEEK)
        .exclude(state=State.FAILED)
        .order_by()
        .values_list("participant__staff_id")
        .annotate(Count("pk"))
    )
    return Counter(dict(rows))


def _under_way(trial: Trial, batch: list[Delivery]) -> set[str]:
    """Return who is claimed for another message; either may be the one too many."""
    claimed = _same_people(trial, batch).filter(state=State.CLAIMED)
    others = claimed.exclude(claim=batch[0].claim) if batch else claimed
    return set(others.values_list("participant__staff_id", flat=True))


def decide(delivery: Delivery, known: Known, now: datetime) -> Decision:
    """Say what is done with one delivery now."""
    survey, mailing = delivery.step.survey_id, delivery.mailing
    window = known.windows.get((survey, mailing.partner_id)) if survey else None
    because = _no_longer_said(delivery, known, window, now) or _no_longer_wanted(delivery, known)
    if because:
        return Decision(Verdict.CANCEL, because)
    if (put_off := _not_now(delivery, known, window, now)) is not None:
        return put_off
    nation = known.nations.get(mailing.partner.code, "england")
    allowed = next_moment(now, nation, known.contact)
    if allowed > now:
        return Decision(Verdict.PUT_OFF, OUTSIDE_HOURS, allowed)
    return Decision(Verdict.SEND)


def _no_longer_said(delivery: Delivery, known: Known, window: Window | None, now: datetime) -> str:
    """Why nobody is sent a message any more, if that is so."""
    if delivery.step.survey_id is None:
        declared_still = delivery.step_id in known.acts
        return "" if declared_still else "the trial file has no such message any more"
    is_over = window is None or window.closed_at is not None or window.closes_on < day_of(now)
    return "the survey is closed" if is_over else ""


def _no_longer_wanted(delivery: Delivery, known: Known) -> str:
    """Why this person is not to get it any more, if that is so."""
    person, survey = delivery.participant, delivery.step.survey_id
    if survey is not None and person.pk in known.settled[survey]:
        return "already settled"
    if (person.partner_id, person.staff_id) in known.opted_out:
        return "asked for no more messages"
    standing = known.standings.get(person.pk)
    if standing is not None and standing.left:
        return "left the organisation"
    if standing is not None and not standing.contact:
        return "asked not to be contacted"
    return ""


def _not_now(
    delivery: Delivery, known: Known, window: Window | None, now: datetime
) -> Decision | None:
    """Put a message off for what is so today and may be otherwise tomorrow."""
    person = delivery.participant
    standing = known.standings.get(person.pk)
    if standing is not None and standing.on_leave:
        return Decision(Verdict.PUT_OFF, "on leave", now + LOOK_AGAIN)
    if window is not None and day_of(now) < window.opens_on:
        return Decision(Verdict.PUT_OFF, "the survey is not open yet", now + LOOK_AGAIN)
    count, most = known.recent.get(person.staff_id, 0), known.contact.most_a_week
    if count >= most:
        return Decision(Verdict.PUT_OFF, ENOUGH, now + LOOK_AGAIN)
    if count + 1 >= most and person.staff_id in known.under_way:
        return Decision(Verdict.PUT_OFF, "another message is on its way", now + SOON)
    return None
