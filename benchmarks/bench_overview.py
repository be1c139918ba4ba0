"""The overview of a trial with 150 partners and 1.4 million staff, on PostgreSQL.

The whole answer is timed at the server: rights, queries, charts, page. The number of queries is
compared with that of the same trial with three partners.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.web.postgres import running_postgres

from benchmarks.measuring import Line

if TYPE_CHECKING:
    from django.test import Client
    from tests.web.cast import Cast

ROOT = Path(__file__).parents[1]
PARTNERS, STAFF = 150, 1_400_000
REQUESTS = 40
MOST_MILLISECONDS = 150.0


def measure() -> list[Line]:
    """Measure in a process of its own, against a PostgreSQL of its own."""
    with running_postgres() as variables:
        environment = {
            **os.environ,
            **variables,
            "DJANGO_SETTINGS_MODULE": "tests.web.settings",
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.bench_overview"],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    few, many, *times = (float(word) for word in done.stdout.split())
    median = statistics.median(times)
    met = few == many and median < MOST_MILLISECONDS
    return [
        Line(
            what=f"overview of a trial, {PARTNERS} partners and {STAFF:,} staff, at the server",
            ours=f"{median:.0f} ms ({min(times):.0f}–{max(times):.0f}), {many:.0f} queries",
            peer=f"the same with 3 partners: {few:.0f} queries",
            ratio=f"{many / few:.1f}× the queries",
            bar=f"the same number of queries, under {MOST_MILLISECONDS:.0f} ms",
            met=met,
        )
    ]


def _run() -> None:
    """Fill the databases, time the page, print the figures."""
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    for alias in ("default", "contacts"):
        call_command("migrate", database=alias, verbosity=0)
    call_command("createcachetable", verbosity=0)
    browser, cast = _prepare()
    few = _count_queries(browser)
    _grow(cast)
    many = _count_queries(browser)
    times = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        assert browser.get("/trials/letters/").status_code == 200
        times.append(1000 * (time.perf_counter() - start))
    print(few, many, *(round(one, 2) for one in times))


def _prepare() -> "tuple[Client, Cast]":
    """Make the letters trial with its roster frozen, and a trial manager's browser."""
    from django.test import Client
    from tests.web.studies import world

    cast = world("enrolled")
    browser = Client()
    browser.force_login(cast["trial_manager"], backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session["second_factor_at"] = "2026-03-02T09:00:00+00:00"
    session.save()
    browser.get("/trials/letters/")
    return browser, cast


def _grow(cast: "Cast") -> None:
    """Add partners up to the whole number, each with returns, tasks, counts and staff."""
    from datetime import timedelta

    from django.db import connection
    from tests.web.cast import NOW

    from lighttouch.web.enrolment.models import RosterCount
    from lighttouch.web.partners.actions import seed_tasks
    from lighttouch.web.programmes.models import Participation, Partner
    from lighttouch.web.returns.models import Return

    trial = cast.trial
    each = STAFF // PARTNERS
    for number in range(PARTNERS - trial.participations.count()):
        partner = Partner.objects.create(
            programme=cast.programme, code=f"extra_{number}", name=f"Extra {number}"
        )
        Participation.objects.create(trial=trial, partner=partner)
        for days, wave in enumerate(("baseline", "endline")):
            due = NOW.date() + timedelta(days=90 * days)
            Return.objects.create(trial=trial, partner=partner, wave=wave, opens_on=due, due_on=due)
        seed_tasks(trial=trial, partner=partner, by=cast["trial_manager"], now=NOW)
        RosterCount.objects.create(trial=trial, partner=partner, excluded_because="", people=each)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO enrolment_participant"
                " (trial_id, partner_id, staff_id, team, building, excluded_because)"
                " SELECT %s, %s, 'S' || n, 'T' || n / 9, '', '' FROM generate_series(1, %s) n",
                [trial.pk, partner.pk, each],
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _count_queries(browser: "Client") -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        browser.get("/trials/letters/")
    return len(caught)


if __name__ == "__main__":
    _run()
