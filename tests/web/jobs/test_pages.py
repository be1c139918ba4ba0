"""The pages of work in the background, and of the outbox."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import OperationalError
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lighttouch.web.jobs import running
from lighttouch.web.jobs.models import Job, State, Worker
from lighttouch.web.jobs.runs import Run
from lighttouch.web.notices.actions import send
from lighttouch.web.notices.models import Notice
from lighttouch.web.notices.models import State as Sending
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.jobs import cases


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue nobody works on."""
    monkeypatch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
    monkeypatch.setattr("lighttouch.web.notices.tasks.enqueue", lambda number: None)


def address(job: Job, page: str = "progress") -> str:
    return reverse(f"jobs:{page}", args=[job.uuid])


def test_page_of_a_job_shows_how_far_it_is(cast: Cast, sign_in: SignIn, idle: None) -> None:
    job = cases.start("test.count", cast["researcher"], upto=3)
    assert b"Waiting for its turn" in sign_in("researcher").get(address(job)).content
    found = running.claim(job.uuid)
    assert found is not None
    attempt = Run(found)
    attempt.progress("checking rows", 1200, 3000)
    attempt.show()
    answer = sign_in("researcher").get(address(job))
    assert b"Checking rows: 1,200 of 3,000" in answer.content
    assert b'max="3000" value="1200"' in answer.content
    assert b'<meta http-equiv="refresh" content="5">' in answer.content
    assert b"data-refresh" in answer.content


def test_page_goes_on_when_the_job_is_done(cast: Cast, sign_in: SignIn) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1, then="/account/")
    assert sign_in("researcher").get(address(job)).headers["Location"] == "/account/"
    fragment = sign_in("researcher").get(address(job, "state"), headers={"X-Fragment": "1"})
    assert b'data-stop="/account/"' in fragment.content


def test_done_job_that_leads_nowhere_says_so(cast: Cast, sign_in: SignIn) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1)
    answer = sign_in("researcher").get(address(job))
    assert b"There is nothing more to do here." in answer.content
    assert b"data-refresh" not in answer.content
    assert b"http-equiv" not in answer.content


def test_state_of_a_job_is_there_for_programs_too(cast: Cast, sign_in: SignIn) -> None:
    job = cases.start("test.refuse", cast["researcher"], then="/account/")
    assert sign_in("researcher").get(address(job, "state")).json() == {
        "state": "failed",
        "what": "",
        "done": 0,
        "total": 0,
        "then": "",
        "faults": [
            {
                "what": "the sheet is missing",
                "where": "sheet Return",
                "remedy": "Send the template back",
            }
        ],
    }


def test_failed_job_shows_where_the_remedy_and_a_button_that_works(
    cast: Cast, sign_in: SignIn
) -> None:
    job = cases.start("test.refuse", cast["researcher"])
    client = sign_in("researcher")
    answer = client.get(address(job))
    for words in (
        b"Sheet Return",
        b"the sheet is missing",
        b"Send the template back",
        b"Try again",
    ):
        assert words in answer.content
    assert client.post(address(job, "again")).headers["Location"] == address(job)
    assert cases.seen == ["refused", "refused"]


def test_job_is_there_only_for_who_started_it_and_who_runs_the_service(
    cast: Cast, sign_in: SignIn
) -> None:
    job = cases.start("test.refuse", cast["coordinator"])
    for key, status in (("coordinator", 200), ("administrator", 200), ("second", 404)):
        assert sign_in(key).get(address(job)).status_code == status
        assert sign_in(key).get(address(job, "state")).status_code == status
    assert sign_in("second").post(address(job, "again")).status_code == 404
    assert cases.seen == ["refused"]


def test_job_is_not_started_again_by_a_link(cast: Cast, sign_in: SignIn) -> None:
    job = cases.start("test.refuse", cast["researcher"])
    assert sign_in("researcher").get(address(job, "again")).status_code == 405


def test_administrator_sees_what_runs_waits_and_failed_and_who_works(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.start("test.refuse", cast["researcher"], key="a")
    monkeypatch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
    cases.start("test.count", cast["researcher"], key="b", upto=1)
    Worker.objects.create(name="machine:12:abcd")
    Worker.objects.create(name="machine:13:abcd")
    Worker.objects.filter(name__contains="13").update(seen_at=Now() - timedelta(minutes=5))
    answer = sign_in("administrator").get(reverse("jobs:queue"))
    for words in (
        "<strong>1</strong>waiting",
        "<strong>1</strong>failed",
        "<strong>1</strong>worker at work",
        "The sheet is missing.",
        "machine, process 12",
        "Not heard of",
    ):
        assert words in answer.content.decode()


def test_page_of_the_work_says_when_no_worker_runs(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in("administrator").get(reverse("jobs:queue"))
    assert "no worker has been heard of" in answer.content.decode()


def test_page_of_the_work_asks_the_same_number_of_questions_however_much_there_is(
    cast: Cast, sign_in: SignIn, idle: None, django_assert_max_num_queries: object
) -> None:
    client = sign_in("administrator")
    for n in range(30):
        cases.start("test.count", cast["researcher"], key=str(n), upto=1)
    assert callable(django_assert_max_num_queries)
    with django_assert_max_num_queries(25):
        client.get(reverse("jobs:queue"))


def plan(cast: Cast, key: str) -> Notice:
    return send(
        to=cast["coordinator"],
        kind="reminder",
        subject=f"Your return {key}",
        body="It is due.",
        key=key,
        by=cast["trial_manager"],
        now=NOW,
    )


def test_administrator_sees_what_failed_and_sends_it_again_by_hand(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("lighttouch.web.notices.tasks.enqueue", lambda number: None)
        notice = plan(cast, "one")
    Notice.objects.update(state=Sending.UNKNOWN, trouble="the mail server was cut off")
    client = sign_in("administrator")
    page = client.get(reverse("jobs:mail")).content.decode()
    assert "The mail server was cut off." in page
    assert cast["coordinator"].email not in page
    again = reverse("jobs:send-again", args=[notice.pk])
    assert "get it twice" in client.get(again).content.decode()
    assert mail.outbox == []
    assert client.post(again).headers["Location"] == reverse("jobs:mail")
    assert [message.to for message in mail.outbox] == [[cast["coordinator"].email]]


def test_outbox_is_shown_state_by_state(cast: Cast, sign_in: SignIn, idle: None) -> None:
    plan(cast, "one")
    plan(cast, "two")
    Notice.objects.filter(key="two").update(state=Sending.SENT, sent_at=timezone.now())
    page = sign_in("administrator").get(reverse("jobs:mail"), {"state": "sent"}).content.decode()
    assert "Your return two" in page
    assert "Your return one" not in page


@pytest.mark.django_db(databases=["default", "contacts"])
def test_health_page_tells_how_long_work_has_waited(
    cast: Cast, sign_in: SignIn, idle: None
) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1)
    Job.objects.filter(pk=job.pk).update(due_at=Now() - timedelta(hours=3))
    answer = sign_in("researcher").get("/health/")
    assert answer.status_code == 200
    queue = answer.json()["queue"]
    assert 3 * 3600 <= queue["oldest_waiting_seconds"] < 3 * 3600 + 60
    assert (queue["waiting"], queue["worker_seen_seconds"]) == (1, None)
    assert job.state == State.WAITING


@pytest.mark.django_db(databases=["default", "contacts"])
def test_health_page_fails_for_a_database_that_is_away_and_for_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr("lighttouch.web.config.health.queue_state", away)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["queue"]) == (200, None)
    monkeypatch.setattr("lighttouch.web.config.health._answers", lambda alias: alias != "contacts")
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["well"]) == (503, False)
    assert answer.json()["databases"] == {"default": True, "contacts": False}
