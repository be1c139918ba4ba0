"""Keeping to Notify's limit: 3,000 messages in any minute for each key."""

from typing import Protocol

PER_MINUTE = 3000


class Paced(Protocol):
    """Gives turns to those who send with one key."""

    def take(self, now: float) -> float:
        """Take the next turn and return how many seconds there are until it."""
