"""Addresses of work in the background and of the outbox."""

from collections.abc import Mapping
from typing import Any

from lighttouch.web.jobs.models import Job
from lighttouch.web.notices.models import Notice, State
from tests.web.cast import NOW, Cast

THEIRS = frozenset({"administrator", "coordinator"})
"""Whoever started the job, and whoever runs the service."""
RUNNING = frozenset({"administrator"})

ACCESS = {
    "jobs:queue": RUNNING,
    "jobs:progress": THEIRS,
    "jobs:state": THEIRS,
    "jobs:again": THEIRS,
    "jobs:mail": RUNNING,
    "jobs:send-again": RUNNING,
}


def prepare(cast: Cast) -> Mapping[str, Mapping[str, Any]]:
    """Make a job of the coordinator's and an e-mail that failed."""
    job = Job.objects.create(
        kind="test.none",
        key="walk",
        title="Checking",
        user=cast["coordinator"],
        started_by=cast["coordinator"].actor,
        state="failed",
        created_at=NOW,
        finished_at=NOW,
    )
    notice = Notice.objects.create(
        key="walk",
        kind="test",
        to=cast["coordinator"],
        subject="Hello",
        state=State.FAILED,
        due_at=NOW,
        created_at=NOW,
    )
    of_job = {"job": job.uuid}
    return {
        "jobs:progress": of_job,
        "jobs:state": of_job,
        "jobs:again": of_job,
        "jobs:send-again": {"notice": notice.pk},
    }
