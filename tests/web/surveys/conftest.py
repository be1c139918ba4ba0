"""The letters trial with its roster frozen, and its baseline survey open."""

import pytest

from lighttouch.web.surveys.models import Survey
from tests.web.cast import Cast
from tests.web.studies import world
from tests.web.surveys.cases import open_baseline


@pytest.fixture
def cast(request: pytest.FixtureRequest, db: None) -> Cast:
    """The cast, with the letters trial's roster frozen, and its survey open where one is used."""
    return world("opened" if "survey" in request.fixturenames else "enrolled")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    """The baseline's survey, open at Dudley."""
    opened = Survey.objects.select_related("trial__programme").first()
    return opened or open_baseline(cast)
