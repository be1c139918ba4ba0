"""What somebody who answers a survey does in a browser."""

from typing import Any

from playwright.sync_api import Page, expect


def begin(page: Page) -> None:
    page.get_by_role("button", name="I agree, begin").click()
    expect(page.locator("#part-1")).to_be_visible()


def go_to(page: Page, part: int) -> None:
    page.goto(f"{page.url.split('#')[0]}#part-{part}")
    expect(page.locator(f"#part-{part}")).to_be_visible()


def shown(page: Page) -> Any:
    return page.locator(".lt-part--shown")


def answer_all(part: Any) -> None:
    """Touch the third answer of every question, and write where one has to be written."""
    for one in part.locator("[data-item]").all():
        points = one.locator("label.lt-point, label.lt-choice")
        if points.count():
            points.nth(2).tap()
        elif one.locator("textarea").count():
            one.locator("textarea").fill("It was quick.")
        else:
            one.locator("input.govuk-input").fill("7")
