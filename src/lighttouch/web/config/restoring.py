"""Restore a backup into an empty instance, and prove that it came back as it was."""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.db import IntegrityError, connections, models, transaction
from django.utils import timezone

from lighttouch.core.errors import ArchiveError, Fault
from lighttouch.web.audit.actions import record_alone
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.verifying import verify_chain
from lighttouch.web.config.backups import (
    CHUNK,
    KEYS,
    LAYOUT,
    MANIFEST,
    applied_migrations,
    dump_rows,
    fingerprint,
    kept_models,
    names,
    sha256_of,
)
from lighttouch.web.config.commands import migrate, reaching_databases
from lighttouch.web.storage.models import StoredFile
from lighttouch.web.storage.queries import read_bytes

Say = Callable[[str], None]
BATCH_CHARACTERS = 32 * 1024 * 1024
ANOTHER_COPY = "Use another copy of the backup"


def restore_backup(folder: Path, *, say: Say) -> None:
    """Restore a backup into an empty instance, after checking every file.

    The rows are then read back, and must be those of the backup to the letter; stored files and the
    audit log are checked as well. If anything is wrong, no row is kept.

    Raises
    ------
    ArchiveError
        If the backup is altered or of another version, there is something here already, or what
        came back is not what went in.
    """
    manifest = _read_manifest(folder)
    with reaching_databases():
        _refuse_what_is_not_empty()
        _refuse_other_keys(folder, manifest)
        migrate()
        _refuse_other_tables(manifest)
        with transaction.atomic(), transaction.atomic(using="contacts"):
            for alias in connections:
                _load(alias, folder / "rows" / alias)
            _check(manifest)
        _put_files(folder / "files")
        record_alone(
            act="backup.restored",
            by=OPERATOR,
            now=timezone.now(),
            details={"made_at": str(manifest["made_at"])},
        )
    rows = sum(sum(tables.values()) for tables in manifest["rows"].values())
    say(f"Restored {rows:,} rows; every row, stored file and event of the log is as it was.")
    say("Everybody has to sign in again.")


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
    present = set(names(folder))
    for name, sha256 in sorted(listed.items()):
        if name not in present:
            yield Fault("the file is missing", name, ANOTHER_COPY)
        elif sha256_of(folder / name) != sha256:
            yield Fault("the file was altered", name, ANOTHER_COPY)
    for name in sorted(present - set(listed)):
        yield Fault("the file does not belong to the backup", name, "Take it out")


def _refuse_what_is_not_empty() -> None:
    """Look before anything is changed, even the tables' shape."""
    full = [
        model._meta.label_lower
        for alias in connections
        for model in _present_models(alias)
        if model._base_manager.using(alias).exists()
    ]
    if full:
        raise ArchiveError(
            "there is something in this instance already",
            where=", ".join(full[:5]),
            remedy="Restore into an empty data folder or empty databases",
        )


def _present_models(alias: str) -> list[type[models.Model]]:
    tables = set(connections[alias].introspection.table_names())
    return [model for model in kept_models(alias) if model._meta.db_table in tables]


def _refuse_other_keys(folder: Path, manifest: dict[str, Any]) -> None:
    """Refuse to restore a vault that could not be opened afterwards."""
    if {fingerprint(key) for key in settings.VAULT_KEYS} >= set(manifest["vault_keys"]):
        return
    brings_its_own = (folder / "files" / KEYS[1]).is_file()
    if brings_its_own and not os.environ.get("LIGHTTOUCH_VAULT_KEYS"):
        return
    raise ArchiveError(
        "the keys here are not those of the backup: its vault could not be opened",
        where="LIGHTTOUCH_VAULT_KEYS",
        remedy="Unset it, since the backup holds its keys"
        if brings_its_own
        else "Set it to the keys in use when the backup was made",
    )


def _refuse_other_tables(manifest: dict[str, Any]) -> None:
    here, there = applied_migrations(), manifest["migrations"]
    if here == there:
        return
    newer = any(set(there.get(alias, ())) - set(here[alias]) for alias in here)
    raise ArchiveError(
        f"the backup is of {'a newer' if newer else 'an older'} version, with other tables",
        where=MANIFEST,
        remedy=f"Install version {manifest['software']} and restore with that; then upgrade",
    )


def _load(alias: str, folder: Path) -> None:
    for model in kept_models(alias):
        path = folder / f"{model._meta.label_lower}.jsonl"
        try:
            for text in _batches(path):
                rows = serializers.deserialize("jsonl", io.StringIO(text), using=alias)
                model._base_manager.using(alias).bulk_create(row.object for row in rows)
        except (IntegrityError, serializers.base.DeserializationError):
            raise ArchiveError(
                "the rows do not fit into this version's table",
                where=model._meta.label_lower,
                remedy=ANOTHER_COPY,
            ) from None
    connection = connections[alias]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), kept_models(alias)):
            cursor.execute(statement)


def _batches(path: Path) -> Iterator[str]:
    """Give a table's lines in pieces that fit into memory, where one may hold a whole file."""
    lines: list[str] = []
    size = 0
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            if lines and (len(lines) >= CHUNK or size + len(line) > BATCH_CHARACTERS):
                yield "".join(lines)
                lines, size = [], 0
            lines.append(line)
            size += len(line)
    if lines:
        yield "".join(lines)


class _Digest:
    """A file that only remembers the SHA-256 of what is written to it."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def write(self, text: str) -> int:
        self._sha256.update(text.encode())
        return len(text)

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


def _check(manifest: dict[str, Any]) -> None:
    """Read every row back, check every stored file, and walk the audit log."""
    for alias in connections:
        for model in kept_models(alias):
            name = model._meta.label_lower
            found = _Digest()
            dump_rows(model, alias, found)
            if found.hexdigest() != manifest["sha256"].get(f"rows/{alias}/{name}.jsonl"):
                raise ArchiveError(
                    "the rows did not come back as they were", where=name, remedy=ANOTHER_COPY
                )
    for stored in StoredFile.objects.iterator(1):
        read_bytes(stored)
    report = verify_chain(manifest["audit_seal"])
    if not report.whole:
        raise ArchiveError([Fault(one, "the audit log", ANOTHER_COPY) for one in report.breaks])


def _put_files(folder: Path) -> None:
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        target = Path(settings.DATA_FOLDER) / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o600)
