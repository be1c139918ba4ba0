"""The outbox's task for the queue: send one e-mail soon, rather than at the next round."""

from django.utils import timezone
from django_tasks import task

from lighttouch.web.notices.sending import send_one


@task
def deliver(notice: int) -> None:
    """Send an e-mail if it is still to be sent."""
    send_one(notice, timezone.now())


def enqueue(notice: int) -> None:
    """Ask the queue to have somebody send an e-mail."""
    deliver.enqueue(notice)
