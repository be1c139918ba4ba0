"""Texts and letters go as e-mails do; who cannot be reached is said, with what helps."""

from bisect import bisect_left
from dataclasses import replace
from datetime import timedelta
from operator import itemgetter
from typing import Any

import pytest
from django.conf import settings

from lighttouch.core.protocol.messages import Channel as MessageChannel
from lighttouch.web.contacts.numbers import read_mobile
from lighttouch.web.contacts.reading import Person
from lighttouch.web.delivery import turns
from lighttouch.web.delivery.models import Delivery, Route, State, Step, TextTurn
from lighttouch.web.delivery.reaching import find_address
from lighttouch.web.delivery.scripts import Script, script_of
from lighttouch.web.delivery.sending import ENOUGH_TEXTS, MOST_ATTEMPTS, send_due
from lighttouch.web.delivery.transports import NoTransport, transport_for
from lighttouch.web.delivery.transports.base import Channel, Outcome, Result
from lighttouch.web.delivery.transports.notify.actions import set_service
from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.delivery.transports.notify.pacing import PER_MINUTE
from lighttouch.web.delivery.transports.notify.sharing import AT_ONCE, LATE, SharedPace
from tests.web.cast import NOW, Cast
from tests.web.delivery import contract
from tests.web.delivery.cases import keep_first, ready
from tests.web.delivery.conftest import Told
from tests.web.delivery.notify import server
from tests.web.delivery.test_sending import again, day_one, states
from tests.web.together import at_once, errors

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
MOBILE = "07700 900123"
HOUSE = ',"1 High Street, Dudley",DY1 1AA'


CHANNELS: dict[str, MessageChannel] = {"text": "text_message", "letter": "letter"}


@pytest.fixture(autouse=True)
def words_by_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the trial file say what goes by the route that a test gives the deliveries."""

    def script(step: Step) -> Script:
        route = Delivery.objects.filter(step=step.pk).values_list("route", flat=True).first()
        said = script_of(step)
        text = "Answer by {closes}: {link}" if route == Route.TEXT else said.text
        return replace(said, channel=CHANNELS.get(route or "", "email"), text=text)

    monkeypatch.setattr("lighttouch.web.delivery.composing.script_of", script)


def by_route(cast: Cast, route: Route, more: str, count: int = 1) -> list[Delivery]:
    """Dudley's first invitations, to go by a route."""
    ready(cast, more)
    Delivery.objects.update(route=route)
    return keep_first(cast, count)


def test_a_text_is_short_and_goes_to_the_number_as_networks_write_it(
    cast: Cast, told: Told
) -> None:
    first = by_route(cast, Route.TEXT, f"{MOBILE},,")
    send_due(day_one(cast), transports=told)
    assert states(again(first)) == ["accepted"]
    [message] = told.taken
    assert (message.channel, message.address) == (Channel.TEXT, "+447700900123")
    assert f"{settings.SITE_URL}/s/" in message.text
    assert f"{settings.SITE_URL}/o/" in message.text
    assert len(message.text) < 306, "two texts long"


def test_a_text_without_a_number_fails_and_says_what_helps(cast: Cast, told: Told) -> None:
    first = by_route(cast, Route.TEXT, ",,")
    send_due(day_one(cast), transports=told)
    [failed] = again(first)
    assert failed.state == State.FAILED
    assert failed.trouble.startswith("no mobile number is held")
    assert "Names and addresses" in failed.trouble
    assert not told.taken


def test_a_number_that_had_enough_texts_today_gets_the_next_one_tomorrow(
    cast: Cast, told: Told
) -> None:
    first = by_route(cast, Route.TEXT, f"{MOBILE},,", count=turns.MOST_A_DAY + 1)
    send_due(day_one(cast), transports=told)
    found = again(first)
    assert states(found) == ["accepted"] * turns.MOST_A_DAY + ["planned"]
    assert found[-1].trouble == ENOUGH_TEXTS
    assert found[-1].due_at >= day_one(cast) + timedelta(days=1)
    assert MOBILE.replace(" ", "")[1:] not in str(list(TextTurn.objects.values()))


def test_a_text_that_was_not_taken_gives_its_turn_back(cast: Cast, told: Told) -> None:
    by_route(cast, Route.TEXT, f"{MOBILE},,", count=turns.MOST_A_DAY + 1)
    told.answer = lambda message: Outcome(Result.LATER, "busy")
    send_due(day_one(cast), transports=told)
    assert len(told.taken) == turns.MOST_A_DAY + 1
    assert not TextTurn.objects.exists()


def test_a_days_limit_that_is_used_up_puts_a_message_off_and_never_fails_it(
    cast: Cast, told: Told
) -> None:
    first = by_route(cast, Route.TEXT, f"{MOBILE},,")
    told.answer = lambda message: Outcome(Result.LATER, "used up", wait=timedelta(hours=1))
    for _ in range(MOST_ATTEMPTS + 1):
        Delivery.objects.filter(pk=first[0].pk).update(due_at=day_one(cast))
        send_due(day_one(cast), transports=told)
    assert len(told.taken) == MOST_ATTEMPTS + 1
    [waiting] = again(first)
    assert (waiting.state, waiting.trouble, waiting.attempts) == ("planned", "used up", 0)
    assert waiting.due_at - day_one(cast) < timedelta(hours=1, minutes=1)


@pytest.mark.parametrize("letters", [True, False])
def test_letters_go_by_notify_only_where_it_prints_for_the_partner(
    cast: Cast, told: Told, letters: bool
) -> None:
    first = by_route(cast, Route.LETTER, HOUSE)
    set_service(
        partner=cast.dudley,
        key=server.KEY,
        email_template=server.EMAIL_TEMPLATE,
        letters=letters,
        by=cast["coordinator"],
        now=NOW,
    )
    send_due(day_one(cast), transports=told)
    assert states(again(first)) == ["accepted" if letters else "planned"]
    if letters:
        expected = ("Ann Example", "1 High Street", "Dudley", "DY1 1AA")
        assert told.taken[0].address == expected
        assert f"{settings.SITE_URL}/s/" in told.taken[0].text


@pytest.mark.parametrize("route", [Route.TEXT, Route.LETTER])
def test_notify_takes_texts_and_letters_from_the_engine(
    cast: Cast, route: Route, settings: Any
) -> None:
    first = by_route(cast, route, f'{MOBILE},"1 High Street, Dudley",DY1 1AA')
    with server.running() as notify:
        settings.NOTIFY_ADDRESS = notify.address
        set_service(
            partner=cast.dudley,
            key=server.KEY,
            text_template=server.TEXT_TEMPLATE,
            letters=True,
            by=cast["coordinator"],
            now=NOW,
        )
        send_due(day_one(cast))
    [sent] = again(first)
    assert (sent.state, sent.transport) == (State.ACCEPTED, "notify")
    assert notify.references() == [str(sent.reference)]


def test_where_mail_is_sent_a_text_needs_a_service_and_says_so(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    found = transport_for(cast.dudley, Channel.TEXT)
    assert isinstance(found, NoTransport)
    contract.check_transport(found, list, str)
    assert "set up GOV.UK Notify" in found.send(contract.message_for_sian(Channel.TEXT)).trouble
    assert transport_for(cast.dudley, Channel.EMAIL).name == "smtp"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 (0)7700-900 123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("7700900123", "+447700900123"),
        ("07624 900123", "+447624900123"),
        ("+353 85 012 3456", "+353850123456"),
        ("020 7946 0000", ""),
        ("070 1234 5678", ""),
        ("07700 90012", ""),
        ("+44 20 7946 0000", ""),
        ("07700 siân", ""),
        ("", ""),
    ],
)
def test_only_numbers_that_take_texts_are_read(written: str, read: str) -> None:
    assert read_mobile(written) == read


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("1 High Street\nDudley", ("Ann Lee", "1 High Street", "Dudley", "DY1 1AA")),
        ("a,b,c,d,e,f,g", ("Ann Lee", "a, b, c", "d", "e", "f", "g", "DY1 1AA")),
        ("", ()),
    ],
)
def test_an_address_has_three_to_seven_lines_or_is_not_whole(
    address: str, lines: tuple[str, ...]
) -> None:
    person = Person("A1", "Ann", "Lee", "", "", address, "DY1 1AA")
    assert find_address(person, Channel.LETTER) == lines


@pytest.mark.django_db(transaction=True, databases=["default", "contacts"])
def test_workers_at_the_same_moment_give_a_number_no_more_than_its_turns(cast: Cast) -> None:
    deliveries = by_route(cast, Route.TEXT, f"{MOBILE},,", count=6)

    def take(number: int) -> bool:
        return turns.take(number, "+447700900123", NOW)

    got = at_once(*(lambda pk=one.pk: take(pk) for one in deliveries))
    assert errors(got) == []
    assert sum(got) == turns.MOST_A_DAY == TextTurn.objects.count()
    assert turns.forget(NOW + timedelta(days=4)) == turns.MOST_A_DAY


@pytest.fixture
def service(cast: Cast) -> NotifyService:
    """Dudley's own service, for texts."""
    return set_service(
        partner=cast.dudley,
        key=server.KEY,
        text_template=server.TEXT_TEMPLATE,
        by=cast["coordinator"],
        now=NOW,
    )


def test_four_workers_together_keep_to_the_limit_of_a_key(service: NotifyService) -> None:
    """Each worker has a pace of its own and its own slowness; the earliest one goes next."""
    workers = [(1000.0, slowness, SharedPace(service.pk)) for slowness in (0.01, 0.03, 0.08, 0.3)]
    sent: list[float] = []
    while min(now for now, *_ in workers) < 1070:
        now, slowness, pace = workers.pop(workers.index(min(workers, key=itemgetter(0))))
        now += pace.take(now)
        sent.append(now)
        workers.append((now + slowness, slowness, pace))
    sent.sort()
    busiest = max(bisect_left(sent, start + 60) - at for at, start in enumerate(sent))
    assert 0.9 * PER_MINUTE <= busiest <= PER_MINUTE


@pytest.mark.django_db(transaction=True, databases=["default", "contacts"])
def test_four_workers_at_the_same_moment_get_different_turns(service: NotifyService) -> None:
    got = at_once(*[lambda: SharedPace(service.pk, per_minute=100).take(1000.0)] * 4)
    assert errors(got) == []
    turns_apart = AT_ONCE * (60 + LATE) / 99
    expected = [max(0, place * turns_apart - LATE) for place in range(4)]
    assert sorted(got) == pytest.approx(expected)


def test_worker_that_rests_between_batches_catches_up_and_stays_under_the_limit(
    service: NotifyService,
) -> None:
    pace, now, sent = SharedPace(service.pk), 1000.0, []
    while now < 1130:
        now += pace.take(now)
        sent.append(now)
        now += 0.4 if len(sent) % 200 == 0 else 0.005
    busiest = max(bisect_left(sent, start + 60) - at for at, start in enumerate(sent))
    steady = sum(1010 <= at < 1070 for at in sent)
    assert busiest <= PER_MINUTE
    assert steady > 0.99 * PER_MINUTE
