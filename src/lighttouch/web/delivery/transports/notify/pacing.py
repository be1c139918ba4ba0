"""Keeping to Notify's limit: 3,000 messages in any minute for each key."""

from threading import Lock
from typing import Protocol

PER_MINUTE = 3000
BURST = 50
"""How many may go at once after a rest; taken off the steady rate, so that no minute has more."""


class Paced(Protocol):
    """Gives turns to those who send with one key."""

    def take(self, now: float) -> float:
        """Take the next turn and return how many seconds there are until it."""


class Pace:
    """A bucket of turns that fills steadily.

    Parameters
    ----------
    per_minute
        The most turns in any sixty seconds.
    burst
        How many turns it holds; fewer than ``per_minute``.
    """

    def __init__(self, per_minute: int = PER_MINUTE, burst: int = BURST) -> None:
        self._each = 60 / (per_minute - burst)
        self._burst = burst
        self._free_at: float | None = None
        self._lock = Lock()

    def take(self, now: float) -> float:
        """Take the next turn and return how many seconds there are until it.

        Parameters
        ----------
        now
            Seconds on any clock that does not go back.
        """
        with self._lock:
            earliest = now - (self._burst - 1) * self._each
            turn = earliest if self._free_at is None else max(self._free_at, earliest)
            self._free_at = turn + self._each
            return max(0.0, turn - now)
