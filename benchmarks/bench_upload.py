"""From pressing “Send” to reading the findings, beside the same check on the command line.

A return of 100,000 people goes through a real server and worker on PostgreSQL: the form is
posted, the page of the version is asked for until the check has ended, and the findings are read.
Beside it, ``lighttouch check-return`` checks the same file as a process of its own. Each run has a
file of its own, so that nothing is stored already.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench_returns import XLSX_ROWS, make_rows
from benchmarks.measuring import RUNS, Line, describe_times, median_ratio, time_in_turn

MOST_TIMES = 1.5
LOOK_EVERY = 0.05
PATIENCE = 120.0
TRIAL = """\
version = 1
id = "speed"
title = "Speed"
summary = "Speed"

[population]
description = "Staff"
setting = "A council"

[[population.partners]]
id = "council"
name = "Council"
launch = 2019-10-01

[[arms]]
id = "a"
label = "A"

[[arms]]
id = "b"
label = "B"
reference = true

[allocation]
unit = "team"

[[waves]]
id = "baseline"
label = "Baseline"

[waves.return]
starts = "-12 months"
ends = "0 days"
due = "2 weeks"

[[outcomes]]
id = "o"
label = "O"
role = "primary"
wave = "baseline"
unit = "days"
derive = { from = "return", measure = "illness_days" }

[retention]
delete_after = "12 months"
key_holder = "Council"
"""
PREPARE = """
import sys
import django

django.setup()
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from lighttouch.web.accounts.models import Grant, User
from lighttouch.web.programmes.models import Programme
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.returns import actions

call_command("migrate", verbosity=0)
call_command("migrate", database="contacts", verbosity=0)
now = timezone.now()
programme = Programme.objects.create(slug="speed", title="Speed", created_at=now)
people = [User.objects.create(email=f"{k}@example.org", name=k, created_at=now) for k in "abc"]
text = open(sys.argv[1], encoding="utf-8").read()
trial = protocols.create_trial(programme=programme, text=text, by=people[0], now=now)
version = protocols.submit(version=trial.versions.get(), by=people[0], now=now)
protocols.approve(version=version, by=people[1], now=now)
protocols.register(trial=trial, by=people[1], now=now)
trial.refresh_from_db()
actions.open_wave_returns(trial=trial, by=people[1], now=now)
Grant.objects.create(
    user=people[2], role="coordinator", programme=programme,
    partner=programme.partners.get(code="council"), granted_at=now,
)
browser = Client(SERVER_NAME="127.0.0.1")
browser.force_login(people[2], backend="django.contrib.auth.backends.ModelBackend")
print(browser.cookies["lighttouch_session"].value)
"""
WORK = """
import django

django.setup()
from lighttouch.web.jobs.worker import run_worker

run_worker()
"""
RETURN = "/trials/speed/partners/council/returns/baseline/"


class Site:
    """A browser of the benchmark's own, signed in as the coordinator."""

    def __init__(self, port: int, session: str) -> None:
        self._port = port
        self._cookies = {"lighttouch_session": session}

    def ask(
        self, address: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[http.client.HTTPResponse, str]:
        """Ask for a page, or post a form."""
        server = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Cookie": cookies} | ({"Content-Type": kind} if kind else {})
        with contextlib.closing(server):
            server.request("POST" if body else "GET", address, body, headers)
            answer = server.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return answer, answer.read().decode()

    def send(self, content: bytes) -> str:
        """Send a file and return the page of what was found, as soon as it is there."""
        _, page = self.ask(RETURN)
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken|once|after)" value="([^"]*)"', page))
        number = int(fields["after"]) + 1
        answer, _ = self.ask(f"{RETURN}send/", _form(fields, content), _FORM)
        if answer.status != 302:
            raise SystemExit(f"the file was answered with {answer.status}")
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            _, found = self.ask(f"{RETURN}versions/{number}/")
            if f"Checking version {number}" not in found:
                return found
            time.sleep(LOOK_EVERY)
        raise SystemExit("the check did not end")


_FORM = "multipart/form-data; boundary=xx"


def _form(fields: dict[str, str], content: bytes) -> bytes:
    parts = [
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="return.xlsx"\r\n\r\n'
    return b"".join(parts) + head + content + b"\r\n--xx--\r\n"


@contextlib.contextmanager
def serving(folder: Path, trial: Path) -> Iterator[Site]:
    """Run the site with one web process and one worker on a PostgreSQL of its own."""
    from tests.web.postgres import free_port, running_postgres

    with running_postgres() as databases:
        variables = os.environ | databases | {
            "DJANGO_SETTINGS_MODULE": "lighttouch.web.config.settings",
            "LIGHTTOUCH_DATA": str(folder / "data"),
        }  # fmt: skip
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE, str(trial)],
            env=variables, check=True, capture_output=True, text=True,
        )  # fmt: skip
        port = free_port()
        serve = ["-m", "gunicorn", "lighttouch.web.config.wsgi", "-b", f"127.0.0.1:{port}"]
        quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        started = [
            subprocess.Popen([sys.executable, *command], env=variables, **quiet)  # type: ignore[call-overload]
            for command in ([*serve, "-w", "1", "-t", "120"], ["-c", WORK])
        ]
        try:
            site = Site(port, prepared.stdout.strip().splitlines()[-1])
            _wait_for(site)
            yield site
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait()


def _wait_for(site: Site) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            if site.ask("/health/")[0].status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def make_files(folder: Path, count: int) -> list[Path]:
    """Write returns of 100,000 people, no two alike."""
    import polars as pl

    rows, paths = make_rows(XLSX_ROWS), []
    for number in range(count):
        path = folder / f"return-{number}.xlsx"
        code = pl.lit(f"{chr(65 + number)}") + pl.col("Staff ID").str.slice(1)
        rows.with_columns(code.alias("Staff ID")).write_excel(path, worksheet="Return")
        paths.append(path)
    return paths


def measure(runs: int = RUNS) -> list[Line]:
    """Time the site and the command line in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trial = folder / "speed.toml"
        trial.write_text(TRIAL, encoding="utf-8")
        paths = make_files(folder, runs + 1)
        ahead, behind = iter(paths), iter(paths)
        with serving(folder, trial) as site:

            def ours() -> None:
                found = site.send(next(ahead).read_bytes())
                if "100,000 people" not in found:
                    raise SystemExit("the generated return should pass")

            def peer() -> None:
                command = ["check-return", str(trial), str(next(behind)), "--partner", "council"]
                subprocess.run(
                    [sys.executable, "-m", "lighttouch", *command], check=True, capture_output=True
                )

            mine, theirs = time_in_turn(ours, peer, runs=runs)
    ratio = median_ratio(mine, theirs)
    return [
        Line(
            "100,000-row .xlsx return on the site, from upload to findings",
            describe_times(mine),
            f"`lighttouch check-return` on the same file: {describe_times(theirs)}",
            f"{ratio:.2f}×",
            f"at most {MOST_TIMES:g}×",
            ratio <= MOST_TIMES,
        )
    ]


if __name__ == "__main__":
    for line in measure():
        print(" | ".join((line.what, line.ours, line.peer, line.ratio, line.bar, str(line.met))))
