"""What is sent is shown before it goes, agreed to by the partner, and can be held at any time."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lighttouch.web.audit import once
from lighttouch.web.audit.models import Event
from lighttouch.web.delivery import outlook, queries
from lighttouch.web.delivery.composing import MASK
from lighttouch.web.delivery.models import Delivery, Mailing, Pause, State
from lighttouch.web.delivery.sending import send_due
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.delivery import cases
from tests.web.delivery.conftest import Told

AT_TRIAL = "/trials/letters/delivery/"
AT_DUDLEY = "/trials/letters/partners/dudley/delivery/"
BOTH = pytest.mark.django_db(databases=["default", "contacts"])

pytestmark = BOTH


@pytest.fixture
def planned(cast: Cast) -> Cast:
    """Dudley's survey is planned, and nobody has agreed to anything yet."""
    cases.seal(cast, cast.dudley, cast["coordinator"])
    cases.plan(cast, cases.open_survey(cast, cast.dudley, least=4))
    return cast


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def send_form(client: Client, address: str = AT_DUDLEY) -> Any:
    """Press the button as the page has it."""
    body = page(client, address)
    shown = re.findall(r'name="mailing" value="([^"]+)"', body)
    [words] = re.findall(r'name="words" value="([^"]+)"', body)
    data = {"once": once.token(), "mailing": shown, "words": words}
    return client.post(f"{AT_DUDLEY}sign-off/", data)


def send_all(told: Told) -> int:
    """Send when the invitations are due; return how many were handed over."""
    first = Mailing.objects.order_by("due_at")[0]
    send_due(first.due_at + timedelta(minutes=1), transports=told)
    return len(told.taken)


def test_coordinator_sees_days_words_and_numbers_and_no_link_or_state(
    planned: Cast, sign_in: SignIn
) -> None:
    shown = page(sign_in("coordinator"), AT_DUDLEY)
    people = Delivery.objects.filter(mailing=Mailing.objects.order_by("due_at")[0]).count()
    assert f"{people} people" in shown
    assert MASK in shown
    assert "/s/" not in shown
    assert "Not needed" not in shown


def test_nothing_goes_before_the_coordinator_signs_it_off(
    planned: Cast, sign_in: SignIn, told: Told
) -> None:
    assert send_all(told) == 0
    answer = send_form(sign_in("coordinator"))
    assert answer["Location"] == AT_DUDLEY
    assert Event.objects.filter(act="delivery.signed_off").count() == 1
    assert "Not yet" not in page(sign_in("coordinator"), AT_DUDLEY)
    assert send_all(told) == 4
    assert "Signed off" in page(sign_in("trial_manager"), AT_TRIAL)


def test_mailing_that_moved_since_the_page_was_shown_is_not_signed_off(
    planned: Cast, sign_in: SignIn
) -> None:
    client = sign_in("coordinator")
    shown = re.findall(r'name="mailing" value="([^"]+)"', page(client, AT_DUDLEY))
    for mailing in Mailing.objects.all():
        mailing.due_at += timedelta(days=1)
        mailing.save()
    answer = client.post(f"{AT_DUDLEY}sign-off/", {"once": once.token(), "mailing": shown})
    assert answer.status_code == 422
    assert "moved to another day" in answer.content.decode()
    assert not Mailing.objects.exclude(signed_off_at=None).exists()


@pytest.mark.parametrize("broken", ["x@y", "1", "1@2026-01-01", "1@2026-13-01T10:00:00+00:00"])
def test_form_changed_on_its_way_is_refused(planned: Cast, sign_in: SignIn, broken: str) -> None:
    data = {"once": once.token(), "mailing": [broken]}
    assert sign_in("coordinator").post(f"{AT_DUDLEY}sign-off/", data).status_code == 422


def test_pause_holds_what_is_due_until_somebody_resumes(
    planned: Cast, sign_in: SignIn, told: Told
) -> None:
    cases.sign_off(planned, planned.dudley)
    manager = sign_in("trial_manager")
    manager.post(f"{AT_TRIAL}hold/", {"verb": "pause"})
    assert "Sending is paused" in page(manager, AT_TRIAL)
    assert send_all(told) == 0
    manager.post(f"{AT_TRIAL}hold/", {"verb": "resume"})
    assert send_all(told) == 4
    assert manager.post(f"{AT_TRIAL}hold/", {"verb": "fly"}).status_code == 422


def test_stop_asks_first_and_cancels_all_that_waits(planned: Cast, sign_in: SignIn) -> None:
    manager = sign_in("trial_manager")
    waiting = Delivery.objects.count()
    assert f"{waiting} deliveries are still to go" in page(manager, f"{AT_TRIAL}stop/")
    assert Delivery.objects.filter(state=State.CANCELLED).count() == 0
    assert manager.post(f"{AT_TRIAL}stop/")["Location"] == AT_TRIAL
    assert Delivery.objects.filter(state=State.CANCELLED).count() == waiting
    assert Pause.objects.get().for_good
    assert "stopped for good" in page(manager, AT_TRIAL)


@pytest.mark.parametrize(("verb", "state"), [("sent", State.ACCEPTED), ("again", State.DUE)])
def test_somebody_settles_what_is_in_doubt_once(
    planned: Cast, sign_in: SignIn, verb: str, state: State
) -> None:
    doubtful = cases.invitations(planned)[0]
    Delivery.objects.filter(pk=doubtful.pk).update(state=State.UNKNOWN, handed_over_at=NOW)
    manager = sign_in("trial_manager")
    address = f"{AT_TRIAL}mailings/{doubtful.mailing_id}/"
    shown = page(manager, f"{address}?state=unknown")
    assert shown.count("Send it again") == 1
    settled = {"once": once.token(), "verb": verb}
    assert manager.post(f"{AT_TRIAL}deliveries/{doubtful.pk}/", settled)["Location"] == address
    doubtful.refresh_from_db()
    assert doubtful.state == state
    late = {"once": once.token(), "verb": verb}
    assert manager.post(f"{AT_TRIAL}deliveries/{doubtful.pk}/", late).status_code == 422


def test_every_delivery_is_in_one_column_of_the_calendar(planned: Cast) -> None:
    for place, state in enumerate(State.values):
        one = Delivery.objects.order_by("pk")[place]
        held = {"claim": one.reference, "lease_until": NOW, "handed_over_at": NOW}
        Delivery.objects.filter(pk=one.pk).update(state=state, **held)
    lines = queries.calendar(planned.trial)
    for line in lines:
        parts = (line.to_come, line.gone, line.wrong, line.in_doubt, line.not_needed)
        assert sum(parts) == line.people
    assert sum(line.people for line in lines) == Delivery.objects.count()


def test_calendar_takes_two_queries_whatever_there_is(
    planned: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        queries.calendar(planned.trial)


def test_words_that_were_changed_since_the_page_was_shown_are_not_signed_off(
    planned: Cast, sign_in: SignIn
) -> None:
    client = sign_in("coordinator")
    shown = re.findall(r'name="(?:mailing|words)" value="([^"]+)"', page(client, AT_DUDLEY))
    Mailing.objects.update(words="0" * 64)
    data = {"once": once.token(), "mailing": shown[1:], "words": shown[0]}
    answer = client.post(f"{AT_DUDLEY}sign-off/", data)
    assert answer.status_code == 422
    assert "put in other words" in answer.content.decode()


def test_everybody_sees_the_calendar_before_anything_is_planned(
    cast: Cast, sign_in: SignIn
) -> None:
    shown = page(sign_in("researcher"), f"{AT_TRIAL}calendar/")
    assert "Planned when the survey opens" in shown
    assert "Baseline: invitation" in shown
    entries = outlook.outlook(cast.trial)
    assert len(entries) == 3 * 6, "three partners, two waves, an invitation and two reminders"
    assert [one.due_at for one in entries] == sorted(one.due_at for one in entries)
    counts = {one.partner.code: one.people for one in entries}
    assert counts["dudley"] == len(cases.people_of(cast, cast.dudley))


def test_calendar_of_a_partner_is_its_own_and_opens_in_a_spreadsheet(
    planned: Cast, sign_in: SignIn
) -> None:
    coordinator = sign_in("coordinator")
    assert "Shropshire" not in page(coordinator, f"{AT_DUDLEY}calendar/")
    answer = coordinator.get(f"{AT_DUDLEY}calendar.csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0] == "partner,day,time,what,to,by,people,state"
    assert len(rows) == 1 + 6
    assert {row.split(",")[0] for row in rows[1:]} == {"Dudley"}
    assert sum("Waits for the partner" in row for row in rows) == 3


def test_calendar_ahead_takes_nine_queries_however_much_is_planned(
    planned: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(9):
        outlook.outlook(planned.trial)


def test_message_is_previewed_for_one_person_with_its_link_covered(
    planned: Cast, sign_in: SignIn
) -> None:
    first = cases.invitations(planned)[0]
    address = f"{AT_DUDLEY}{first.mailing_id}/preview/"
    coordinator = sign_in("coordinator")
    code = first.participant.staff_id
    shown = coordinator.post(address, {"code": f" {code} "}).content.decode()
    assert f"As {code} gets it" in shown
    assert shown.count(MASK) >= 2, "as it looks, and as plain text"
    assert "/s/" not in shown
    assert "/o/" not in shown
    unknown = coordinator.post(address, {"code": "nobody"}).content.decode()
    assert "Nobody with this staff code is sent this message." in unknown
    other = f"/trials/letters/partners/shropshire/delivery/{first.mailing_id}/preview/"
    assert sign_in("trial_manager").get(other).status_code == 404
