"""Workers that send, as processes of their own: ``python -m tests.web.delivery.work START``.

Loads everything once, then forks. Reads a line at a time: ``hire`` starts a worker and answers
with its number, ``wait NUMBER`` answers when it is gone. START is what the workers' clock said at
the moment given after it; from there it runs a hundred times faster than the real one, so that
what is put off comes round again soon. Leases are on the real clock, and short.
"""

import os
import sys
import time
from datetime import datetime, timedelta

import django

FASTER = 100
LEASE, MARGIN = timedelta(seconds=2.5), timedelta(seconds=1.5)
PATIENCE = 0.7
"""Seconds a worker waits for an answer of the mail server: less than the margin."""


def main() -> None:
    """Hire workers for the database and mail server named by the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lighttouch.web.config.settings")
    django.setup()
    from lighttouch.web.delivery import sending

    _warm_up()
    sending.LEASE, sending.MARGIN, sending.AT_ONCE = LEASE, MARGIN, 10
    for line in sys.stdin:
        order, _, number = line.strip().partition(" ")
        hires = order == "hire"
        answer = (os.fork() or _work()) if hires else os.waitpid(int(number), 0)[0]
        print(answer, flush=True)  # noqa: T201


def _warm_up() -> None:
    """Read what every worker reads first, so that they live by sending and not by starting."""
    from django.db import connections

    from lighttouch.web.programmes.models import Trial
    from lighttouch.web.protocols.queries import declared

    for trial in Trial.objects.all():
        declared(trial)
    connections.close_all()


def _work() -> int:
    """Send until killed."""
    from django.conf import settings
    from django.db import Error

    from lighttouch.web.delivery import sending

    settings.EMAIL_TIMEOUT = PATIENCE
    start, moment = datetime.fromisoformat(sys.argv[1]), float(sys.argv[2])
    while True:
        now = start + timedelta(seconds=(time.time() - moment) * FASTER)
        try:
            sending.send_due(now, seconds=1)
        except Error:  # the database is busy; a worker's chore goes on as well
            time.sleep(0.05)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
