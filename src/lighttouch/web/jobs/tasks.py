"""The one task the queue knows: look at a job."""

import uuid

from django_tasks import task

from lighttouch.web.jobs import running
from lighttouch.web.jobs.models import Job, State


@task
def run_job(number: str) -> None:
    """Do a job if it is still to be done."""
    running.run(uuid.UUID(number))


def enqueue(number: uuid.UUID) -> None:
    """Ask the queue to have somebody look at a job; the job remembers which task that is."""
    result = run_job.enqueue(str(number))
    Job.objects.filter(uuid=number, state=State.WAITING).update(task_id=result.id)
