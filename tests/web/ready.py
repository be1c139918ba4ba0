"""Databases with every table made, copied for the tests: making the tables takes ten seconds.

They are made by ``lighttouch migrate`` itself, once, and kept beside pytest's cache under a digest
of all that the tables come of, so that a change to any of it makes them anew.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import connection as first_database
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.web.triggers import without_triggers

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "lighttouch" / "web"
KEPT = ROOT / ".pytest_cache" / "databases"
SOURCES = (
    "**/migrations/*.py",
    "**/models.py",
    "**/triggers.py",
    "config/commands.py",
    "config/routing.py",
    "config/settings.py",
)
LIBRARIES = ("django", "django-allauth", "django-tasks", "django-tasks-db")
FILES = {"default": "lighttouch.sqlite3", "contacts": "contacts.sqlite3"}
TEMPLATES = {"default": "ready", "contacts": "ready_contacts"}
"""The databases to copy, in the PostgreSQL of :mod:`tests.web.postgres`."""
ALWAYS_THERE = ("auth_permission", "django_content_type", "django_migrations")
"""The tables of Django's own rows, which no test changes."""

Make = Callable[[Path], None]


def digest(web: Path = WEB, *more: str) -> str:
    """Name the tables that this source makes."""
    found = hashlib.sha256(sqlite3.sqlite_version.encode())
    for path in sorted({path for pattern in SOURCES for path in web.glob(pattern)}):
        found.update(f"{path.relative_to(web)}\0".encode() + path.read_bytes())
    for line in (*(f"{name} {version(name)}" for name in LIBRARIES), *more):
        found.update(line.encode())
    return found.hexdigest()[:16]


@contextmanager
def keeping(name: str, make: Make, *more: str) -> Iterator[Path]:
    """Give the kept folder of this name, made first if need be; nobody else changes it meanwhile.

    What was kept for other sources is removed when something is made.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = KEPT / f"{name}-{digest(WEB, *more)}"
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with TemporaryDirectory(dir=KEPT, prefix="making-") as making:
                make(Path(making) / name)
                for old in KEPT.glob(f"{name}-*"):
                    shutil.rmtree(old)
                (Path(making) / name).rename(folder)
        yield folder


def make_tables(data: Path, **variables: str) -> None:
    """Run ``lighttouch migrate`` with this data folder."""
    away = ("DATABASE_URL", "CONTACTS_DATABASE_URL")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO", "LIGHTTOUCH"))}
    subprocess.run(
        [sys.executable, "-m", "lighttouch", "migrate"],
        env={k: v for k, v in kept.items() if k not in away}
        | {"LIGHTTOUCH_DATA": str(data)}
        | variables,
        check=True,
    )


def copy_files(targets: Mapping[str, Path]) -> None:
    """Copy SQLite's databases, each by its alias, to these files."""
    with keeping("sqlite", _make_files) as kept:
        for alias, target in targets.items():
            shutil.copy(kept / FILES[alias], target)


def _make_files(folder: Path) -> None:
    with TemporaryDirectory() as instance:
        make_tables(Path(instance))
        folder.mkdir()
        for name in FILES.values():
            shutil.move(Path(instance) / name, folder / name)


def copy_tables(creation: Any, *_: Any, **__: Any) -> str:
    """Make the test database of a connection as a copy; stands for Django's ``create_test_db``."""
    connection, name = creation.connection, creation._get_test_db_name()
    if connection.vendor == "sqlite":
        copy_files({connection.alias: Path(name)})
    else:
        with creation._nodb_cursor() as cursor:
            copy_in_postgres(cursor, name, connection.alias)
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = name
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    return str(name)


def copy_in_postgres(cursor: Any, name: str, alias: str) -> None:
    """Make a database of this name, with the tables of one of ours."""
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
    cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATES[alias]}"')


def empty(database: BaseDatabaseWrapper) -> None:
    """Take every row from a database but those that were there once its tables were made."""
    quote, own = database.ops.quote_name, database.introspection.table_names()
    asked = (
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})"
        for table in own
        if table not in ALWAYS_THERE
    )
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        filled = [quote(table) for (table,) in cursor.fetchall()]
        if filled:
            with without_triggers(database):
                if database.vendor == "postgresql":
                    cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
                else:
                    for table in filled:
                        cursor.execute(f"DELETE FROM {table}")


@cache
def is_at_hand() -> bool:
    """Whether there is something to copy: always on SQLite, and in the tests' own PostgreSQL."""
    if first_database.vendor == "sqlite":
        return True
    with first_database.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATES["default"]])
        return cursor.fetchone() is not None
