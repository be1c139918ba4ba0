"""A questionnaire put together on the site, seen at both widths, and put into the trial file."""

import pytest
from playwright.sync_api import Page, expect

from lighttouch.core.instruments.checking import parse_whole_trial
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import newest_version
from tests.web.browser.conftest import Look, Visit
from tests.web.browser.test_protocol_journey import go_on, press
from tests.web.cast import Cast
from tests.web.protocols.cases import start_trial

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWN = "/trials/goal_setting/protocol/"


def test_a_questionnaire_goes_from_the_library_into_the_trial_file(
    cast: Cast, visit: Visit, look: Look
) -> None:
    start_trial(cast)
    page: Page = visit("researcher", OWN)
    go_on(page, "Put together what surveys ask")
    page.get_by_label("Title").fill("How work is")
    page.get_by_label("Start from").select_option(label="Goal setting, of the library")
    press(page, "Start the questionnaire")

    go_on(page, "Add from the library")
    page.get_by_label("Look for words").fill("thermometer nothing")
    press(page, "Look")
    expect(page.get_by_role("status")).to_contain_text("0 instruments")
    go_on(page, "Show all")
    with page.expect_navigation():
        page.get_by_role("button", name="Add ").first.click()

    go_on(page, "Add a question of your own")
    page.get_by_label("The question, word for word").fill("Did you keep the slot?")
    page.get_by_label("One answer from a list").check()
    expect(page.get_by_label("Lowest number")).to_be_hidden()
    page.get_by_label("Answers to choose from").fill("Yes, always")
    press(page, "Keep the question")
    look(page, "questionnaire-question-fault")
    page.get_by_label("Answers to choose from").fill("Yes, always\nSometimes\nNo")
    page.get_by_label("A last answer in own words").fill("Other")
    press(page, "Keep the question")
    with page.expect_navigation():
        page.get_by_role("link", name="Who is asked Did you keep the slot?").click()
    page.get_by_label("Endline").first.check()
    page.get_by_label("Programme", exact=False).first.check()
    look(page, "questionnaire-asked")
    press(page, "Keep the change")
    with page.expect_navigation():
        page.get_by_role("button", name="Up Did you keep the slot?").click()
    go_on(page, "Change its title, length and waves")
    page.get_by_label("Endline").first.check()
    press(page, "Keep the change")
    look(page, "questionnaire")

    go_on(page, "See it as staff will")
    look(page, "questionnaire-preview")
    desk = page.get_by_role("region", name="At a desk")
    scale = desk.locator(".lt-items--labelled_scale").first
    assert scale.locator(".lt-heads").is_visible()
    phone = page.get_by_role("region", name="On a phone")
    assert phone.locator(".lt-heads").first.is_hidden()
    page.get_by_label("Asked of").select_option(index=2)
    press(page, "Show")
    expect(page.get_by_role("region", name="On a phone")).not_to_contain_text("keep the slot")

    page.goto(f"{page.url.partition('preview/')[0]}write/")
    look(page, "questionnaire-write")
    press(page, "Put it into the trial file")
    version = newest_version(Trial.objects.get(slug="goal_setting"))
    assert version is not None
    trial = parse_whole_trial(version.text, source="trial.toml")
    assert trial.questionnaires[0].entries[-2].arms == ("programme",)
    assert trial.surveyed_by("how_work_is")[0].id == "endline"
