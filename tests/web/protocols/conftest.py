"""A registered trial for the tests that begin after registration."""

import pytest

from lighttouch.web.programmes.models import Trial
from tests.web.cast import Cast
from tests.web.protocols import cases


@pytest.fixture
def draft(cast: Cast) -> Trial:
    """A trial with one valid version."""
    return cases.start_trial(cast)


@pytest.fixture
def registered(cast: Cast) -> Trial:
    """A trial that is registered."""
    return cases.registered(cast).trial
