"""Trials at the stages these tests begin with."""

import pytest

from tests.web.cast import Cast
from tests.web.studies import world


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, with the letters trial drawn."""
    return world("allocated")


@pytest.fixture
def enrolled(db: None) -> Cast:
    """The cast, with the roster frozen and nothing proposed."""
    return world("enrolled")


@pytest.fixture
def returned(db: None) -> Cast:
    """The cast, with every baseline return signed off and no roster yet."""
    return world("returned")
