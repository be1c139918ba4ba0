"""Run a job: claim it, do its work, and write how it ended, once."""

import logging
import uuid
from datetime import timedelta

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.db.models import F
from django.db.models.functions import Now

from lighttouch.core.errors import Fault, LighttouchError
from lighttouch.web.jobs.models import Job, State
from lighttouch.web.jobs.registry import find_kind
from lighttouch.web.jobs.runs import Heartbeat, LeaseLostError, Run

logger = logging.getLogger("lighttouch.web.jobs")

MOST_ATTEMPTS = 3
FIRST_PAUSE = timedelta(seconds=5)
"""How long to wait after a first attempt that the database cut short; doubled each time."""

BROKEN = Fault("something went wrong here; nothing is lost", remedy="Try again")
CUT_SHORT = Fault(
    f"the work was cut short {MOST_ATTEMPTS} times and has not been finished",
    remedy="Try again; if it happens once more, tell whoever runs the service",
)


def run(number: uuid.UUID) -> None:
    """Do a job if it is still to be done and nobody else has claimed it."""
    job = claim(number)
    if job is None:
        return
    attempt = Run(job)
    about = {"job": str(job.uuid), "kind": job.kind, "attempt": job.attempts}
    logger.info("job started", extra=about)
    try:
        with Heartbeat(attempt):
            find_kind(job.kind).function(attempt, **job.arguments)
    except LighttouchError as error:
        _finish(attempt, State.FAILED, error.faults)
    except LeaseLostError:
        logger.warning("job was taken over by another worker", extra=about)
    except (OperationalError, InterfaceError) as error:
        logger.warning("job was cut short by the database", extra=about, exc_info=error)
        _put_back(attempt)
    except Exception as error:
        logger.exception("job failed", extra=about, exc_info=error)
        _finish(attempt, State.FAILED, (BROKEN,))
    except BaseException:  # the process is told to end now: leave the job to another
        _give_up(attempt)
        raise
    else:
        _finish(attempt, State.DONE, ())
        logger.info("job ended", extra=about)


def claim(number: uuid.UUID) -> Job | None:
    """Take a waiting job, in one statement that only one worker can succeed with."""
    token = uuid.uuid4()
    taken = Job.objects.filter(uuid=number, state=State.WAITING, due_at__lte=Now()).update(
        state=State.RUNNING,
        claim=token,
        attempts=F("attempts") + 1,
        beats=F("beats") + 1,
        heartbeat_at=Now(),
        started_at=Now(),
        what="",
        done=0,
        total=0,
    )
    if not taken:
        return None
    return Job.objects.select_related("user", "trial", "partner").get(uuid=number)


def _finish(attempt: Run, state: State, faults: tuple[Fault, ...]) -> None:
    what, done, total = attempt.shown
    finished = attempt.mine().update(
        state=state,
        claim=None,
        finished_at=Now(),
        heartbeat_at=Now(),
        what=what,
        done=total if state == State.DONE else done,
        total=total,
        faults=as_rows(faults),
    )
    if not finished:
        logger.warning("job was taken over by another worker", extra={"job": str(attempt.uuid)})


def as_rows(faults: tuple[Fault, ...]) -> list[dict[str, str]]:
    """Return faults as they are kept."""
    return [{"what": f.what, "where": f.where, "remedy": f.remedy} for f in faults]


def _put_back(attempt: Run) -> None:
    """Let the job wait a little and be tried again; after the last attempt, let it fail."""
    if not connection.in_atomic_block:
        close_old_connections()
    if attempt.attempt >= MOST_ATTEMPTS:
        _finish(attempt, State.FAILED, (CUT_SHORT,))
        return
    pause = FIRST_PAUSE * 2 ** (attempt.attempt - 1)
    attempt.mine().update(state=State.WAITING, claim=None, task_id="", due_at=Now() + pause)


def _give_up(attempt: Run) -> None:
    attempt.mine().update(state=State.WAITING, claim=None, task_id="", due_at=Now())
