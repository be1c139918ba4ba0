"""A team answers together: one code on a screen, and everybody's own page on their phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lighttouch.web.accounts.models import Grant
from lighttouch.web.meetings.codes import short_for
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.meetings.queries import path_of
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.models import Window
from lighttouch.web.surveys.queries import address_of
from lighttouch.web.surveys.slip_codes import in_groups, slip_code
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.meetings.cases import HELD, TEAM, links_in
from tests.web.studies import world
from tests.web.surveys.cases import open_baseline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast, with the letters trial's baseline survey open today."""
    cast = world("enrolled")
    open_baseline(cast)
    today = today_of(timezone.now())
    Window.objects.update(opens_on=today - timedelta(days=5), closes_on=today + timedelta(days=5))
    return cast


def a_minute_is_full() -> None:
    """Let the meeting have begun a minute ago."""
    Meeting.objects.update(opened_at=timezone.now() - timedelta(minutes=1))


def type_slip(page: Page, letters: str, button: str) -> None:
    page.get_by_label("The ten letters on your slip").fill(letters)
    page.get_by_role("button", name=button).click()


def test_a_team_answers_together(cast: Cast, visit: Visit, look: Look) -> None:
    screen = visit("coordinator", HELD)
    look(screen, "meeting-choose")
    screen.get_by_label("Which team is meeting?").select_option(f"={TEAM}")
    screen.get_by_role("button", name="Show the code").click()
    expect(screen.get_by_text("Type the ten letters on your slip.")).to_be_visible()
    screen.get_by_role("button", name="Begin five quiet minutes").click()
    expect(screen.get_by_text("About 5 minutes left")).to_be_visible()
    look(screen, "meeting-screen")
    meeting, links = Meeting.objects.get(), links_in()

    phone = visit(None, "/m/", width="phone")
    look(phone, "meeting-find")
    phone.get_by_label("The eight letters").fill(short_for(meeting.reference).lower())
    phone.get_by_role("button", name="Continue").click()
    look(phone, "meeting-join")
    type_slip(phone, "bcdfg hjklz", "Open my page")
    expect(phone.get_by_role("alert")).to_contain_text("did not work")
    look(phone, "meeting-wrong-letters")
    type_slip(phone, in_groups(slip_code(links[0])).lower(), "Open my page")
    phone.wait_for_url(f"**{address_of(links[0])}")
    expect(phone.get_by_role("button", name="I agree, begin")).to_be_visible()

    others = visit(None, path_of(meeting), width="phone", scripts=False)
    for link in links[1:6]:
        type_slip(others, slip_code(link), "Not today")
        expect(others.get_by_role("heading", name="That is fine")).to_be_visible()
        others.get_by_role("link", name="Back").click()
    screen.reload()
    expect(screen.get_by_text("How many are done is said here from 5 on")).to_be_visible()
    a_minute_is_full()
    screen.reload()
    expect(screen.get_by_text("at least 5 are done")).to_be_visible()
    look(screen, "meeting-counted")
    screen.get_by_role("button", name="End the meeting").click()
    expect(screen.get_by_text("Its code leads nowhere any more")).to_be_visible()
    phone.goto(path_of(meeting))
    expect(phone.get_by_role("heading", name="does not work any more")).to_be_visible()


def test_team_manager_finds_one_big_button(cast: Cast, visit: Visit, look: Look) -> None:
    Grant.objects.filter(user=cast["team_manager"]).update(team=TEAM)
    page = visit("team_manager", "/", width="phone")
    look(page, "meeting-home")
    page.get_by_role("link", name=f"team {TEAM}").click()
    look(page, "meeting-own-team")
    page.get_by_role("button", name="Show the code for team T016", exact=True).click()
    expect(page.get_by_text("Type the ten letters on your slip.")).to_be_visible()
