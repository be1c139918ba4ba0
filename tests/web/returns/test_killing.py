"""A server that is killed while a file comes in, or while it is kept."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from lighttouch.web.audit import once
from lighttouch.web.returns.models import State, Version
from lighttouch.web.storage.models import StoredFile
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.postgres import free_port
from tests.web.returns import cases, stored
from tests.web.returns.pages import at, upload

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "contacts"])
DYING = """
import os, signal
import lighttouch.web.config.wsgi as served
from lighttouch.web.returns import keeping

def die(**_):
    os.kill(os.getpid(), signal.SIGKILL)

if os.environ.get("DIE_WHILE_KEEPING"):
    keeping.record = die
application = served.application
"""


def database_url(alias: str) -> str:
    """Address of a test database, for another process."""
    about = connections[alias].settings_dict
    if "sqlite" in about["ENGINE"]:
        return f"sqlite:///{about['NAME']}"
    return f"postgresql://{about['USER']}@{about['HOST']}:{about['PORT']}/{about['NAME']}"


@contextlib.contextmanager
def serving(folder: Path, **more: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve the test's own databases with gunicorn; yield the port and the master process."""
    (folder / "dying.py").write_text(DYING)
    port = free_port()
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lighttouch.web.config.settings",
        "LIGHTTOUCH_DATA": str(settings.DATA_FOLDER),
        "DATABASE_URL": database_url("default"),
        "CONTACTS_DATABASE_URL": database_url("contacts"),
        "PYTHONPATH": str(folder),
        "TMPDIR": str(folder),
    }
    command = [sys.executable, "-m", "gunicorn", "dying:application", "-b", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        [*command, "-w", "1", "-t", "60", "--log-level", "error"],
        env=variables | more, stderr=subprocess.DEVNULL,
    ) as master:  # fmt: skip
        try:
            _wait_until_served(port)
            yield port, master
        finally:
            master.terminate()


def _wait_until_served(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), contextlib.closing(_connect(port)) as connection:
            connection.request("GET", "/health/")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def _connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def form(browser: Client, content: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of an upload by somebody signed in."""
    browser.get(at("return"))
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in browser.cookies.items())
    fields = {
        "once": once.token(),
        "after": "0",
        "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
    }
    body = b"".join(
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    body += b'--xx\r\nContent-Disposition: form-data; name="file"; filename="r.xlsx"\r\n\r\n'
    body += content + b"\r\n--xx--\r\n"
    headers = {"Cookie": cookies, "Content-Type": "multipart/form-data; boundary=xx"}
    return headers, body


def worker_of(master: int) -> int:
    """Return the process of the one worker."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(children[0])


def test_worker_killed_while_a_file_comes_in_leaves_nothing(
    asked: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    headers, body = form(sign_in("coordinator"), cases.file_with_name())
    with serving(tmp_path) as (port, master):
        connection = _connect(port)
        connection.putrequest("POST", at("send"))
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[: len(body) - 100])
        time.sleep(0.3)  # the worker is now reading
        os.kill(worker_of(master.pid), signal.SIGKILL)
        with pytest.raises((OSError, http.client.HTTPException)):
            connection.getresponse()
        _nothing_is_left(tmp_path)
        assert _send_whole(port, headers, body) == 302  # another worker took its place
    assert Version.objects.get().state == State.PURGED


def test_worker_killed_while_it_keeps_a_file_leaves_nothing(
    asked: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    browser = sign_in("coordinator")
    headers, body = form(browser, cases.clean_file())
    with (
        serving(tmp_path, DIE_WHILE_KEEPING="1") as (port, _),
        pytest.raises((OSError, http.client.HTTPException)),
    ):
        _send_whole(port, headers, body)
    _nothing_is_left(tmp_path)
    upload(browser, cases.clean_file())
    assert Version.objects.get().state == State.CLEAN


def _send_whole(port: int, headers: dict[str, str], body: bytes) -> int:
    with contextlib.closing(_connect(port)) as connection:
        connection.request("POST", at("send"), body, headers)
        return connection.getresponse().status


def _nothing_is_left(folder: Path) -> None:
    assert Version.objects.count() == 0
    kept = [bytes(content) for content in StoredFile.objects.values_list("content", flat=True)]
    assert [content for content in kept if content.startswith(b"PK")] == []
    left = [p for p in folder.rglob("*") if p.is_file() and b"PK" in p.read_bytes()[:2]]
    assert left == []
    assert not any(cases.PLANTED.split()[1].encode() in cell for cell in stored.every_cell())
