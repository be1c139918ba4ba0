"""Backup and restore: both databases, row by row, and the files of the data folder.

The copy does not depend on the kind of database: what was kept in SQLite can be restored into
PostgreSQL. Rows are streamed, table by table, from one moment's view of each database.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.db import connections, models, router, transaction
from django.db.migrations.recorder import MigrationRecorder

from lighttouch import __version__
from lighttouch.core.archive.writing import whole_or_nothing
from lighttouch.core.errors import ArchiveError, Fault
from lighttouch.web.config.commands import migrate, prepare

__all__ = ["prepare", "restore_backup", "write_backup"]

Say = Callable[[str], None]
Rows = Iterator[models.Model]
MANIFEST = "BACKUP.json"
LAYOUT = 1
KEYS = ("secret-key", "vault-keys")
FILES = ("outbox",)
LEFT_OUT = {"contenttypes", "auth", "sessions", "django_tasks_db"}
"""Made again by themselves: sessions end, and unfinished jobs are put back into the queue."""
CHUNK = 500


def write_backup(out: Path, *, with_keys: bool, say: Say) -> None:
    """Write a backup as a folder, whole or not at all, readable by its owner alone.

    Parameters
    ----------
    with_keys
        Whether the secret keys go in. Without them whoever has the backup cannot open the vault,
        and a restore needs the same keys from elsewhere.
    """
    with whole_or_nothing(out) as folder:
        folder.chmod(0o700)
        counts = {alias: _dump(alias, folder / "rows" / alias) for alias in connections}
        _copy_files(folder / "files", with_keys=with_keys)
        manifest = {
            "layout": LAYOUT,
            "software": __version__,
            "made_at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
            "migrations": _migrations(),
            "rows": counts,
            "audit_seal": _seal(),
            "sha256": {name: _sha256(folder / name) for name in _names(folder)},
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    out.chmod(0o700)
    rows = sum(sum(tables.values()) for tables in counts.values())
    say(f"Backup: {out} ({rows:,} rows)")
    if with_keys:
        say("The secret keys are in it: whoever has it can open everything. Lock it away.")
    else:
        say("The secret keys are not in it. Keep them elsewhere: without them the vault, and draws")
        say("not yet made, cannot be restored.")


def restore_backup(folder: Path, *, say: Say) -> None:
    """Restore a backup into an empty instance, after checking every file.

    Raises
    ------
    ArchiveError
        If the backup is altered or of another version, or there is something here already.
    """
    manifest = _read_manifest(folder)
    migrate()
    _refuse_unless_fits(manifest)
    with transaction.atomic(), transaction.atomic(using="contacts"):
        for alias in connections:
            _load(alias, folder / "rows" / alias)
        _check(manifest)
    _put_files(folder / "files")
    rows = sum(sum(tables.values()) for tables in manifest["rows"].values())
    say(f"Restored {rows:,} rows; checksums, counts and the audit log are as they were.")
    if not (folder / "files" / KEYS[0]).is_file():
        say("It holds no keys: set LIGHTTOUCH_SECRET_KEY and LIGHTTOUCH_VAULT_KEYS as before.")


def _models(alias: str) -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in LEFT_OUT
        and model._meta.managed
        and not model._meta.proxy
        and router.allow_migrate_model(alias, model)
    ]


def _dump(alias: str, folder: Path) -> dict[str, int]:
    """Write every table of a database, as it was at one moment; say how many rows each has."""
    folder.mkdir(parents=True)
    counts: dict[str, int] = {}
    with transaction.atomic(using=alias):
        if connections[alias].vendor == "postgresql" and not _inside(alias):
            with connections[alias].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for model in _models(alias):
            rows = model._base_manager.using(alias).order_by("pk")
            with (folder / f"{model._meta.label_lower}.jsonl").open("w", encoding="utf-8") as file:
                serializers.serialize("jsonl", rows.iterator(CHUNK), stream=file)
            counts[model._meta.label_lower] = rows.count()
    return counts


def _inside(alias: str) -> bool:
    """Say whether somebody else's transaction is around ours, as in a test."""
    return len(connections[alias].savepoint_ids) > 0


def _load(alias: str, folder: Path) -> None:
    for model in _models(alias):
        path = folder / f"{model._meta.label_lower}.jsonl"
        with path.open(encoding="utf-8") as file:
            rows = (one.object for one in serializers.deserialize("jsonl", file, using=alias))
            while batch := list(islice(rows, CHUNK)):
                model._base_manager.using(alias).bulk_create(batch)
    connection = connections[alias]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), _models(alias)):
            cursor.execute(statement)


def _copy_files(folder: Path, *, with_keys: bool) -> None:
    folder.mkdir()
    for name in (*FILES, *(KEYS if with_keys else ())):
        source = Path(settings.DATA_FOLDER) / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.is_file():
            shutil.copyfile(source, folder / name)


def _put_files(folder: Path) -> None:
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        target = Path(settings.DATA_FOLDER) / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        os.chmod(target, 0o600)  # noqa: PTH101 - of a path that was just made


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        layout, listed = manifest["layout"], manifest["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            "this is no backup, or its list of files cannot be read",
            where=MANIFEST,
            remedy="Name the folder that lighttouch backup wrote",
        ) from error
    if layout != LAYOUT:
        raise ArchiveError(
            f"the backup has layout {layout}; this version reads {LAYOUT}",
            where=MANIFEST,
            remedy=f"Use the version that wrote it: {manifest.get('software', 'unknown')}",
        )
    faults = list(_compare(folder, listed))
    if faults:
        raise ArchiveError(faults)
    return manifest


def _compare(folder: Path, listed: dict[str, str]) -> Iterator[Fault]:
    present = set(_names(folder))
    for name, sha256 in sorted(listed.items()):
        if name not in present:
            yield Fault("the file is missing", name, "Use another copy of the backup")
        elif _sha256(folder / name) != sha256:
            yield Fault("the file was altered", name, "Use another copy of the backup")
    for name in sorted(present - set(listed)):
        yield Fault("the file does not belong to the backup", name, "Take it out")


def _refuse_unless_fits(manifest: dict[str, Any]) -> None:
    if manifest["migrations"] != _migrations():
        raise ArchiveError(
            "the backup's tables are not those of this version",
            where=MANIFEST,
            remedy=f"Restore with version {manifest['software']}, then bring it up to date",
        )
    full = [
        model._meta.label_lower
        for alias in connections
        for model in _models(alias)
        if model._base_manager.using(alias).exists()
    ]
    if full:
        raise ArchiveError(
            "there is something in this instance already",
            where=", ".join(full[:5]),
            remedy="Restore into an empty data folder or empty databases",
        )


def _check(manifest: dict[str, Any]) -> None:
    """Count the rows, check every stored file, and walk the audit log."""
    from lighttouch.web.audit.verifying import verify_chain
    from lighttouch.web.storage.models import StoredFile
    from lighttouch.web.storage.queries import read_bytes

    for alias, counts in manifest["rows"].items():
        for model in _models(alias):
            found = model._base_manager.using(alias).count()
            if found != counts.get(model._meta.label_lower):
                raise ArchiveError("rows are missing", where=model._meta.label_lower)
    for stored in StoredFile.objects.iterator(20):
        read_bytes(stored)
    report = verify_chain(manifest["audit_seal"] or None)
    if not report.whole:
        raise ArchiveError([Fault(one, "the audit log") for one in report.breaks])


def _migrations() -> dict[str, list[str]]:
    return {
        alias: sorted(
            f"{app}.{name}"
            for app, name in MigrationRecorder(connections[alias]).applied_migrations()
        )
        for alias in connections
    }


def _seal() -> str:
    from lighttouch.web.audit.models import Head

    head = Head.objects.first()
    return head.seal if head and head.number else ""


def _names(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
