"""A survey from the link to the thanks: on a phone by touch, at a desk by keyboard, unscripted."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lighttouch.web.surveys import actions, queries
from lighttouch.web.surveys.models import Answer, Link, Response, Survey
from tests.web.browser.conftest import HEIGHT, PATIENCE, WIDTHS, Look, Visit
from tests.web.cast import Cast
from tests.web.studies import world
from tests.web.surveys.cases import OPENED_AT, link_of, open_baseline, window_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_TABS = 200


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast, with the letters trial's roster frozen."""
    return world("enrolled")


@pytest.fixture
def survey(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Survey:
    """The baseline's survey, on a day when it is open."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: OPENED_AT)
    return open_baseline(cast)


@pytest.fixture
def link(survey: Survey) -> Link:
    """The link of somebody at Dudley."""
    return link_of(survey)


@pytest.fixture
def phone(browser: Browser, live_server: Any) -> Iterator[Callable[[str], Page]]:
    """Open an address on a phone that is touched."""
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": WIDTHS["phone"], "height": HEIGHT},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)

    def open_page(address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    context.close()


def go_on(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue").tap()


def answer_all(page: Page) -> None:
    """Touch the third answer of every question, and write where one has to be written."""
    for one in page.locator("[data-item]").all():
        points = one.locator("label.lt-point, label.lt-choice")
        if points.count():
            points.nth(2).tap()
        elif one.locator("textarea").count():
            one.locator("textarea").fill("It was quick.")
        else:
            one.locator("input.govuk-input").fill("7")


def test_a_survey_on_a_phone_by_touch_from_the_link_to_the_thanks(
    survey: Survey, link: Link, phone: Callable[[str], Page], look: Look
) -> None:
    page = phone(queries.address_of(link))
    look(page, "survey-start")
    page.get_by_role("button", name="Start").tap()
    expect(page.get_by_role("heading", name="Before you start")).to_be_visible()
    look(page, "survey-consent")
    page.get_by_role("button", name="I agree").tap()
    looked: set[str] = set()
    for asked in queries.pages_of(survey):
        expect(page.locator("#how-far")).to_contain_text(f"{asked.first}")
        answer_all(page)
        kind = asked.response.kind
        if kind not in looked or asked.instrument == "cantril_ladder":
            look(page, f"survey-{asked.instrument}")
            looked.add(kind)
        go_on(page)
    expect(page.get_by_role("heading", name="That is everything")).to_be_visible()
    look(page, "survey-check")
    page.get_by_role("button", name="Finish").tap()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    look(page, "survey-thanks")
    assert Answer.objects.count() == sum(len(one.items) for one in queries.pages_of(survey))
    assert Answer.objects.exclude(seconds=None).exists()
    page.get_by_role("link", name="own page", exact=True).tap()
    expect(page.get_by_role("link", name="Download my answers (table)")).to_be_visible()
    look(page, "survey-mine")
    page.get_by_role("link", name="Delete my answers").tap()
    expect(page.get_by_text("cannot answer this survey again")).to_be_visible()
    look(page, "survey-delete")
    page.get_by_role("button", name="Delete my answers").tap()
    expect(page.get_by_text("were deleted on")).to_be_visible()
    look(page, "survey-deleted")
    assert not Answer.objects.exists()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement?.matches(one)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the keyboard")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_grid_at_a_desk_by_keyboard_is_saved_as_it_is_answered(
    link: Link, visit: Visit, look: Look
) -> None:
    page = visit(None, queries.address_of(link))
    press(page, "main button")
    press(page, "button[value=agreed]")
    for number in (1, 2):
        tab_to(page, "[data-item] input[type=radio]")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("status")).to_have_text("Saved")
        press(page, "button[data-go-on]")
        assert Answer.objects.count() == number
    for item in range(1, 7):
        tab_to(page, f"input[name=affect_six_{item}]")
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status")).to_have_text("Saved")
    look(page, "survey-grid")
    assert Answer.objects.count() == 8
    press(page, "button[name=back]")
    expect(page.locator("input:checked")).to_have_value("1")


def test_an_answer_the_network_dropped_is_sent_again(
    link: Link, phone: Callable[[str], Page]
) -> None:
    page = phone(queries.address_of(link))
    page.get_by_role("button", name="Start").tap()
    page.get_by_role("button", name="I agree").tap()
    down = [True]
    page.route("**/save/", lambda route: route.abort() if down else route.continue_())
    page.locator("label.lt-point").nth(4).tap()
    expect(page.get_by_role("status")).to_have_text("Not saved yet, trying again")
    assert not Answer.objects.exists()
    down.clear()
    expect(page.get_by_role("status")).to_have_text("Saved", timeout=PATIENCE)
    assert Answer.objects.get().value == "4"


def test_a_survey_that_closes_while_somebody_types_keeps_the_page_and_says_so(
    cast: Cast, link: Link, visit: Visit, look: Look
) -> None:
    page = visit(None, queries.address_of(link), width="phone")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="I agree").click()
    page.locator("label.lt-point").nth(4).click()
    expect(page.get_by_role("status")).to_have_text("Saved")
    actions.close(window=window_of(link.survey), by=cast["trial_manager"], now=OPENED_AT)
    page.locator("label.lt-point").nth(5).click()
    expect(page.get_by_role("status")).to_contain_text("The survey has closed")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="The survey has closed")).to_be_visible()
    expect(page.locator("input:checked")).to_have_value("5")
    look(page, "survey-closed")
    assert Answer.objects.get().value == "4"


def test_without_scripts_somebody_answers_and_another_declines(
    survey: Survey, link: Link, visit: Visit, look: Look
) -> None:
    page = visit(None, queries.address_of(link), scripts=False, width="phone")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="I agree").click()
    page.locator("label.lt-point").nth(4).click()
    page.get_by_role("button", name="Save and continue").click()
    assert Answer.objects.get().value == "4"
    other = visit(None, queries.address_of(link), scripts=False, width="phone")
    expect(other.get_by_role("heading", name="This link is for one person")).to_be_visible()
    declining = visit(None, queries.address_of(link_of(survey, place=1)), width="phone")
    declining.get_by_role("button", name="Start").click()
    declining.get_by_role("button", name="I do not agree").click()
    expect(declining.get_by_text("Nobody will remind you")).to_be_visible()
    look(declining, "survey-declined")
    assert Response.objects.filter(consent="declined").count() == 1
