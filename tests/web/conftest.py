"""What the platform's tests share."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.web.cast import Cast, make_cast

SignIn = Callable[[str], Client]


@pytest.fixture
def cast(db: None) -> Cast:
    """The programme and one person per role."""
    return make_cast()


@pytest.fixture
def sign_in(cast: Cast) -> SignIn:
    """Return a browser signed in as somebody of the cast, past the second factor."""

    def as_person(key: str) -> Client:
        client = Client()
        client.force_login(cast[key], backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_factor_at"] = "2026-03-02T09:00:00+00:00"
        session.save()
        return client

    return as_person
