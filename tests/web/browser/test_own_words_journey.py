"""Answers in own words, beside a list: of one answer, and of any number of them."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from lighttouch.web.surveys.links import token_of
from lighttouch.web.surveys.models import Answer
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.studies import world
from tests.web.surveys.test_varying import OPENED, amend, link_in, open_endline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def taken(page: Page) -> AbstractContextManager[object]:
    """Wait until the answer that is given was taken."""
    return page.expect_response("**/save/")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast, with the letters trial drawn and a question of one arm at endline."""
    cast = world("allocated")
    amend(cast)
    return cast


def test_somebody_answers_in_own_words_on_a_phone(
    cast: Cast, visit: Visit, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_in(open_endline(cast), "letter")
    monkeypatch.setattr("django.utils.timezone.now", lambda: OPENED + timedelta(hours=1))
    page = visit(None, f"/s/{token_of(link)}/", width="phone")
    page.get_by_role("button", name="I agree, begin").click()
    for _ in range(2):
        page.locator("section:visible").get_by_role("button", name="Save and continue").click()

    one = page.locator('[data-item="letter_read_1"]')
    with taken(page):
        one.get_by_label("No", exact=True).check()
    with taken(page):
        one.get_by_label("in your own words").fill("On the bus, | twice")
        one.get_by_label("in your own words").press("Tab")
    expect(one.get_by_label("Other", exact=True)).to_be_checked()
    look(page, "survey-own-words")
    page.locator("section:visible").get_by_role("button", name="Save and continue").click()

    many = page.locator('[data-item="thanks_by_1"]')
    with taken(page):
        many.get_by_label("A colleague").check()
    with taken(page):
        many.get_by_label("Somebody else").fill("A family")
        many.get_by_label("Somebody else").press("Tab")
    kept = dict(Answer.objects.values_list("item", "value"))
    assert kept["letter_read_1"] == "Other: On the bus, / twice"
    assert kept["thanks_by_1"] == "A colleague|Somebody else: A family"

    page.reload()
    expect(one.get_by_label("in your own words")).to_have_value("On the bus, / twice")
    expect(many.get_by_label("A colleague")).to_be_checked()
