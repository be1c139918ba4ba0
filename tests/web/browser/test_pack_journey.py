"""A coordinator sends an invitation from the partner's own e-mail, and prints letters."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from lighttouch.web.delivery.models import Delivery, Mailing, Route, State
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.delivery import cases
from tests.web.delivery.packs.test_pages import due_now
from tests.web.studies import world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "contacts"]),
]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The letters trial, enrolled."""
    return world("enrolled")


def test_coordinator_makes_a_pack_takes_it_and_says_it_was_sent(
    cast: Cast, visit: Visit, look: Look
) -> None:
    cases.plan(cast, cases.open_survey(cast, cast.dudley))
    cases.sign_off(cast, cast.dudley)
    mailing = due_now(cases.keep_first(cast, 4)[0].mailing)
    address = f"/trials/letters/partners/dudley/delivery/mailings/{mailing.pk}/"
    page = visit("coordinator", address, width="phone")
    look(page, "pack-waiting")
    with page.expect_navigation():
        page.get_by_role("button", name="Make the pack").click()
    look(page, "pack-open")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the pack (CSV)").click()
    assert Path(taken.value.path()).read_bytes().count(b"/s/") == 8
    code = mailing.deliveries.order_by("pk")[0].participant.staff_id
    page.get_by_label("Came back").fill("NOBODY")
    page.get_by_label("We sent it").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    look(page, "pack-wrong-code")
    page.get_by_label("Came back").fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It counts as sent.")).to_be_visible()
    page.get_by_text("Something came back").click()
    look(page, "pack-settled")
    assert mailing.deliveries.filter(state=State.ACCEPTED).count() == 3


def test_coordinator_prints_letters(cast: Cast, visit: Visit, look: Look) -> None:
    cases.ready(cast, ',"1 High Street, Dudley",DY1 1AA')
    Delivery.objects.update(route=Route.LETTER)
    mailing: Mailing = due_now(cases.keep_first(cast, 3)[0].mailing)
    address = f"/trials/letters/partners/dudley/delivery/mailings/{mailing.pk}/"
    page = visit("coordinator", address, width="phone")
    with page.expect_navigation():
        page.get_by_role("button", name="Make the letters").click()
    page.get_by_text("Print spoilt letters again").click()
    look(page, "pack-letters")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the letters (PDF)").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
