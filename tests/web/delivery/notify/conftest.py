"""A server that speaks Notify's API, and Dudley with a service there."""

from collections.abc import Iterator

import pytest

from lighttouch.web.delivery.transports.notify.actions import set_service
from lighttouch.web.delivery.transports.notify.models import NotifyService
from tests.web.cast import NOW, Cast
from tests.web.delivery.notify import server
from tests.web.delivery.notify.server import Notify


@pytest.fixture(scope="package")
def serving() -> Iterator[Notify]:
    """The server, for all these tests."""
    with server.running() as notify:
        yield notify


@pytest.fixture
def notify(serving: Notify) -> Notify:
    """The server as if it had just begun."""
    serving.days.clear()
    serving.accepted.clear()
    serving.asked, serving.is_away = 0, False
    serving.slowness = server.PATIENCE * 1.5
    return serving


@pytest.fixture
def service(cast: Cast) -> NotifyService:
    """Dudley's own service."""
    return set_service(
        partner=cast.dudley,
        key=server.KEY,
        email_template=server.EMAIL_TEMPLATE,
        text_template=server.TEXT_TEMPLATE,
        by=cast["coordinator"],
        now=NOW,
    )
