"""Insert many rows that differ in a few columns only, in one statement.

``bulk_create`` sends every column of every row; on SQLite that is thirty rows a statement.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import connection, models

if TYPE_CHECKING:
    Field = models.Field[object, object]


def insert_alike(
    pattern: models.Model, differing: Sequence[str], rows: Iterable[Sequence[object]]
) -> list[int]:
    """Insert a row like the pattern for each of these, and leave out those that are there already.

    Parameters
    ----------
    pattern
        An instance that is not saved; its key is left to the database.
    differing
        The fields whose values are given by ``rows``, in the order of the values there.

    Returns
    -------
    list of int
        The keys of those that were not there yet.
    """
    fields = [field for field in pattern._meta.concrete_fields if not field.primary_key]
    own = [next(field for field in fields if field.name == wanted) for wanted in differing]
    shared = [field for field in fields if field not in own]
    prepared = [[_prepare(f, value) for f, value in zip(own, row, strict=True)] for row in rows]
    name = connection.ops.quote_name
    columns = ", ".join(name(str(field.column)) for field in (*shared, *own))
    values = ", ".join([*map(_constant, shared), *(_cell(f, n) for n, f in enumerate(own))])
    each = "jsonb_array_elements(CAST(%s AS jsonb))" if _is_postgresql() else "json_each(%s)"
    table = name(pattern._meta.db_table)
    sql = (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {each} AS row"  # noqa: S608
        " WHERE true ON CONFLICT DO NOTHING RETURNING id"
    )
    constants = [f.get_db_prep_save(f.pre_save(pattern, add=True), connection) for f in shared]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*constants, json.dumps(prepared)])
        return [int(key) for (key,) in cursor.fetchall()]


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _prepare(field: "Field", value: object) -> object:
    """Return a value as it is written in JSON: a number, or else text."""
    ready = field.get_db_prep_save(value, connection)
    return ready if isinstance(ready, int) else str(ready)


def _constant(field: "Field") -> str:
    return f"CAST(%s AS {field.db_type(connection)})" if _is_postgresql() else "%s"


def _cell(field: "Field", place: int) -> str:
    if _is_postgresql():
        return f"CAST(row.value ->> {place} AS {field.db_type(connection)})"
    return f"json_extract(row.value, '$[{place}]')"
