"""The health page: whether this process reaches its databases, and how the work goes on."""

from datetime import datetime

from django.db import connections
from django.db.utils import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from lighttouch import __version__
from lighttouch.web.accounts.permissions import public
from lighttouch.web.jobs.queries import queue_state


@public
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 where every database answers, 503 where one does not.

    How long work has waited, and when a worker was last heard of, is for whoever watches.
    """
    databases = {alias: _answers(alias) for alias in connections}
    well = all(databases.values())
    return JsonResponse(
        {"well": well, "version": __version__, "databases": databases, "queue": _queue()},
        status=200 if well else 503,
    )


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except Error:
        return False


def _queue() -> dict[str, int | None] | None:
    try:
        queue = queue_state()
    except Error:
        return None
    return {
        "waiting": queue.waiting,
        "failed": queue.failed,
        "workers": queue.workers,
        "oldest_waiting_seconds": _seconds_since(queue.waiting_since),
        "worker_seen_seconds": _seconds_since(queue.worker_seen_at),
    }


def _seconds_since(moment: datetime | None) -> int | None:
    return None if moment is None else max(int((timezone.now() - moment).total_seconds()), 0)
