"""Teams that can meet, meetings that are on, and whose slip it is."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.urls import reverse

from lighttouch.web.accounts.models import Role, User
from lighttouch.web.accounts.permissions import Right, Scope, has_right, live_grants
from lighttouch.web.meetings.codes import digest_of, token_for
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.surveys.models import Link, Window
from lighttouch.web.surveys.slip_codes import SLIP_LETTERS, read_letters, slip_code
from lighttouch.web.surveys.windows import is_locked, is_open


@dataclass(frozen=True, slots=True)
class Team:
    """A team with people who are asked; those without a team have an empty code."""

    code: str
    people: int

    @property
    def label(self) -> str:
        """Its name on pages."""
        return f"Team {self.code}" if self.code else "People without a team"


def teams_at(window: Window) -> list[Team]:
    """Return the teams of a partner whose people are asked, by code."""
    links = Link.objects.filter(
        survey=window.survey_id, participant__partner=window.partner_id, ended_at=None
    )
    counted = links.order_by("participant__team").values_list("participant__team")
    return [Team(code, people) for code, people in counted.annotate(Count("pk"))]


def teams_for(user: User, scope: Scope, teams: list[Team]) -> list[Team]:
    """Return those teams whose meetings somebody may hold: all, or the ones they manage."""
    if has_right(user, Right.DO_TASKS, scope):
        return teams
    own = {
        grant.team
        for grant in live_grants(user)
        if grant.role == Role.TEAM_MANAGER
        and scope.partner is not None
        and grant.partner_id == scope.partner.pk
        and (grant.trial_id is None or scope.trial is None or grant.trial_id == scope.trial.pk)
    }
    return [one for one in teams if one.code in own]


def takes_answers(window: Window, now: datetime) -> bool:
    """Say whether a survey can be answered at a partner today, so that a team can meet."""
    return is_open(window, now) and not is_locked(window.survey.trial)


def running(window: Window, now: datetime) -> list[Meeting]:
    """Return the meetings that are on at a partner, newest first."""
    found = Meeting.objects.filter(
        survey=window.survey_id, partner=window.partner_id, ended_at=None, expires_at__gt=now
    )
    return list(found.select_related("survey__trial__programme", "partner"))


def find_meeting(window: Window, reference: UUID) -> Meeting | None:
    """Return a meeting of a survey at a partner."""
    found = Meeting.objects.filter(
        survey=window.survey_id, partner=window.partner_id, reference=reference
    )
    return found.select_related("survey__trial__programme", "partner").first()


def find_by_token(token: str, now: datetime) -> Meeting | None:
    """Return the meeting that a scanned code leads to, while it is on."""
    return _find(now, digest=digest_of(token))


def find_by_short(typed: str, now: datetime) -> Meeting | None:
    """Return the meeting that a typed code leads to, while it is on."""
    return _find(now, short_digest=digest_of(read_letters(typed)))


def _find(now: datetime, **by: str) -> Meeting | None:
    found = Meeting.objects.filter(ended_at=None, expires_at__gt=now, **by)
    return found.select_related("survey__trial__programme", "partner").first()


def path_of(meeting: Meeting) -> str:
    """Return the path that a meeting's code leads to."""
    return reverse("meetings:join", kwargs={"token": token_for(meeting.reference)})


def links_of(meeting: Meeting) -> list[Link]:
    """Return the live links of a meeting's team."""
    found = Link.objects.filter(
        survey=meeting.survey_id,
        participant__partner=meeting.partner_id,
        participant__team=meeting.team,
        ended_at=None,
    )
    return list(found.order_by("pk"))


def find_slip(meeting: Meeting, typed: str) -> Link | None:
    """Return the link whose slip has these letters, among those of the meeting's team."""
    letters = read_letters(typed)
    if len(letters) != SLIP_LETTERS:
        return None
    found = None
    for link in links_of(meeting):  # all are compared, so that time does not tell which
        if hmac.compare_digest(slip_code(link), letters):
            found = link
    return found


def windows_open_to(trial: Trial, partner: Partner, team: str, now: datetime) -> list[Window]:
    """Return the surveys that a team can answer today."""
    windows = Window.objects.filter(survey__trial=trial, partner=partner, closed_at=None)
    found = windows.select_related("survey__trial", "partner").order_by("opens_on")
    return [
        one
        for one in found
        if takes_answers(one, now) and any(team == other.code for other in teams_at(one))
    ]
