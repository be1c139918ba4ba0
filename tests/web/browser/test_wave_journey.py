"""The whole life of one wave, at a phone's width, from its opening to the archive."""

import email
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import polars as pl
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from lighttouch.web.delivery import jobs
from lighttouch.web.delivery.models import Delivery, State
from lighttouch.web.delivery.sending import send_due
from lighttouch.web.surveys.models import Survey
from lighttouch.web.surveys.queries import pages_of
from lighttouch.web.surveys.records import responses_csv
from tests.web.browser.answering import answer_all, begin, shown
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import NOW, Cast
from tests.web.delivery import cases
from tests.web.studies import world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "contacts"]),
]
INVITED = datetime(2026, 3, 9, 11, tzinfo=UTC)
REMINDED = datetime(2026, 3, 16, 11, tzinfo=UTC)
AFTERWARDS = datetime(2026, 4, 1, 11, tzinfo=UTC)
LINK = re.compile(r"http://\S+(/s/\S+/)")


class Clock:
    """What the site takes the time to be."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands until it is set."""
    made = Clock()
    monkeypatch.setattr("django.utils.timezone.now", made)
    return made


@pytest.fixture
def cast(transactional_db: None, clock: Clock) -> Cast:
    """The letters trial with its roster frozen, and Dudley's addresses in the vault."""
    made = world("enrolled")
    cases.seal(made, made.dudley, made["coordinator"])
    return made


def press(page: Page, role: str, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def mailed(folder: Path, known: set[str]) -> dict[str, str]:
    """Send what is due; return the private link in each new e-mail, by its address."""
    found: dict[str, str] = {}
    for path in set(folder.glob("*.eml")) - {folder / name for name in known}:
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        assert body is not None
        link = LINK.search(body.get_content())
        assert link is not None
        found[str(message["To"])] = link[1]
        known.add(path.name)
    return found


def answer_everything(page: Page, survey: Survey) -> None:
    begin(page)
    for _ in pages_of(survey):
        answer_all(shown(page))
        shown(page).get_by_role("button", name="Save and continue").tap()
    page.get_by_role("button", name="Finish").tap()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_one_wave_from_its_opening_to_the_archive(
    cast: Cast, clock: Clock, visit: Visit, phone: Callable[[str], Page], look: Look
) -> None:
    folder, known = Path(settings.DATA_FOLDER) / "sent", set[str]()
    mailed(folder, known)

    manager = visit("trial_manager", "/trials/letters/surveys/", width="phone")
    press(manager, "button", "Check and open")
    manager.get_by_label("I have checked what is asked").check()
    press(manager, "button", "Open the survey")
    survey = Survey.objects.get()
    jobs.plan(clock.now)

    coordinator = visit("coordinator", "/trials/letters/partners/dudley/delivery/", width="phone")
    look(coordinator, "wave-sign-off")
    press(coordinator, "button", "Sign off what is sent")

    clock.now = INVITED
    send_due(clock.now)
    invited = mailed(folder, known)
    assert len(invited) == len(cases.people_of(cast, cast.dudley))
    answers, declines, is_late, *_ = sorted(invited)

    page = phone(invited[answers])
    answer_everything(page, survey)
    page = phone(invited[declines])
    with page.expect_navigation():
        page.get_by_role("button", name="I do not agree").tap()
    look(page, "wave-declined")

    clock.now = REMINDED
    send_due(clock.now)
    reminded = mailed(folder, known)
    assert set(reminded) == set(invited) - {answers, declines}
    assert reminded[is_late] == invited[is_late]

    manager = visit("trial_manager", "/trials/letters/surveys/", width="phone")
    expect(manager.get_by_text(f"1 of {survey.links.count()} finished").first).to_be_visible()
    look(manager, "wave-watched")
    there = "/trials/letters/partners/dudley/surveys/baseline/"
    coordinator = visit("coordinator", there, width="phone")
    look(coordinator, "wave-at-the-partner")

    clock.now = AFTERWARDS
    page = phone(invited[is_late])
    expect(page.get_by_text("closed").first).to_be_visible()
    look(page, "wave-closed")
    jobs.plan(clock.now + timedelta(minutes=10))
    assert not Delivery.objects.filter(state=State.PLANNED, mailing__partner=cast.dudley).exists()
    kept = pl.read_csv(responses_csv(cast.trial))
    assert kept["participant"].unique().to_list() == [f"dudley/{answers.partition('@')[0].upper()}"]
    assert kept.height == sum(len(one.items) for one in pages_of(survey))
