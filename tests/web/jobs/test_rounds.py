"""What is due at intervals is done by one worker, whatever the clock does."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Now

from lighttouch.web.jobs import rounds
from lighttouch.web.jobs.models import PeriodicRun
from lighttouch.web.jobs.registry import PERIODICS, periodic
from tests.web.cast import NOW

pytestmark = pytest.mark.django_db
done: list[datetime] = []


@pytest.fixture(autouse=True)
def only_ours() -> Iterator[None]:
    """One thing that is done every hour, and nothing else."""
    kept = dict(PERIODICS)
    PERIODICS.clear()
    done.clear()
    periodic("test.note", every=timedelta(hours=1))(done.append)
    yield
    PERIODICS.clear()
    PERIODICS.update(kept)


def test_what_is_due_is_done_once_until_it_is_due_again() -> None:
    assert (rounds.run_due(NOW), rounds.run_due(NOW)) == (1, 0)
    assert done == [NOW]
    PeriodicRun.objects.update(due_at=Now())
    assert rounds.run_due(NOW) == 1


def test_nobody_else_does_what_is_being_done() -> None:
    nested: list[int] = []
    periodic("test.note", every=timedelta(seconds=1))(
        lambda now: nested.append(rounds.run_due(now))
    )
    rounds.run_due(NOW)
    assert nested == [0]


def test_clock_put_back_by_a_year_stops_nothing() -> None:
    rounds.run_due(NOW)
    PeriodicRun.objects.update(due_at=Now() + timedelta(days=365))
    assert rounds.run_due(NOW) == 1


def break_down(now: datetime) -> None:
    raise ValueError(now)


def test_what_fails_is_counted_and_tried_at_its_next_turn() -> None:
    periodic("test.note", every=timedelta(hours=1))(break_down)
    rounds.run_due(NOW)
    rounds.run_due(NOW)
    assert PeriodicRun.objects.get().failures == 1
    PeriodicRun.objects.update(due_at=Now())
    rounds.run_due(NOW)
    assert PeriodicRun.objects.get().failures == 2
    periodic("test.note", every=timedelta(hours=1))(done.append)
    PeriodicRun.objects.update(due_at=Now())
    rounds.run_due(NOW)
    assert PeriodicRun.objects.get().failures == 0


def test_what_a_dead_worker_left_is_done_after_a_while() -> None:
    rounds.run_due(NOW)
    PeriodicRun.objects.update(
        due_at=Now() + rounds.LONGEST, claim="7f6b0a0e-0000-4000-8000-000000000000"
    )
    assert rounds.run_due(NOW) == 0
    PeriodicRun.objects.update(due_at=Now())
    assert rounds.run_due(NOW) == 1


def test_what_says_that_there_is_more_is_due_at_once() -> None:
    left = [True, True, False]
    periodic("test.note", every=timedelta(hours=1))(lambda _: left.pop(0))
    assert [rounds.run_due(NOW) for _ in range(4)] == [1, 1, 1, 0]


def test_what_runs_apart_keeps_nothing_else_waiting() -> None:
    periodic("test.long", every=timedelta(hours=1), apart=True)(done.append)
    assert (rounds.run_due(NOW), done) == (1, [NOW])
    assert (rounds.run_due(NOW, apart=True), rounds.run_due(NOW, apart=True)) == (1, 0)
