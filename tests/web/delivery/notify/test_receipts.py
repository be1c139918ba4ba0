"""Receipts of GOV.UK Notify: who may bring them, what they change, what is never kept."""

import json
import logging
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.delivery.models import Delivery, Passage, State
from lighttouch.web.delivery.sending import send_due
from lighttouch.web.delivery.transports import transport_for
from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result
from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.delivery.transports.notify.receipts import (
    STATUSES,
    TROUBLE,
    advance,
    read_receipt,
)
from lighttouch.web.delivery.transports.notify.sealing import open_key, receipt_token
from tests.web.cast import Cast
from tests.web.delivery.cases import keep_first, ready
from tests.web.delivery.conftest import Told
from tests.web.delivery.notify import server
from tests.web.delivery.notify.server import Day, Notify
from tests.web.delivery.test_sending import day_one

with_database = pytest.mark.django_db(databases=["default", "contacts"])
OPEN = (State.PLANNED, State.DUE, State.CLAIMED, State.SENT, State.UNKNOWN, State.CANCELLED)


SOME_ID = str(UUID(int=7)).encode()


def body_of(delivery: Delivery, status: str = "delivered", **changes: Any) -> dict[str, Any]:
    """A receipt as Notify brings it."""
    return {
        "id": str(uuid4()),
        "reference": str(delivery.reference),
        "to": "sian.o'brien@example.gov.uk",
        "status": status,
        "created_at": "2026-11-02T09:00:00.000000Z",
        "completed_at": "2026-11-02T09:00:01.000000Z",
        "sent_at": "2026-11-02T09:00:01.000000Z",
        "notification_type": "email",
        "template_id": server.EMAIL_TEMPLATE,
        "template_version": 1,
        **changes,
    }


def bring(service: NotifyService, body: object, token: str | None = None) -> HttpResponse:
    """Bring a receipt as Notify does."""
    shown = f"Bearer {receipt_token(service) if token is None else token}"
    client = Client(enforce_csrf_checks=True, headers={"Authorization": shown})
    answer = client.post(
        f"/receipts/notify/{service.code}/",
        body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json",
    )
    return HttpResponse(answer.content, status=answer.status_code)


@pytest.fixture
def sent(cast: Cast, told: Told) -> list[Delivery]:
    """Three of Dudley's invitations, handed over."""
    ready(cast)
    first = keep_first(cast, 3)
    send_due(day_one(cast), transports=told)
    return list(Delivery.objects.filter(pk__in=[one.pk for one in first]).order_by("pk"))


@given(st.sampled_from(State), st.lists(st.sampled_from(sorted(STATUSES)), max_size=5))
def test_neither_the_order_of_receipts_nor_a_second_one_matters(
    state: State, statuses: list[str]
) -> None:
    def after(order: tuple[str, ...]) -> State:
        reached = state
        for status in order:
            reached = advance(reached, status)
        return reached

    expected = after(tuple(statuses))
    assert {after(order) for order in permutations(statuses)} == {expected}
    assert after((*statuses, *statuses)) == expected


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize(
    ("status", "reached"),
    [
        ("delivered", State.DELIVERED),
        ("permanent-failure", State.RETURNED),
        ("temporary-failure", State.RETURNED),
        ("technical-failure", State.FAILED),
        ("received", State.ACCEPTED),
        ("sending", State.ACCEPTED),
    ],
)
def test_a_receipt_proves_that_the_message_was_taken(
    state: State, status: str, reached: State
) -> None:
    assert advance(state, status) == reached


def test_what_notify_may_say_one_day_changes_nothing() -> None:
    assert advance(State.ACCEPTED, "teleported") == State.ACCEPTED


def test_every_failure_has_words() -> None:
    failures = {name for name, to in STATUSES.items() if to in {State.FAILED, State.RETURNED}}
    assert failures == set(TROUBLE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 10_000,
        b'{"id": "x", "status": "delivered"}',
        b'{"id": 7, "status": "delivered"}',
        b'{"id": "%s", "status": 7}' % SOME_ID,
        b'{"id": "%s", "status": "delivered", "reference": 7}' % SOME_ID,
        b'{"id": "%s", "id": "x", "status": "delivered"}' % SOME_ID,
        b'{"id": "%s", "status": "delivered"}%s' % (SOME_ID, b" " * 20_000),
    ],
)
def test_what_is_no_receipt_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="not a receipt"):
        read_receipt(content)


@with_database
def test_a_receipt_marks_its_delivery_and_no_other(
    service: NotifyService, sent: list[Delivery]
) -> None:
    body = body_of(sent[1])
    assert bring(service, body).status_code == 204
    states = list(Delivery.objects.filter(pk__in=[s.pk for s in sent]).order_by("pk"))
    assert [one.state for one in states] == [State.ACCEPTED, State.DELIVERED, State.ACCEPTED]
    assert states[1].provider_id == body["id"]


@with_database
def test_a_second_and_a_late_receipt_are_harmless(
    service: NotifyService, sent: list[Delivery]
) -> None:
    for status in ("delivered", "delivered", "sending", "temporary-failure"):
        assert bring(service, body_of(sent[0], status)).status_code == 204
    sent[0].refresh_from_db()
    assert sent[0].state == State.DELIVERED
    assert Passage.objects.filter(delivery=sent[0], state=State.DELIVERED).count() == 1


@with_database
def test_what_came_back_says_why_and_nothing_of_the_person(
    service: NotifyService, sent: list[Delivery], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="lighttouch")
    bring(service, body_of(sent[0], "permanent-failure"))
    sent[0].refresh_from_db()
    assert (sent[0].state, sent[0].trouble) == (State.RETURNED, TROUBLE["permanent-failure"])
    kept = str(list(Delivery.objects.values())) + str(list(Passage.objects.values())) + caplog.text
    assert "brien" not in kept


@with_database
@pytest.mark.parametrize("token", ["", "wrong", "é\udce9"[:1]])
def test_without_the_token_a_receipt_changes_nothing(
    token: str, service: NotifyService, sent: list[Delivery]
) -> None:
    assert bring(service, body_of(sent[0]), token).status_code == 401
    stranger = NotifyService(code=uuid4())
    assert bring(stranger, body_of(sent[0])).status_code == 401
    sent[0].refresh_from_db()
    assert sent[0].state == State.ACCEPTED


@with_database
def test_a_partner_cannot_speak_for_another(
    cast: Cast, service: NotifyService, sent: list[Delivery]
) -> None:
    other = type(cast.dudley).objects.exclude(pk=cast.dudley.pk).filter(programme=cast.programme)
    theirs = NotifyService.objects.create(
        partner=other[0],
        sealed_key=service.sealed_key,
        letters=True,
        set_at=service.set_at,
    )
    assert bring(theirs, body_of(sent[0])).status_code == 204
    sent[0].refresh_from_db()
    assert sent[0].state == State.ACCEPTED


@with_database
def test_messages_the_partner_sends_otherwise_are_let_pass(
    service: NotifyService, sent: list[Delivery]
) -> None:
    before = Passage.objects.count()
    for reference in (None, "", "bins-2026", str(uuid4())):
        assert bring(service, body_of(sent[0], reference=reference)).status_code == 204
    assert bring(service, b"nonsense").status_code == 400
    assert Passage.objects.count() == before


@with_database
def test_a_receipt_that_overtakes_the_answer_is_not_undone_by_it(
    cast: Cast, service: NotifyService, told: Told
) -> None:
    ready(cast)
    (delivery,) = keep_first(cast, 1)

    def overtaken(message: Message) -> Outcome:
        bring(service, body_of(delivery))
        return Outcome(Result.LATER, "GOV.UK Notify is in trouble")

    told.answer = overtaken
    send_due(day_one(cast), transports=told)
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED
    assert send_due(day_one(cast), transports=told).claimed == 0
    assert len(told.taken) == 1


@with_database
def test_a_receipt_of_what_was_never_handed_over_changes_nothing(
    cast: Cast, service: NotifyService
) -> None:
    ready(cast)
    (delivery,) = keep_first(cast, 1)
    assert bring(service, body_of(delivery)).status_code == 204
    delivery.refresh_from_db()
    assert delivery.state == State.PLANNED


@with_database
def test_a_partner_with_a_service_sends_through_it(
    cast: Cast, service: NotifyService, notify: Notify, settings: Any
) -> None:
    settings.NOTIFY_ADDRESS = notify.address
    notify.days.extend([Day.GOOD, Day.DROPS_AFTER_ACCEPTING, Day.BUSY])
    ready(cast)
    first = keep_first(cast, 3)
    send_due(day_one(cast))
    states = [one.state for one in Delivery.objects.filter(pk__in=[d.pk for d in first])]
    assert sorted(states) == [State.ACCEPTED, State.ACCEPTED, State.PLANNED]
    assert len(notify.references()) == len(set(notify.references())) == 2
    assert transport_for(cast.dudley, Channel.LETTER).name == "file"


@with_database
def test_the_key_is_sealed_and_said_nowhere(service: NotifyService) -> None:
    service.refresh_from_db()
    assert open_key(service) == server.KEY
    assert server.SECRET.encode() not in bytes(service.sealed_key)
    event = Event.objects.get(act="delivery.notify_set")
    assert event.details == {"channels": ["email", "text"]}


@with_database
def test_the_key_of_another_installation_is_said_to_be_missing(
    service: NotifyService, settings: Any
) -> None:
    settings.VAULT_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    with pytest.raises(InputError, match="no key opens") as caught:
        transport_for(service.partner, Channel.EMAIL)
    assert server.SECRET not in str(caught.value)
