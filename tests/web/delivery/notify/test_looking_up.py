"""Notify is asked what became of what is in doubt, before anybody sends it again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from lighttouch.core.errors import InputError
from lighttouch.web.audit import once
from lighttouch.web.delivery.models import Delivery, State
from lighttouch.web.delivery.sending import send_due
from lighttouch.web.delivery.transports.notify.looking_up import (
    MEMORY,
    NOT_THERE,
    has_after_all,
    look_up_all,
)
from lighttouch.web.delivery.transports.notify.models import NotifyService
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.delivery.cases import keep_first, ready
from tests.web.delivery.notify.server import Day, Notify
from tests.web.delivery.test_sending import again, day_one, states

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
ENOUGH = timedelta(minutes=16)


@pytest.fixture
def doubtful(cast: Cast, service: NotifyService, notify: Notify, settings: Any) -> list[Delivery]:
    """Two of Dudley's invitations are in doubt; Notify has the first, and would not say so."""
    settings.NOTIFY_ADDRESS = notify.address
    notify.is_away = True
    notify.days.extend([Day.DROPS_AFTER_ACCEPTING, Day.DROPS_BEFORE_READING])
    ready(cast)
    first = keep_first(cast, 2)
    send_due(day_one(cast))
    notify.is_away = False
    # Two go at once: whichever comes first is the one that Notify accepts.
    found = sorted(again(first), key=lambda one: str(one.reference) not in notify.references())
    assert states(found) == ["unknown", "unknown"]
    assert notify.references() == [str(found[0].reference)]
    return found


def later(cast: Cast, passed: timedelta = ENOUGH) -> datetime:
    """So long after they were handed over."""
    return day_one(cast) + passed


def test_what_notify_has_gets_its_true_state_and_what_it_lacks_is_said(
    cast: Cast, doubtful: list[Delivery], notify: Notify
) -> None:
    assert look_up_all(later(cast)) == 2
    has, lacks = again(doubtful)
    assert (has.state, has.provider_id) == (State.ACCEPTED, notify.accepted[0]["id"])
    assert (lacks.state, lacks.trouble) == (State.UNKNOWN, NOT_THERE)
    assert send_due(later(cast)).claimed == 0, "only a person has it sent again"
    assert look_up_all(later(cast, timedelta(hours=2))) == 0, "it is said once"
    assert lacks.passages.filter(note=NOT_THERE).count() == 1


def test_nothing_is_asked_too_early_nor_after_notify_forgot(
    cast: Cast, doubtful: list[Delivery], service: NotifyService
) -> None:
    for moment in (later(cast, timedelta(minutes=5)), later(cast, MEMORY + ENOUGH)):
        assert look_up_all(moment) == 0
    assert states(again(doubtful)) == ["unknown", "unknown"]
    with pytest.raises(InputError, match="only minutes ago"):
        has_after_all(doubtful[0], later(cast, timedelta(minutes=5)))
    assert not has_after_all(doubtful[0], later(cast, MEMORY + ENOUGH))


def test_while_notify_is_away_nothing_is_concluded(
    cast: Cast, doubtful: list[Delivery], notify: Notify
) -> None:
    notify.is_away = True
    assert look_up_all(later(cast)) == 0
    assert NOT_THERE not in {one.trouble for one in again(doubtful)}
    with pytest.raises(InputError, match="does not answer"):
        has_after_all(doubtful[1], later(cast))


def test_of_what_has_no_receipt_notify_is_asked_once_a_day_before_it_forgets(
    cast: Cast, doubtful: list[Delivery], notify: Notify
) -> None:
    look_up_all(later(cast))
    notify.accepted[0]["status"] = "permanent-failure"
    assert look_up_all(later(cast, timedelta(hours=23))) == 0
    assert look_up_all(later(cast, timedelta(days=2))) == 1
    assert again(doubtful)[0].state == State.RETURNED


def test_of_a_message_that_notify_has_twice_the_surer_state_counts(
    cast: Cast, doubtful: list[Delivery], notify: Notify
) -> None:
    notify.accepted[0]["status"] = "delivered"
    notify.accept("email", {"reference": str(doubtful[0].reference)})["status"] = "sending"
    look_up_all(later(cast))
    assert again(doubtful)[0].state == State.DELIVERED


def test_nobody_sends_again_what_notify_has(
    cast: Cast, doubtful: list[Delivery], sign_in: SignIn
) -> None:
    handed_over = timezone.now() - ENOUGH
    Delivery.objects.filter(state=State.UNKNOWN).update(handed_over_at=handed_over)
    client = sign_in("trial_manager")
    for delivery, words in zip(doubtful, ["has it after all", "will be sent again"], strict=True):
        form = {"once": once.token(), "verb": "again"}
        address = f"/trials/letters/delivery/deliveries/{delivery.pk}/"
        answer = client.post(address, form, follow=True)
        assert words in answer.content.decode()
    assert states(again(doubtful)) == ["accepted", "due"]
