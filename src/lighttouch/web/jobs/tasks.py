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
    waiting = Job.objects.filter(uuid=number, state=State.WAITING)
    attempts = waiting.values_list("attempts", flat=True).first()
    if attempts is not None:
        result = run_job.enqueue(str(number))
        waiting.filter(attempts=attempts).update(task_id=result.id)
