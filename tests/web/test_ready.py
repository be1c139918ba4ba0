"""The databases that tests copy are those that this version makes."""

import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.models import Event
from lighttouch.web.config.commands import require_tables
from tests.web import ready
from tests.web.cast import NOW, Cast

CHANGED = ("accounts/migrations/0001_initial.py", "accounts/models.py", "enrolment/triggers.py")


@pytest.mark.django_db(databases=["default", "contacts"])
def test_tables_of_the_tests_are_up_to_date() -> None:
    require_tables()
    made = set(connection.introspection.table_names())
    assert set(connection.introspection.django_table_names()) <= made


@pytest.mark.parametrize("name", CHANGED)
def test_change_to_what_tables_come_of_makes_them_anew(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    shutil.copy(ready.WEB / name, path)
    before = ready.digest(tmp_path)
    path.write_text(path.read_text() + "# changed\n")
    assert ready.digest(tmp_path) != before


def test_new_migration_makes_the_tables_anew(tmp_path: Path) -> None:
    before = ready.digest(tmp_path)
    path = tmp_path / "surveys" / "migrations" / "0002_more.py"
    path.parent.mkdir(parents=True)
    path.touch()
    assert ready.digest(tmp_path) != before


def test_what_is_kept_is_made_once_for_one_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "KEPT", tmp_path)
    made: list[str] = []

    def make(folder: Path) -> None:
        folder.mkdir()
        made.append(folder.name)

    for source in ("one", "one", "another"):
        with ready.keeping("tables", make, source) as folder:
            assert folder.is_dir()
    assert len(made) == 2
    assert len(list(tmp_path.glob("tables-*"))) == 1


def test_making_that_fails_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "KEPT", tmp_path)

    def fail(folder: Path) -> None:
        folder.mkdir()
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"), ready.keeping("tables", fail):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["tables.lock"]


@pytest.mark.django_db(databases=["default", "contacts"], transaction=True)
def test_emptying_takes_every_row_but_those_of_the_tables_themselves(cast: Cast) -> None:
    before = Permission.objects.count()
    with transaction.atomic():
        record(act="trial.started", by=OPERATOR, now=NOW)
    ready.empty(connection)
    assert not User.objects.exists()
    assert not Event.objects.exists()
    assert Permission.objects.count() == before > 0
