"""What the tests of this stage's pages share: a clock, a call, and browsers."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from lighttouch.web.partners.models import Call
from tests.web.cast import NOW, Cast, add_person, make_programme
from tests.web.partners.making import make_call

SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set what time pages think it is; it stands still."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return at


@pytest.fixture
def call(cast: Cast) -> Call:
    """The programme's call, published, open in March 2026."""
    return make_call(cast.programme, cast["trial_manager"])


@pytest.fixture
def in_march(set_clock: SetClock) -> None:
    """Let it be the morning of the cast."""
    set_clock(NOW)


@pytest.fixture
def visitor(call: Call, in_march: None) -> Client:
    """Somebody without an account, while the call is open."""
    return Client()


@pytest.fixture
def outsider(cast: Cast) -> Client:
    """The trial manager of another programme, signed in."""
    other = make_programme("elsewhere", "other_trial")
    client = Client()
    client.force_login(
        add_person(other, "trial_manager", "outsider"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    session = client.session
    session["second_factor_at"] = NOW.isoformat()
    session.save()
    return client
