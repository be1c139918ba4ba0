"""The letters trial with its baseline survey open today, and a team of eleven that meets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lighttouch.web.meetings import actions
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.models import Survey, Window
from tests.web.cast import Cast
from tests.web.meetings.cases import TEAM
from tests.web.studies import world
from tests.web.surveys.cases import open_baseline, window_of


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, with the letters trial's roster frozen."""
    return world("enrolled")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    """The baseline's survey, open today everywhere."""
    survey = open_baseline(cast)
    today = today_of(timezone.now())
    Window.objects.update(opens_on=today - timedelta(days=5), closes_on=today + timedelta(days=5))
    return survey


@pytest.fixture
def meeting(cast: Cast, survey: Survey) -> Meeting:
    """A meeting that began some minutes ago."""
    return actions.open_meeting(
        window=window_of(survey),
        team=TEAM,
        by=cast["coordinator"],
        now=timezone.now() - timedelta(minutes=20),
    )
