"""The letters trial, its baseline survey closed everywhere, and one team that is complete."""

import pytest

from lighttouch.web.prizes.models import Prize
from lighttouch.web.surveys.models import Survey
from tests.web.cast import Cast
from tests.web.studies import world
from tests.web.surveys.cases import open_baseline


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, with the letters trial's roster frozen."""
    return world("enrolled")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    """The baseline's survey, opened."""
    return open_baseline(cast)


@pytest.fixture
def prize(survey: Survey) -> Prize:
    """Its prizes."""
    return Prize.objects.select_related("survey__trial__programme").get(survey=survey)
