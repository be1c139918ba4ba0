"""Copy an instance: both databases, row by row, and the files of the data folder.

The copy does not depend on the kind of database: what was kept in SQLite can be restored into
PostgreSQL. Rows are streamed, table by table, from one moment's view of the databases, while people
go on working.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, TextIO

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, router, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.db.models.functions import Length
from django.utils import timezone

from lighttouch import __version__
from lighttouch.core.archive.writing import whole_or_nothing
from lighttouch.web.audit.actions import record_alone
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.models import Head
from lighttouch.web.config.commands import require_tables

Say = Callable[[str], None]
MANIFEST = "BACKUP.json"
LAYOUT = 1
KEYS = ("secret-key", "vault-keys")
OUTBOX = "outbox"
LEFT_OUT_APPS = {"contenttypes", "auth", "sessions", "django_tasks_database"}
LEFT_OUT_MODELS = {"jobs.worker", "jobs.periodicrun"}
"""Made again by themselves: people sign in again, and unfinished jobs are put into the queue."""
CHUNK = 500
CHUNK_BYTES = 32 * 1024 * 1024


def write_backup(out: Path, *, with_keys: bool, say: Say) -> None:
    """Write a backup as a folder, whole or not at all, readable by its owner alone.

    Parameters
    ----------
    with_keys
        Whether the secret keys go in. Without them whoever has the backup cannot open the vault,
        and a restore needs the same keys from elsewhere.
    """
    require_tables()
    now = timezone.now()
    with whole_or_nothing(out) as folder:
        record_alone(act="backup.started", by=OPERATOR, now=now, details={"with_keys": with_keys})
        with one_moment():
            counts = {alias: _dump(alias, folder / "rows" / alias) for alias in connections}
            seal = Head.objects.get(pk=1).seal
        _copy_files(folder / "files", with_keys=with_keys)
        manifest = {
            "layout": LAYOUT,
            "software": __version__,
            "made_at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
            "migrations": applied_migrations(),
            "rows": counts,
            "audit_seal": seal,
            "vault_keys": [fingerprint(key) for key in settings.VAULT_KEYS],
            "sha256": {name: sha256_of(folder / name) for name in names(folder)},
        }
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8")
    out.chmod(0o700)
    _tell(out, counts, with_keys=with_keys, say=say)


def _tell(out: Path, counts: dict[str, dict[str, int]], *, with_keys: bool, say: Say) -> None:
    rows = sum(sum(tables.values()) for tables in counts.values())
    say(f"Backup: {out} ({rows:,} rows)")
    if with_keys:
        say("The secret keys are in it: whoever has it can read every name and contact detail,")
        say("and foretell draws not yet made. Lock it away.")
    else:
        say("The secret keys are not in it. Keep them elsewhere: without them the vault, and draws")
        say("not yet made, cannot be restored.")


def kept_models(alias: str) -> list[type[models.Model]]:
    """Return the tables of a database that a backup holds."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in LEFT_OUT_APPS
        and model._meta.label_lower not in LEFT_OUT_MODELS
        and model._meta.managed
        and not model._meta.proxy
        and router.allow_migrate_model(alias, model)
    ]


@contextmanager
def one_moment() -> Iterator[None]:
    """See both databases as they are now, whatever others write meanwhile; stop nobody."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(_one_moment_of(alias))
        yield


@contextmanager
def _one_moment_of(alias: str) -> Iterator[None]:
    connection = connections[alias]
    if connection.in_atomic_block:  # somebody else's transaction is around ours, as in a test
        yield
        return
    is_sqlite = connection.vendor == "sqlite"
    connection.ensure_connection()
    mode = getattr(connection, "transaction_mode", None)
    if is_sqlite:
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
    try:
        with transaction.atomic(using=alias):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM sqlite_master"
                    if is_sqlite
                    else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
                )
            yield
    finally:
        if is_sqlite:
            connection.transaction_mode = mode  # type: ignore[attr-defined]


def _dump(alias: str, folder: Path) -> dict[str, int]:
    """Write every table of a database; say how many rows each has."""
    folder.mkdir(parents=True)
    counts: dict[str, int] = {}
    for model in kept_models(alias):
        name = model._meta.label_lower
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            dump_rows(model, alias, file)
        counts[name] = model._base_manager.using(alias).count()
    return counts


def dump_rows(model: type[models.Model], alias: str, stream: TextIO | Any) -> None:  # noqa: ANN401
    """Write a table's rows, one a line, by number, the same from every kind of database."""
    rows = model._base_manager.using(alias).order_by("pk")
    chunk = _rows_at_once(model, alias)
    columns = [field.name for field in model._meta.concrete_fields]
    serializers.serialize(
        "jsonl",
        rows.iterator(chunk),
        stream=stream,
        fields=columns,
        sort_keys=True,
        cls=_ExactTimes,
    )


class _ExactTimes(DjangoJSONEncoder):
    """Keeps microseconds, which Django's own encoder drops and the seals of the log need."""

    def default(self, o: object) -> Any:  # noqa: ANN401
        """Write moments and times of day with their microseconds."""
        return o.isoformat() if isinstance(o, datetime | time) else super().default(o)


def _rows_at_once(model: type[models.Model], alias: str) -> int:
    """Say how many rows fit into memory at once, where one may hold a whole file."""
    binary = [f.name for f in model._meta.fields if isinstance(f, models.BinaryField)]
    if not binary:
        return CHUNK
    longest = model._base_manager.using(alias).aggregate(
        **{f"longest_{name}": Max(Length(name)) for name in binary}
    )
    size = sum(length or 0 for length in longest.values())
    return max(1, min(CHUNK, CHUNK_BYTES // max(size, 1)))


def _copy_files(folder: Path, *, with_keys: bool) -> None:
    folder.mkdir()
    outbox = Path(settings.DATA_FOLDER) / OUTBOX
    if outbox.is_dir():
        shutil.copytree(outbox, folder / OUTBOX, copy_function=shutil.copyfile)
    if with_keys:
        secrets = (settings.SECRET_KEY, ",".join(settings.VAULT_KEYS))
        for name, secret in zip(KEYS, secrets, strict=True):
            (folder / name).write_text(f"{secret}\n", encoding="ascii")


def applied_migrations() -> dict[str, list[str]]:
    """Return what each database's tables have been through."""
    return {
        alias: sorted(
            f"{app}.{name}"
            for app, name in MigrationRecorder(connections[alias]).applied_migrations()
        )
        for alias in connections
    }


def fingerprint(key: str) -> str:
    """Return what tells whether a key is the same, and nothing else about it."""
    return hashlib.sha256(f"lighttouch backup {key}".encode()).hexdigest()[:16]


def names(folder: Path) -> list[str]:
    """Return the paths of a backup's files, but for the manifest's."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
