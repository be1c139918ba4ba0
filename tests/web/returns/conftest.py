"""A registered trial whose partners are asked for returns."""

import pytest

from tests.web.cast import Cast
from tests.web.studies import world


@pytest.fixture
def cast(request: pytest.FixtureRequest, db: None) -> Cast:
    """The cast, with its trial registered where the test begins there."""
    return world("asked" if "asked" in request.fixturenames else "cast")


@pytest.fixture
def asked(cast: Cast) -> Cast:
    """The cast, with the trial registered and the baseline due in a fortnight."""
    return cast
