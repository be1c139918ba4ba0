"""Serve the site: web and worker processes under one that watches them."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from lighttouch.web.config.commands import migrate, prepare

__all__ = ["prepare", "serve"]

logger = logging.getLogger("lighttouch.web")
LOOK_SECONDS = 0.5
BREATH_SECONDS = 2.0
GRACE_SECONDS = 30.0


def serve(*, host: str, port: int, web: int, threads: int, workers: int) -> None:
    """Bring the databases up to date, then run everything until told to stop."""
    migrate()
    server = [
        *(sys.executable, "-m", "gunicorn", "lighttouch.web.config.wsgi:application"),
        *("--bind", f"{host}:{port}", "--workers", str(web), "--threads", str(threads)),
        *("--timeout", "60", "--graceful-timeout", "20", "--log-level", "warning"),
        *("--limit-request-line", "4094", "--max-requests", "2000", "--max-requests-jitter", "200"),
    ]
    worker = [sys.executable, "-m", "lighttouch", "work"]
    Watch([server, *[worker] * workers]).run()


class Watch:
    """Keeps processes running, and stops them all together."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self._commands = commands
        self._running: list[subprocess.Popen[bytes]] = []
        self._stopping = False

    def run(self) -> None:
        """Start every process; start again what dies; stop all at SIGTERM or Ctrl-C."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        self._running = [self._start(command) for command in self._commands]
        while not self._stopping:
            for index, process in enumerate(self._running):
                if process.poll() is not None and not self._stopping:
                    logger.warning("a process ended and is started again", extra={"count": index})
                    time.sleep(BREATH_SECONDS)
                    self._running[index] = self._start(self._commands[index])
            time.sleep(LOOK_SECONDS)
        self._end_all()

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        for process in self._running:
            process.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for process in self._running:
            try:
                process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
