"""The log is read by those who may, in words; an administrator's look is in it too."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lighttouch.web.audit.actions import record_alone
from lighttouch.web.audit.actors import OPERATOR, PUBLIC, SYSTEM, NamedActor
from lighttouch.web.audit.models import Event
from lighttouch.web.audit.queries import find_events, known_acts, say_act, write_lines
from lighttouch.web.audit.verifying import verify_chain
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn


@pytest.fixture
def log(cast: Cast) -> Cast:
    """A log of two trials over three days."""
    for day, trial, act in (
        (0, "letters", "return.signed_off"),
        (1, "letters", "roster.frozen"),
        (2, "texts", "return.signed_off"),
    ):
        record_alone(act=act, by=cast["coordinator"], now=NOW + timedelta(days=day), trial=trial)
    return cast


def test_log_says_who_did_what_in_words(log: Cast, sign_in: SignIn) -> None:
    page = sign_in("trial_manager").get("/trials/letters/log/").content.decode()
    assert "Return signed off" in page
    assert "Coordinator" in page
    assert "Monday 2 March 2026 at 9:30am" in page


def test_log_of_a_trial_holds_that_trial_only(log: Cast, sign_in: SignIn) -> None:
    page = sign_in("trial_manager").get("/trials/letters/log/").content.decode()
    assert "2 events" in page


@pytest.mark.parametrize(
    ("key", "address", "status"),
    [
        ("trial_manager", "/audit/", 403),
        ("researcher", "/trials/letters/log/", 403),
        ("coordinator", "/trials/letters/log/", 403),
        ("administrator", "/audit/", 200),
        ("administrator", "/trials/letters/log/", 200),
    ],
)
def test_log_is_for_administrators_and_the_trial_managers_of_the_trial(
    log: Cast, sign_in: SignIn, key: str, address: str, status: int
) -> None:
    assert sign_in(key).get(address).status_code == status


def test_every_look_of_an_administrator_is_an_event(log: Cast, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    for address in ("/audit/", "/trials/letters/log/", "/people/", "/people/invite/"):
        client.get(address)
    looks = Event.objects.filter(act="page.seen")
    assert [(look.trial, look.details["page"]) for look in looks] == [
        ("", "audit:log"),
        ("letters", "audit:trial"),
        ("", "accounts:people"),
        ("", "accounts:invite"),
    ]
    assert {look.actor for look in looks} == {log["administrator"].actor}
    assert verify_chain().whole


def test_page_that_renews_itself_is_one_look(log: Cast, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    client.get("/audit/")
    client.get("/audit/", headers={"X-Fragment": "1"})
    assert Event.objects.filter(act="page.seen").count() == 1


def test_page_an_administrator_may_not_see_is_no_look(log: Cast, sign_in: SignIn) -> None:
    assert sign_in("administrator").get("/trials/letters/protocol/").status_code == 403
    assert not Event.objects.filter(act="page.seen").exists()


def test_looks_of_others_are_not_logged(log: Cast, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    for address in ("/trials/letters/log/", "/people/", "/trials/letters/"):
        assert client.get(address).status_code == 200
    assert not Event.objects.filter(act="page.seen").exists()


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ({}, 4),
        ({"act": "return.signed_off"}, 2),
        ({"trial": "letters"}, 2),
        (
            {
                "since_day": "3",
                "since_month": "3",
                "since_year": "2026",
                "until_day": "3",
                "until_month": "3",
                "until_year": "2026",
            },
            1,
        ),
        ({"act": "return.signed_off", "trial": "letters"}, 1),
    ],
)
def test_log_is_chosen_by_act_trial_and_day(
    log: Cast, sign_in: SignIn, chosen: dict[str, str], shown: int
) -> None:
    page = sign_in("administrator").get("/audit/", chosen).content.decode()
    assert f"{shown} event{'s' if shown > 1 else ''}, newest first" in page


def test_day_that_is_none_is_said_and_left_out(log: Cast, sign_in: SignIn) -> None:
    chosen = {"since_day": "31", "since_month": "2", "since_year": "2026"}
    answer = sign_in("trial_manager").get("/trials/letters/log/", chosen)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in page
    assert "2 events" in page


@pytest.mark.parametrize("number", ["0", "-1", "99999", "x", "1;"])
def test_page_that_is_not_there_is_the_nearest(log: Cast, sign_in: SignIn, number: str) -> None:
    answer = sign_in("administrator").get("/audit/", {"page": number})
    assert answer.status_code == 200


def test_long_log_has_pages_that_keep_what_was_chosen(log: Cast, sign_in: SignIn) -> None:
    for _ in range(60):
        record_alone(act="return.signed_off", by=SYSTEM, now=NOW, trial="letters")
    client = sign_in("trial_manager")
    page = client.get("/trials/letters/log/", {"act": "return.signed_off"}).content.decode()
    assert "act=return.signed_off&amp;page=2" in page.replace("%5F", "_")


def test_log_takes_as_many_queries_however_long_it_is(
    log: Cast, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in("administrator")
    for number in range(60):
        record_alone(act="a.b", by=NamedActor(f"user:{number}"), now=NOW, trial=f"t{number}")
    client.get("/audit/")
    with django_assert_max_num_queries(24):
        client.get("/audit/")


def test_days_begin_at_midnight_in_london(db: None) -> None:
    for hour in (22, 23):  # half past eleven, and half past midnight, in London's summer
        record_alone(act="a.b", by=SYSTEM, now=datetime(2026, 6, 30, hour, 30, tzinfo=UTC))
    first = datetime(2026, 7, 1, tzinfo=UTC).date()
    assert find_events(since=first).count() == 1
    assert find_events(until=first - timedelta(days=1)).count() == 1


def test_acts_and_actors_are_put_into_words(log: Cast) -> None:
    assert say_act("account.signed_out_everywhere") == "Account signed out everywhere"
    assert ("roster.frozen", "Roster frozen") in known_acts(trial="letters")
    said = []
    for actor in (SYSTEM, PUBLIC, OPERATOR, log["second"], NamedActor("user:99999")):
        event = Event.objects.get(number=record_alone(act="a.b", by=actor, now=NOW))
        said.append(write_lines([event])[0].who)
    assert said == [
        "The service itself",
        "Somebody without an account",
        "A command on the server",
        "Second",
        "user:99999",
    ]


def test_details_are_put_into_words(log: Cast) -> None:
    details: Any = {
        "user": log["second"].actor,
        "people": 1200,
        "clean": True,
        "waves": ["baseline", "endline"],
        "arms": {"letter": 3},
        "empty": "",
    }
    number = record_alone(act="a.b", by=SYSTEM, now=NOW, details=details)
    event = Event.objects.get(number=number)
    assert dict(write_lines([event])[0].details) == {
        "User": "Second",
        "People": "1,200",
        "Clean": "yes",
        "Waves": "baseline, endline",
        "Arms": "letter: 3",
    }


def test_page_can_neither_be_posted_to_nor_changed(log: Cast, sign_in: SignIn) -> None:
    assert sign_in("administrator").post("/audit/").status_code == 405
