"""What the command line asks of the platform."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from lighttouch.core.errors import InputError
from lighttouch.core.progress import Progress

Say = Callable[[str], None]
OWNER_ALONE = 0o077
ADVISORY_LOCK = 5_437_211
"""A number for PostgreSQL's lock, which nobody else uses here."""


def prepare() -> None:
    """Make Django ready; what is written from now on is for its owner alone."""
    os.umask(OWNER_ALONE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lighttouch.web.config.settings")
    django.setup()


def migrate() -> None:
    """Bring both databases up to date, and make the table of the shared cache.

    Processes that start at once do it one after the other.
    """
    from django.core.management import call_command

    with reaching_databases(), _alone():
        for alias in ("default", "contacts"):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time change the tables, on this machine or on any."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "postgresql":
        folder = Path(settings.DATA_FOLDER)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / "migrating.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


@contextmanager
def reaching_databases() -> Iterator[None]:
    """Tell a database that is away from a defect of ours.

    Raises
    ------
    InputError
        If a database cannot be reached, or is in use by something that does not let go.
    """
    from django.db import OperationalError

    try:
        yield
    except OperationalError as error:
        raise InputError(
            "a database cannot be reached or used",
            where="DATABASE_URL, CONTACTS_DATABASE_URL",
            remedy="Check the addresses, that the servers run, and that the disk has room",
        ) from error


def require_tables() -> None:
    """Refuse to go on with databases that are behind this version of the software.

    Raises
    ------
    InputError
        If one is.
    """
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    with reaching_databases():
        for alias in ("default", "contacts"):
            executor = MigrationExecutor(connections[alias])
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise InputError(
                    "the databases are not up to date with this version",
                    where=alias,
                    remedy="Run: lighttouch migrate",
                )


def work() -> None:
    """Do long work until stopped."""
    from lighttouch.web.jobs.worker import run_worker

    require_tables()
    run_worker()


def invite_administrator(*, email: str, name: str) -> str:
    """Make the first administrator, and return the address of a link that lets them in.

    Somebody who is administrator already gets a fresh link, for the day that mail fails.
    """
    from django.utils import timezone

    from lighttouch.web.accounts.actions import make_first_administrator, make_link
    from lighttouch.web.accounts.models import Grant, Link, Role
    from lighttouch.web.accounts.posting import address_of
    from lighttouch.web.audit.actors import OPERATOR

    migrate()
    now = timezone.now()
    theirs = Grant.objects.select_related("user").filter(
        role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True, user__email__iexact=email
    )
    if (grant := theirs.first()) is not None:
        purpose = Link.Purpose.INVITATION
        return address_of(make_link(user=grant.user, purpose=purpose, by=OPERATOR, now=now))
    _, token = make_first_administrator(email=email, name=name, now=now)
    return address_of(token)


def verify_audit(expected: str | None, say: Say) -> int:
    """Say what a walk along the audit log found; 0 where it is whole."""
    from lighttouch.web.audit.commands import verify

    require_tables()
    return verify(expected, say)


def export_archive(trial: str, out: Path, say: Say, progress: Progress) -> None:
    """Write a trial's archive."""
    from lighttouch.web.analysis.commands import export_archive as export

    require_tables()
    export(trial, out, say, progress)


def import_archive(folder: Path, say: Say, progress: Progress) -> None:
    """Take an archive in."""
    from lighttouch.web.analysis.commands import import_archive as take_in

    require_tables()
    take_in(folder, say, progress)
