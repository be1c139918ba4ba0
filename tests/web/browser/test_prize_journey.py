"""Prizes are drawn, the winner's partner is told, and anybody can check."""

import pytest
from playwright.sync_api import expect

from lighttouch.web.surveys.models import Survey
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.prizes.cases import answer, close, people_of
from tests.web.studies import world
from tests.web.surveys.cases import open_baseline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast, with the letters trial's roster frozen."""
    return world("enrolled")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    """The baseline's survey, closed, with one team that is complete."""
    survey = open_baseline(cast)
    answer(survey, people_of(survey))
    close(survey)
    return survey


def test_prizes_are_drawn_once_and_can_be_checked(survey: Survey, visit: Visit, look: Look) -> None:
    page = visit("trial_manager", "/trials/letters/surveys/")
    page.get_by_role("link", name="Prizes").click()
    look(page, "prizes-ready")
    page.get_by_role("button", name="Draw the prizes").click()
    expect(page.get_by_text("Dudley: Team T016")).to_be_visible()
    look(page, "prizes-drawn")
    page.get_by_role("link", name="The public page of this draw").click()
    page.get_by_text("Draw again").click()
    look(page, "prizes-check")
    own = visit("coordinator", "/trials/letters/partners/dudley/surveys/baseline/", width="phone")
    own.get_by_role("link", name="Prizes").click()
    expect(own.get_by_role("heading", name="A team of yours has won")).to_be_visible()
    look(own, "prizes-partner")
