"""E-mail through a real mail server on loopback."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.web.notices.peer import Peer, listening


@pytest.fixture
def by_smtp(settings: Settings) -> Settings:
    """Send by SMTP."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = 5
    return settings


@pytest.fixture
def peer(by_smtp: Settings) -> Iterator[Peer]:
    """A mail server that the settings name."""
    peer = Peer()
    with listening(peer) as port:
        by_smtp.EMAIL_PORT = port
        yield peer
