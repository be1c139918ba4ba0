"""Signing in: by e-mail, the same for everybody, and not too often."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from lighttouch.web.accounts import limits, views
from lighttouch.web.accounts.limits import PER_ADDRESS, PER_NETWORK, count_attempt
from lighttouch.web.accounts.models import Attempt, Link, User
from lighttouch.web.audit.models import Event
from tests.web.accounts.conftest import ask_for_link, is_signed_in
from tests.web.cast import NOW, Cast


def test_link_from_the_e_mail_signs_in(cast: Cast) -> None:
    path = ask_for_link("coordinator@example.org")
    client = Client()
    assert client.post(path).status_code == 302
    assert is_signed_in(client, cast["coordinator"])


def test_address_is_known_whatever_its_case(cast: Cast) -> None:
    assert ask_for_link("  Coordinator@EXAMPLE.org ")


def test_opening_a_link_does_nothing(cast: Cast) -> None:
    path = ask_for_link("coordinator@example.org")
    client = Client()
    for _ in range(3):
        answer = client.get(path)
        assert (answer.status_code, is_signed_in(client)) == (200, False)
        client.head(path)
    assert Link.objects.get().used_at is None
    client.post(path)
    assert is_signed_in(client, cast["coordinator"])


def test_page_of_a_link_is_the_same_whatever_the_link(cast: Cast) -> None:
    good = Client().get(ask_for_link("coordinator@example.org")).content
    bad = Client().get("/sign-in/AAAAAAAAAAAAAAAAAAAAAA/").content
    assert _without_tokens(good) == _without_tokens(bad)


def test_link_is_sent_to_our_address_whatever_host_was_asked(cast: Cast) -> None:
    client = Client(headers={"host": "localhost"})
    assert ask_for_link("coordinator@example.org", client).startswith("/sign-in/")


def test_link_page_is_not_kept_and_does_not_tell_its_address_to_others(cast: Cast) -> None:
    answer = Client().get("/sign-in/AAAAAAAAAAAAAAAAAAAAAA/")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"


def test_button_needs_the_form_of_our_page(cast: Cast) -> None:
    path = ask_for_link("coordinator@example.org")
    client = Client(enforce_csrf_checks=True)
    assert client.post(path).status_code == 403
    assert Link.objects.get().used_at is None


@pytest.mark.parametrize("word", ["used already", "too old", "does not work"])
def test_link_that_is_over_says_so_and_offers_a_new_one(cast: Cast, word: str) -> None:
    path = ask_for_link("coordinator@example.org")
    if word == "used already":
        Client().post(path)
    elif word == "too old":
        Link.objects.update(created_at=NOW, expires_at=NOW + timedelta(minutes=1))
    else:
        path = "/sign-in/AAAAAAAAAAAAAAAAAAAAAA/"
    client = Client()
    answer = client.post(path)
    page = answer.content.decode()
    assert (answer.status_code, is_signed_in(client)) == (410, False)
    assert word in page
    assert "Send me a new link" in page
    assert 'action="/sign-in/"' in page


def test_link_signs_in_its_owner_even_where_somebody_else_is_signed_in(cast: Cast) -> None:
    client = Client()
    client.post(ask_for_link("coordinator@example.org"))
    client.post(ask_for_link("stranger@example.org"))
    assert is_signed_in(client, cast["stranger"])


def test_answer_is_the_same_for_an_address_nobody_has(cast: Cast) -> None:
    known = Client().post("/sign-in/", {"email": "coordinator@example.org"}, follow=True)
    unknown = Client().post("/sign-in/", {"email": "nobody@example.org"}, follow=True)
    assert _without_tokens(known.content) == _without_tokens(unknown.content)
    assert known.redirect_chain == unknown.redirect_chain
    assert [message.to for message in mail.outbox] == [["coordinator@example.org"]]


def test_closed_account_gets_no_link_and_the_same_answer(cast: Cast) -> None:
    User.objects.filter(email="coordinator@example.org").update(is_active=False)
    answer = Client().post("/sign-in/", {"email": "coordinator@example.org"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/sent/")
    assert not mail.outbox


@pytest.mark.parametrize("email", ["coordinator@example.org", "nobody@example.org"])
def test_answer_takes_the_same_time_whether_or_not_the_address_is_known(
    cast: Cast, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stands at 10.0 when the form comes and at 10.1 when its work is done."""
    waits: list[float] = []
    end = SimpleNamespace(perf_counter=lambda: 10.1, sleep=waits.append)
    monkeypatch.setattr(views, "time", SimpleNamespace(perf_counter=lambda: 10.0))
    monkeypatch.setattr(limits, "time", end)
    monkeypatch.setattr(limits, "ANSWER_AFTER", 0.3)
    Client().post("/sign-in/", {"email": email})
    assert waits == [pytest.approx(0.2)]


def test_answer_that_took_long_is_not_made_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    end = SimpleNamespace(perf_counter=lambda: 20.0, sleep=waits.append)
    monkeypatch.setattr(limits, "time", end)
    monkeypatch.setattr(limits, "ANSWER_AFTER", 0.3)
    limits.wait_out(10.0)
    assert waits == [0.0]


@pytest.mark.parametrize("email", ["", "not an address", "a@b", "a@example.org\nBcc: b@c.org"])
def test_what_is_no_address_is_said_to_be_none(cast: Cast, email: str) -> None:
    answer = Client().post("/sign-in/", {"email": email})
    assert "There is a problem" in answer.content.decode()
    assert not mail.outbox


@pytest.mark.parametrize("email", ["coordinator@example.org", "nobody@example.org"])
def test_after_five_requests_in_an_hour_an_address_gets_no_more(cast: Cast, email: str) -> None:
    answers = [_ask(email, network=f"10.0.0.{n}") for n in range(PER_ADDRESS + 1)]
    assert [answer.status_code for answer in answers] == [302] * PER_ADDRESS + [429]
    assert len(mail.outbox) == (PER_ADDRESS if email.startswith("coordinator") else 0)
    assert "You can ask again on" in answers[-1].content.decode()


def test_lock_out_ends_with_the_hour(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(PER_ADDRESS + 2):
        _ask("coordinator@example.org")
    mail.outbox.clear()
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert _ask("coordinator@example.org").status_code == 302
    assert len(mail.outbox) == 1


def test_one_network_address_may_ask_for_thirty_accounts_an_hour(cast: Cast) -> None:
    statuses = [_ask(f"person{n}@example.org").status_code for n in range(PER_NETWORK + 1)]
    assert statuses == [302] * PER_NETWORK + [429]
    assert _ask("coordinator@example.org", network="10.9.9.9").status_code == 302


def test_both_limits_are_counted_at_every_request(cast: Cast) -> None:
    """The address is over its limit, and the network is counted all the same."""
    for _ in range(PER_ADDRESS + 3):
        _ask("coordinator@example.org")
    assert sorted(Attempt.objects.values_list("count", flat=True)) == [PER_ADDRESS + 3] * 2


def test_behind_a_proxy_the_network_is_the_one_the_proxy_names(cast: Cast, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(PER_NETWORK):
        told = {"x-forwarded-for": f"1.2.3.{number}, 10.0.0.7"}  # only the last is the proxy's
        Client(headers=told).post("/sign-in/", {"email": f"person{number}@example.org"})
    last = Client(headers={"x-forwarded-for": "9.9.9.9, 10.0.0.7"})
    assert last.post("/sign-in/", {"email": "coordinator@example.org"}).status_code == 429


def test_without_a_proxy_nobody_chooses_their_network(cast: Cast) -> None:
    for number in range(PER_NETWORK):
        told = {"x-forwarded-for": f"1.2.3.{number}"}
        Client(headers=told).post("/sign-in/", {"email": f"person{number}@example.org"})
    assert _ask("coordinator@example.org").status_code == 429


def test_counting_keeps_neither_addresses_nor_what_is_old(cast: Cast) -> None:
    count_attempt("email:a@example.org", 5, NOW)
    count_attempt("email:a@example.org", 5, NOW + timedelta(hours=3))
    row = Attempt.objects.get()
    assert row.hour > NOW
    assert "example" not in row.digest


def test_somebody_signed_in_is_not_asked_again(cast: Cast) -> None:
    client = Client()
    client.force_login(cast["coordinator"])
    assert client.get("/sign-in/")["Location"] == "/"


def test_page_that_was_wanted_comes_after_signing_in(cast: Cast) -> None:
    client = Client()
    answer = client.get("/account/")
    assert answer["Location"] == "/sign-in/?next=/account/"
    client.get(answer["Location"])
    assert client.post(ask_for_link("coordinator@example.org", client))["Location"] == "/account/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "///x.y"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(cast: Cast, elsewhere: str) -> None:
    client = Client()
    client.get("/sign-in/", {"next": elsewhere})
    assert client.post(ask_for_link("coordinator@example.org", client))["Location"] == "/"


def test_log_tells_of_links_and_sign_ins_without_naming_anybody(cast: Cast) -> None:
    Client().post(ask_for_link("coordinator@example.org"))
    acts = [event.act for event in Event.objects.all()]
    assert acts == ["link.made", "notice.planned", "link.used", "account.signed_in"]
    text = " ".join(str(row) for row in Event.objects.values())
    assert "example.org" not in text
    assert "Coordinator" not in text


def test_the_library_sends_people_to_our_page(db: None) -> None:
    assert Client().get("/account/login/")["Location"] == "/sign-in/"


def _ask(email: str, network: str = "127.0.0.1") -> Any:
    return Client(REMOTE_ADDR=network).post("/sign-in/", {"email": email})


def _without_tokens(page: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.decode())
