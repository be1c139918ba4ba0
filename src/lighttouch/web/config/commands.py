"""What the command line asks of the platform."""

import os
from collections.abc import Callable
from pathlib import Path

import django

from lighttouch.core.progress import Progress

Say = Callable[[str], None]


def prepare() -> None:
    """Make Django ready."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lighttouch.web.config.settings")
    django.setup()


def migrate() -> None:
    """Bring both databases up to date, and make the table of the shared cache."""
    from django.core.management import call_command

    for alias in ("default", "contacts"):
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def work() -> None:
    """Do long work until stopped."""
    from lighttouch.web.jobs.worker import run_worker

    run_worker()


def invite_administrator(*, email: str, name: str) -> str:
    """Make somebody administrator and return the address of a link that lets them in."""
    from django.utils import timezone

    from lighttouch.web.accounts.actions import make_first_administrator
    from lighttouch.web.accounts.posting import address_of

    _, token = make_first_administrator(email=email, name=name, now=timezone.now())
    return address_of(token)


def verify_audit(expected: str | None, say: Say) -> int:
    """Say what a walk along the audit log found; 0 where it is whole."""
    from lighttouch.web.audit.commands import verify

    return verify(expected, say)


def export_archive(trial: str, out: Path, say: Say, progress: Progress) -> None:
    """Write a trial's archive."""
    from lighttouch.web.analysis.commands import export_archive as export

    export(trial, out, say, progress)


def import_archive(folder: Path, say: Say, progress: Progress) -> None:
    """Take an archive in."""
    from lighttouch.web.analysis.commands import import_archive as take_in

    take_in(folder, say, progress)
