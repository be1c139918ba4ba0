"""Serve the site: web and worker processes under one that watches them."""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

from lighttouch.core.errors import InputError
from lighttouch.web.config.commands import migrate

logger = logging.getLogger("lighttouch.web")

LOOK_EVERY = 0.2
SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
"""A process that lived so long is started again at once."""
GRACE = 30.0
LAST_GRACE = 5.0
BACKLOG = 1024
LET_ME_KNOW = 1
"""``PR_SET_PDEATHSIG`` of Linux."""


def serve(
    *,
    host: str,
    port: int,
    web: int,
    threads: int,
    workers: int,
    say: Callable[[str], None] = print,
) -> None:
    """Bring the databases up to date, then run everything until told to stop.

    The port is taken before anything else, and stays taken while the web server is started again.

    Raises
    ------
    InputError
        If nothing can listen there.
    """
    with _listen(host, port) as listening:
        migrate()
        server = [
            *(sys.executable, "-m", "gunicorn", "lighttouch.web.config.wsgi:application"),
            *("--config", "python:lighttouch.web.config.webserver"),
            *("--bind", f"fd://{listening.fileno()}"),
            *("--workers", str(web), "--threads", str(threads)),
        ]
        worker = [sys.executable, "-m", "lighttouch", "work"]
        programs = [
            Program("web server", server, (listening.fileno(),)),
            *(Program("worker", worker) for _ in range(workers)),
        ]
        say(f"The site is served on http://{host}:{listening.getsockname()[1]}/")
        say("Stop it with Ctrl-C.")
        sys.stdout.flush()
        Supervisor(programs).run()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise InputError(
            f"nothing can listen there: {(error.strerror or 'not an address').lower()}",
            where=f"{host}:{port}",
            remedy="Give another address with --host or another port with --port",
        ) from None
    listening.set_inheritable(True)
    return listening


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: its name in the log, its command, and the files it is handed."""

    name: str
    command: Sequence[str]
    files: tuple[int, ...] = ()


class Supervisor:
    """Keeps programs running, and stops them all together."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._children = [Child(program) for program in programs]
        self._stopping = False

    def run(self) -> None:
        """Start every program, start again what dies, stop all at SIGTERM or Ctrl-C."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                for child in self._children:
                    child.keep_running()
                time.sleep(LOOK_EVERY)
        finally:
            self._end_all()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        """Ask; ask again, at which a worker puts its job back; then insist."""
        for number, patience in (
            (signal.SIGTERM, GRACE),
            (signal.SIGTERM, LAST_GRACE),
            (signal.SIGKILL, LAST_GRACE),
        ):
            running = [child for child in self._children if child.is_running]
            for child in running:
                child.tell(number)
            until = time.monotonic() + patience
            while any(child.is_running for child in running) and time.monotonic() < until:
                time.sleep(LOOK_EVERY)


class Child:
    """One program, started again when it dies: at once if it had lived a while, else later."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = SHORTEST_PAUSE
        self._start_at = 0.0

    @property
    def is_running(self) -> bool:
        """Whether it runs just now."""
        return self._process is not None and self._process.poll() is None

    def keep_running(self) -> None:
        """Start it if it does not run and its pause is over."""
        now = time.monotonic()
        if self.is_running:
            return
        if self._process is not None:
            self._note_end(now)
        if now >= self._start_at:
            self._started, self._process = now, self._start()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the program and to whatever it started."""
        if self._process is None:
            return
        if number == signal.SIGKILL:
            os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)

    def _note_end(self, now: float) -> None:
        logger.warning("a process ended and is started again", extra={"kind": self._program.name})
        if now - self._started > STEADY_AFTER:
            self._pause = SHORTEST_PAUSE
        self._start_at = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        # In a group of its own, so that Ctrl-C at the keyboard reaches this process alone.
        return subprocess.Popen(  # noqa: S603 - our own programs
            self._program.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self._program.files,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


def _end_with_parent() -> None:
    """Have the kernel end this process with the one that watches it, however that ends."""
    ctypes.CDLL(None).prctl(LET_ME_KNOW, signal.SIGTERM)
