"""The coordinator agrees to what is sent; the trial manager watches it, and holds it."""

import pytest
from playwright.sync_api import expect

from lighttouch.web.delivery.models import Delivery, State
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import NOW, Cast
from tests.web.delivery import cases
from tests.web.studies import world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "contacts"]),
]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The letters trial, enrolled, with Dudley's survey planned."""
    made = world("enrolled")
    cases.seal(made, made.dudley, made["coordinator"])
    cases.plan(made, cases.open_survey(made, made.dudley))
    return made


def test_coordinator_signs_off_on_a_phone_and_manager_holds_and_settles(
    cast: Cast, visit: Visit, look: Look
) -> None:
    doubtful = cases.invitations(cast)[0]
    Delivery.objects.filter(pk=doubtful.pk).update(state=State.UNKNOWN, handed_over_at=NOW)
    page = visit("coordinator", "/trials/letters/partners/dudley/delivery/", width="phone")
    page.locator("summary").first.click()
    look(page, "delivery-partner")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign off what is sent").click()
    expect(page.get_by_text("The mailings are signed off.")).to_be_visible()
    page = visit("trial_manager", "/trials/letters/delivery/")
    look(page, "delivery-trial")
    with page.expect_navigation():
        page.get_by_role("button", name="Pause sending").click()
    look(page, "delivery-paused")
    with page.expect_navigation():
        page.get_by_role("link", name="Look up one person").click()
    look(page, "delivery-people")
    page.go_back()
    with page.expect_navigation():
        page.get_by_role("link", name="Dudley").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name=doubtful.participant.staff_id).click()
    for summary in page.locator("summary").all():
        summary.click()
    look(page, "delivery-person")
    page.go_back()
    page.get_by_label("Where they are").select_option("unknown")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    look(page, "delivery-mailing")
    with page.expect_navigation():
        page.get_by_role("button", name="It was sent").click()
    expect(page.get_by_text("It counts as sent.")).to_be_visible()
    doubtful.refresh_from_db()
    assert doubtful.state == State.ACCEPTED


def test_everything_that_is_sent_can_be_looked_at_before_it_goes(
    cast: Cast, visit: Visit, look: Look
) -> None:
    first = cases.invitations(cast)[0]
    Delivery.objects.filter(pk=first.pk).update(state=State.FAILED)
    page = visit("coordinator", "/trials/letters/partners/dudley/delivery/calendar/", width="phone")
    look(page, "delivery-calendar")
    page.goto(page.url.replace("calendar/", f"{first.mailing_id}/preview/"))
    page.get_by_label("Staff code").fill(first.participant.staff_id)
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"As {first.participant.staff_id} gets it"
    )
    page.locator("summary").first.click()
    look(page, "delivery-preview")
    page = visit("trial_manager", "/trials/letters/")
    look(page, "delivery-trouble")
    with page.expect_navigation():
        page.get_by_role("link", name="to see to").first.click()
    look(page, "delivery-in-red")
    page.goto(page.url + f"mailings/{first.mailing_id}/")
    with page.expect_navigation():
        page.get_by_role("button", name="Try what failed again").click()
    expect(page.get_by_text("What failed is tried once more.")).to_be_visible()
