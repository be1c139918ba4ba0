"""The documented commands, as processes of their own, on a fresh data folder."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.postgres import free_port
from tests.web.processes import until

pytestmark = pytest.mark.skipif(
    os.environ.get("DATABASE_URL", "").startswith("postgres"),
    reason="these processes keep their own SQLite, whatever the tests use",
)

SLOW = 90.0
"""Seconds that processes may take to start where others work beside them."""
PRIVATE = ("ada.lovelace", "example.org", "Lovelace", "S0017")


class Site:
    """A site that runs: its processes, its address and its log."""

    def __init__(self, folder: Path) -> None:
        self.data, self.log = folder / "data", folder / "log"
        self.port = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("DJANGO", "LIGHTTOUCH"))},
            "LIGHTTOUCH_DATA": str(self.data),
        }
        self.environment.pop("DATABASE_URL", None)
        self.environment.pop("CONTACTS_DATABASE_URL", None)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "lighttouch", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return ended(self.begin(*arguments))

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "lighttouch", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*command, "--web", "1", *arguments], env=self.environment, stdout=log, stderr=log
            )

    def ask(self, path: str, data: bytes | None = None) -> tuple[int, bytes]:
        address = f"http://127.0.0.1:{self.port}{path}"
        try:
            with urllib.request.urlopen(address, data=data, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def health(self) -> dict[str, Any]:
        try:
            status, answer = self.ask("/health/")
        except OSError:
            return {}
        return dict(json.loads(answer)) if status == 200 else {}


def ended(process: "subprocess.Popen[str]") -> subprocess.CompletedProcess[str]:
    """Wait for a process and give what it said."""
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def children(pid: int) -> dict[int, str]:
    """Return the processes that another started, and theirs, with their commands."""
    found: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = (path.parent / "cmdline").read_text().replace("\0", " ")
        except (OSError, IndexError):
            continue
        if parent == pid:
            child = int(path.parent.name)
            found |= {child: command, **children(child)}
    return found


def workers(pid: int) -> list[int]:
    return [child for child, command in children(pid).items() if "lighttouch work" in command]


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def beginning(site: Site) -> list[subprocess.CompletedProcess[str]]:
    """What the first two commands came to, begun at the same moment where no table was."""
    first = ("invite", "ada.lovelace@example.org", "--name", "Ada Lovelace")
    return [ended(process) for process in (site.begin(*first), site.begin("migrate"))]


@pytest.fixture(scope="module")
def invitation(beginning: list[subprocess.CompletedProcess[str]]) -> str:
    """The link of the first administrator, made before anything else."""
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", beginning[0].stdout)
    assert found is not None, beginning[0].stderr
    return found[1]


@pytest.fixture(scope="module")
def served(site: Site, invitation: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The site, with one worker."""
    server = site.start("--workers", "1")
    until(lambda: site.health().get("queue", {}).get("workers") == 1, SLOW)
    yield server
    server.kill()
    server.wait()


@pytest.mark.slow
def test_tables_are_made_once_by_processes_that_start_together(
    beginning: list[subprocess.CompletedProcess[str]],
) -> None:
    assert [done.returncode for done in beginning] == [0, 0], [done.stderr for done in beginning]


@pytest.mark.slow
def test_site_answers_once_it_is_served(
    site: Site, served: "subprocess.Popen[bytes]", invitation: str
) -> None:
    assert site.health()["databases"] == {"default": True, "contacts": True}
    status, page = site.ask("/sign-in/")
    assert (status, b"<h1" in page) == (200, True)
    assert site.ask(invitation)[0] == 200
    assert site.data.stat().st_mode & 0o077 == 0
    assert (site.data / "lighttouch.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_second_administrator_is_not_made_from_the_keyboard(
    site: Site, served: "subprocess.Popen[bytes]"
) -> None:
    done = site.run("invite", "another@example.org", "--name", "Another")
    assert done.returncode == 1
    assert "there is an administrator already" in done.stderr
    again = site.run("invite", "Ada.Lovelace@example.org", "--name", "Ada Lovelace")
    assert (again.returncode, "/sign-in/" in again.stdout) == (0, True), "for when mail fails"


@pytest.mark.slow
def test_port_that_is_taken_is_said_at_once(site: Site, served: "subprocess.Popen[bytes]") -> None:
    done = site.run("serve", "--port", str(site.port))
    assert done.returncode == 1
    assert f"127.0.0.1:{site.port}: nothing can listen there" in done.stderr


@pytest.mark.slow
def test_killed_worker_is_started_again(site: Site, served: "subprocess.Popen[bytes]") -> None:
    (worker,) = workers(served.pid)
    os.kill(worker, signal.SIGKILL)
    until(lambda: workers(served.pid) not in ([], [worker]), SLOW)
    assert site.health()["well"]


@pytest.mark.slow
def test_no_line_of_the_log_names_anybody(
    site: Site, served: "subprocess.Popen[bytes]", invitation: str
) -> None:
    """Real requests through the web server, among them such as fail before a page is found."""
    token = invitation.rstrip("/").rpartition("/")[2]
    site.ask(f"/trials/S0017/{token}/?who=ada.lovelace@example.org")
    site.ask("/sign-in/", data=b"email=ada.lovelace@example.org")
    for bad in (b"GET /S0017 HTTP/9.9\r\n\r\n", b"\x16\x03ada.lovelace@example.org\r\n\r\n"):
        send_raw(site.port, bad)
    time.sleep(0.5)
    text = site.log.read_text()
    for word in (*PRIVATE, token, "127.0.0.1:"):
        assert word not in text.replace(f"served on http://127.0.0.1:{site.port}/", "")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert any(line.get("status") == 404 for line in lines)
    assert len(lines) >= len(text.splitlines()) - 2, "every line but the greeting is JSON"


def send_raw(port: int, content: bytes) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(content)
        connection.settimeout(2)
        try:
            connection.recv(1024)
        except TimeoutError:
            return


@pytest.mark.slow
def test_commands_look_after_a_site_that_runs(
    site: Site, served: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    checked = site.run("audit", "verify")
    assert (checked.returncode, "The log is whole" in checked.stdout) == (0, True)
    kept = site.run("backup", "--out", str(tmp_path / "backup"))
    assert kept.returncode == 0, kept.stderr
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_site_told_to_stop_leaves_no_process(site: Site, served: "subprocess.Popen[bytes]") -> None:
    """Last in this file, since it ends the site the others use."""
    all_of_it = list(children(served.pid))
    assert len(all_of_it) >= 3
    served.send_signal(signal.SIGTERM)
    assert served.wait(60) == 0
    assert all(is_gone(pid) for pid in all_of_it)


@pytest.mark.slow
def test_nothing_goes_on_without_the_process_that_watches_it(site: Site, invitation: str) -> None:
    server = site.start("--workers", "1")
    until(lambda: len(workers(server.pid)) == 1 and site.health(), SLOW)
    all_of_it = list(children(server.pid))
    server.kill()
    server.wait()
    until(lambda: all(is_gone(pid) for pid in all_of_it), SLOW)
    assert not site.health()


def test_worker_says_so_when_the_tables_are_behind(tmp_path: Path) -> None:
    done = Site(tmp_path).run("work")
    assert done.returncode == 1
    assert "the databases are not up to date with this version" in done.stderr
    assert "lighttouch migrate" in done.stderr


def test_database_that_is_away_is_said_without_its_address(tmp_path: Path) -> None:
    site = Site(tmp_path)
    secret = f"postgresql://somebody:hidden@127.0.0.1:{free_port()}/none"
    site.environment |= {"DATABASE_URL": secret, "CONTACTS_DATABASE_URL": f"{secret}2"}
    done = site.run("migrate")
    assert done.returncode == 1
    assert "a database cannot be reached" in done.stderr
    assert "hidden" not in done.stderr
