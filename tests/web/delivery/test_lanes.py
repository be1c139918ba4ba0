"""Several messages under way at once: as many as there are lanes, each marked before it goes."""

import logging
from collections.abc import Callable
from threading import Barrier, Event

import pytest

from lighttouch.web.delivery import lanes
from lighttouch.web.delivery.models import Delivery, State
from lighttouch.web.delivery.sending import BROKE_DOWN, send_due
from lighttouch.web.delivery.transports.base import Message, Outcome, Result
from lighttouch.web.programmes.models import Partner
from tests.web.cast import Cast
from tests.web.delivery.cases import keep_first, ready
from tests.web.delivery.conftest import Told
from tests.web.delivery.test_sending import again, day_one, states

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
TAKEN = Outcome(Result.ACCEPTED, provider_id="taken")


class Each:
    """A transport of which each lane has one of its own."""

    def __init__(self, answer: Callable[[Message], Outcome]) -> None:
        self.answer = answer
        self.opened: list[Told] = []

    def __call__(self, partner: Partner, channel: object) -> Told:
        told = Told()
        told.answer = self.answer
        self.opened.append(told)
        return told


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three lanes."""
    monkeypatch.setitem(lanes.WIDTHS, "told", 3)


@pytest.mark.usefixtures("wide")
def test_as_many_are_under_way_at_once_as_there_are_lanes(cast: Cast) -> None:
    ready(cast)
    first = keep_first(cast, 6)
    together = Barrier(3)

    def wait_for_the_others(message: Message) -> Outcome:
        together.wait(timeout=10)
        return TAKEN

    transports = Each(wait_for_the_others)
    assert send_due(day_one(cast), transports=transports).handed_over == 6
    assert len(transports.opened) == 3, "one connection for each lane, and no more"
    taken = [one.reference for told in transports.opened for one in told.taken]
    assert sorted(taken) == sorted(str(one.reference) for one in first)
    assert set(states(again(first))) == {State.ACCEPTED}


def test_a_small_mailing_opens_no_more_connections_than_it_has_messages(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(lanes.WIDTHS, "told", 10)
    ready(cast)
    keep_first(cast, 2)
    transports = Each(lambda _: TAKEN)
    send_due(day_one(cast), transports=transports)
    assert len(transports.opened) <= 2


@pytest.mark.usefixtures("wide")
def test_no_more_are_marked_as_begun_than_are_under_way(cast: Cast) -> None:
    ready(cast)
    keep_first(cast, 5)
    marked: list[int] = []
    all_in, go_on = Barrier(3), Event()

    def count_later(message: Message) -> Outcome:
        if not go_on.is_set():
            all_in.wait(timeout=10)
            go_on.set()
        return TAKEN

    begun = Delivery.objects.filter(state=State.SENT)
    send = lanes.Lanes.hand_over

    def hand_over(self: lanes.Lanes, delivery: Delivery, message: Message) -> None:
        marked.append(begun.count())
        send(self, delivery, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanes.Lanes, "hand_over", hand_over)
        send_due(day_one(cast), transports=Each(count_later))
    assert marked[:3] == [1, 2, 3], "each is marked before it goes, and not sooner"
    assert max(marked) == 3


@pytest.mark.usefixtures("wide")
def test_what_a_broken_transport_had_begun_is_in_doubt_and_the_others_are_kept(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    ready(cast)
    first = keep_first(cast, 3)
    together = Barrier(3)

    def break_down(message: Message) -> Outcome:
        together.wait(timeout=10)
        if message.reference == str(first[1].reference):
            raise RuntimeError
        return TAKEN

    with pytest.raises(RuntimeError):
        send_due(day_one(cast), transports=Each(break_down))
    kept = again(first)
    assert states(kept) == [State.ACCEPTED, State.UNKNOWN, State.ACCEPTED]
    assert kept[1].trouble == BROKE_DOWN


def test_a_worker_told_to_end_finishes_what_it_began_and_leaves_the_rest_to_others(
    cast: Cast, told: Told
) -> None:
    ready(cast)
    first = keep_first(cast, 4)
    done = send_due(day_one(cast), transports=told, stopped=lambda: len(told.taken) == 2)
    assert done.is_more
    kept = again(first)
    assert states(kept) == [State.ACCEPTED, State.ACCEPTED, State.DUE, State.DUE]
    assert {one.claim for one in kept[2:]} == {None}
    assert not send_due(day_one(cast), transports=told).is_more
    assert set(states(again(first))) == {State.ACCEPTED}
