"""Anybody can read a call and answer it once, in time, without losing what they typed."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client

from lighttouch.web.audit import once
from lighttouch.web.audit.models import Event
from lighttouch.web.partners import actions
from lighttouch.web.partners.jobs import forget_drafts
from lighttouch.web.partners.models import Applicant, Call, Expression, Theme
from lighttouch.web.partners.views.apply import LEAST, MOST_FROM_ONE_BROWSER, MOST_KEPT
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.partners.conftest import SetClock

AFTER = datetime(2026, 3, 19, 8, 0, tzinfo=UTC)
LAST_HOUR = datetime(2026, 3, 18, 23, 30, tzinfo=UTC)
BEFORE = datetime(2026, 1, 20, 8, 0, tzinfo=UTC)
READ = NOW + LEAST
"""When somebody who started now has had time to read."""
HOME = "/calls/programme/"
CHECK = f"{HOME}check/"
SECRET = ("Ottilie", "Marsh", "o.marsh@lakeside.example")


def pages(call: Call) -> dict[str, dict[str, Any]]:
    """Return what somebody types on each page, in order."""
    return {
        "organisation": {"organisation": "Lakeside Council"},
        "contact": {
            "name": "Ottilie Marsh",
            "role": "Head of service",
            "email": "o.marsh@lakeside.example",
        },
        "workforce": {"workforce": "medium"},
        "themes": {"themes": [Theme.objects.get(call=call, title="Feeling valued").pk]},
        "try": {"wish": "A kinder rota."},
        "worries": {"worry": ""},
        "data": {"readiness": "ready"},
    }


def answer(client: Client, call: Call, **instead: Mapping[str, Any]) -> HttpResponse:
    """Answer every page; return what the last led to."""
    client.get(f"{HOME}express/organisation/")
    found = HttpResponse()
    for step, given in pages(call).items():
        found = client.post(f"{HOME}express/{step}/", instead.get(step, given))  # type: ignore[assignment]
    return found


def send(client: Client, **more: str) -> Any:
    return client.post(CHECK, {"once": once.token(), **more})


def test_call_says_what_why_when_and_to_whom(visitor: Client) -> None:
    page = visitor.get(HOME).content.decode()
    for words in (
        "Try something small with us",
        "Open until the end of Wednesday 18 March 2026, in 16 days",
        "Thanks that reach people.",
        "Inexpensive",
        "Deliverable",
        "Scalable",
        "Light-touch",
        "About six days of work over six months.",
        "We hold codes, never names.",
        "trials@example.org",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (BEFORE, "Opens on Monday 2 February 2026"),
        (AFTER, "Closed. It was open from Monday 2 February 2026 to Wednesday 18 March 2026"),
    ],
)
def test_call_out_of_time_says_so_and_offers_no_form(
    visitor: Client, set_clock: SetClock, moment: datetime, words: str
) -> None:
    set_clock(moment)
    page = visitor.get(HOME).content.decode()
    assert words in page
    assert "/express/" not in page


@pytest.mark.parametrize(
    "address", [HOME, CHECK, f"{HOME}express/organisation/", f"{HOME}express/invented/"]
)
def test_unpublished_call_has_no_page(
    cast: Cast, call: Call, visitor: Client, address: str
) -> None:
    actions.unpublish_call(call=call, revision=call.revision, by=cast["second"], now=NOW)
    assert visitor.get(address).status_code == 404


def test_answers_are_checked_sent_and_confirmed_with_a_reference(
    call: Call, visitor: Client, set_clock: SetClock
) -> None:
    assert answer(visitor, call)["Location"] == CHECK
    page = visitor.get(CHECK).content.decode()
    for words in ("Lakeside Council", *SECRET[2:], "151 to 500", "Feeling valued", "A kinder rota"):
        assert words in page
    set_clock(READ)
    gone = send(visitor)
    found = Expression.objects.get()
    assert gone["Location"] == f"{HOME}sent/{found.reference}/"
    assert found.reference in visitor.get(gone["Location"]).content.decode()
    assert found.applicant.email == "o.marsh@lakeside.example"
    assert [one.title for one in found.themes.all()] == ["Feeling valued"]


def test_confirmation_shows_nothing_that_was_sent(
    call: Call, visitor: Client, set_clock: SetClock
) -> None:
    answer(visitor, call)
    set_clock(READ)
    page = Client().get(send(visitor)["Location"]).content.decode()
    assert not any(word in page for word in (*SECRET, "Lakeside", "rota"))


def test_double_click_sends_once(call: Call, visitor: Client, set_clock: SetClock) -> None:
    answer(visitor, call)
    set_clock(READ)
    mark = once.token()
    first, second = (visitor.post(CHECK, {"once": mark}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Expression.objects.count() == Applicant.objects.count() == 1


def test_two_tabs_of_one_form_send_once(call: Call, visitor: Client, set_clock: SetClock) -> None:
    answer(visitor, call)
    set_clock(READ)
    key = f"expression-{call.pk}"
    kept = visitor.session[key]
    first = send(visitor)
    session = visitor.session  # As the other tab still had it when its button was pressed.
    session[key] = kept
    session.save()
    assert send(visitor)["Location"] == first["Location"]
    assert Expression.objects.count() == 1


def test_back_and_refresh_lose_nothing(call: Call, visitor: Client) -> None:
    answer(visitor, call)
    for step, words in (("organisation", "Lakeside Council"), ("try", "A kinder rota.")):
        assert words in visitor.get(f"{HOME}express/{step}/").content.decode()


def test_changing_one_answer_leads_back_to_the_check(call: Call, visitor: Client) -> None:
    answer(visitor, call)
    given = {"organisation": "Lakeside Borough Council"}
    assert visitor.post(f"{HOME}express/organisation/", given)["Location"] == CHECK
    assert "Lakeside Borough Council" in visitor.get(CHECK).content.decode()


def test_check_leads_to_the_first_page_not_answered(call: Call, visitor: Client) -> None:
    assert visitor.get(CHECK)["Location"] == f"{HOME}express/organisation/"
    visitor.post(f"{HOME}express/organisation/", pages(call)["organisation"])
    assert visitor.get(CHECK)["Location"] == f"{HOME}express/contact/"


@pytest.mark.parametrize(
    ("step", "given", "words"),
    [
        ("organisation", {}, "What is your organisation called?"),
        ("contact", {"name": "A", "role": "B", "email": "no"}, "such as name@council.gov.uk"),
        ("workforce", {"workforce": "huge"}, "Choose"),
        ("themes", {"themes": ["99999"]}, "Choose"),
        ("try", {"wish": "Ask Sarah Jones"}, "the name of a person"),
        ("worries", {"worry": "ring 020 7946 0018"}, "a telephone number"),
        ("data", {}, "Answer"),
    ],
)
def test_answer_that_cannot_be_taken_is_explained_and_kept_on_the_page(
    visitor: Client, step: str, given: dict[str, Any], words: str
) -> None:
    address = f"{HOME}express/{step}/"
    assert visitor.post(address, given)["Location"] == address
    for _ in range(2):  # A refresh shows the same.
        page = visitor.get(address).content.decode()
        assert "There is a problem" in page
        assert words in page
        assert given.get("wish", given.get("worry", given.get("name", ""))) in page


def test_answer_put_right_is_taken_and_its_fault_forgotten(call: Call, visitor: Client) -> None:
    answer(visitor, call)
    address = f"{HOME}express/try/"
    visitor.post(address, {"wish": "Ask Sarah Jones"})
    assert "A kinder rota." in visitor.get(CHECK).content.decode()
    assert visitor.post(address, {"wish": "Ask us."})["Location"] == CHECK
    assert "There is a problem" not in visitor.get(address).content.decode()


def test_vast_answer_is_cut_before_it_is_kept(visitor: Client) -> None:
    visitor.post(f"{HOME}express/try/", {"wish": "a" * 100_000})
    assert len(json.dumps(dict(visitor.session))) < 2 * MOST_KEPT


def test_call_that_closed_meanwhile_says_so_and_gives_back_what_was_typed(
    call: Call, visitor: Client, set_clock: SetClock
) -> None:
    set_clock(LAST_HOUR)
    answer(visitor, call)
    set_clock(LAST_HOUR + timedelta(hours=1))
    for found in (
        send(visitor),
        visitor.get(CHECK),
        visitor.post(f"{HOME}express/try/", {"wish": "x"}),
    ):
        page = found.content.decode()
        assert found.status_code == 410
        assert "It closed at the end of Wednesday 18 March 2026" in page
        assert "Nothing you typed here was sent" in page
        assert "A kinder rota." in page
    assert not Expression.objects.exists()


def test_form_sent_faster_than_people_read_is_asked_to_wait(call: Call, visitor: Client) -> None:
    answer(visitor, call)
    found = send(visitor)
    assert found.status_code == 422
    assert "faster than people usually are" in found.content.decode()
    assert not Expression.objects.exists()


def test_program_that_fills_in_every_field_is_stopped(
    call: Call, visitor: Client, set_clock: SetClock
) -> None:
    trapped = {"organisation": "Lakeside", "website": "http://spam.example"}
    address = f"{HOME}express/organisation/"
    assert visitor.post(address, trapped)["Location"] == address
    assert "Leave this field empty" in visitor.get(address).content.decode()
    answer(visitor, call)
    set_clock(READ)
    assert send(visitor, website="http://spam.example").status_code == 422
    assert not Expression.objects.exists()


def test_one_browser_sends_only_so_many(call: Call, visitor: Client, set_clock: SetClock) -> None:
    for turn in range(MOST_FROM_ONE_BROWSER + 1):
        set_clock(NOW + turn * timedelta(minutes=5))
        answer(visitor, call)
        set_clock(NOW + turn * timedelta(minutes=5) + LEAST)
        found = send(visitor)
    assert found.status_code == 422
    assert Expression.objects.count() == MOST_FROM_ONE_BROWSER


def test_one_network_sends_only_so_many(call: Call, in_march: None, set_clock: SetClock) -> None:
    statuses = []
    for _ in range(9):
        client = Client()
        set_clock(NOW)
        answer(client, call)
        set_clock(READ)
        statuses.append(send(client).status_code)
    assert statuses == [302] * 8 + [422]


def test_what_was_typed_leaves_the_session_once_sent(
    call: Call, visitor: Client, set_clock: SetClock
) -> None:
    answer(visitor, call)
    assert "Ottilie" in json.dumps(dict(visitor.session))
    set_clock(READ)
    send(visitor)
    assert not any(word in json.dumps(dict(visitor.session)) for word in SECRET)


def test_what_was_never_sent_is_deleted_when_the_session_is_over(
    call: Call, visitor: Client
) -> None:
    answer(visitor, call)
    forget_drafts(NOW)
    assert Session.objects.count() == 1
    forget_drafts(NOW + timedelta(hours=9))
    assert Session.objects.count() == 0


def test_neither_logs_nor_events_say_who_applied(
    call: Call, visitor: Client, set_clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer(visitor, call, **{"try": {"wish": "Ask Sarah Jones"}})
    answer(visitor, call)
    set_clock(READ)
    visitor.get(send(visitor)["Location"])
    logged = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    told = json.dumps(list(Event.objects.values()), default=str)
    for words in (*SECRET, "Lakeside"):
        assert words not in logged + told


def test_theme_taken_off_meanwhile_is_explained(
    call: Call, visitor: Client, set_clock: SetClock
) -> None:
    answer(visitor, call)
    Theme.objects.update(retired=True)
    set_clock(READ)
    found = send(visitor)
    assert found.status_code == 422
    assert "No theme of this call is chosen" in found.content.decode()


def test_manager_signed_in_can_read_the_public_page_too(
    call: Call, in_march: None, sign_in: SignIn
) -> None:
    assert sign_in("trial_manager").get(HOME).status_code == 200
