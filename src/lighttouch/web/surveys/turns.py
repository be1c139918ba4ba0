"""Writing in turn on SQLite, which has one writer."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_own = threading.local()


@contextmanager
def in_turn() -> Iterator[None]:
    """Run a transaction; on SQLite, wait for one's turn to begin it.

    SQLite has whoever waits look again after ever longer pauses, while nobody writes. The kernel
    wakes the next at once. Whoever writes without asking for a turn is still waited for, by
    SQLite's own lock.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    place = _place(f"{connection.settings_dict['NAME']}-turn")
    fcntl.flock(place, fcntl.LOCK_EX)
    try:
        with transaction.atomic():
            yield
    finally:
        fcntl.flock(place, fcntl.LOCK_UN)


def _place(path: str) -> int:
    """Return this thread's own handle on a file that is only there to be locked."""
    handles: dict[str, int] = _own.__dict__.setdefault("handles", {})
    if path not in handles:
        handles[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return handles[path]
