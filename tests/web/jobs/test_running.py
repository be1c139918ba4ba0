"""A job is started once, done once, and says how it ended."""

import json
import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.config.logs import JsonLines
from lighttouch.web.jobs import actions, running
from lighttouch.web.jobs.models import Job, State
from lighttouch.web.jobs.runs import LeaseLostError, Run
from tests.web.cast import NOW, Cast
from tests.web.jobs import cases


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue nobody works on."""
    monkeypatch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)


def test_job_is_done_after_the_act_that_started_it(cast: Cast) -> None:
    with transaction.atomic():
        job = actions.start(
            kind="test.count", key="a", by=cast["researcher"], now=NOW, arguments={"upto": 3}
        )
        assert cases.seen == []
    job.refresh_from_db()
    assert (cases.seen, job.state, job.done, job.total) == (["3"], State.DONE, 3, 3)


def test_what_is_started_twice_is_done_once_at_a_time(cast: Cast, idle: None) -> None:
    first = cases.start("test.count", cast["researcher"], upto=1)
    again = cases.start("test.count", cast["second"], upto=1)
    other = cases.start("test.count", cast["second"], key="two", upto=1)
    assert again == first
    assert other != first
    running.run(first.uuid)
    running.run(first.uuid)
    assert cases.seen == ["1"]
    assert cases.start("test.count", cast["researcher"], upto=1) != first


def test_database_refuses_a_second_unfinished_job_of_one_key(cast: Cast, idle: None) -> None:
    first = cases.start("test.count", cast["researcher"], upto=1)
    second = Job(kind=first.kind, key=first.key, title="x", started_by="system", created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.RUNNING},
        {"state": State.DONE},
        {"state": "resting"},
        {"done": 2, "total": 1},
        {"finished_at": NOW},
    ],
)
def test_database_refuses_a_job_in_no_state(
    cast: Cast, idle: None, change: dict[str, object]
) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**change)


def test_expected_fault_is_kept_with_its_place_and_remedy(cast: Cast) -> None:
    job = cases.start("test.refuse", cast["researcher"])
    assert job.state == State.FAILED
    assert str(job.found_faults[0]) == (
        "sheet Return: the sheet is missing. Send the template back."
    )


def test_defect_is_told_without_its_values(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        job = cases.start("test.break", cast["researcher"], secret="Ada Lovelace")
    lines = [JsonLines().format(record) for record in caplog.records]
    assert str(job.found_faults[0]) == "something went wrong here; nothing is lost. Try again."
    assert any(json.loads(line).get("exception") == "ValueError" for line in lines)
    assert not any("Lovelace" in line for line in lines)


def test_locked_database_is_tried_again_later(cast: Cast) -> None:
    job = cases.start("test.locked", cast["researcher"], times=1)
    assert (job.state, job.claim, job.faults) == (State.WAITING, None, [])
    running.run(job.uuid)
    assert cases.seen == [], "before its pause is over"
    Job.objects.update(due_at=Now())
    running.run(job.uuid)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 2)


def test_job_cut_short_three_times_fails_and_says_so(cast: Cast) -> None:
    job = cases.start("test.locked", cast["researcher"], times=3)
    for _ in range(4):
        Job.objects.filter(state=State.WAITING).update(due_at=Now())
        running.run(job.uuid)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.FAILED, 3)
    assert "cut short 3 times" in job.found_faults[0].what


def test_failed_job_is_tried_again_and_that_is_written_down(cast: Cast) -> None:
    job = cases.start("test.refuse", cast["researcher"])
    again = actions.retry(job=job, by=cast["administrator"], now=NOW)
    assert (again, cases.seen) == (job, ["refused", "refused"])
    event = Event.objects.get(act="work.retried")
    assert event.actor == cast["administrator"].actor
    assert event.details == {"kind": "test.refuse", "job": str(job.uuid)}


def test_trying_again_what_somebody_started_anew_shows_theirs(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = cases.start("test.refuse", cast["researcher"])
    monkeypatch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
    fresh = cases.start("test.refuse", cast["second"])
    assert actions.retry(job=failed, by=cast["researcher"], now=NOW) == fresh


def test_done_job_is_not_started_again(cast: Cast) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1)
    assert actions.retry(job=job, by=cast["researcher"], now=NOW).state == State.DONE
    assert cases.seen == ["1"]


def test_attempt_that_lost_its_job_can_change_nothing(cast: Cast, idle: None) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1)
    first = running.claim(job.uuid)
    assert first is not None
    Job.objects.update(state=State.WAITING, claim=None)
    second = running.claim(job.uuid)
    assert second is not None
    with pytest.raises(LeaseLostError), transaction.atomic():
        Run(first).hold()
    stale = Run(first)
    stale.show()
    with pytest.raises(LeaseLostError):
        stale.progress("counting", 1, 2)
    with transaction.atomic():
        Run(second).hold()


def test_lease_is_held_in_a_transaction_only(
    cast: Cast, idle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1)
    found = running.claim(job.uuid)
    assert found is not None
    run = Run(found)
    monkeypatch.setattr(
        "lighttouch.web.jobs.runs.connection", SimpleNamespace(in_atomic_block=False)
    )
    with pytest.raises(RuntimeError):
        run.hold()


def test_job_names_who_started_it(cast: Cast, idle: None) -> None:
    job = cases.start("test.count", cast["researcher"], upto=1)
    found = running.claim(job.uuid)
    assert found is not None
    assert Run(found).by == cast["researcher"]


@pytest.mark.parametrize("then", ["https://elsewhere.example/", "//elsewhere.example/", "relative"])
def test_job_leads_nowhere_but_this_site(cast: Cast, then: str) -> None:
    with pytest.raises(InputError, match="not on this site"):
        cases.start("test.count", cast["researcher"], upto=1, then=then)


def test_unknown_kind_is_refused_by_name(cast: Cast) -> None:
    with pytest.raises(InputError, match="unheard"):
        cases.start("test.unheard", cast["researcher"])


def test_pause_is_longer_after_each_attempt(cast: Cast) -> None:
    job = cases.start("test.locked", cast["researcher"], times=3)
    first = job.due_at - (job.heartbeat_at or NOW)
    Job.objects.update(due_at=Now())
    running.run(job.uuid)
    job.refresh_from_db()
    second = job.due_at - (job.heartbeat_at or NOW)
    assert timedelta(seconds=4) < first < timedelta(seconds=7) < second
