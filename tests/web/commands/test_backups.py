"""A backup is whole, checked, and restores only into an empty instance, as it was."""

import base64
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection, connections, models
from pytest_django.fixtures import Settings

from lighttouch.core.errors import ArchiveError
from lighttouch.web.audit.models import Event
from lighttouch.web.config.backups import kept_models, one_moment, write_backup
from lighttouch.web.config.restoring import restore_backup
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.programmes.models import Programme
from tests.web import ready
from tests.web.cast import NOW, Cast
from tests.web.studies import world
from tests.web.triggers import without_triggers

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])

Change = Callable[[Path], None]


@pytest.fixture
def cast(db: None) -> Cast:
    """The letters trial, drawn."""
    return world("allocated")


@pytest.fixture
def backup(cast: Cast, tmp_path: Path) -> Path:
    write_backup(tmp_path / "backup", with_keys=False, say=lambda _line: None)
    return tmp_path / "backup"


def silent(_line: str) -> None:
    return None


def test_backup_counts_every_row_and_names_the_last_seal(backup: Path) -> None:
    manifest = json.loads((backup / "BACKUP.json").read_text())
    assert manifest["rows"]["default"]["enrolment.participant"] == Participant.objects.count()
    assert manifest["audit_seal"] == Event.objects.order_by("-number")[0].seal


def test_backup_is_for_its_owner_alone_and_holds_no_key(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    assert not list(backup.rglob("*-key*"))


def test_backup_with_keys_holds_them(cast: Cast, tmp_path: Path) -> None:
    said: list[str] = []
    write_backup(tmp_path / "with", with_keys=True, say=said.append)
    assert (tmp_path / "with" / "files" / "vault-keys").is_file()
    assert "Lock it away" in " ".join(said)


def test_restore_refuses_an_instance_that_is_not_empty(backup: Path) -> None:
    before = Event.objects.count()
    with pytest.raises(ArchiveError, match="something in this instance already"):
        restore_backup(backup, say=silent)
    assert Event.objects.count() == before


def alter(folder: Path) -> None:
    path = folder / "rows" / "default" / "audit.event.jsonl"
    path.write_bytes(path.read_bytes().replace(b"return", b"retorn", 1))


def remove(folder: Path) -> None:
    (folder / "rows" / "default" / "audit.event.jsonl").unlink()


def add(folder: Path) -> None:
    (folder / "rows" / "extra.jsonl").write_text("")


def make_newer(folder: Path) -> None:
    path = folder / "BACKUP.json"
    path.write_text(path.read_text().replace('"layout": 1', '"layout": 2'))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (alter, "altered"),
        (remove, "missing"),
        (add, "does not belong"),
        (make_newer, "has layout 2"),
    ],
)
def test_restore_refuses_a_backup_that_is_not_as_it_was_written(
    backup: Path, change: Change, fault: str
) -> None:
    change(backup)
    with pytest.raises(ArchiveError, match=fault):
        restore_backup(backup, say=silent)


def test_restore_refuses_a_folder_that_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no backup"):
        restore_backup(tmp_path, say=silent)


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "BACKUP.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def fill(folder: Path, name: str, text: str) -> None:
    """Alter a file of a backup so that its checksum does not show it."""
    (folder / name).write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    change_manifest(folder, lambda manifest: manifest["sha256"].update({name: digest}))


def environment_of(data: Path, **more: str) -> dict[str, str]:
    """Return the variables of another instance that has this one's keys."""
    keys = ",".join(settings.VAULT_KEYS)
    return {
        "LIGHTTOUCH_DATA": str(data),
        "LIGHTTOUCH_VAULT_KEYS": keys,
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        **more,
    }


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lighttouch", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def emptied(backup: Path, tmp_path: Path, settings: Settings) -> Path:
    """The backup, and this instance as empty as a new one."""
    settings.DATA_FOLDER = tmp_path / "data"
    for alias in connections:
        with without_triggers(connections[alias]), connections[alias].cursor() as cursor:
            for model in kept_models(alias):
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
    return backup


def test_restored_instance_is_the_one_that_was_copied(emptied: Path, tmp_path: Path) -> None:
    said: list[str] = []
    restore_backup(emptied, say=said.append)
    assert "every row, stored file and event of the log is as it was" in said[0]
    write_backup(tmp_path / "second", with_keys=False, say=silent)
    assert_same_rows(emptied, tmp_path / "second")
    event = Event.objects.get(act="backup.restored")
    assert event.previous == seal_of(emptied)


def test_restored_tables_number_new_rows_after_the_old(emptied: Path) -> None:
    restore_backup(emptied, say=silent)
    last = Participant.objects.order_by("-pk")[0]
    last.pk, last.staff_id = None, "new"
    last.save(force_insert=True)
    assert Participant.objects.filter(staff_id="new").exists()


@pytest.fixture(
    params=["newer", "older", "other_keys", "row_less", "file_altered", "two_of_one_code"]
)
def misfit(request: pytest.FixtureRequest, emptied: Path) -> tuple[Path, str, str]:
    """A backup whose checksums are right and that must not be restored, the fault, the remedy."""
    changes: dict[str, tuple[Change, str, str]] = {
        "newer": (newer, "a newer version", "Install version"),
        "older": (older, "an older version", "Install version"),
        "other_keys": (of_other_keys, "keys here are not those of the backup", "Set it to"),
        "row_less": (with_a_row_less, "removed from the end", "another copy"),
        "file_altered": (with_an_altered_file, "a stored file was altered", ""),
        "two_of_one_code": (with_two_of_one_code, "do not fit", "another copy"),
    }
    change, what, remedy = changes[request.param]
    change(emptied)
    return emptied, what, remedy


def test_restore_that_is_refused_leaves_the_instance_empty(misfit: tuple[Path, str, str]) -> None:
    folder, what, remedy = misfit
    with pytest.raises(ArchiveError, match=what) as caught:
        restore_backup(folder, say=silent)
    assert remedy in str(caught.value)
    for alias in connections:
        assert not any(m._base_manager.using(alias).exists() for m in kept_models(alias))


def newer(folder: Path) -> None:
    change_manifest(folder, lambda m: m["migrations"]["default"].append("audit.0009_more"))


def older(folder: Path) -> None:
    change_manifest(folder, lambda m: m["migrations"]["default"].remove("audit.0001_initial"))


def of_other_keys(folder: Path) -> None:
    change_manifest(folder, lambda m: m.update(vault_keys=["0123456789abcdef"]))


def with_a_row_less(folder: Path) -> None:
    """Take out the last event: the chain before it is whole, and its end says otherwise."""
    name = "rows/default/audit.event.jsonl"
    lines = (folder / name).read_text().splitlines(keepends=True)
    fill(folder, name, "".join(lines[:-1]))


def with_an_altered_file(folder: Path) -> None:
    name = "rows/default/storage.storedfile.jsonl"
    text = (folder / name).read_text()
    content = json.loads(text.splitlines()[0])["fields"]["content"]
    fill(folder, name, text.replace(content, base64.b64encode(b"something else").decode(), 1))


def with_two_of_one_code(folder: Path) -> None:
    name = "rows/default/programmes.partner.jsonl"
    rows = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    rows[0]["fields"]["code"] = rows[1]["fields"]["code"]
    fill(folder, name, "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows))


def test_backup_of_either_database_restores_into_an_empty_instance(
    backup: Path, tmp_path: Path
) -> None:
    """Whatever the tests run on, the copy goes into a fresh SQLite, and comes out the same.

    Its tables are made by restoring where the copy is of PostgreSQL, else they are there already.
    """
    people, events = Participant.objects.count(), Event.objects.count()
    there = environment_of(tmp_path / "fresh")
    if connection.vendor == "sqlite":
        fresh = {alias: tmp_path / "fresh" / name for alias, name in ready.FILES.items()}
        (tmp_path / "fresh").mkdir(mode=0o700)
        ready.copy_files(fresh)
    restored = run(there, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert "every row, stored file and event of the log is as it was" in restored.stdout
    with sqlite3.connect(tmp_path / "fresh" / "lighttouch.sqlite3") as database:
        count = "SELECT count(*) FROM"
        assert database.execute(f"{count} enrolment_participant").fetchone() == (people,)
        assert database.execute(f"{count} audit_event").fetchone() == (events + 1,)
    assert run(there, "audit", "verify", "--expect", seal_of(backup)).returncode == 0
    second = run(there, "backup", "--out", str(tmp_path / "second"))
    assert second.returncode == 0, second.stderr
    assert_same_rows(backup, tmp_path / "second")
    if connection.vendor == "postgresql":
        with another_postgres() as addresses:
            there = environment_of(tmp_path / "third", **addresses)
            restored = run(there, "restore", str(tmp_path / "second"))
            assert restored.returncode == 0, restored.stderr
            third = run(there, "backup", "--out", str(tmp_path / "third-backup"))
            assert third.returncode == 0, third.stderr
        assert_same_rows(backup, tmp_path / "third-backup")


def seal_of(folder: Path) -> str:
    return str(json.loads((folder / "BACKUP.json").read_text())["audit_seal"])


def assert_same_rows(one: Path, other: Path) -> None:
    """Compare every table but the log, to which each restore and backup adds."""
    paths = sorted((one / "rows").rglob("*.jsonl"))
    assert paths
    for path in paths:
        if not path.name.startswith("audit."):
            copy = other / path.relative_to(one)
            assert copy.read_bytes() == path.read_bytes(), path.name


@contextmanager
def another_postgres() -> Iterator[dict[str, str]]:
    """Make two more databases on the tests' server."""
    found = connection.settings_dict
    server = f"postgresql://{found['USER']}@{found['HOST']}:{found['PORT']}"
    created = {"default": "restored", "contacts": "restored_contacts"}
    with psycopg.connect(f"{server}/postgres", autocommit=True) as database:
        for alias, name in created.items():
            ready.copy_in_postgres(database, name, alias)
        try:
            yield {
                "DATABASE_URL": f"{server}/restored",
                "CONTACTS_DATABASE_URL": f"{server}/restored_contacts",
            }
        finally:
            for name in created.values():
                database.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_keys_in_a_backup_come_back_with_it(
    cast: Cast, tmp_path: Path, request: pytest.FixtureRequest, settings: Settings
) -> None:
    write_backup(tmp_path / "with", with_keys=True, say=silent)
    keys = ",".join(settings.VAULT_KEYS)
    request.getfixturevalue("emptied")
    settings.VAULT_KEYS = (Fernet.generate_key().decode(),)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTTOUCH_VAULT_KEYS", settings.VAULT_KEYS[0])
        with pytest.raises(ArchiveError, match="Unset it, since the backup holds its keys"):
            restore_backup(tmp_path / "with", say=silent)
    restore_backup(tmp_path / "with", say=silent)
    kept = settings.DATA_FOLDER / "vault-keys"
    assert kept.read_text().strip() == keys
    assert (settings.DATA_FOLDER / "secret-key").read_text().strip() == settings.SECRET_KEY
    assert kept.stat().st_mode & 0o077 == 0


def test_backup_that_fails_leaves_nothing_behind(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lighttouch.web.config.backups.names", full)
    with pytest.raises(OSError, match="No space"):
        write_backup(tmp_path / "out" / "backup", with_keys=False, say=silent)
    assert list((tmp_path / "out").iterdir()) == []


def test_backup_is_never_put_over_another(backup: Path) -> None:
    with pytest.raises(ArchiveError):
        write_backup(backup, with_keys=False, say=silent)


def test_taking_a_backup_is_in_the_log(backup: Path) -> None:
    event = Event.objects.get(act="backup.started")
    assert (event.actor, event.details) == ("operator", {"with_keys": False})
    assert seal_of(backup) == event.seal


@pytest.mark.django_db(databases=["default", "contacts"], transaction=True)
def test_people_go_on_working_while_a_backup_is_made(tmp_path: Path) -> None:
    """The copy is of one moment; nobody waits for it, and what they write is not in it."""
    seen: list[int] = []

    def write_meanwhile() -> None:
        with one_moment():
            before = Programme.objects.count()
            writer = threading.Thread(target=make_one)
            writer.start()
            writer.join(10)
            assert not writer.is_alive(), "somebody waited for the backup"
            seen.extend((before, Programme.objects.count()))

    def make_one() -> None:
        Programme.objects.create(slug="meanwhile", title="Meanwhile", created_at=NOW)
        connections.close_all()

    write_meanwhile()
    assert seen == [0, 0]
    assert Programme.objects.count() == 1


def test_no_table_changes_a_moment_when_it_is_written_back() -> None:
    """Restoring keeps every value; a field that sets the time itself could not be kept."""
    for alias in connections:
        for model in kept_models(alias):
            for field in model._meta.concrete_fields:
                assert not getattr(field, "auto_now", False), field
                assert not getattr(field, "auto_now_add", False), field


def test_rows_are_numbered_so_that_every_database_sorts_them_alike() -> None:
    for alias in connections:
        for model in kept_models(alias):
            assert isinstance(model._meta.pk, models.IntegerField | models.OneToOneField), model
