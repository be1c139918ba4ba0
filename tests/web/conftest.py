"""What the platform's tests share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.transaction import Atomic, get_connection
from django.test import Client, TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests.web import ready
from tests.web.cast import Cast
from tests.web.studies import world

SignIn = Callable[[str], Client]


@pytest.fixture(scope="session")
def tables_at_hand(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Copy databases whose tables are made, where there are such."""
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            if ready.is_at_hand():
                patch.setattr(BaseDatabaseCreation, "create_test_db", ready.copy_tables)
        yield


@pytest.fixture(scope="session")
def django_db_setup(tables_at_hand: None, django_db_setup: None) -> None:
    """The databases of the tests, with their tables."""


@pytest.fixture(autouse=True)
def what_waits_for_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do at the end of each act what waits for its commit: the test's own never comes."""
    leave = Atomic.__exit__

    def leave_and_tell(self: Atomic, kind: Any, error: Any, trace: Any) -> None:
        leave(self, kind, error, trace)
        connection = get_connection(self.using)
        blocks = connection.atomic_blocks
        if kind is None and len(blocks) == 1 and getattr(blocks[0], "_from_testcase", False):
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _, tell, _ in waiting:
                tell()

    monkeypatch.setattr(Atomic, "__exit__", leave_and_tell)


@pytest.fixture(autouse=True, scope="session")
def emptying_the_databases_between_tests() -> Iterator[None]:
    """After a test that commits, empty what it filled; Django would make its own rows anew."""

    def empty_all(self: TransactionTestCase) -> None:
        for alias in type(self)._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
            ready.empty(connections[alias])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_all)
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """The programme and one person per role."""
    return world("cast")


@pytest.fixture
def sign_in(cast: Cast) -> SignIn:
    """Return a browser signed in as somebody of the cast, past the second factor."""

    def as_person(key: str) -> Client:
        client = Client()
        client.force_login(cast[key], backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_factor_at"] = "2026-03-02T09:00:00+00:00"
        session.save()
        return client

    return as_person
