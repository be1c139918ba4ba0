"""Statements run as they are written, for the few acts that thousands do in a minute.

Everything else goes through models. Here a statement costs what the database takes for it: its
words are the same each time, so both databases keep their plan of it, and no cursor is made anew.
Errors are Django's, transactions are Django's, and what counts queries counts these.
"""

import threading
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

Row = tuple[Any, ...]
Value = str | int | float | datetime | date | None
_own = threading.local()


def fetch_one(statement: str, parameters: Sequence[Value | Sequence[Value]] = ()) -> Row | None:
    """Return the first row of a statement.

    Parameters
    ----------
    statement
        With ``%s`` for each parameter and no other percent sign.
    """
    row: Row | None = _run(statement, parameters, "fetchone")
    return row


def fetch_all(statement: str, parameters: Sequence[Value | Sequence[Value]] = ()) -> list[Row]:
    """Return every row of a statement."""
    rows: list[Row] = _run(statement, parameters, "fetchall")
    return rows


def run(statement: str, parameters: Sequence[Value | Sequence[Value]] = ()) -> None:
    """Run a statement that returns nothing."""
    _run(statement, parameters, "")


def moment(when: datetime) -> Value:
    """Return a moment as the database takes it."""
    taken: Value = connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(when)
    return taken


def _run(statement: str, parameters: Sequence[Value | Sequence[Value]], then: str) -> Any:  # noqa: ANN401
    # Of two databases whose cursors have no type in common.
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_no_broken_transaction()
    if database.queries_logged:
        with database.cursor() as cursor:
            cursor.execute(statement, parameters)
            return getattr(cursor, then)() if then else None
    with database.wrap_database_errors:
        if database.vendor == "postgresql":
            cursor = _kept_cursor(database.connection)
            cursor.execute(statement, parameters)
        else:
            cursor = database.connection.execute(_in_sqlite(statement), parameters)
        return getattr(cursor, then)() if then else None


def _kept_cursor(connection: Any) -> Any:  # noqa: ANN401
    """Return this thread's cursor, whose statements the server keeps the plan of.

    PostgreSQL takes ten times as long to plan the way through seven tables as to go it.
    """
    kept: tuple[Any, Any] | None = getattr(_own, "cursor", None)
    if kept is None or kept[0] is not connection:
        from django.db.backends.postgresql.base import ServerBindingCursor

        make: Any = ServerBindingCursor  # whose stub knows no parameter
        kept = _own.cursor = (connection, make(connection))
    return kept[1]


@lru_cache(maxsize=512)
def _in_sqlite(statement: str) -> str:
    return statement.replace("%s", "?")
