"""Statements that are run as they are written behave as Django's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from lighttouch.web.programmes.models import Programme
from lighttouch.web.storage.statements import fetch_all, fetch_one, moment, run
from tests.web.cast import NOW

SLUGS = "SELECT slug, created_at FROM programmes_programme WHERE slug <> %s ORDER BY slug"
END = "INSERT INTO audit_head (id, number, seal) VALUES (%s, %s, %s)"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programmes(db: None) -> None:
    for slug in ("a", "b", "c"):
        Programme.objects.create(slug=slug, title="T", created_at=NOW)


def test_rows_come_back_as_they_were_kept() -> None:
    assert [slug for slug, _ in fetch_all(SLUGS, ("b",))] == ["a", "c"]
    assert fetch_one(SLUGS, ("a",)) == fetch_all(SLUGS, ("a",))[0]
    assert fetch_one(SLUGS.replace("<>", ">"), ("c",)) is None


def test_moment_that_was_written_is_the_moment_that_is_read() -> None:
    later = NOW + timedelta(microseconds=7)
    run("UPDATE programmes_programme SET created_at = %s WHERE slug = %s", (moment(later), "a"))
    assert Programme.objects.get(slug="a").created_at == later


def test_statement_is_part_of_the_transaction_around_it() -> None:
    with transaction.atomic():
        run("UPDATE programmes_programme SET title = %s", ("Other",))
        transaction.set_rollback(True)
    assert set(Programme.objects.values_list("title", flat=True)) == {"T"}


def test_fault_is_djangos_whichever_database_it_is_from() -> None:
    run(END, (1, 0, "s"))
    with pytest.raises(IntegrityError), transaction.atomic():
        run(END, (1, 0, "s"))
    with pytest.raises(DatabaseError), transaction.atomic():
        run("SELECT nothing FROM nowhere")


def test_statement_in_a_broken_transaction_is_refused() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch_one(SLUGS, ("a",))


def test_statements_are_counted_where_queries_are(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2) as counted:
        fetch_one(SLUGS, ("a",))
        fetch_all(SLUGS, ("b",))
    assert "programmes_programme" in counted[0]["sql"]


@pytest.mark.django_db(transaction=True)
def test_statement_finds_its_way_to_a_connection_that_was_opened_anew() -> None:
    before = fetch_all(SLUGS, ("b",))
    if connection.vendor == "postgresql":
        connection.close()
    assert fetch_all(SLUGS, ("b",)) == before
