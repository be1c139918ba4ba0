"""What went wrong with sending stays in sight, and named people hear of it once a day."""

from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage

from lighttouch.web.audit import once
from lighttouch.web.delivery import actions
from lighttouch.web.delivery.models import Delivery, Mailing, Passage, State
from lighttouch.web.delivery.telling import tell_troubles
from lighttouch.web.delivery.troubles import NOT_RUNNING, is_silent, lines_for, troubles
from lighttouch.web.jobs.models import Worker
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.delivery import cases

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
DAY = timedelta(days=1)


@pytest.fixture
def due(cast: Cast) -> datetime:
    """Dudley's survey is signed off; return when its invitation is due."""
    cases.ready(cast)
    return Mailing.objects.order_by("due_at")[0].due_at


def put(delivery: Delivery, state: State, at: datetime = NOW) -> None:
    """Leave a delivery in a state, with its history."""
    Delivery.objects.filter(pk=delivery.pk).update(state=state, handed_over_at=at)
    Passage.objects.create(delivery=delivery, state=state, at=at)


def spoil(cast: Cast) -> list[Delivery]:
    """Two failed, one came back and one is in doubt."""
    first = cases.invitations(cast)[:4]
    for one, state in zip(first, ("failed", "failed", "returned", "unknown"), strict=True):
        put(one, State(state))
    return first


def test_what_went_wrong_is_counted_by_partner(cast: Cast, due: datetime) -> None:
    assert troubles(cast.trial, NOW) == []
    spoil(cast)
    [one] = troubles(cast.trial, NOW)
    assert one.partner == cast.dudley
    assert one.words == "2 failed, 1 came back, 1 in doubt"
    assert one.title == "4 messages to see to: 2 failed, 1 came back, 1 in doubt"
    assert troubles(cast.trial, NOW, cast.shropshire) == []


def test_what_waits_a_day_past_its_time_is_overdue_unless_sending_is_paused(
    cast: Cast, due: datetime
) -> None:
    assert troubles(cast.trial, due + timedelta(hours=23)) == []
    [one] = troubles(cast.trial, due + timedelta(hours=25))
    assert one.overdue == len(cases.people_of(cast, cast.dudley))
    actions.pause(trial=cast.trial, by=cast["trial_manager"], now=due)
    assert troubles(cast.trial, due + timedelta(hours=25)) == []


def test_failures_are_settled_until_there_is_a_new_one(cast: Cast, due: datetime) -> None:
    first = spoil(cast)
    mailing = first[0].mailing
    actions.see_to(mailing=mailing, by=cast["trial_manager"], now=NOW + DAY)
    [left] = troubles(cast.trial, NOW + DAY)
    assert left.words == "1 in doubt", "what is in doubt waits for a decision of its own"
    put(cases.invitations(cast)[4], State.FAILED, NOW + 2 * DAY)
    assert troubles(cast.trial, NOW + 2 * DAY)[0].failed == 1


def test_what_failed_can_be_tried_again_and_what_came_back_cannot(
    cast: Cast, due: datetime
) -> None:
    first = spoil(cast)
    mailing = first[0].mailing
    by = cast["trial_manager"]
    assert actions.send_failed_again(mailing=mailing, by=by, now=NOW + DAY) == 2
    states = [Delivery.objects.get(pk=one.pk).state for one in first]
    assert states == ["planned", "planned", "returned", "unknown"]
    assert actions.send_failed_again(mailing=mailing, by=by, now=NOW + DAY) == 0


def test_a_worker_that_is_silent_while_something_is_due_is_noticed(
    cast: Cast, due: datetime
) -> None:
    assert not is_silent(cast.trial, due + timedelta(minutes=14))
    late = due + timedelta(minutes=16)
    assert is_silent(cast.trial, late)
    worker = Worker.objects.create(name="here:1:a", seen_at=late - timedelta(minutes=2))
    assert not is_silent(cast.trial, late)
    Worker.objects.filter(pk=worker.pk).update(seen_at=late - timedelta(minutes=16))
    assert list(lines_for(cast.trial, late)) == [NOT_RUNNING]
    actions.pause(trial=cast.trial, by=cast["trial_manager"], now=due)
    assert not is_silent(cast.trial, late)


def test_named_people_hear_once_a_day_in_numbers_only(
    cast: Cast,
    due: datetime,
    mailoutbox: list[EmailMessage],
) -> None:
    spoil(cast)
    morning = cases.morning(NOW.date(), 9)
    mailoutbox.clear()
    assert tell_troubles(cases.morning(NOW.date(), 7)) == 0
    for _ in range(2):
        tell_troubles(morning)
    people = {cast[key].email for key in ("trial_manager", "second", "coordinator")}
    assert {one.to[0] for one in mailoutbox} == people
    assert len(mailoutbox) == len(people)
    codes = {one.staff_id for one in cases.people_of(cast, cast.dudley)}
    for one in mailoutbox:
        assert "Dudley: 2 failed, 1 came back, 1 in doubt" in one.body
        assert not [code for code in codes if code in str(one.body)]
    tell_troubles(morning + DAY)
    assert len(mailoutbox) == 2 * len(people)


def test_red_line_stands_on_the_overview_and_to_the_partner_until_it_is_settled(
    cast: Cast, due: datetime, sign_in: SignIn
) -> None:
    first = spoil(cast)
    put(first[3], State.FAILED)
    cases.keep_first(cast, 4)
    for one in first:
        put(one, State.RETURNED if one == first[2] else State.FAILED)
    manager, coordinator = sign_in("trial_manager"), sign_in("coordinator")
    pages = {
        "/trials/letters/": manager,
        "/trials/letters/delivery/": manager,
        "/trials/letters/partners/dudley/": coordinator,
        "/trials/letters/partners/dudley/delivery/": coordinator,
    }
    for address, client in pages.items():
        assert (
            "messages to see to: 3 failed, 1 came back" in client.get(address).content.decode()
        ), address
    settled = f"/trials/letters/delivery/mailings/{first[0].mailing_id}/failed/"
    assert manager.post(settled, {"once": once.token(), "verb": "fly"}).status_code == 422
    assert manager.post(settled, {"once": once.token(), "verb": "seen"}).status_code == 302
    for address, client in pages.items():
        assert "to see to" not in client.get(address).content.decode(), address
