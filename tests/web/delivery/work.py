"""Workers that send, as processes of their own: ``python -m tests.web.delivery.work START MOMENT``.

Loads everything once, then forks. Reads a line at a time: ``hire`` starts a worker and answers
with its number, ``wait NUMBER`` answers when it is gone. START is what the workers' clock said at
MOMENT; from there it runs faster than the real one, so that what is put off comes round again
soon. Leases are on the real clock, and short.

With ``--broken`` the sender is wrong in a way that has to be found:

- ``requeues``: what a dead worker had begun to hand over is sent again;
- ``marks-afterwards``: a message is handed over before the row says so;
- ``trusts``: silence of the peer is taken for a yes.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

LEASE, MARGIN = timedelta(seconds=2.5), timedelta(seconds=1.5)
PATIENCE = 0.7
"""Seconds a worker waits for an answer of its peer: twice that is less than the margin."""
WIDTH = 4
"""Messages under way at once in one worker: fewer than in use, so that not every kill hits ten."""


def main() -> None:
    """Hire workers for the databases and the peer that are named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("start", type=datetime.fromisoformat)
    parser.add_argument("moment", type=float)
    parser.add_argument("--faster", type=int, default=100)
    parser.add_argument("--notify", default="")
    parser.add_argument("--broken", choices=sorted(BREAK), default="")
    told = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lighttouch.web.config.settings")
    django.setup()
    _warm_up()
    _set_up(told.notify)
    if told.broken:
        BREAK[told.broken]()
    for line in sys.stdin:
        order, _, number = line.strip().partition(" ")
        hires = order == "hire"
        answer = (os.fork() or _work(told)) if hires else os.waitpid(int(number), 0)[0]
        print(answer, flush=True)  # noqa: T201


def _warm_up() -> None:
    """Read what every worker reads first, so that they live by sending and not by starting."""
    from django.db import connections

    from lighttouch.web.programmes.models import Trial
    from lighttouch.web.protocols.queries import declared

    for trial in Trial.objects.all():
        declared(trial)
    connections.close_all()


def _set_up(notify: str) -> None:
    """Shorten every wait that is real."""
    from django.conf import settings

    from lighttouch.web.delivery import lanes, sending
    from lighttouch.web.delivery.transports.notify.transport import NotifyTransport

    sending.LEASE, sending.MARGIN, sending.AT_ONCE = LEASE, MARGIN, 10
    lanes.WIDTHS = dict.fromkeys(lanes.WIDTHS, WIDTH)
    settings.EMAIL_TIMEOUT = PATIENCE
    if notify:
        settings.NOTIFY_ADDRESS = notify
        NotifyTransport.__init__.__kwdefaults__["patience"] = PATIENCE


def _work(told: argparse.Namespace) -> int:
    """Send until killed."""
    from django.db import Error

    from lighttouch.web.delivery import sending

    while True:
        now = told.start + timedelta(seconds=(time.time() - told.moment) * told.faster)
        try:
            sending.send_due(now, seconds=1)
        except Error:  # the database is busy; a worker's chore goes on as well
            time.sleep(0.05)
        time.sleep(0.02)


def _requeue() -> None:
    from lighttouch.web.delivery import sending
    from lighttouch.web.delivery.models import Delivery, State

    def find_lost(now: datetime) -> int:
        held = Delivery.objects.filter(state__in=(State.CLAIMED, State.SENT), lease_until__lt=now)
        return held.update(state=State.DUE, claim=None, lease_until=None, handed_over_at=None)

    sending.find_lost = find_lost


def _mark_afterwards() -> None:
    from lighttouch.web.delivery import sending

    begin, keep = sending.begin, sending.keep
    sending.begin = lambda *_: True

    def mark_and_keep(delivery: Any, outcome: Any, now: datetime) -> None:
        begin(delivery, "broken", now)
        keep(delivery, outcome, now)

    sending.keep = mark_and_keep


def _trust() -> None:
    from lighttouch.web.delivery import sending
    from lighttouch.web.delivery.transports.base import Outcome, Result

    keep = sending.keep

    def keep_as_sent(delivery: Any, outcome: Any, now: datetime) -> None:
        is_silent = outcome.result is Result.UNKNOWN
        keep(delivery, Outcome(Result.ACCEPTED) if is_silent else outcome, now)

    sending.keep = keep_as_sent


BREAK: dict[str, Callable[[], None]] = {
    "requeues": _requeue,
    "marks-afterwards": _mark_afterwards,
    "trusts": _trust,
}


if __name__ == "__main__":
    main()
