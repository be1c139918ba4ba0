"""Sessions begin anew at sign-in, end in time, and end everywhere when asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lighttouch.web.accounts.actions import sign_out_everywhere
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.models import Event
from tests.web.accounts.conftest import ask_for_link, is_signed_in
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn


class Clock:
    """A clock that tests set forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: self.time)

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_session_that_was_there_before_signing_in_is_no_longer_good(cast: Cast) -> None:
    client = Client()
    client.get("/sign-in/", {"next": "/account/"})
    planted = client.session.session_key
    assert planted
    client.post(ask_for_link("coordinator@example.org"))
    assert is_signed_in(client, cast["coordinator"])
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["lighttouch_session"] = planted
    assert not is_signed_in(thief)


def test_sign_out_ends_the_session_and_says_so(cast: Cast) -> None:
    client = Client()
    client.post(ask_for_link("coordinator@example.org"))
    kept = client.session.session_key
    answer = client.post("/sign-out/", follow=True)
    assert "You are signed out." in answer.content.decode()
    thief = Client()
    thief.cookies["lighttouch_session"] = str(kept)
    assert not is_signed_in(thief)


def test_opening_the_address_of_signing_out_does_not_sign_out(sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/account/").status_code == 200


def test_sign_out_everywhere_ends_the_other_browser_too(cast: Cast) -> None:
    laptop, phone, stranger = Client(), Client(), Client()
    for client, who in ((laptop, "coordinator"), (phone, "coordinator"), (stranger, "stranger")):
        client.post(ask_for_link(f"{who}@example.org"))
        assert client.get("/account/").status_code == 200
    laptop.post("/account/sign-out-everywhere/")
    assert laptop.get("/account/").status_code == 302
    assert phone.get("/account/").status_code == 302
    assert stranger.get("/account/").status_code == 200
    assert Event.objects.filter(act="account.signed_out_everywhere").exists()


def test_one_may_sign_in_again_after_signing_out_everywhere(cast: Cast) -> None:
    sign_out_everywhere(user=cast["coordinator"], by=cast["coordinator"], now=NOW)
    client = Client()
    client.post(ask_for_link("coordinator@example.org"))
    assert client.get("/account/").status_code == 200


def test_closed_account_is_out_at_the_next_page(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    User.objects.filter(pk=cast["coordinator"].pk).update(is_active=False)
    assert client.get("/account/").status_code == 302


def test_session_ends_after_eight_hours_without_use(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in("coordinator")
    assert client.get("/account/").status_code == 200
    clock.forward(hours=8, minutes=1)
    assert client.get("/account/").status_code == 302


def test_use_keeps_a_session_but_never_beyond_a_day(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in("coordinator")
    for _ in range(3):
        assert client.get("/account/").status_code == 200
        clock.forward(hours=7, minutes=30)
    assert client.get("/account/").status_code == 200
    clock.forward(hours=1, minutes=31)
    assert client.get("/account/").status_code == 302


def test_page_that_renews_itself_is_not_use(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in("coordinator")
    client.get("/account/")
    for _ in range(3):
        clock.forward(hours=3)
        client.get("/account/", headers={"X-Fragment": "1"})
    assert client.get("/account/").status_code == 302


def test_session_is_not_written_for_every_page(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in("coordinator")
    client.get("/account/")
    with django_assert_max_num_queries(8) as captured:
        client.get("/account/")
    assert not [q for q in captured if q["sql"].startswith(("UPDATE", "INSERT"))]


def test_cookie_is_for_this_site_only_hidden_from_scripts_and_gone_with_the_browser(
    cast: Cast,
) -> None:
    client = Client()
    client.post(ask_for_link("coordinator@example.org"))
    cookie = client.cookies["lighttouch_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] == ""
