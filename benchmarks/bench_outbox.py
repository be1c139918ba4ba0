"""The outbox: planning for 100,000 people, and one worker sending as fast as Notify allows.

Everything is real but the people: the worker is a process of its own, running as ``lighttouch
work`` does, and hands over with Notify's official client and with SMTP to servers on this machine
that take as long over an answer as servers elsewhere do.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Line, describe_times, median_ratio

if TYPE_CHECKING:
    from datetime import datetime

    from tests.web.cast import Cast

    from lighttouch.web.surveys.models import Survey

ROOT = Path(__file__).parents[1]
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "3200"))
CEILING = 3000
"""Messages a minute that Notify takes with one key."""
LEAST_SHARE = 0.99
"""Of the ceiling: a little is left for messages that are on their way longer than others."""
MOST_CORE = 0.5
ANSWERS_AFTER = (0.05, 0.10)
BESIDE = 400
PARTNERS, EACH = 34, 1000
MOST_TIMES = 4.0
LEAST_PER_STATEMENT = 50
RUNS = 3
WORK = """
import sys
from dataclasses import replace
from datetime import datetime

import django

django.setup()
import logging

from django.conf import settings
from django.utils import timezone

from lighttouch.web.jobs.registry import PERIODICS
from lighttouch.web.jobs.worker import run_worker

logging.disable(logging.WARNING)
settings.NOTIFY_ADDRESS = sys.argv[2]
start, began = datetime.fromisoformat(sys.argv[1]), timezone.now()
for name, one in list(PERIODICS.items()):
    del PERIODICS[name]
    if name == "delivery.send":
        at_ten = lambda now, act=one.function: act(start + (now - began))
        PERIODICS[name] = replace(one, function=at_ten)
run_worker()
"""
"""A worker whose clock says that it is ten in the morning of the day, and that only sends."""


def measure() -> list[Line]:
    """Measure on SQLite, then on PostgreSQL, each part in a process and a database of its own."""
    from tests.web.postgres import running_postgres

    lines: list[Line] = []
    for part in ("planning", "sending"):
        with tempfile.TemporaryDirectory() as folder:
            lines += _measure_in("SQLite", part, {"LIGHTTOUCH_DATA": folder})
        with tempfile.TemporaryDirectory() as folder, running_postgres() as variables:
            lines += _measure_in("PostgreSQL", part, variables | {"LIGHTTOUCH_DATA": folder})
    return lines


def _measure_in(database: str, part: str, variables: dict[str, str]) -> list[Line]:
    environment = {
        **os.environ,
        **variables,
        "DJANGO_SETTINGS_MODULE": "lighttouch.web.config.settings",
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_outbox", database, part],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found = [row.split("\t") for row in done.stdout.splitlines() if row.count("\t") == 5]
    return [Line(a, b, c, d, e, met == "True") for a, b, c, d, e, met in found]


def _run(database: str, part: str) -> None:
    """Measure one part on one database and print the lines."""
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    for alias in ("default", "contacts"):
        call_command("migrate", database=alias, verbosity=0)
    call_command("createcachetable", verbosity=0)
    measure_part = {"planning": measure_planning, "sending": measure_sending}[part]
    for line in measure_part(database):
        row = (line.what, line.ours, line.peer, line.ratio, line.bar, str(line.met))
        print("\t".join(row), flush=True)


def measure_planning(database: str) -> Iterator[Line]:
    """Plan for many people, beside the same rows inserted with nothing thought of."""
    from django.db import transaction
    from tests.web.cast import NOW

    from lighttouch.web.delivery.models import Delivery, Passage
    from lighttouch.web.delivery.planning import plan_survey

    cast, survey = _large_trial()
    mine: list[float] = []
    theirs: list[float] = []
    queries = made = 0
    for _ in range(RUNS):
        with transaction.atomic():
            begun = time.perf_counter()
            with _counting() as counted:
                made = plan_survey(survey=survey, by=cast["trial_manager"], now=NOW).made
            mine.append(time.perf_counter() - begun)
            queries = len(counted)
            rows = [(model, list(model.objects.values_list())) for model in (Delivery, Passage)]
            transaction.set_rollback(True)
        with transaction.atomic():
            theirs.append(_time_bare(rows))
            transaction.set_rollback(True)
    ratio = median_ratio(mine, theirs)
    yield Line(
        what=f"planning {made:,} deliveries to {PARTNERS * EACH:,} people at {PARTNERS} partners, "
        f"{database}",
        ours=f"{describe_times(mine)}, {queries} statements",
        peer=f"inserting the same rows, nothing else: {describe_times(theirs)}",
        ratio=f"{ratio:.1f}×",
        bar=f"at most {MOST_TIMES:g}×, and one statement for {LEAST_PER_STATEMENT} deliveries",
        met=ratio <= MOST_TIMES and queries * LEAST_PER_STATEMENT <= made,
    )


def _large_trial() -> tuple[Cast, Survey]:
    """A registered trial with many partners and people, and its survey opened."""
    from django.db import connection
    from tests.web.cast import make_cast
    from tests.web.delivery.cases import open_survey
    from tests.web.returns.cases import letters_text
    from tests.web.studies import register

    from lighttouch.web.enrolment.models import Participant
    from lighttouch.web.programmes.models import Partner

    cast = make_cast()
    codes = [f"place_{number:03}" for number in range(PARTNERS)]
    places = (
        f'\n[[population.partners]]\nid = "{code}"\nname = "{code}"\nlaunch = 2026-04-06\n'
        for code in codes
    )
    register(cast, letters_text() + "".join(places))
    partners = list(Partner.objects.filter(code__in=codes))
    for partner in partners:
        Participant.objects.bulk_create(
            Participant(trial=cast.trial, partner=partner, staff_id=f"N{number:05}")
            for number in range(EACH)
        )
    survey = open_survey(cast, *partners, least=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast, survey


@contextlib.contextmanager
def _counting() -> Iterator[list[str]]:
    """Count statements, many rows of one as one."""
    from django.db import connection

    seen: list[str] = []

    def count(execute: Callable[..., object], sql: str, *rest: object) -> object:
        seen.append(sql[:40])
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        yield seen


def _time_bare(tables: list[tuple[Any, list[tuple[Any, ...]]]]) -> float:
    """Insert rows as the database's own driver does it best."""
    from django.db import connection

    spent = 0.0
    for model, rows in tables:
        fields = model._meta.concrete_fields
        names = ", ".join(field.column for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        ready = [
            [f.get_db_prep_save(v, connection) for f, v in zip(fields, row, strict=True)]
            for row in rows
        ]
        begun = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", ready
            )
        spent += time.perf_counter() - begun
    return spent


def measure_sending(database: str) -> Iterator[Line]:
    """Have one worker send, through Notify's client and by SMTP."""
    from tests.web.delivery.proving import make_ready
    from tests.web.studies import world

    from lighttouch.web.delivery.models import Delivery

    cast = world("enrolled")
    deliveries, start = make_ready(cast, MESSAGES)
    rows = Delivery.objects.filter(pk__in=deliveries)
    with mail_server() as (seen, port):
        found = _work(start, len(deliveries), lambda: len(seen), smtp=port)
        yield _line(f"sending by SMTP, one worker, {database}", found, 0, CEILING / 60)
    rows.update(state="planned", attempts=0, claim=None, handed_over_at=None, transport="")
    with notify_server(cast) as peer:
        bare = _bare_client(peer.address)
        peer.recent.clear()  # what the client alone sent is not the worker's
        found = _work(start, len(deliveries), lambda: len(peer.accepted) - BESIDE, peer.address)
        name = f"sending through Notify's client, one worker, {database}"
        yield _line(name, found, peer.busy, LEAST_SHARE * CEILING / 60, bare)


def _line(
    what: str, found: tuple[float, float], refused: int, least: float, bare: float = 0.0
) -> Line:
    each_second, core = found
    cpu = core / each_second
    beside = f"the client alone: {1000 * bare:.1f} ms of processor a message" if bare else "–"
    return Line(
        what=f"{what}, answers after 50–100 ms",
        ours=f"{60 * each_second:,.0f} a minute, {1000 * cpu:.1f} ms of processor a message, "
        f"{core:.0%} of one core, {refused} refused for going too fast",
        peer=beside,
        ratio=f"{cpu / bare:.1f}× the processor" if bare else f"{60 * each_second / CEILING:.2f}×",
        bar=f"at least {60 * least:,.0f} a minute, under {MOST_CORE:.0%} of one core",
        met=each_second >= least and core < MOST_CORE and not refused,
    )


def _work(
    start: datetime, count: int, seen: Callable[[], int], notify: str = "", smtp: int = 0
) -> tuple[float, float]:
    """Run a worker until everything was taken; messages a second, and the share of one core."""
    environment = os.environ | ({"LIGHTTOUCH_SMTP_URL": f"smtp://127.0.0.1:{smtp}"} if smtp else {})
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK, start.isoformat(), notify], env=environment
    )
    try:
        _wait(lambda: seen() >= 1)
        first, began, spent = seen(), time.monotonic(), _cpu_of(worker.pid)
        _wait(lambda: seen() >= count)
        seconds, spent = time.monotonic() - began, _cpu_of(worker.pid) - spent
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()
    return (count - first) / seconds, spent / seconds


def _wait(true: Callable[[], bool], patience: float = 300) -> None:
    until = time.monotonic() + patience
    while not true():
        if time.monotonic() > until:
            raise SystemExit("the worker does not send")
        time.sleep(0.02)


def _cpu_of(number: int) -> float:
    """Seconds of processor that a process has used in all its threads."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _bare_client(address: str) -> float:
    """Seconds of processor a message in Notify's client alone, in as many threads."""
    code = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from notifications_python_client.notifications import NotificationsAPIClient
key, template, address, count = sys.argv[1:]
clients = [NotificationsAPIClient(key, base_url=address) for _ in range(10)]
def send(number):
    words = {"subject": "Your survey", "text": "Words. " * 100}
    clients[number % 10].send_email_notification("a@example.org", template, words, str(number))
with ThreadPoolExecutor(10) as pool:
    list(pool.map(send, range(20)))
    before = time.process_time()
    list(pool.map(send, range(int(count))))
print((time.process_time() - before) / int(count))
"""
    from tests.web.delivery.notify import server

    told = [server.KEY, server.EMAIL_TEMPLATE, address, str(BESIDE - 20)]
    done = subprocess.run(
        [sys.executable, "-c", code, *told], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


@contextlib.contextmanager
def notify_server(cast: Cast) -> Iterator[Any]:
    """A Notify that answers slowly and keeps to its limit of messages a minute."""
    from http.server import ThreadingHTTPServer

    from tests.web.cast import NOW
    from tests.web.delivery.notify import server

    from lighttouch.web.delivery.transports.notify.actions import set_service

    class Limited(server.Notify):
        busy = 0

        def __init__(self) -> None:
            super().__init__()
            self.recent: deque[float] = deque()

        def next_day(self) -> server.Day:
            time.sleep(random.uniform(*ANSWERS_AFTER))
            now = time.monotonic()
            with self.lock:
                while self.recent and self.recent[0] < now - 60:
                    self.recent.popleft()
                if len(self.recent) >= CEILING:
                    self.busy += 1
                    return server.Day.BUSY
                self.recent.append(now)
            return server.Day.GOOD

    set_service(
        partner=cast.dudley,
        key=server.KEY,
        email_template=server.EMAIL_TEMPLATE,
        by=cast["coordinator"],
        now=NOW,
    )
    peer = Limited()
    handler = type("Handler", (server._Handler,), {"notify": peer})
    listens = type("Server", (ThreadingHTTPServer,), {"request_queue_size": 64})
    serving = listens(("127.0.0.1", 0), handler)
    peer.address = f"http://127.0.0.1:{serving.server_address[1]}"
    Thread(target=serving.serve_forever, daemon=True).start()
    try:
        yield peer
    finally:
        serving.shutdown()
        serving.server_close()


@contextlib.contextmanager
def mail_server() -> Iterator[tuple[list[float], int]]:
    """A mail server that answers slowly, what it took, and its port."""
    import asyncio

    from aiosmtpd.controller import Controller
    from tests.web.postgres import free_port

    seen: list[float] = []

    class Slow:
        async def handle_DATA(self, *_: object) -> str:  # noqa: N802
            await asyncio.sleep(random.uniform(*ANSWERS_AFTER))
            seen.append(time.monotonic())
            return "250 OK"

    controller = Controller(Slow(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield seen, int(controller.port)
    finally:
        controller.stop()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _run(*sys.argv[1:])
    else:
        for line in measure():
            print(line)
