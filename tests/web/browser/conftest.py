"""A real browser for journeys: signed in as somebody, at a phone's width and a desk's.

With ``LIGHTTOUCH_SCREENSHOTS`` set to a folder, every page that a journey looks at is kept there
as a picture, one for each width.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.web.conftest import SignIn

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""Chromium without its windows where that is installed: it is half as quick again."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = {"phone": 390, "desk": 1280}
HEIGHT = 900
PATIENCE = 10_000
"""Milliseconds to wait for what a page does by itself."""
AXE = Axe().axe_script
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # the rest is not gone through in full
}

Visit = Callable[..., Page]
Look = Callable[..., None]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest journey first, so that no core waits for it at the end."""
    is_long = [item.path.name == "test_every_page.py" for item in items]
    if any(is_long):
        start = next(at for at, item in enumerate(items) if item.get_closest_marker("browser"))
        items.insert(start, items.pop(is_long.index(True)))


@pytest.fixture(scope="package")
def allow_both() -> Iterator[None]:
    """Let tests use the database while the browser's own loop runs in their thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="package")
def browser(allow_both: None) -> Iterator[Browser]:
    """One browser for these tests, each of which opens windows of its own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, live_server: Any, sign_in: SignIn) -> Iterator[Visit]:
    """Open the site as somebody of the cast, or as nobody: ``visit("researcher", "/")``.

    A page that writes an error to the console fails the test: a script that broke, or something
    the content policy stopped.
    """
    opened: list[BrowserContext] = []
    trouble: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not _is_expected(message.text):
            trouble.append(message.text)

    def open_page(
        key: str | None = None, address: str = "/", *, scripts: bool = True, width: str = "desk"
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": WIDTHS[width], "height": HEIGHT},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        if key is not None:
            for name, morsel in sign_in(key).cookies.items():
                context.add_cookies([{"name": name, "value": morsel.value, "url": live_server.url}])
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert trouble == []


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


@pytest.fixture
def look() -> Look:
    """Look at a page at both widths: no fault of accessibility, nothing wider than the phone."""

    def at(page: Page, name: str) -> None:
        before = page.viewport_size
        for width, pixels in WIDTHS.items():
            page.set_viewport_size({"width": pixels, "height": HEIGHT})
            _keep_picture(page, f"{name}-{width}")
            faults = _faults(page)
            assert faults == [], f"{name} at {width}:\n" + "\n".join(faults)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= pixels, f"{name} is {wide} pixels wide on a {width}"
        if before:
            page.set_viewport_size(before)

    return at


def _faults(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(rules).then(results => results.violations)", RULES)
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


def _is_expected(text: str) -> bool:
    """Let the browser report the answers that pages give on purpose, such as a form's faults."""
    return re.search(r"status of 4(03|04|09|10|22)\b", text) is not None


def _keep_picture(page: Page, name: str) -> None:
    folder = os.environ.get("LIGHTTOUCH_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
