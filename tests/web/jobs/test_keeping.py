"""Jobs of the dead are taken over, whatever the clocks say; forgotten ones are asked for again."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from lighttouch.web.jobs import running
from lighttouch.web.jobs.keeping import Keeper
from lighttouch.web.jobs.models import Job, State
from tests.web.cast import Cast
from tests.web.jobs import cases


class Clock:
    """A steady clock the test moves on."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(clock: Clock) -> Keeper:
    return Keeper(clock=clock)


@pytest.fixture
def claimed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job some worker has claimed."""
    with monkeypatch.context() as patch:
        patch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
        job = cases.start("test.count", cast["researcher"], upto=2)
    assert running.claim(job.uuid) is not None
    return job


def watch(keeper: Keeper, clock: Clock, seconds: int) -> None:
    for _ in range(seconds // 10):
        clock.at += 10
        keeper.look()


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def test_job_that_stands_still_for_a_lease_is_taken_over(
    claimed: Job, keeper: Keeper, clock: Clock
) -> None:
    keeper.look()
    watch(keeper, clock, 50)
    assert state(claimed) == State.RUNNING
    watch(keeper, clock, 10)
    assert (state(claimed), claimed.attempts, cases.seen) == (State.DONE, 2, ["2"])


def test_job_that_shows_signs_of_life_is_left_alone(
    claimed: Job, keeper: Keeper, clock: Clock
) -> None:
    for _ in range(20):
        Job.objects.update(beats=F("beats") + 1)
        watch(keeper, clock, 10)
    assert state(claimed) == State.RUNNING


@pytest.mark.parametrize("shift", [timedelta(days=-1), timedelta(days=1)])
def test_clock_put_forward_or_back_takes_no_job_from_a_living_worker(
    claimed: Job, keeper: Keeper, clock: Clock, shift: timedelta
) -> None:
    Job.objects.update(heartbeat_at=Now() + shift, started_at=Now() + shift)
    keeper.look()
    watch(keeper, clock, 50)
    assert state(claimed) == State.RUNNING
    watch(keeper, clock, 10)
    assert state(claimed) == State.DONE


def test_keeper_that_slept_has_seen_nothing_stand_still(
    claimed: Job, keeper: Keeper, clock: Clock
) -> None:
    keeper.look()
    clock.at += 3600
    keeper.look()
    assert state(claimed) == State.RUNNING


def test_job_whose_workers_died_three_times_is_given_up(
    claimed: Job, keeper: Keeper, clock: Clock
) -> None:
    Job.objects.update(attempts=3)
    keeper.look()
    watch(keeper, clock, 60)
    assert state(claimed) == State.FAILED
    assert "cut short 3 times" in claimed.found_faults[0].what


def test_job_the_queue_never_heard_of_is_asked_for(
    cast: Cast, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
        job = cases.start("test.count", cast["researcher"], upto=2)
    keeper.look()
    assert state(job) == State.DONE


def test_job_the_queue_forgot_is_asked_for_after_a_while(
    cast: Cast, keeper: Keeper, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)
        job = cases.start("test.count", cast["researcher"], upto=2)
    Job.objects.update(task_id="7f6b0a0e-0000-4000-8000-000000000000")
    keeper.look()
    assert state(job) == State.WAITING
    watch(keeper, clock, 10)
    assert state(job) == State.DONE


def test_job_in_its_pause_is_left_alone(cast: Cast, keeper: Keeper, clock: Clock) -> None:
    job = cases.start("test.locked", cast["researcher"], times=1)
    watch(keeper, clock, 100)
    assert (state(job), job.attempts) == (State.WAITING, 1)
    Job.objects.update(due_at=Now())
    keeper.look()
    assert state(job) == State.DONE
