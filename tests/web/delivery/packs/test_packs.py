"""What the partner sends itself: decided when it is made, one pack at a time, never forgotten."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.contacts.reading import Person
from lighttouch.web.delivery import actions as delivery
from lighttouch.web.delivery import reaching
from lighttouch.web.delivery.models import Delivery, Mailing, Pack, Passage, Route, State
from lighttouch.web.delivery.packs import actions, queries
from lighttouch.web.delivery.packs.models import PackKind
from lighttouch.web.delivery.reaching import find_address
from lighttouch.web.delivery.sending import find_lost, send_due
from lighttouch.web.delivery.transports.base import Channel
from lighttouch.web.partners.models import Task
from lighttouch.web.surveys.models import Link
from tests.web.cast import NOW, Cast
from tests.web.delivery import cases
from tests.web.delivery.conftest import Told
from tests.web.delivery.test_sending import again, answer, day_one, happen, states
from tests.web.together import at_once, errors

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])


@pytest.fixture
def mailing(cast: Cast) -> Mailing:
    """Dudley holds its names itself; its invitation is planned and signed off, for four people."""
    cases.plan(cast, cases.open_survey(cast, cast.dudley))
    cases.sign_off(cast, cast.dudley)
    return cases.keep_first(cast, 4)[0].mailing


def rows(mailing: Mailing) -> list[Delivery]:
    """The deliveries that were left waiting, as they now are."""
    return list(mailing.deliveries.order_by("pk")[:4])


def codes(mailing: Mailing) -> list[str]:
    """Whose they are."""
    return [one.participant.staff_id for one in rows(mailing)]


def make(cast: Cast, mailing: Mailing, now: datetime | None = None) -> Pack:
    """The coordinator makes the pack when it is due."""
    by = cast["coordinator"]
    pack = actions.make_pack(mailing=mailing, by=by, now=now or day_one(cast))
    assert pack is not None
    return pack


def take(cast: Cast, pack: Pack, form: str = "csv", only: frozenset[str] = frozenset()) -> bytes:
    """The coordinator takes it."""
    by = cast["coordinator"]
    return actions.take_pack(pack=pack, form=form, codes=only, by=by, now=day_one(cast))


def settle(cast: Cast, pack: Pack, *, sent: bool = True, **gone: frozenset[str]) -> None:
    """The coordinator says what became of it."""
    by = cast["coordinator"]
    actions.record_outcome(pack=pack, sent=sent, **gone, by=by, now=day_one(cast))


def table(content: bytes) -> list[dict[str, str]]:
    """A pack's rows."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_pack_has_codes_links_words_and_the_way_out_and_no_names(
    cast: Cast, mailing: Mailing
) -> None:
    pack = make(cast, mailing)
    found = table(take(cast, pack))
    assert [row["staff_id"] for row in found] == sorted(codes(mailing))
    for row in found:
        assert row["link"].startswith(f"{settings.SITE_URL}/s/")
        assert row["link"] in row["text"]
        assert row["opt_out"] in row["text"]
    assert len({row["link"] for row in found}) == len({row["opt_out"] for row in found}) == 4
    assert states(rows(mailing)) == ["sent"] * 4


def test_a_pack_made_again_is_the_same_pack_and_holds_nobody_else(
    cast: Cast, mailing: Mailing
) -> None:
    first = make(cast, mailing)
    before = take(cast, first)
    other = Delivery.objects.filter(mailing=mailing, state=State.CANCELLED)[0]
    Delivery.objects.filter(pk=other.pk).update(state=State.PLANNED)
    second = make(cast, mailing, day_one(cast) + timedelta(hours=1))
    assert second.pk == first.pk
    assert take(cast, second) == before
    assert take(cast, second, "xlsx") == take(cast, second, "xlsx")
    taken = Event.objects.filter(act="delivery.pack_taken").order_by("number")
    assert [one.details.get("as_first_made") for one in taken][:2] == [True, True]
    settle(cast, second)
    third = make(cast, mailing)
    assert (third.number, third.rows) == (2, 1)


def test_the_database_refuses_a_second_open_pack_and_another_time_of_making(
    cast: Cast, mailing: Mailing
) -> None:
    pack = make(cast, mailing)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pack.objects.update(made_at=NOW)
    pack.pk, pack.number, pack.claim = None, 2, rows(mailing)[0].reference
    with pytest.raises(IntegrityError), transaction.atomic():
        pack.save(force_insert=True)


def test_whoever_needs_no_message_is_left_out_when_the_pack_is_made(
    cast: Cast, mailing: Mailing
) -> None:
    first = rows(mailing)
    survey = mailing.step.survey
    assert survey is not None
    answer(survey, first[0], consent="agreed", finished_at=NOW)
    delivery.opt_out(delivery=first[1], now=NOW)
    happen(cast, first[2], "on_leave")
    pack = make(cast, mailing)
    assert states(again(first)) == ["cancelled", "cancelled", "planned", "sent"]
    assert [row["staff_id"] for row in table(take(cast, pack))] == [codes(mailing)[3]]


def test_a_pack_can_be_made_in_the_evening_but_not_before_its_day(
    cast: Cast, mailing: Mailing
) -> None:
    with pytest.raises(InputError, match="not due yet"):
        make(cast, mailing, mailing.due_at - timedelta(days=1))
    assert make(cast, mailing, mailing.due_at + timedelta(hours=12)).rows == 4


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda cast: Mailing.objects.update(signed_off_at=None, signed_off_by=None), "signed off"),
        (
            lambda cast: delivery.pause(trial=cast.trial, by=cast["trial_manager"], now=NOW),
            "paused",
        ),
    ],
    ids=["not signed off", "paused"],
)
def test_nothing_is_handed_out_that_may_not_go(
    cast: Cast, mailing: Mailing, spoil: Callable[[Cast], object], words: str
) -> None:
    spoil(cast)
    with pytest.raises(InputError, match=words):
        make(cast, mailing)
    assert states(rows(mailing)) == ["planned"] * 4


def test_what_became_of_a_pack_is_recorded_by_code(cast: Cast, mailing: Mailing) -> None:
    pack, who = make(cast, mailing), codes(mailing)
    with pytest.raises(InputError, match="1 of these codes is not in this pack") as caught:
        settle(cast, pack, came_back=frozenset({"NOBODY"}))
    assert "NOBODY" not in str(caught.value)
    settle(cast, pack, came_back=frozenset({who[0]}), unsent=frozenset({who[1]}))
    assert states(rows(mailing)) == ["returned", "failed", "accepted", "accepted"]
    with pytest.raises(InputError, match="said already"):
        settle(cast, pack, sent=False)
    later = actions.note_returned(
        pack=pack, codes=frozenset(who[2:3]), by=cast["coordinator"], now=NOW
    )
    assert later == 1
    assert states(rows(mailing)) == ["returned", "failed", "returned", "accepted"]
    [shown] = queries.packs_of(mailing)
    assert (shown.held, shown.sent, shown.came_back, shown.failed) == (0, 1, 2, 1)


def test_a_pack_that_was_not_sent_waits_and_is_made_anew(cast: Cast, mailing: Mailing) -> None:
    settle(cast, make(cast, mailing), sent=False)
    assert states(rows(mailing)) == ["planned"] * 4
    assert make(cast, mailing).number == 2
    notes = list(rows(mailing)[0].passages.values_list("state", "note"))
    assert notes[-3:] == [
        ("sent", "in pack 1"),
        ("planned", "the partner did not send it"),
        ("sent", "in pack 2"),
    ]


def test_a_pack_of_which_nothing_is_heard_is_in_doubt_and_can_still_be_settled(
    cast: Cast, mailing: Mailing
) -> None:
    pack = make(cast, mailing)
    assert find_lost(pack.answer_by + timedelta(days=1)) == 0
    assert actions.find_forgotten(pack.answer_by - timedelta(seconds=1)) == 0
    assert actions.find_forgotten(pack.answer_by + timedelta(seconds=1)) == 4
    assert {one.trouble for one in rows(mailing)} == {queries.FORGOTTEN}
    doubtful = rows(mailing)[0]
    delivery.settle_unknown(delivery=doubtful, was_sent=False, by=cast["trial_manager"], now=NOW)
    assert states(rows(mailing)) == ["planned", "unknown", "unknown", "unknown"]
    settle(cast, pack)
    assert states(rows(mailing)) == ["planned", "accepted", "accepted", "accepted"]


def test_the_coordinator_has_a_task_until_the_pack_is_sent(cast: Cast, mailing: Mailing) -> None:
    tasks = Task.objects.filter(partner=cast.dudley, key__startswith="pack-")
    assert actions.ask_partners(mailing.due_at - timedelta(hours=1)) == 0
    actions.ask_partners(day_one(cast))
    actions.ask_partners(day_one(cast))
    task = tasks.get()
    assert task.href.endswith(f"/delivery/mailings/{mailing.pk}/")
    settle(cast, make(cast, mailing), sent=False)
    assert tasks.get(done_at=None).pk == task.pk
    settle(cast, make(cast, mailing))
    assert not tasks.filter(done_at=None).exists()
    assert actions.ask_partners(day_one(cast)) == 0


def test_no_worker_sends_what_is_in_a_pack(cast: Cast, mailing: Mailing, told: Told) -> None:
    make(cast, mailing)
    assert send_due(day_one(cast), transports=told).claimed == 0


def test_a_link_that_ended_since_is_not_handed_out_again(cast: Cast, mailing: Mailing) -> None:
    pack = make(cast, mailing)
    Link.objects.filter(participant=rows(mailing)[0].participant).update(ended_at=NOW)
    assert codes(mailing)[0] not in [row["staff_id"] for row in table(take(cast, pack))]


@pytest.fixture
def letters(cast: Cast) -> Mailing:
    """Dudley's names are in the vault, and four invitations go as letters that it prints."""
    cases.ready(cast, ',"1 High Street, Dudley",DY1 1AA')
    Delivery.objects.update(route=Route.LETTER)
    return cases.keep_first(cast, 4)[0].mailing


def pages(content: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_letters_are_one_page_each_in_order_and_spoilt_ones_are_printed_by_code(
    cast: Cast, letters: Mailing
) -> None:
    pack = make(cast, letters)
    assert pack.kind == PackKind.LETTERS
    pile = take(cast, pack, "pdf")
    feet = [page.split("Our reference: ")[1].strip() for page in pages(pile)]
    assert feet == sorted(codes(letters))
    assert take(cast, pack, "pdf") == pile
    [spoilt] = pages(take(cast, pack, "pdf", frozenset({feet[2]})))
    assert spoilt.endswith(feet[2])
    with pytest.raises(InputError, match="not in this pack"):
        take(cast, pack, "pdf", frozenset({"NOBODY"}))


def test_who_has_no_address_fails_and_one_letter_that_cannot_be_printed_stops_no_other(
    cast: Cast, letters: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:

    first, second = codes(letters)[:2]

    def find(person: Person | None, channel: Channel) -> object:
        assert person is not None
        if person.staff_id == first:
            return ""
        strange = ("李明", "1 High Street", "DY1 1AA")
        return strange if person.staff_id == second else find_address(person, channel)

    monkeypatch.setattr(reaching, "find_address", find)
    pack = make(cast, letters)
    found = rows(letters)
    assert states(found) == ["failed", "failed", "sent", "sent"]
    assert found[0].trouble.startswith("no whole address is held")
    assert (
        found[1].trouble
        == "its letter cannot be printed: a letter has a sign that cannot be printed"
    )
    assert pack.rows == 2
    assert [code for code, _ in queries.not_possible(letters)] == sorted([first, second])
    assert len(pages(take(cast, pack, "pdf"))) == 2


def test_every_row_has_a_history_and_every_act_is_in_the_log(cast: Cast, mailing: Mailing) -> None:
    settle(cast, make(cast, mailing))
    assert Passage.objects.filter(delivery__in=rows(mailing)).count() == 3 * 4
    acts = Event.objects.filter(act__startswith="delivery.pack").order_by("number")
    assert [one.act for one in acts] == ["delivery.pack_made", "delivery.pack_settled"]
    assert not any(code in str(one.details) for one in acts for code in codes(mailing))


@pytest.mark.django_db(transaction=True, databases=["default", "contacts"])
def test_two_coordinators_at_the_same_moment_make_one_pack(cast: Cast) -> None:
    cases.plan(cast, cases.open_survey(cast, cast.dudley))
    cases.sign_off(cast, cast.dudley)
    mailing = cases.keep_first(cast, 4)[0].mailing
    got = at_once(*[lambda: make(cast, mailing)] * 3)
    assert errors(got) == []
    assert {one.pk for one in got} == {Pack.objects.get().pk}
    assert states(rows(mailing)) == ["sent"] * 4
