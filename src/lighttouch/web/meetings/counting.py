"""How many are done, said so that it points at nobody.

Three rules, whatever the team. A number is one of a few steps, each as wide as the survey's least
cell, so that every sentence stands for at least that many different truths. *Done* is whoever
finished, declined, withdrew, deleted their answers or said not today, and nobody can tell which.
And what is shown is as it was at the last full minute of the meeting.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lighttouch.web.enrolment.models import Event, Happening
from lighttouch.web.meetings.codes import mark_for
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.meetings.queries import links_of
from lighttouch.web.surveys.models import Consent, Response

STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a meeting's page says: lower bounds, ``None`` while nothing may be said.

    ``too_small`` is a team of which nothing is ever said.
    """

    opened: int | None
    done: int | None
    too_small: bool


def count_shown(meeting: Meeting, now: datetime) -> Shown:
    """Return what a meeting's page says now."""
    at = moment_shown(meeting, now)
    people = {link.participant_id for link in links_of(meeting)}
    least = meeting.survey.least_cell
    done = _done(meeting, people, at)
    opened = done | _opened(meeting, people, at)
    return Shown(
        opened=lower_bound(len(opened), len(people), least),
        done=lower_bound(len(done), len(people), least),
        too_small=highest_bound(len(people), least) == 0,
    )


def moment_shown(meeting: Meeting, now: datetime) -> datetime:
    """Return the last full minute of a meeting."""
    return meeting.opened_at + max((now - meeting.opened_at) // STEP, 0) * STEP


def lower_bound(count: int, people: int, least: int) -> int | None:
    """Return the step that a count has reached, if any.

    Examples
    --------
    >>> [lower_bound(count, 11, 5) for count in (4, 5, 10, 11)]
    [None, 5, 5, 5]
    >>> lower_bound(8, 8, 5) is None
    True
    """
    return min(count // least * least, highest_bound(people, least)) or None


def highest_bound(people: int, least: int) -> int:
    """Return the last step, with at least ``least`` counts from it up to everybody."""
    return max(people - least + 1, 0) // least * least


def _done(meeting: Meeting, people: set[int], at: datetime) -> set[int]:
    found = Response.objects.filter(survey=meeting.survey_id, participant__in=people)
    done = set()
    for one in found.only("participant", "consent", "consented_at", "finished_at", "erased_at"):
        declined = one.consented_at if one.consent == Consent.DECLINED else None
        when = [moment for moment in (declined, one.finished_at, one.erased_at) if moment]
        if when and min(when) <= at:
            done.add(one.participant_id)
    withdrew = Happening.objects.filter(
        participant__in=people, event=Event.WITHDRAWAL, cancelled_at=None, recorded_at__lte=at
    )
    marks = set(meeting.presences.filter(not_today_at__lte=at).values_list("mark", flat=True))
    not_today = {one for one in people if mark_for(meeting.reference, one) in marks}
    return done | set(withdrew.values_list("participant", flat=True)) | not_today


def _opened(meeting: Meeting, people: set[int], at: datetime) -> set[int]:
    said = Response.objects.filter(
        survey=meeting.survey_id, participant__in=people, consented_at__lte=at
    )
    marks = set(meeting.presences.filter(at__lte=at).values_list("mark", flat=True))
    there = {one for one in people if mark_for(meeting.reference, one) in marks}
    return there | set(said.values_list("participant", flat=True))
