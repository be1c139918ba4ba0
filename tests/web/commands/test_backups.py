"""A backup is whole, checked, and restores only into an empty instance, as it was."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lighttouch.core.errors import ArchiveError
from lighttouch.web.audit.models import Event
from lighttouch.web.config import backups
from lighttouch.web.enrolment.models import Participant
from tests.web.cast import Cast
from tests.web.studies import world

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])

Change = Callable[[Path], None]


@pytest.fixture
def cast(db: None) -> Cast:
    """The letters trial, drawn."""
    return world("allocated")


@pytest.fixture
def backup(cast: Cast, tmp_path: Path) -> Path:
    backups.write_backup(tmp_path / "backup", with_keys=False, say=lambda _line: None)
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
    backups.write_backup(tmp_path / "with", with_keys=True, say=said.append)
    assert (tmp_path / "with" / "files" / "vault-keys").is_file()
    assert "Lock it away" in " ".join(said)


def test_restore_refuses_an_instance_that_is_not_empty(backup: Path) -> None:
    before = Event.objects.count()
    with pytest.raises(ArchiveError, match="something in this instance already"):
        backups.restore_backup(backup, say=silent)
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
        backups.restore_backup(backup, say=silent)


def test_restore_refuses_a_folder_that_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no backup"):
        backups.restore_backup(tmp_path, say=silent)


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"LIGHTTOUCH_DATA": str(data), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-m", "lighttouch", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_backup_of_either_database_restores_into_an_empty_instance(
    backup: Path, tmp_path: Path
) -> None:
    """Whatever the tests run on, the copy goes into a fresh SQLite, and comes out again."""
    people, events = Participant.objects.count(), Event.objects.count()
    restored = run(tmp_path / "fresh", "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    with sqlite3.connect(tmp_path / "fresh" / "lighttouch.sqlite3") as there:
        assert there.execute("SELECT count(*) FROM enrolment_participant").fetchone() == (people,)
        assert there.execute("SELECT count(*) FROM audit_event").fetchone() == (events,)
    again = run(tmp_path / "fresh", "audit", "verify")
    assert again.returncode == 0, again.stdout
    second = run(tmp_path / "fresh", "backup", "--out", str(tmp_path / "second"))
    assert second.returncode == 0, second.stderr
    for path in sorted((backup / "rows").rglob("*.jsonl")):
        copy = tmp_path / "second" / path.relative_to(backup)
        assert copy.read_bytes() == path.read_bytes(), path.name
