"""A survey that is open, and somebody of it."""

from datetime import UTC, datetime, timedelta

from lighttouch.web.surveys import actions
from lighttouch.web.surveys.models import Device, Link, Survey, Window
from tests.web.cast import Cast

OPENED_AT = datetime(2026, 3, 23, 9, 30, tzinfo=UTC)
"""In the baseline's window at Dudley, which launches on 6 April 2026."""
COOKIE = "a-browser-of-this-person"


def open_baseline(cast: Cast) -> Survey:
    """Open the baseline's survey."""
    return actions.open_survey(
        trial=cast.trial, wave="baseline", by=cast["trial_manager"], now=OPENED_AT
    )


def link_of(survey: Survey, partner: str = "dudley", place: int = 0) -> Link:
    """Return the link of one of a partner's people, by code."""
    links = Link.objects.filter(survey=survey, participant__partner__code=partner, ended_at=None)
    found = links.select_related(
        "survey__trial__programme", "participant__partner", "participant__trial__programme"
    )
    return found.order_by("participant__staff_id")[place]


def window_of(survey: Survey, partner: str = "dudley") -> Window:
    """Return a partner's window."""
    return Window.objects.select_related("survey").get(survey=survey, partner__code=partner)


def agreed(link: Link, cookie: str = COOKIE, later: int = 0) -> Device:
    """Have somebody agree to take part."""
    return actions.agree(link=link, cookie=cookie, now=OPENED_AT + timedelta(minutes=later))
