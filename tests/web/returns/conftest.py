"""A registered trial whose partners are asked for returns."""

import pytest

from tests.web.cast import Cast
from tests.web.returns import cases


@pytest.fixture
def asked(cast: Cast) -> Cast:
    """The cast, with the trial registered and the baseline due in a fortnight."""
    cases.register_letters(cast)
    return cast
