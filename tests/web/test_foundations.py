"""What every later page stands on."""

import subprocess
import sys

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client

from lighttouch.web.accounts.models import Grant, Role
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from tests.web.cast import NOW, Cast


@pytest.mark.django_db(databases=["default", "contacts"])
def test_health_page_answers_for_both_databases() -> None:
    answer = Client().get("/health/")
    assert answer.status_code == 200
    assert answer.json()["databases"] == {"default": True, "contacts": True}


@pytest.mark.django_db
def test_sqlite_keeps_a_write_ahead_log() -> None:
    if connections["default"].vendor != "sqlite":
        pytest.skip("the write-ahead log is SQLite's")
    assert connections["default"].settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_coordinator_has_rights_at_own_partner_only(cast: Cast) -> None:
    own = Scope(cast.programme, cast.trial, cast.dudley)
    other = Scope(cast.programme, cast.trial, cast.shropshire)
    assert has_right(cast["coordinator"], Right.SEND_RETURN, own)
    assert not has_right(cast["coordinator"], Right.SEND_RETURN, other)


def test_right_to_randomise_gives_nothing_else(cast: Cast) -> None:
    scope = Scope(cast.programme, cast.trial)
    assert [right for right in Right if has_right(cast["randomiser"], right, scope)] == [
        Right.RANDOMISE
    ]


def test_researcher_sees_no_arm_before_unblinding(cast: Cast) -> None:
    scope = Scope(cast.programme, cast.trial)
    assert not has_right(cast["researcher"], Right.SEE_ARMS, scope)
    cast.trial.unblinded_at = NOW
    assert has_right(cast["researcher"], Right.SEE_ARMS, scope)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TEAM_MANAGER, Role.RESEARCHER])
def test_database_refuses_a_role_without_its_scope(cast: Cast, role: Role) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=cast["researcher"], role=role, granted_at=NOW)


def test_site_starts_without_the_libraries_that_compute() -> None:
    loaded = (
        "import django, sys; django.setup(); from lighttouch.web.config import urls; "
        "print({'scipy', 'matplotlib', 'joblib', 'typst'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
