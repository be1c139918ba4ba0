"""What is written when somebody answers is written whole or not at all, in few steps."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lighttouch.web.audit.actions import event_values
from lighttouch.web.audit.actors import STAFF
from lighttouch.web.audit.models import Event
from lighttouch.web.audit.verifying import verify_chain
from lighttouch.web.surveys import actions, keeping, queries
from lighttouch.web.surveys.lookups import find_link_of
from lighttouch.web.surveys.models import Answer, Device, Link, Response, Survey
from tests.web.surveys.cases import OPENED_AT, agreed, link_of

LATER = OPENED_AT + timedelta(minutes=3)
QUESTIONS = {f"burnout_{number}": "3" for number in range(1, 5)}


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: OPENED_AT)


@pytest.fixture
def no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that takes no event: what it is given is no JSON."""

    def broken(act: str, _found: object, now: Any) -> tuple[Any, ...]:
        values = list(event_values(act=act, by=STAFF, now=now))
        values[6] = "{"
        return tuple(values)

    monkeypatch.setattr(keeping, "_event", broken)


def asked(say: Any) -> list[str]:
    """Return what the database was asked, but for where transactions begin and end."""
    with CaptureQueriesContext(connection) as told:
        say()
    edges = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [one["sql"] for one in told if not one["sql"].startswith(edges)]


def answer_by(link: Link, client: Client, form: dict[str, str]) -> list[list[str]]:
    """Go from a link to the thanks; return what the database was asked at each of three steps."""
    address = queries.address_of(link)
    steps = (
        lambda: client.get(address),
        lambda: client.post(f"{address}questions/", {"consent": "agreed"}),
        lambda: client.post(f"{address}questions/", form),
    )
    return [asked(step) for step in steps]


def test_each_step_of_answering_asks_the_database_as_often_however_much_is_answered(
    survey: Survey,
) -> None:
    one, other = survey.links.filter(participant__partner__code="dudley").order_by("pk")[:2]
    answer_by(one, Client(), {"go": "finish"})  # whatever is made once in a process is made
    landing, consent, answers = answer_by(other, Client(), QUESTIONS | {"go": "finish"})
    assert len(landing) == 1
    assert len(consent) == (2 if connection.vendor == "postgresql" else 6)
    assert len(answers) == (2 if connection.vendor == "postgresql" else 7)
    assert Answer.objects.count() == len(QUESTIONS)


def test_consent_that_cannot_be_logged_is_not_kept(survey: Survey, no_log: None) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        agreed(link_of(survey))
    assert not Response.objects.exists()
    assert not Device.objects.exists()


def test_end_that_cannot_be_logged_is_not_kept_nor_are_its_answers(
    survey: Survey, request: pytest.FixtureRequest
) -> None:
    device = agreed(link_of(survey))
    request.getfixturevalue("no_log")
    found = find_link_of(survey.pk, device.response.participant_id)
    assert found is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.keep(
            found=found,
            response=device.response_id,
            device=device.pk,
            values=QUESTIONS,
            now=LATER,
            finished=True,
        )
    assert not Answer.objects.exists()
    assert Response.objects.get().finished_at is None


def test_agreeing_and_finishing_are_one_event_each(survey: Survey) -> None:
    seen = Event.objects.count()
    device = agreed(link_of(survey))
    actions.finish(response=device.response, now=LATER)
    acts = Event.objects.order_by("number").values_list("act", flat=True)[seen:]
    assert list(acts) == ["survey.agreed", "survey.finished"]
    assert verify_chain().whole
