"""Real worker processes: killed, stopped, and many at once."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from lighttouch.web.audit.models import Event
from lighttouch.web.jobs.models import Job, PeriodicRun, State
from lighttouch.web.jobs.models import Worker as WorkerRow
from tests.web.cast import Cast
from tests.web.jobs import cases
from tests.web.processes import environment_of_tests, until

LEASE = 1.5
Hire = Callable[[], "Worker"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("idle")]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, a queue nobody works on."""
    monkeypatch.setattr("lighttouch.web.jobs.tasks.enqueue", lambda number: None)


class Worker:
    """A worker process that another process forked."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.pid = office.ask("hire")

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def has_heard(self) -> bool:
        """Whether every signal has reached it; two of a kind that wait together become one."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return re.search(r"^ShdPnd:\s*0+$", status, re.MULTILINE) is not None

    def wait(self) -> int:
        self.office.hired.remove(self)
        return self.office.ask(f"wait {self.pid}")


class Office:
    """The process that forks the workers."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.hired: list[Worker] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.web.jobs.work", str(LEASE)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, order: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def hire(self) -> Worker:
        self.hired.append(Worker(self))
        return self.hired[-1]

    def dismiss_all(self) -> None:
        for worker in list(self.hired):
            worker.send(signal.SIGKILL)
            worker.wait()


@pytest.fixture(scope="module")
def office(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(environment_of_tests(tmp_path_factory.mktemp("data")))
    with office.process:
        yield office
        office.dismiss_all()


@pytest.fixture
def hire(transactional_db: None, office: Office) -> Iterator[Hire]:
    """Start worker processes on the tests' database; all are gone at the end."""
    yield office.hire
    office.dismiss_all()


def now(job: Job) -> Job:
    job.refresh_from_db()
    return job


def freeze(worker: Worker, job: Job) -> None:
    """Stop a worker while it holds no lock, or nobody could take over from it."""
    worker.send(signal.SIGSTOP)
    while not is_free(job):
        worker.send(signal.SIGCONT)
        time.sleep(0.05)
        worker.send(signal.SIGSTOP)


def is_free(job: Job) -> bool:
    """Say whether somebody else may write the job at once."""
    nowait = connection.features.has_select_for_update_nowait
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 100")
    try:
        with transaction.atomic():
            return Job.objects.select_for_update(nowait=nowait).filter(pk=job.pk).exists()
    except OperationalError:
        return False
    finally:
        connection.close()  # the next one waits as long as it should


def written() -> list[str]:
    return sorted(event.details["word"] for event in Event.objects.filter(act="test.written"))


def test_job_of_a_killed_worker_is_finished_once_by_another(cast: Cast, hire: Hire) -> None:
    job = cases.start("test.write", cast["researcher"], word="once", first=60)
    first = hire()
    until(lambda: now(job).state == State.RUNNING)
    first.send(signal.SIGKILL)
    first.wait()
    hire()
    until(lambda: now(job).is_over)
    assert (job.state, job.attempts, written()) == (State.DONE, 2, ["once"])


def test_worker_that_wakes_after_its_job_was_taken_over_changes_nothing(
    cast: Cast, hire: Hire
) -> None:
    job = cases.start("test.write", cast["researcher"], word="once", first=60)
    first = hire()
    until(lambda: now(job).state == State.RUNNING)
    freeze(first, job)
    hire()
    until(lambda: now(job).is_over)
    first.send(signal.SIGCONT)
    first.send(signal.SIGTERM)
    assert first.wait() == 0
    assert (now(job).attempts, written()) == (2, ["once"])


def test_workers_share_the_work_and_do_nothing_twice(cast: Cast, hire: Hire) -> None:
    words = [f"{n:02}" for n in range(20)]
    for word in words:
        cases.start("test.write", cast["researcher"], key=word, word=word)
    for _ in range(3):
        hire()
    until(lambda: not Job.objects.exclude(state=State.DONE).exists())
    assert written() == words
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_long_job_of_a_living_worker_is_left_to_it(cast: Cast, hire: Hire) -> None:
    job = cases.start("test.write", cast["researcher"], word="once", first=3)
    hire()
    hire()
    until(lambda: now(job).is_over)
    assert (job.state, job.attempts, written()) == (State.DONE, 1, ["once"])


def test_worker_told_to_stop_ends_its_job_first_and_says_goodbye(cast: Cast, hire: Hire) -> None:
    job = cases.start("test.write", cast["researcher"], word="last", first=1)
    worker = hire()
    until(lambda: now(job).state == State.RUNNING)
    until(lambda: WorkerRow.objects.count() > 0)
    assert WorkerRow.objects.count() == 1
    worker.send(signal.SIGTERM)
    assert worker.wait() == 0
    assert (now(job).state, job.attempts) == (State.DONE, 1)
    assert not WorkerRow.objects.exists()


def test_worker_told_twice_puts_its_job_back(cast: Cast, hire: Hire) -> None:
    job = cases.start("test.write", cast["researcher"], word="later", first=60)
    worker = hire()
    until(lambda: now(job).state == State.RUNNING)
    worker.send(signal.SIGTERM)
    until(worker.has_heard)
    time.sleep(0.3)
    worker.send(signal.SIGTERM)
    worker.wait()
    assert (now(job).state, written()) == (State.WAITING, [])


def test_worker_does_what_is_due_at_intervals(hire: Hire) -> None:
    hire()
    until(lambda: PeriodicRun.objects.filter(name="notices.send", finished_at__isnull=False))
    until(lambda: WorkerRow.objects.exists())
    assert WorkerRow.objects.count() == 1
