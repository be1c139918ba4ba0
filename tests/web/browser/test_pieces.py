"""Every piece that pages are made of, in a real browser at both widths."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.web.browser.conftest import Look, Visit

TEMPLATES = Path(__file__).parents[1] / "ui" / "templates"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.web.ui.gallery"),
]


@pytest.fixture(autouse=True)
def _gallery(settings: Any) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [TEMPLATES]}]


def test_every_piece_is_accessible_and_fits_a_phone(visit: Visit, look: Look) -> None:
    page = visit(None, "/gallery/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look(page, "pieces")


def test_every_field_is_accessible_and_fits_a_phone(visit: Visit, look: Look) -> None:
    page = visit(None, "/gallery/form/")
    expect(page.get_by_role("button", name="Save and go on")).to_be_visible()
    look(page, "fields")


def test_form_with_faults_takes_whoever_reads_it_to_the_first(visit: Visit, look: Look) -> None:
    page = visit(None, "/gallery/form/")
    page.get_by_role("button", name="Save and go on").click()
    expect(page).to_have_title("Error: Every field – Lighttouch")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    look(page, "fields-wrong")
    page.get_by_role("link", name="Enter launch date").click()
    expect(page.get_by_label("Day")).to_be_focused()


def test_nothing_is_wider_than_a_page_at_four_times_the_text(visit: Visit) -> None:
    page = visit(None, "/gallery/")
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert _small_targets(page) == []


def test_second_press_sends_nothing_again(visit: Visit) -> None:
    page = visit(None, "/gallery/form/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.route("**/gallery/form/", lambda route: None)
    with page.expect_request("**/gallery/form/"):
        page.evaluate(
            "() => { const b = document.querySelector('main form [type=submit]');"
            " b.click(); b.click(); }"
        )
    assert sent.count("POST") == 1


def test_keyboard_reaches_the_main_part_first(visit: Visit) -> None:
    page = visit(None, "/gallery/form/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_live_piece_is_renewed_until_it_is_over_and_keeps_the_cursor(visit: Visit) -> None:
    page = visit(None, "/gallery/live/")
    page.locator("main a").focus()
    expect(page.get_by_text("Over")).to_be_visible()
    expect(page.get_by_role("link", name="Seen 2 times")).to_be_focused()


def test_form_works_without_scripts(visit: Visit) -> None:
    page = visit(None, "/gallery/form/", scripts=False)
    page.get_by_label("Name of the partner").fill("Dudley")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.get_by_label("Name of the partner")).to_have_value("Dudley")


def test_what_fails_in_us_is_said_to_be_ours(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/gallery/broken/")
    assert answer.status_code == 500
    assert "our fault, not yours" in answer.content.decode()


def test_error_pages_are_accessible_and_say_what_to_do(visit: Visit, look: Look) -> None:
    page = visit(None, "/no-such-page/")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    look(page, "not-found")


def _small_targets(page: Page) -> list[str]:
    """Links and buttons under 24 pixels that are not part of a sentence."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(
            "header a, header button, footer a, main button, .lt-cell[href], summary"
        )].filter((e) => { const b = e.getBoundingClientRect();
            return b.width && (b.height < 24 || b.width < 24); }).map((e) => e.outerHTML)"""
    )
    return found
