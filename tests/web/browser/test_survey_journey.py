"""A survey from the link to the thanks: on a phone by touch, at a desk by keyboard, unscripted."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lighttouch.web.surveys import actions, queries
from lighttouch.web.surveys.models import Answer, Link, Response, Survey
from tests.web.browser.answering import answer_all, begin, go_to, shown
from tests.web.browser.conftest import PATIENCE, Look, Visit
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


def test_a_survey_on_a_phone_by_touch_from_the_link_to_the_thanks(
    survey: Survey, link: Link, phone: Callable[[str], Page], look: Look
) -> None:
    page = phone(queries.address_of(link))
    look(page, "survey-landing")
    begin(page)
    looked: set[str] = set()
    for asked in queries.pages_of(survey):
        expect(page.locator("#how-far")).to_contain_text(f"{asked.first}")
        answer_all(shown(page))
        kind = asked.response.kind
        if kind not in looked or asked.instrument == "cantril_ladder":
            look(page, f"survey-{asked.instrument}")
            looked.add(kind)
        shown(page).get_by_role("button", name="Save and continue").tap()
    expect(page.get_by_role("heading", name="That is everything")).to_be_visible()
    look(page, "survey-check")
    page.get_by_role("button", name="Finish").tap()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    look(page, "survey-thanks")
    assert Answer.objects.count() == sum(len(one.items) for one in queries.pages_of(survey))
    assert not Answer.objects.filter(seconds=None).exists()
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
    page.keyboard.press("Enter")


def test_a_grid_at_a_desk_by_keyboard_is_saved_as_it_is_answered_and_back_works(
    link: Link, visit: Visit, look: Look
) -> None:
    page = visit(None, queries.address_of(link))
    press(page, "button[value=agreed]")
    for number in (1, 2):
        expect(page.locator(f"#part-{number}")).to_be_visible()
        tab_to(page, f"#part-{number} input[type=radio]")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("status")).to_have_text("Saved")
        press(page, f"#part-{number} [data-go-on]")
        assert Answer.objects.count() == number
    assert page.evaluate("document.activeElement.id") == "stem-3"
    for item in range(1, 7):
        tab_to(page, f"input[name=affect_six_{item}]")
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-saved][data-item^=affect_six]")).to_have_count(6)
    look(page, "survey-grid")
    assert Answer.objects.count() == 8
    page.go_back()
    expect(page.locator("#part-2 input:checked")).to_have_value("1")
    expect(page.locator("#part-3")).to_be_hidden()
    page.reload()
    expect(page.locator("#part-2 input:checked")).to_have_value("1")


def test_a_page_that_answered_a_form_is_loaded_again_without_sending_it(
    link: Link, phone: Callable[[str], Page]
) -> None:
    page = phone(queries.address_of(link))
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method) if one.is_navigation_request() else None)
    begin(page)
    expect(page).to_have_url(re.compile("#part-1$"))
    page.reload()
    expect(page.locator("#part-1")).to_be_visible()
    go_to(page, 20)
    page.get_by_role("button", name="Finish").tap()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page).to_have_url(re.compile("/thanks/$"))
    page.reload()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.go_back()
    expect(page.locator("#part-20")).to_be_visible()
    assert sent == ["POST", "GET", "POST", "GET", "GET"]


def test_a_part_longer_than_the_screen_opens_at_its_top(
    link: Link, phone: Callable[[str], Page]
) -> None:
    page = phone(queries.address_of(link))
    begin(page)
    go_to(page, 3)
    page.reload()
    expect(page.locator("#how-far")).to_be_in_viewport()
    expect(page.locator("#stem-3")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight + 200")
    assert page.evaluate("scrollY") == 0


def test_gaps_are_told_before_finishing_and_can_be_gone_back_to(
    link: Link, phone: Callable[[str], Page], look: Look
) -> None:
    page = phone(queries.address_of(link))
    begin(page)
    go_to(page, 20)
    expect(page.get_by_text("You answered 0 of 57 questions")).to_be_visible()
    look(page, "survey-gaps")
    page.get_by_role("link", name="Questions 3 to 8").tap()
    expect(page.locator("#part-3")).to_be_visible()
    page.locator("[data-item=affect_six_1] label.lt-point").first.tap()
    page.go_back()
    expect(page.get_by_text("You answered 1 of 57 questions")).to_be_visible()
    page.get_by_role("button", name="Finish").tap()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Answer.objects.count() == 1
    assert Response.objects.exclude(finished_at=None).count() == 1


def test_an_answer_the_network_dropped_is_sent_again(
    link: Link, phone: Callable[[str], Page]
) -> None:
    page = phone(queries.address_of(link))
    begin(page)
    down = [True]
    page.route("**/save/", lambda route: route.abort() if down else route.continue_())
    shown(page).locator("label.lt-point").nth(4).tap()
    expect(page.get_by_role("status")).to_have_text("Not saved yet, trying again")
    assert not Answer.objects.exists()
    shown(page).get_by_role("button", name="Save and continue").tap()
    down.clear()
    expect(page.get_by_role("status")).to_have_text("Saved", timeout=PATIENCE)
    assert Answer.objects.get().value == "4"


def test_what_the_network_never_took_goes_along_when_finishing(
    link: Link, phone: Callable[[str], Page]
) -> None:
    page = phone(queries.address_of(link))
    begin(page)
    page.route("**/save/", lambda route: route.abort())
    shown(page).locator("label.lt-point").nth(4).tap()
    expect(page.get_by_role("status")).to_have_text("Not saved yet, trying again")
    go_to(page, 20)
    page.get_by_role("button", name="Finish").tap()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Answer.objects.get().value == "4"


def test_two_browsers_answer_the_same_survey_at_once_and_nothing_is_lost(
    link: Link, visit: Visit
) -> None:
    first = visit(None, queries.address_of(link), width="phone")
    begin(first)
    shown(first).locator("label.lt-point").nth(4).click()
    expect(first.get_by_role("status")).to_have_text("Saved")
    second = visit(None, queries.address_of(link), width="desk")
    second.get_by_role("button", name="I agree, begin").click()
    second.get_by_role("button", name="This link is mine").click()
    expect(shown(second).locator("input:checked")).to_have_count(0)
    go_to(second, 1)
    expect(second.get_by_text("Answered on another device").first).to_be_visible()
    shown(second).locator("label.lt-point").nth(6).click()
    expect(second.get_by_role("status")).to_have_text("Saved")
    go_to(first, 2)
    shown(first).locator("label.lt-point").nth(3).click()
    go_to(first, 20)
    first.get_by_role("button", name="Finish").click()
    expect(first.get_by_role("heading", name="Thank you")).to_be_visible()
    assert dict(Answer.objects.values_list("item", "value")) == {
        "life_happiness_1": "6",
        "cantril_ladder_1": "3",
    }


def test_a_survey_that_closes_while_somebody_types_keeps_the_page_and_says_so(
    cast: Cast, link: Link, visit: Visit, look: Look
) -> None:
    page = visit(None, queries.address_of(link), width="phone")
    begin(page)
    shown(page).locator("label.lt-point").nth(4).click()
    expect(page.get_by_role("status")).to_have_text("Saved")
    actions.close(window=window_of(link.survey), by=cast["trial_manager"], now=OPENED_AT)
    shown(page).locator("label.lt-point").nth(5).click()
    expect(page.get_by_role("status")).to_contain_text("The survey has closed")
    go_to(page, 20)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="The survey has closed")).to_be_visible()
    look(page, "survey-closed")
    assert Answer.objects.get().value == "4"


def test_without_scripts_somebody_answers_and_another_declines(
    survey: Survey, link: Link, visit: Visit, look: Look
) -> None:
    page = visit(None, queries.address_of(link), scripts=False, width="phone")
    begin(page)
    page.locator("#part-1 label.lt-point").nth(4).click()
    page.locator("#part-1").get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(f"{page.url.split('#')[0]}#part-2")
    expect(page.locator("input:checked")).to_have_value("4")
    assert Answer.objects.get().value == "4"
    other = visit(None, queries.address_of(link), scripts=False, width="phone")
    other.get_by_role("button", name="I agree, begin").click()
    expect(other.get_by_role("heading", name="You began on another device")).to_be_visible()
    declining = visit(None, queries.address_of(link_of(survey, place=1)), width="phone")
    declining.get_by_role("button", name="I do not agree").click()
    expect(declining.get_by_text("Nobody will remind you")).to_be_visible()
    look(declining, "survey-declined")
    assert Response.objects.filter(consent="declined").count() == 1
