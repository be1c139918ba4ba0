"""A worker process: does jobs, looks after those of the dead, and does what is due."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable

from django.db import (
    Error,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
)
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as QueueWorker

from lighttouch.web.jobs import keeping, rounds
from lighttouch.web.jobs.leaving import LEAVING
from lighttouch.web.jobs.models import Worker

logger = logging.getLogger("lighttouch.web.jobs")

ASK_EVERY = 0.5
LOOK_EVERY = 5.0
LONGEST_FAREWELL = 70.0
"""Seconds that periodic work has for ending: longer than any peer may take over an answer."""


def run_worker(*, keeper: keeping.Keeper | None = None, look_every: float = LOOK_EVERY) -> None:
    """Work until told to stop.

    SIGTERM or Ctrl-C lets the job at hand end first; a second one puts it back for another worker.
    """
    name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    over = threading.Event()
    keeper = keeper or keeping.Keeper()
    chores = [
        Chore("signs of life", lambda: _show_life(name), look_every, over),
        Chore("looking after jobs", keeper.look, look_every, over),
        Chore("periodic work", lambda: rounds.run_due(timezone.now()), look_every, over),
        Chore("long periodic work", _do_long_rounds, look_every, over),
    ]
    LEAVING.clear()
    logger.info("worker started")
    try:
        for chore in chores:
            chore.start()
        _work(name)
    finally:
        over.set()
        LEAVING.set()
        until = time.monotonic() + LONGEST_FAREWELL
        for chore in chores:
            chore.join(timeout=max(0.0, until - time.monotonic()))
        _leave(name)
        logger.info("worker ended")


class Chore(threading.Thread):
    """Something done again and again beside the jobs; no fault ends it."""

    def __init__(
        self, name: str, act: Callable[[], object], every: float, over: threading.Event
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._act = act
        self._every = every
        self._over = over

    def run(self) -> None:
        """Act until it is over."""
        try:
            while not self._over.is_set():
                self._act_once()
                self._over.wait(self._every)
        finally:
            connections.close_all()

    def _act_once(self) -> None:
        close_old_connections()
        try:
            self._act()
        except Error as error:
            logger.warning("the database did not answer a worker", exc_info=error)
            connections.close_all()
        except Exception as error:
            logger.exception("a worker's chore failed", exc_info=error)


def _work(name: str) -> None:
    """Take jobs from the queue; a database that is away for a while ends nothing."""
    queue = QueueWorker(
        queue_names=["default"],
        interval=ASK_EVERY,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name[:64],
        excluded_queue_names=[],
    )
    queue.configure_signals()
    while queue.running:
        try:
            queue.run()
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database did not answer a worker", exc_info=error)
            connections.close_all()
            time.sleep(ASK_EVERY)


def _do_long_rounds() -> None:
    """Do what runs beside the rest, for as long as it is due at once."""
    while not LEAVING.is_set() and rounds.run_due(timezone.now(), apart=True):
        pass


def _show_life(name: str) -> None:
    if not Worker.objects.filter(name=name).update(seen_at=Now()):
        Worker.objects.create(name=name)


def _leave(name: str) -> None:
    try:
        Worker.objects.filter(name=name).delete()
    except Error as error:
        logger.warning("the database did not answer a worker", exc_info=error)
    finally:
        connections.close_all()
