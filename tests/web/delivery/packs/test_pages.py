"""The coordinator's page: make, take, say what became of it; nobody else takes a pack."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lighttouch.web.audit import once
from lighttouch.web.delivery.models import Delivery, Mailing, Pack, Route, State
from lighttouch.web.surveys.models import Window
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.delivery import cases

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])


def due_now(mailing: Mailing) -> Mailing:
    """Make a mailing due today, in a survey that is open today."""
    now = timezone.now()
    Window.objects.update(
        opens_on=now.date() - timedelta(days=1), closes_on=now.date() + timedelta(days=9)
    )
    Mailing.objects.filter(pk=mailing.pk).update(due_at=now - timedelta(minutes=1))
    mailing.deliveries.update(due_at=now - timedelta(minutes=1))
    return Mailing.objects.get(pk=mailing.pk)


@pytest.fixture
def mailing(cast: Cast) -> Mailing:
    """Dudley's invitation, which it sends itself, due for four people."""
    cases.plan(cast, cases.open_survey(cast, cast.dudley))
    cases.sign_off(cast, cast.dudley)
    return due_now(cases.keep_first(cast, 4)[0].mailing)


def test_a_pack_is_made_taken_and_settled(sign_in: SignIn, mailing: Mailing) -> None:
    client = sign_in("coordinator")
    address = f"/trials/letters/partners/dudley/delivery/mailings/{mailing.pk}/"
    assert address in client.get("/trials/letters/partners/dudley/delivery/").content.decode()
    assert "4 messages wait" in client.get(address).content.decode()
    assert not Pack.objects.exists(), "opening the page changes nothing"
    for _ in range(2):
        assert client.post(f"{address}make/")["Location"] == address
    assert Pack.objects.get().rows == 4
    assert "4 messages" in client.get(address).content.decode()
    taken = client.post(f"{address}packs/1/take/", {"form": "xlsx"})
    assert taken.content.startswith(b"PK")
    assert taken["Cache-Control"] == "no-store"
    assert "pack-1.xlsx" in taken["Content-Disposition"]
    assert client.post(f"{address}packs/1/take/", {"form": "pdf"}).status_code == 422
    said = {"once": once.token(), "sent": "yes", "came_back": "NOBODY"}
    wrong = client.post(f"{address}packs/1/settle/", said)
    assert wrong.status_code == 422
    assert "not in this pack" in wrong.content.decode()
    said["came_back"] = mailing.deliveries.order_by("pk")[0].participant.staff_id
    assert client.post(f"{address}packs/1/settle/", said)["Location"] == address
    states = mailing.deliveries.exclude(state=State.CANCELLED).values_list("state", flat=True)
    assert sorted(states) == ["accepted"] * 3 + ["returned"]
    assert "nothing more to send" in client.get(address).content.decode()
    assert client.post(f"{address}packs/1/take/", {"form": "csv"}).status_code == 422


def test_letters_are_taken_and_spoilt_ones_again(cast: Cast, sign_in: SignIn) -> None:
    cases.ready(cast, ',"1 High Street, Dudley",DY1 1AA')
    Delivery.objects.update(route=Route.LETTER)
    mailing = due_now(cases.keep_first(cast, 2)[0].mailing)
    client = sign_in("coordinator")
    address = f"/trials/letters/partners/dudley/delivery/mailings/{mailing.pk}/"
    client.post(f"{address}make/")
    assert "Count the envelopes: there are 2" in client.get(address).content.decode()
    assert client.post(f"{address}packs/1/take/", {"form": "pdf"}).content.startswith(b"%PDF")
    code = mailing.deliveries.order_by("pk")[0].participant.staff_id
    one = client.post(f"{address}packs/1/again/", {"codes": f" {code}\r\n"})
    assert one.content.startswith(b"%PDF")
    assert client.post(f"{address}packs/1/again/", {"codes": "NOBODY"}).status_code == 422


def test_a_mailing_that_we_send_has_no_pack(cast: Cast, sign_in: SignIn) -> None:
    cases.ready(cast)
    mailing = due_now(cases.keep_first(cast, 2)[0].mailing)
    client = sign_in("coordinator")
    address = f"/trials/letters/partners/dudley/delivery/mailings/{mailing.pk}/"
    assert "We send this message for you" in client.get(address).content.decode()
    assert client.post(f"{address}make/")["Location"] == address
    assert not Pack.objects.exists()


def test_nobody_but_the_partners_own_coordinator_gets_near_a_pack(
    sign_in: SignIn, mailing: Mailing
) -> None:
    address = f"/trials/letters/partners/dudley/delivery/mailings/{mailing.pk}/"
    for key in ("trial_manager", "researcher", "stranger", "team_manager"):
        client = sign_in(key)
        assert client.get(address).status_code in (403, 404)
        assert client.post(f"{address}make/").status_code in (403, 404)
    assert not Pack.objects.exists()


def test_the_joining_page_comes_as_a_file(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in("coordinator")
    got = client.get("/trials/letters/partners/dudley/delivery/joining-page/")
    assert got["Content-Disposition"].startswith("attachment")
    assert b"goes nowhere else" in got.content
