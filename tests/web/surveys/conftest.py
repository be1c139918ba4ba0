"""The letters trial with its roster frozen, and its baseline survey open."""

import pytest

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
    """The baseline's survey, open at Dudley."""
    return open_baseline(cast)
