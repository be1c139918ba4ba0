"""People who finish, say no, or are away, and a survey that has closed."""

from collections.abc import Iterable
from datetime import UTC, datetime

from lighttouch.web.surveys.models import Consent, Link, Response, Survey, Window
from tests.web.surveys.cases import OPENED_AT

CLOSED_AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
"""After the last day of the baseline at every partner."""
TEAM = "T016"
"""Eleven people at Dudley."""


def people_of(survey: Survey, team: str = TEAM, partner: str = "dudley") -> list[Link]:
    """The links of a team, by staff code."""
    found = Link.objects.filter(
        survey=survey, participant__partner__code=partner, participant__team=team
    )
    return list(found.select_related("participant__partner").order_by("participant__staff_id"))


def answer(survey: Survey, links: Iterable[Link], consent: str = Consent.AGREED) -> None:
    """Have people finish, or decline."""
    for link in links:
        Response.objects.create(
            survey=survey,
            participant=link.participant,
            consent=consent,
            consent_version=survey.consent_version,
            consented_at=OPENED_AT,
            touched_at=OPENED_AT,
            finished_at=OPENED_AT if consent == Consent.AGREED else None,
        )


def close(survey: Survey) -> None:
    """Let the survey be closed everywhere."""
    Window.objects.filter(survey=survey).update(closed_at=OPENED_AT, closes_on=OPENED_AT.date())
