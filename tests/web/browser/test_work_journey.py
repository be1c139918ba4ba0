"""Whoever waits for long work sees it go on, end or fail; whoever runs the service sees it all."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from lighttouch.web.jobs import running
from lighttouch.web.jobs.actions import start
from lighttouch.web.jobs.models import Job, Worker
from lighttouch.web.jobs.models import State as JobState
from lighttouch.web.jobs.runs import Run
from lighttouch.web.notices.actions import send
from lighttouch.web.notices.models import Notice, State
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.jobs import cases

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue nobody works on."""
    monkeypatch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
    monkeypatch.setattr("lighttouch.web.notices.tasks.enqueue", lambda number: None)


def begin(job: Job, what: str, done: int, total: int) -> Run:
    """Claim a job as a worker would, and show how far it is."""
    claimed = running.claim(job.uuid)
    assert claimed is not None
    run = Run(claimed)
    run.progress(what, done, total)
    run.show()
    return run


def test_page_of_a_job_moves_by_itself_and_goes_on_when_it_is_done(
    cast: Cast, visit: Visit, look: Look, idle: None
) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1, then=reverse("overview:home"))
    page = visit("researcher", reverse("jobs:progress", args=[job.uuid]), width="phone")
    page.get_by_text("Waiting for its turn.").wait_for()
    look(page, "work-waiting")
    run = begin(job, "checking rows", 1200, 3000)
    page.get_by_text("Checking rows: 1,200 of 3,000").wait_for()
    look(page, "work-running")
    run.progress("checking rows", 3000, 3000)
    running._finish(run, JobState.DONE, ())
    page.wait_for_url(f"**{reverse('overview:home')}")
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_job_that_fails_says_why_and_is_tried_again_without_a_script(
    cast: Cast, visit: Visit, look: Look
) -> None:
    job = cases.start("test.refuse", cast["researcher"], then=reverse("overview:home"))
    address = reverse("jobs:progress", args=[job.uuid])
    look(visit("researcher", address), "work-failed")
    page = visit("researcher", address, scripts=False, width="phone")
    page.get_by_text("the sheet is missing").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("the sheet is missing").wait_for()
    assert cases.seen[-2:] == ["refused", "refused"]


def test_administrator_finds_what_failed_and_sends_an_email_again(
    cast: Cast, visit: Visit, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(cast, monkeypatch)
    page = visit("administrator", reverse("jobs:queue"))
    page.get_by_text("The sheet is missing.").wait_for()
    look(page, "work-queue")
    page.get_by_role("link", name="E-mail that was sent").click()
    page.get_by_text("May or may not have been sent").first.wait_for()
    look(page, "work-mail")
    page.get_by_role("link", name="Send again").last.click()
    page.get_by_text("they will get it twice").wait_for()
    look(page, "work-send-again")
    page.get_by_role("button", name="Send it again").click()
    page.get_by_text("It will be sent again.").wait_for()
    assert Notice.objects.get(key="two").state == State.SENT


def _fill(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have some work waiting, running and failed, and e-mail in several states."""
    start(
        kind="test.refuse",
        key="failed",
        by=cast["researcher"],
        now=timezone.now(),
        trial=cast.trial,
    )
    with monkeypatch.context() as patch:
        patch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
        patch.setattr("lighttouch.web.notices.tasks.enqueue", lambda number: None)
        begin(cases.start("test.count", cast["researcher"], key="r", upto=9), "counting", 4, 9)
        cases.start("test.count", cast["researcher"], key="w", upto=9)
        for key, state, trouble in (
            ("one", State.PLANNED, "the mail server could not be reached"),
            ("two", State.UNKNOWN, "the work stopped while this was being sent"),
            ("three", State.SENT, ""),
            ("four", State.FAILED, "the mail server refused the address"),
        ):
            notice = send(
                to=cast["coordinator"],
                kind="reminder",
                subject="Your return for the baseline is due on Friday 3 May",
                body="It is due.",
                key=key,
                by=cast["trial_manager"],
                now=timezone.now(),
            )
            sent_at = timezone.now() if state == State.SENT else None
            Notice.objects.filter(pk=notice.pk).update(
                state=state, trouble=trouble, attempts=1, sent_at=sent_at
            )
    Worker.objects.create(name="server-1:1201:ab12")
    Worker.objects.create(name="server-2:77:cd34")
    Worker.objects.filter(name__contains="77").update(seen_at=Now() - timedelta(hours=2))
