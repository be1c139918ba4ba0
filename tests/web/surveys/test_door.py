"""The way in for staff who answer: as strict as the rest of the site, and quiet about links."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from lighttouch.web.surveys import door, queries
from lighttouch.web.surveys.compiling import asked_of
from lighttouch.web.surveys.lookups import find_again
from lighttouch.web.surveys.models import Link, Response, Survey
from tests.web.surveys.cases import OPENED_AT, link_of

AGREED = {"consent": "agreed"}
FORM = "application/x-www-form-urlencoded"
SAME_AS_THE_SITE = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Cross-Origin-Opener-Policy",
)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: OPENED_AT)


@pytest.fixture
def link(survey: Survey) -> Link:
    return link_of(survey)


def test_pages_are_as_strict_as_the_rest_of_the_site_and_kept_by_nobody(link: Link) -> None:
    address = queries.address_of(link)
    site = Client().get(reverse("overview:accessibility"))
    assert site.status_code == 200
    for path in (address, f"{address}mine/", "/s/no-such-token/", "/s/no/such/page/"):
        page = Client().get(path)
        for name in SAME_AS_THE_SITE:
            told = (set(one[name].split("; ")) for one in (page, site))
            assert next(told) == next(told), (path, name)
        assert page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "strict-origin"
        assert page["X-Robots-Tag"] == "noindex"


def test_behind_tls_browsers_are_sent_there_and_told_to_stay(
    link: Link, settings: pytest.FixtureRequest
) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    settings.SECURE_HSTS_SECONDS = 60  # type: ignore[attr-defined]
    address = queries.address_of(link)
    sent = Client().get(address)
    assert (sent.status_code, sent["Location"]) == (301, f"https://testserver{address}")
    assert "max-age=60" in Client().get(address, secure=True)["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_form_sent_by_another_site_is_refused(
    link: Link, headers: dict[str, str], status: int
) -> None:
    response = Client().post(f"{queries.address_of(link)}questions/", AGREED, headers=headers)
    assert response.status_code == status
    assert Response.objects.exists() is (status == 200)


def test_a_host_that_is_not_ours_gets_no_page(link: Link) -> None:
    response = Client().get(queries.address_of(link), headers={"Host": "elsewhere.example"})
    assert response.status_code == 400
    assert "That did not work" in response.content.decode()


def test_a_defect_of_ours_is_told_plainly_and_logged_without_the_link(
    link: Link, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = queries.address_of(link)

    def fail(*_: object) -> None:
        raise RuntimeError(address)

    monkeypatch.setattr("lighttouch.web.surveys.views.answering.landing_page", fail)
    client = Client(raise_request_exception=False)
    response = client.get(address)
    assert response.status_code == 500
    assert "It is our fault" in response.content.decode()
    told = [line for line in caplog.records if line.name == "lighttouch.web"]
    assert [line.getMessage() for line in told] == ["a page failed", "answered"]


def test_a_form_of_more_fields_than_any_survey_has_is_refused(link: Link) -> None:
    body = "&".join(f"x{number}=1" for number in range(2001))
    address = f"{queries.address_of(link)}questions/"
    response = Client().post(address, body, content_type=FORM)
    assert response.status_code == 422


def test_the_door_serves_every_page_of_a_link_and_no_other(link: Link) -> None:
    behind = {str(one.pattern) for one in get_resolver(door.ADDRESSES).url_patterns}
    assert all(pattern.startswith("s/<slug:token>/") for pattern in behind)
    everywhere = {
        str(one.pattern)
        for found in get_resolver().url_patterns
        for one in getattr(found, "url_patterns", ())
    }
    assert {one for one in everywhere if one.startswith("s/")} == behind


def test_what_is_asked_is_compiled_once_for_everybody(link: Link, survey: Survey) -> None:
    other = link_of(survey, place=1)
    mine, theirs = find_again(link.pk), find_again(other.pk)
    assert mine is not None
    assert theirs is not None
    assert asked_of(mine) is asked_of(theirs)
    assert asked_of(mine).document.fill({}) == asked_of(mine).document.whole
