"""Open a team's meeting, keep five quiet minutes, end it; pick up a link, or say not today."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.meetings.codes import digest_of, mark_for, short_for, token_for
from lighttouch.web.meetings.models import Meeting, Presence
from lighttouch.web.meetings.queries import find_slip, takes_answers, teams_at
from lighttouch.web.surveys.models import Link, Window

LASTS = timedelta(hours=8)
"""A sheet printed in the morning serves a meeting in the afternoon."""
QUIET = timedelta(minutes=5)


@transaction.atomic
def open_meeting(*, window: Window, team: str, by: User, now: datetime) -> Meeting:
    """Open a team's meeting for some hours; one that is on already is returned.

    Raises
    ------
    InputError
        If the survey cannot be answered at the partner today, or nobody of the team is asked.
    """
    window = (
        Window.objects.select_for_update(of=("self",))
        .select_related("survey__trial__programme", "partner")
        .get(pk=window.pk)
    )
    if not takes_answers(window, now):
        raise InputError(
            "the survey cannot be answered today", where="the meeting", remedy="Look at its dates"
        )
    if team not in {one.code for one in teams_at(window)}:
        raise InputError("nobody of this team is asked", where="the team")
    mine = Meeting.objects.filter(survey=window.survey, partner=window.partner, team=team)
    alive = mine.filter(ended_at=None).first()
    if alive is not None and alive.expires_at > now:
        return alive
    if alive is not None:
        _end(alive, alive.expires_at, None)
    reference = uuid4()
    meeting = Meeting(
        survey=window.survey,
        partner=window.partner,
        team=team,
        reference=reference,
        digest=digest_of(token_for(reference)),
        short_digest=digest_of(short_for(reference)),
        opened_at=now,
        opened_by=by,
        expires_at=now + LASTS,
    )
    meeting.full_clean()
    meeting.save(force_insert=True)
    _note("meeting.opened", meeting, by=by, now=now)
    return meeting


@transaction.atomic
def begin_quiet(*, meeting: Meeting, by: User, now: datetime) -> None:
    """Begin five quiet minutes; pressing again begins them anew.

    Raises
    ------
    InputError
        If the meeting is over.
    """
    meeting = _lock(meeting)
    _refuse_ended(meeting, now)
    meeting.quiet_from = now
    meeting.full_clean()
    meeting.save(update_fields=("quiet_from",))
    _note("meeting.quiet", meeting, by=by, now=now)


@transaction.atomic
def end_meeting(*, meeting: Meeting, by: User, now: datetime) -> None:
    """End a meeting: its code leads nowhere, and who was there is forgotten."""
    meeting = _lock(meeting)
    if meeting.ended_at is None:
        _end(meeting, now, by)
        _note("meeting.ended", meeting, by=by, now=now)


@transaction.atomic
def pick_up(*, meeting: Meeting, typed: str, now: datetime) -> Link | None:
    """Return the private link of whoever has a slip with these letters; none for other letters.

    There is no event: the log must not tell who answers what when.

    Raises
    ------
    InputError
        If the meeting is over.
    """
    _refuse_ended(meeting, now)
    link = find_slip(meeting, typed)
    if link is not None:
        _be_there(meeting, link, now)
    return link


@transaction.atomic
def say_not_today(*, meeting: Meeting, typed: str, now: datetime) -> bool:
    """Keep that somebody does not answer today; say whether the letters are those of a slip.

    It is no refusal: they can answer later, and reminders still come.

    Raises
    ------
    InputError
        If the meeting is over.
    """
    _refuse_ended(meeting, now)
    link = find_slip(meeting, typed)
    if link is None:
        return False
    there = _be_there(meeting, link, now)
    Presence.objects.filter(pk=there.pk, not_today_at=None).update(not_today_at=now)
    return True


@transaction.atomic
def forget_expired(*, now: datetime) -> int:
    """End the meetings that are past their hours; say how many."""
    late = Meeting.objects.select_for_update().filter(ended_at=None, expires_at__lte=now)
    gone = 0
    for meeting in late:
        _end(meeting, meeting.expires_at, None)
        gone += 1
    return gone


def _be_there(meeting: Meeting, link: Link, now: datetime) -> Presence:
    mark = mark_for(meeting.reference, link.participant_id)
    return Presence.objects.get_or_create(meeting=meeting, mark=mark, defaults={"at": now})[0]


def _end(meeting: Meeting, at: datetime, by: User | None) -> None:
    meeting.ended_at, meeting.ended_by = at, by
    meeting.full_clean()
    meeting.save(update_fields=("ended_at", "ended_by"))
    meeting.presences.all().delete()


def _lock(meeting: Meeting) -> Meeting:
    found = Meeting.objects.select_for_update(of=("self",))
    return found.select_related("survey__trial__programme", "partner").get(pk=meeting.pk)


def _refuse_ended(meeting: Meeting, now: datetime) -> None:
    if meeting.ended_at is not None or meeting.expires_at <= now:
        raise InputError("the meeting is over", where="the meeting", remedy="Open another")


def _note(act: str, meeting: Meeting, *, by: User, now: datetime) -> None:
    trial = meeting.survey.trial
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=meeting.partner.code,
        details={"wave": meeting.survey.wave, "team": meeting.team},
    )
