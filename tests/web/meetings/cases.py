"""The team that meets, its links, and its addresses."""

from lighttouch.web.meetings.models import Meeting
from lighttouch.web.surveys.models import Link

TEAM, OTHER = "T016", "T017"
"""Eleven people and nine, at Dudley."""
HELD = "/trials/letters/partners/dudley/surveys/baseline/meetings/"


def links_in(team: str = TEAM) -> list[Link]:
    """The links of a team at Dudley, by staff code."""
    found = Link.objects.filter(
        participant__partner__code="dudley", participant__team=team, ended_at=None
    )
    return list(found.select_related("survey", "participant").order_by("participant__staff_id"))


def screen_of(meeting: Meeting) -> str:
    """Where the code is shown."""
    return f"{HELD}{meeting.reference}/"
