"""What is planned goes once, when it should, to whom it should, or says why not."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.delivery import actions
from lighttouch.web.delivery.composing import opt_out_address
from lighttouch.web.delivery.models import Delivery, Mailing, OptOut, Passage, Route, State
from lighttouch.web.delivery.sending import DIED, LEASE, claim, find_lost, make_due, send_due
from lighttouch.web.delivery.transports import transport_for
from lighttouch.web.delivery.transports.base import Outcome, Result
from lighttouch.web.enrolment.models import Happening, Participant
from lighttouch.web.surveys.models import Response, Survey, Window
from tests.web.cast import NOW, Cast
from tests.web.delivery.cases import (
    invitations,
    keep_first,
    morning,
    open_day,
    open_survey,
    people_of,
    plan,
    ready,
    sign_off,
)
from tests.web.delivery.conftest import Told

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])


def day_one(cast: Cast) -> datetime:
    """A minute after Dudley's invitations are due."""
    mailing = Mailing.objects.filter(partner=cast.dudley).order_by("due_at")[0]
    return mailing.due_at + timedelta(minutes=1)


def sent_on_day_one(cast: Cast, told: Told, count: int = 3) -> list[Delivery]:
    """What becomes of the first few invitations when they are due."""
    first = keep_first(cast, count)
    send_due(day_one(cast), transports=told)
    return again(first)


def again(deliveries: list[Delivery]) -> list[Delivery]:
    """The same deliveries as they now are, in the same order."""
    now = Delivery.objects.in_bulk([one.pk for one in deliveries])
    return [now[one.pk] for one in deliveries]


def states(deliveries: list[Delivery]) -> list[str]:
    """Their states."""
    return [one.state for one in deliveries]


def test_everybody_enrolled_is_planned_once_however_often_planning_runs(cast: Cast) -> None:
    survey = ready(cast)
    people = len(people_of(cast, cast.dudley))
    plan(cast, survey)
    assert Delivery.objects.count() == 3 * people, "an invitation and two reminders each"
    assert Passage.objects.count() == 3 * people
    assert set(Delivery.objects.values_list("route", flat=True)) == {Route.EMAIL}
    assert Event.objects.filter(act="delivery.planned").count() == 1


def test_a_partner_that_holds_its_contacts_is_planned_by_pack_and_never_sent_to(
    cast: Cast, told: Told
) -> None:
    survey = open_survey(cast, cast.dudley)
    plan(cast, survey)
    sign_off(cast, cast.dudley)
    assert set(Delivery.objects.values_list("route", flat=True)) == {Route.PACK}
    assert send_due(day_one(cast), transports=told).claimed == 0


def test_planning_asks_the_database_no_more_for_each_thousand(cast: Cast) -> None:
    survey = open_survey(cast, cast.dudley, least=0)
    asked = []
    for people in (1000, 1000, 4600):
        start = Participant.objects.count()
        Participant.objects.bulk_create(
            Participant(trial=cast.trial, partner=cast.dudley, staff_id=f"N{start + number}")
            for number in range(people)
        )
        with CaptureQueriesContext(connection) as seen:
            plan(cast, survey)
        asked.append(len(seen))
    assert Delivery.objects.count() >= 19_800
    assert asked[2] < 5 * asked[1], asked


def test_a_message_carries_the_link_the_last_day_and_one_click_to_stop(
    cast: Cast, told: Told
) -> None:
    ready(cast)
    [delivery] = sent_on_day_one(cast, told, 1)
    assert delivery.state == State.ACCEPTED
    [message] = told.taken
    assert message.reference == str(delivery.reference)
    assert f"{settings.SITE_URL}/s/" in message.text
    assert f"{settings.SITE_URL}/s/" in message.html
    assert "Dudley" in message.text
    assert message.unsubscribe == opt_out_address(delivery)
    assert message.unsubscribe in message.text
    notes = [(one.state, one.note) for one in delivery.passages.all()]
    assert notes == [("planned", ""), ("sent", "told"), ("accepted", "")]


def test_nothing_goes_before_the_partner_signed_it_off(cast: Cast, told: Told) -> None:
    ready(cast)
    Mailing.objects.update(signed_off_at=None, signed_off_by=None)
    send_due(day_one(cast), transports=told)
    assert not told.taken


def test_a_second_round_sends_nothing_twice(cast: Cast, told: Told) -> None:
    ready(cast)
    sent_on_day_one(cast, told)
    send_due(day_one(cast) + timedelta(hours=1), transports=told)
    assert len(told.taken) == 3


def answer(survey: Survey, delivery: Delivery, **said: object) -> None:
    """Somebody says yes or no to a survey."""
    common = {"consent_version": "1", "consented_at": NOW, "touched_at": NOW}
    Response.objects.create(survey=survey, participant=delivery.participant, **{**common, **said})


def happen(cast: Cast, delivery: Delivery, event: str, detail: str = "") -> None:
    """Something is recorded about somebody."""
    Happening.objects.create(
        participant=delivery.participant,
        event=event,
        detail=detail,
        on=NOW.date(),
        recorded_by=cast["coordinator"],
        recorded_at=NOW,
    )


def test_whoever_is_settled_gone_or_wants_none_is_not_sent_to(cast: Cast, told: Told) -> None:
    survey = ready(cast)
    first = keep_first(cast, 7)
    answer(survey, first[0], consent="agreed", finished_at=NOW)
    answer(survey, first[1], consent="declined")
    happen(cast, first[2], "left")
    happen(cast, first[3], "withdrawal", "stop_contact")
    actions.opt_out(delivery=first[4], now=NOW)
    happen(cast, first[5], "on_leave")
    send_due(day_one(cast), transports=told)
    found = again(first)
    assert states(found) == ["cancelled"] * 5 + ["planned", "accepted"]
    assert [one.trouble for one in found] == [
        "already settled",
        "already settled",
        "left the organisation",
        "already settled",
        "asked for no more messages",
        "on leave",
        "",
    ]


@pytest.mark.parametrize(("hours", "days"), [(11, 0), (0, 4), (0, 5)])
def test_nobody_is_written_to_at_night_or_at_a_weekend(
    cast: Cast, told: Told, hours: int, days: int
) -> None:
    ready(cast)
    first = keep_first(cast, 1)
    monday = open_day(cast, cast.dudley)
    while monday.weekday():
        monday += timedelta(days=1)
    now = morning(monday) + timedelta(hours=hours, days=days + 1 if days else 0)
    send_due(now, transports=told)
    [delivery] = again(first)
    assert not told.taken
    assert delivery.trouble == "outside working hours"
    assert delivery.due_at.astimezone(now.tzinfo).hour == 8
    assert delivery.due_at > now


def test_nobody_gets_a_third_message_in_a_week(cast: Cast, told: Told) -> None:
    ready(cast)
    [delivery] = keep_first(cast, 1)
    now = day_one(cast)
    Delivery.objects.filter(participant=delivery.participant).exclude(pk=delivery.pk).update(
        handed_over_at=now - timedelta(days=3), state=State.ACCEPTED
    )
    send_due(now, transports=told)
    [delivery] = again([delivery])
    assert (delivery.state, delivery.trouble) == ("planned", "enough messages this week")
    send_due(now + timedelta(days=8), transports=told)
    assert len(told.taken) == 1


def test_a_pause_holds_what_is_claimed_already_and_resuming_lets_it_go(
    cast: Cast, told: Told
) -> None:
    ready(cast)
    first = keep_first(cast, 2)

    def pause_meanwhile(message: object) -> Outcome:
        actions.pause(trial=cast.trial, by=cast["trial_manager"], now=NOW)
        return Outcome(Result.ACCEPTED)

    told.answer = pause_meanwhile
    send_due(day_one(cast), transports=told)
    assert states(again(first)) == ["accepted", "due"]
    actions.resume(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    told.answer = lambda message: Outcome(Result.ACCEPTED)
    send_due(day_one(cast), transports=told)
    assert states(again(first)) == ["accepted", "accepted"]


def test_a_stop_cancels_what_waits_and_cannot_be_undone(cast: Cast, told: Told) -> None:
    survey = ready(cast)
    gone = actions.stop(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    assert gone == Delivery.objects.filter(state=State.CANCELLED).count() > 0
    with pytest.raises(InputError, match="stopped for good"):
        actions.resume(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    with pytest.raises(InputError, match="stopped for good"):
        plan(cast, survey)
    send_due(day_one(cast), transports=told)
    assert not told.taken


def test_what_was_not_taken_is_tried_again_later_and_later(cast: Cast, told: Told) -> None:
    ready(cast)
    told.answer = lambda message: Outcome(Result.LATER, "busy", wait=timedelta(minutes=7))
    [delivery] = sent_on_day_one(cast, told, 1)
    waited = delivery.due_at - day_one(cast)
    assert timedelta(minutes=7) <= waited < timedelta(minutes=8)
    told.answer = lambda message: Outcome(Result.LATER, "busy")
    for _ in range(9):
        [delivery] = again([delivery])
        now = delivery.due_at + timedelta(seconds=1)
        Delivery.objects.filter(pk=delivery.pk).update(due_at=day_one(cast))
        send_due(day_one(cast), transports=told)
    [delivery] = again([delivery])
    assert (delivery.state, delivery.attempts, delivery.trouble) == ("failed", 10, "busy")
    assert now


def test_what_was_refused_fails_and_what_is_not_known_waits_for_a_person(
    cast: Cast, told: Told
) -> None:
    ready(cast)
    results = iter([Result.REFUSED, Result.UNKNOWN, Result.UNKNOWN])
    told.answer = lambda message: Outcome(next(results), "it said so")
    found = sent_on_day_one(cast, told)
    assert states(found) == ["failed", "unknown", "unknown"]
    send_due(day_one(cast) + timedelta(hours=1), transports=told)
    assert len(told.taken) == 3
    by = cast["trial_manager"]
    actions.settle_unknown(delivery=found[1], was_sent=True, by=by, now=NOW)
    actions.settle_unknown(delivery=found[2], was_sent=False, by=by, now=NOW)
    told.answer = lambda message: Outcome(Result.ACCEPTED)
    send_due(day_one(cast), transports=told)
    assert states(again(found)) == ["failed", "accepted", "accepted"]
    assert len(told.taken) == 4
    with pytest.raises(InputError, match="not in doubt"):
        actions.settle_unknown(delivery=found[1], was_sent=False, by=by, now=NOW)


def test_a_worker_that_died_before_handing_over_leaves_it_to_another(
    cast: Cast, told: Told
) -> None:
    ready(cast)
    first = keep_first(cast, 2)
    make_due(day_one(cast))
    assert claim(day_one(cast)) is not None
    assert claim(day_one(cast)) is None
    assert find_lost(timezone.now()) == 0
    find_lost(timezone.now() + LEASE + timedelta(seconds=1))
    assert states(again(first)) == ["due", "due"]


def test_a_worker_that_died_handing_over_leaves_it_in_doubt(cast: Cast, told: Told) -> None:
    ready(cast)
    first = keep_first(cast, 1)

    def die(message: object) -> Outcome:
        raise KeyboardInterrupt

    told.answer = die
    with pytest.raises(KeyboardInterrupt):
        send_due(day_one(cast), transports=told)
    assert states(again(first)) == ["sent"]
    find_lost(timezone.now() + LEASE + timedelta(seconds=1))
    [delivery] = again(first)
    assert (delivery.state, delivery.trouble) == ("unknown", DIED)


def test_a_moved_window_moves_what_waits_and_asks_for_a_new_sign_off(cast: Cast) -> None:
    survey = ready(cast)
    before = dict(Mailing.objects.values_list("pk", "due_at"))
    for window in Window.objects.all():
        window.opens_on += timedelta(days=7)
        window.closes_on += timedelta(days=7)
        window.save()
    plan(cast, survey)
    for mailing in Mailing.objects.all():
        assert mailing.due_at > before[mailing.pk]
        assert mailing.signed_off_at is None
        assert set(mailing.deliveries.values_list("due_at", flat=True)) == {mailing.due_at}


def test_a_calendar_that_moved_meanwhile_is_not_signed_off(cast: Cast) -> None:
    survey = open_survey(cast, cast.dudley)
    plan(cast, survey)
    shown = [
        (pk, due - timedelta(days=1)) for pk, due in Mailing.objects.values_list("pk", "due_at")
    ]
    with pytest.raises(InputError, match="moved to another day"):
        actions.sign_off(
            trial=cast.trial, partner=cast.dudley, mailings=shown, by=cast["coordinator"], now=NOW
        )


def test_a_survey_that_closed_cancels_what_waits(cast: Cast) -> None:
    survey = ready(cast)
    plan(cast, survey, now=NOW + timedelta(days=900))
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.CANCELLED}


def test_database_refuses_a_second_delivery_and_a_changed_history(cast: Cast) -> None:
    ready(cast)
    delivery, passage = invitations(cast)[0], Passage.objects.first()
    assert passage is not None
    passage.note = "otherwise"
    with pytest.raises(IntegrityError), transaction.atomic():
        passage.save()
    delivery.pk, delivery.reference, delivery.opt_out = None, "0" * 32, "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        delivery.save(force_insert=True)


def test_opening_the_way_out_does_nothing_and_posting_to_it_stops_messages(
    cast: Cast, told: Told
) -> None:
    ready(cast)
    [delivery] = sent_on_day_one(cast, told, 1)
    path = opt_out_address(delivery).removeprefix(settings.SITE_URL)
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(path).status_code == 200
    assert not OptOut.objects.exists()
    for _ in range(2):
        answer = browser.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert OptOut.objects.count() == 1
    assert Event.objects.filter(act="delivery.opted_out", actor="public").count() == 1
    assert browser.post("/o/nothing/").status_code == 404


def test_without_a_mail_server_messages_become_files_once(cast: Cast) -> None:
    ready(cast)
    first = keep_first(cast, 2)
    send_due(day_one(cast), transports=transport_for)
    assert states(again(first)) == ["accepted", "accepted"]
    for delivery in first:
        content = (settings.DATA_FOLDER / "sent" / f"{delivery.reference}.eml").read_text()
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in content
        assert f"Message-ID: <{delivery.reference}@" in content
