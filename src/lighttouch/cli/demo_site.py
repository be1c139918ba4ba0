"""The demonstration's site: loaded, started in the background, stopped again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from lighttouch.cli.support import say

PORT = 8000
PATIENCE_SECONDS = 60.0
PID, LOG = "site.pid", "site.log"
UNSET = ("DATABASE_URL", "CONTACTS_DATABASE_URL", "LIGHTTOUCH_HOSTS", "LIGHTTOUCH_SMTP_URL")


def start_site(folder: Path) -> None:
    """Load the simulated programme into a folder and serve it on this machine.

    Raises
    ------
    InputError
        If the site cannot be loaded, or does not answer within a minute.
    """
    port = _free_port()
    environment = {name: text for name, text in os.environ.items() if name not in UNSET}
    address = f"http://127.0.0.1:{port}"
    environment |= {
        "LIGHTTOUCH_DATA": str(folder / "site"),
        "LIGHTTOUCH_URL": address,
        "LIGHTTOUCH_DEMO": "1",
        "LIGHTTOUCH_BEHIND_TLS": "0",
    }
    say("Loading the site with a simulated programme:")
    links = _load(environment)
    _serve(folder, port, environment)
    say("")
    say(f"The site is at {address}. Each of these links signs you in once, in a week at most:")
    for role, link in links:
        say(f"  {role + ':':<34} {link}")
    say("They are somebody's only in this demonstration. Stop the site with: make stop")


def stop_site(folder: Path) -> bool:
    """Stop the site that an earlier demonstration started here; say whether there was one."""
    path = folder / PID
    try:
        group = int(path.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        for _ in range(100):
            os.killpg(group, 0)
            time.sleep(0.1)
        os.killpg(group, signal.SIGKILL)
    path.unlink(missing_ok=True)
    return True


def _load(environment: dict[str, str]) -> list[tuple[str, str]]:
    from lighttouch.core.errors import InputError

    command = [sys.executable, "-m", "lighttouch.web.config.demonstration"]
    done = subprocess.run(  # noqa: S603 - our own module
        command, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise InputError(
            "the site could not be loaded",
            where="--site",
            remedy="Install lighttouch[web], or leave --site out",
        )
    pairs = (line.partition("\t") for line in done.stdout.splitlines())
    return [(role, link) for role, tab, link in pairs if tab]


def _serve(folder: Path, port: int, environment: dict[str, str]) -> None:
    from lighttouch.core.errors import InputError

    with (folder / LOG).open("ab") as log:
        server = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "lighttouch", "serve", "--port", str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / PID).write_text(str(server.pid), encoding="ascii")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if _answers(f"http://127.0.0.1:{port}/health/"):
            return
        time.sleep(0.3)
    stop_site(folder)
    raise InputError("the site did not start", where=str(folder / LOG), remedy="Read its log")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    """Return the usual port, or another if something listens there."""
    for port in (PORT, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    return PORT
