"""GOV.UK Notify: what it took, refused, and may have taken, over its real client."""

import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from lighttouch.web.delivery.transports.base import Channel, Result
from lighttouch.web.delivery.transports.notify.transport import NotifyTransport, Templates
from lighttouch.web.delivery.transports.print import set_letter
from tests.web.delivery import contract
from tests.web.delivery.notify import server
from tests.web.delivery.notify.server import PATIENCE, Day, Notify

TEMPLATES = Templates(email=server.EMAIL_TEMPLATE, text=server.TEXT_TEMPLATE)
FAULTS = {
    Day.BUSY: Result.LATER,
    Day.BUSY_FOR_A_WHILE: Result.LATER,
    Day.USED_UP: Result.LATER,
    Day.BROKEN: Result.LATER,
    Day.AWAY: Result.LATER,
    Day.GATEWAY: Result.UNKNOWN,
    Day.SLOW: Result.ACCEPTED,
    Day.SLOW_AND_LOST: Result.UNKNOWN,
    Day.DROPS_BEFORE_READING: Result.UNKNOWN,
    Day.DROPS_AFTER_ACCEPTING: Result.ACCEPTED,
    Day.TALKS_NONSENSE: Result.ACCEPTED,
}
Make = Callable[..., NotifyTransport]


class Turns:
    """Turns that are given after so many seconds each, and then at once."""

    def __init__(self, *after: float) -> None:
        self._after = list(after)

    def take(self, _now: float) -> float:
        return self._after.pop(0) if self._after else 0.0


@pytest.fixture
def make(notify: Notify) -> Iterator[Make]:
    made: list[NotifyTransport] = []

    def make_transport(key: str = server.KEY, **changes: Any) -> NotifyTransport:
        given = {
            "templates": TEMPLATES,
            "pace": Turns(),
            "address": notify.address,
            "patience": PATIENCE,
            **changes,
        }
        made.append(NotifyTransport(key, **given))
        return made[-1]

    yield make_transport
    for one in made:
        one.close()


def test_it_holds_to_what_every_transport_holds_to(
    make: Make, notify: Notify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    transport = make(set_letter=set_letter)
    assert transport.channels == frozenset(Channel)
    contract.check_transport(transport, notify.references, lambda: caplog.text)
    contract.check_transport(
        make(templates=Templates(email=server.EMAIL_TEMPLATE)),
        notify.references,
        lambda: caplog.text,
    )


def test_it_tells_every_bad_day_of_notify_apart(
    make: Make, notify: Notify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    faults = {day.name: (partial(notify.days.append, day), said) for day, said in FAULTS.items()}
    contract.check_faults(make(), faults, notify.references, lambda: caplog.text)
    assert set(FAULTS) | {Day.GOOD} == set(Day)


def test_an_email_carries_its_words_and_the_address_that_stops_messages(
    make: Make, notify: Notify
) -> None:
    message = contract.message_for_sian()
    make().send(message)
    sent = notify.accepted[0]["body"]
    assert sent["email_address"] == message.address
    assert sent["personalisation"] == {"subject": message.subject, "text": message.text}
    assert sent["one_click_unsubscribe_url"] == message.unsubscribe


def test_a_site_without_https_can_be_tried_out(make: Make, notify: Notify) -> None:
    message = replace(contract.message_for_sian(), unsubscribe="http://127.0.0.1:8000/o/x/")
    assert make().send(message).result == Result.ACCEPTED
    assert "one_click_unsubscribe_url" not in notify.accepted[0]["body"]


@pytest.mark.parametrize(
    ("day", "wait"),
    [
        (Day.BUSY, timedelta(minutes=1)),
        (Day.BUSY_FOR_A_WHILE, timedelta(seconds=17)),
        (Day.USED_UP, timedelta(hours=1)),
        (Day.BROKEN, None),
        (Day.AWAY, None),
    ],
)
def test_what_notify_says_it_did_not_take_may_be_tried_again(
    day: Day, wait: timedelta | None, make: Make, notify: Notify
) -> None:
    notify.days.append(day)
    transport, message = make(), contract.message_for_sian()
    outcome = transport.send(message)
    contract.check_outcome(outcome)
    assert (outcome.result, outcome.wait) == (Result.LATER, wait)
    assert transport.send(message).result == Result.ACCEPTED
    assert notify.references() == [message.reference]


@pytest.mark.parametrize("day", [Day.SLOW, Day.DROPS_AFTER_ACCEPTING, Day.TALKS_NONSENSE])
def test_a_lost_answer_is_found_again_by_reference(day: Day, make: Make, notify: Notify) -> None:
    notify.days.append(day)
    message = contract.message_for_sian()
    outcome = make().send(message)
    contract.check_outcome(outcome)
    assert outcome.result == Result.ACCEPTED
    assert outcome.provider_id == notify.accepted[0]["id"]
    assert notify.references() == [message.reference]


@pytest.mark.parametrize("day", [Day.DROPS_BEFORE_READING, Day.SLOW_AND_LOST, Day.GATEWAY])
def test_what_may_have_been_taken_is_unknown_until_notify_knows_it(
    day: Day, make: Make, notify: Notify
) -> None:
    notify.days.append(day)
    transport, message = make(), contract.message_for_sian()
    outcome = transport.send(message)
    contract.check_outcome(outcome)
    assert outcome.result == Result.UNKNOWN
    assert notify.asked == 1
    kept = notify.accept("email", {"reference": message.reference})
    found = transport.look_up(message.reference)
    assert (found.result, found.provider_id) == (Result.ACCEPTED, kept["id"])


def test_a_server_that_is_not_there_took_nothing(make: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        transport = make(address=nobody)
        outcome = transport.send(contract.message_for_sian())
        assert transport.look_up("any").result == Result.UNKNOWN
    contract.check_outcome(outcome)
    assert outcome.result == Result.LATER


@pytest.mark.parametrize(
    ("channel", "changes", "address", "words"),
    [
        (Channel.EMAIL, {}, "sian.o'brien.example.gov.uk", "not an e-mail address"),
        (Channel.TEXT, {}, "07700 siân", "not a telephone number"),
        (Channel.EMAIL, {"templates": Templates(email="gone")}, "", "have the template"),
        (
            Channel.EMAIL,
            {"templates": Templates(email=server.TEXT_TEMPLATE), "key": "x" + "0" * 73},
            "",
            "key",
        ),
    ],
)
def test_what_notify_refuses_is_said_in_our_words(
    channel: Channel,
    changes: dict[str, Any],
    address: str,
    words: str,
    make: Make,
    notify: Notify,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    outcome = make(**changes).send(contract.message_for_sian(channel, address=address))
    contract.check_outcome(outcome)
    assert outcome.result == Result.REFUSED
    assert words in outcome.trouble
    assert not notify.accepted
    contract.check_nothing_personal(caplog.text)


def test_a_letter_that_cannot_be_printed_is_refused(make: Make, notify: Notify) -> None:
    message = replace(contract.message_for_sian(Channel.LETTER), address=("Siân", "Dudley"))
    outcome = make(set_letter=set_letter).send(message)
    contract.check_outcome(outcome)
    assert outcome.result == Result.REFUSED
    assert not notify.asked


def test_it_waits_for_its_turn(make: Make) -> None:
    waited: list[float] = []
    transport = make(pace=Turns(0, 1, 2), clock=lambda: 5.0, sleep=waited.append)
    for _ in range(3):
        transport.send(contract.message_for_sian())
    assert waited == [1.0, 2.0]
