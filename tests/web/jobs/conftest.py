"""Fresh memory of what the tests' jobs did."""

import pytest

from tests.web.jobs import cases


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    cases.seen.clear()
