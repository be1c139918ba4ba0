"""Every page that a role can reach by following links has no fault of accessibility.

The simulated programme of ``lighttouch demo`` is loaded, and each role follows every link from its
first page: one page for each view, at a phone's width and at a desk's. What the public may see
looks the same to all, so it is looked at once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from playwright.sync_api import Browser, Page

from lighttouch.web.accounts.models import User
from lighttouch.web.config.demonstration.loading import load
from tests.web.browser.conftest import Look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases=["default", "contacts"]),
]

FILES = (
    ".csv",
    ".xlsx",
    ".zip",
    ".pdf",
    ".svg",
    ".md",
    ".toml",
    "/template/",
    "/marked/",
    "/file/",
)
LEAST_PAGES = {
    None: 6,
    "manager": 25,
    "administrator": 6,
    "researcher": 12,
    "randomiser": 3,
    "coordinator": 6,
}
ADDRESSES = {
    "manager": "manager@example.org",
    "administrator": "administrator@example.org",
    "researcher": "researcher@example.org",
    "randomiser": "randomiser@example.org",
    "coordinator": "coordinator.wolverhampton@example.org",
}


def sign_in_as(email: str, page: Page, site: str) -> None:
    client = Client()
    client.force_login(
        User.objects.get(email=email), backend="django.contrib.auth.backends.ModelBackend"
    )
    session = client.session
    session["second_factor_at"] = datetime.now(tz=UTC).isoformat()
    session.save()
    for name, morsel in client.cookies.items():
        page.context.add_cookies([{"name": name, "value": morsel.value, "url": site}])


def views_linked(page: Page, site: str) -> Iterator[tuple[str, str]]:
    """Give the view and the address behind each link of a page that leads to another page."""
    links: list[str] = page.eval_on_selector_all("a[href]", "found => found.map(a => a.href)")
    for link in links:
        parts = urlsplit(link)
        if not link.startswith(site) or parts.path.endswith(FILES):
            continue
        try:
            found = resolve(parts.path)
        except Resolver404:
            pytest.fail(f"{page.url} links to {parts.path}, which is no page")
        yield found.view_name, parts.path


def walk(page: Page, site: str, look: Look, who: str, known: frozenset[str]) -> set[str]:
    waiting, seen = ["/"], {"overview:home"}
    while waiting:
        address = waiting.pop(0)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{who}: {address} answered {answer.status}"
        look(page, f"{who}{address.replace('/', '_')}")
        for view, there in views_linked(page, site):
            if view not in seen | known and view != "analysis:report-file":
                seen.add(view)
                waiting.append(there)
    return seen


def test_every_page_that_anybody_can_reach_passes_the_scan(
    browser: Browser, live_server: object, look: Look
) -> None:
    load(timezone.now(), lambda _line: None)
    site = str(live_server)
    of_the_public: frozenset[str] = frozenset()
    for role in (None, *ADDRESSES):
        context = browser.new_context(base_url=site, reduced_motion="reduce")
        page = context.new_page()
        if role is not None:
            sign_in_as(ADDRESSES[role], page, site)
        seen = walk(page, site, look, role or "public", of_the_public)
        assert len(seen) >= LEAST_PAGES[role], sorted(seen)
        if role is None:
            assert {"accounts:sign-in", "overview:privacy", "protocols:public"} <= seen
            of_the_public = frozenset(seen)
        context.close()
