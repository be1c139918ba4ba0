"""A survey is opened, watched, extended and closed in a browser; a partner takes its links."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lighttouch.web.audit.models import Event
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.models import Consent, Link, Response, Survey, Window
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.studies import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "/trials/letters/surveys/"
DUDLEY = "/trials/letters/partners/dudley/"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast, with the letters trial's roster frozen."""
    return world("enrolled")


def press(page: Page, role: str, name: str | re.Pattern[str]) -> None:
    """Go to a link or button with the keyboard, press it, and wait for the next page."""
    target = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    expect(target).to_be_visible()
    target.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def live(survey: Survey) -> None:
    """Let the survey be open today, and have two in five of its people finish."""
    today, now = today_of(timezone.now()), timezone.now()
    Window.objects.update(opens_on=today - timedelta(days=5), closes_on=today + timedelta(days=5))
    for number, link in enumerate(Link.objects.filter(survey=survey)):
        if number % 5 < 2:
            Response.objects.create(
                survey=survey,
                participant=link.participant,
                consent=Consent.AGREED,
                consent_version=survey.consent_version,
                consented_at=now,
                touched_at=now,
                finished_at=now,
            )


def test_a_survey_is_opened_watched_extended_and_closed(
    cast: Cast, visit: Visit, look: Look
) -> None:
    page = visit("trial_manager", HOME, width="phone")
    look(page, "surveys-ready")
    press(page, "button", "Check and open")
    page.get_by_text("Read every question").click()
    look(page, "surveys-open")
    press(page, "button", "Open the survey")
    expect(page.get_by_role("alert")).to_contain_text("Tick the box")
    look(page, "surveys-open-unticked")
    page.get_by_label("I have checked what is asked").check()
    press(page, "button", "Open the survey")
    expect(page.get_by_text("The survey is open")).to_be_visible()
    live(Survey.objects.get())
    page.goto(HOME)
    look(page, "surveys-running")

    press(page, "link", re.compile("Extend.*Dudley"))
    page.get_by_label("Why is it open for longer?").fill("Two teams were away for a week.")
    later = today_of(timezone.now()) + timedelta(days=20)
    page.get_by_label("Day").fill(str(later.day))
    page.get_by_label("Month").fill(str(later.month))
    page.get_by_label("Year").fill(str(later.year))
    look(page, "surveys-extend")
    press(page, "button", "Extend the survey")
    expect(page.get_by_text("The survey is open for longer")).to_be_visible()

    press(page, "link", re.compile("Close.*Dudley"))
    look(page, "surveys-close")
    page.get_by_label("Why is it closed early?").fill("Everybody was asked who could be.")
    press(page, "button", "Close the survey")
    expect(page.get_by_text("Closed early").first).to_be_visible()
    look(page, "surveys-closed-at-one")
    page.goto("/trials/letters/")
    look(page, "surveys-trial-overview")


def test_a_coordinator_sees_rounded_numbers_and_takes_links(
    cast: Cast, visit: Visit, look: Look
) -> None:
    manager = visit("trial_manager", f"{HOME}baseline/open/", scripts=False)
    manager.get_by_label("I have checked what is asked").check()
    press(manager, "button", "Open the survey")
    live(Survey.objects.get())
    page = visit("coordinator", DUDLEY, width="phone")
    look(page, "surveys-partner-overview")
    press(page, "link", Survey.objects.get().title)
    look(page, "surveys-partner")
    expect(page.get_by_text("About", exact=False).first).to_be_visible()
    with page.expect_download() as slips:
        page.get_by_role("button", name="Download slips").click()
    assert slips.value.path().read_bytes().startswith(b"%PDF")
    with page.expect_download() as links:
        page.get_by_role("button", name="Download links (CSV)").click()
    assert "Private link" in links.value.path().read_text("utf-8")
    press(page, "link", "Somebody lost their link")
    look(page, "surveys-one-link")
    taken = Event.objects.filter(act="survey.links_taken")
    assert [one.details["form"] for one in taken.order_by("number")] == ["slips", "table"]
