"""One key's limit of messages a minute, kept by all workers together."""

from threading import Lock

from django.db import transaction

from lighttouch.web.delivery.transports.notify.models import NotifyPace
from lighttouch.web.delivery.transports.notify.pacing import PER_MINUTE

AT_ONCE = 5
"""Turns that a worker takes together, so that the database is asked ten times a second at most."""
LATE = 0.5
"""Seconds after which a turn that was not used is lost."""


class SharedPace:
    """Turns that are spread evenly over every minute, among all who send with a key.

    A turn is used in the half second that begins with it or not at all. So no minute has
    more messages than turns that lie in 60.5 seconds, and these are no more than the limit.

    Parameters
    ----------
    service
        The number of the partner's service.
    per_minute
        The most turns in any sixty seconds.
    """

    def __init__(self, service: int, per_minute: int = PER_MINUTE) -> None:
        self._service = service
        self._each = (60 + LATE) / (per_minute - 1)
        self._next, self._left = 0.0, 0
        self._lock = Lock()

    def take(self, now: float) -> float:
        """Take the next turn and return how many seconds there are until it.

        Parameters
        ----------
        now
            Seconds on the clock that all workers share.
        """
        with self._lock:
            while self._left and self._next < now - LATE:
                self._next, self._left = self._next + self._each, self._left - 1
            if not self._left:
                self._next, self._left = self._reserve(now), AT_ONCE
            turn = self._next
            self._next, self._left = turn + self._each, self._left - 1
            return max(0.0, turn - now)

    @transaction.atomic
    def _reserve(self, now: float) -> float:
        """Reserve turns that nobody else gets; return when the first is.

        Those that nobody reserved in time are not lost before they are late: a worker between two
        batches catches up.
        """
        NotifyPace.objects.get_or_create(service_id=self._service)
        kept = NotifyPace.objects.select_for_update().get(service=self._service)
        first = max(kept.free_at, now - LATE)
        kept.free_at = first + AT_ONCE * self._each
        kept.save(update_fields=("free_at",))
        return first
