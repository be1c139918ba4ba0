"""Triggers that keep rows as they were written, on both databases; for migrations."""

from collections.abc import Mapping, Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_as_written(
    app: str, tables: Mapping[str, Sequence[str]], refusal: str
) -> migrations.RunPython:
    """Refuse every change of these columns.

    Parameters
    ----------
    app
        Begins the names of the triggers.
    tables
        Columns by table; a column ending in ``?`` may be filled in once.
    refusal
        What the database answers.
    """

    def add(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        postgresql = editor.connection.vendor == "postgresql"
        if postgresql:
            editor.execute(
                f"CREATE FUNCTION {app}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation'; "
                "END $$"
            )
        for table, columns in tables.items():
            changed = " OR ".join(_changed(column, postgresql=postgresql) for column in columns)
            head = f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW WHEN "
            if postgresql:
                editor.execute(f"{head}({changed}) EXECUTE FUNCTION {app}_refuse()")
            else:
                editor.execute(f"{head}{changed} BEGIN SELECT RAISE(ABORT, '{refusal}'); END")

    def drop(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        postgresql = editor.connection.vendor == "postgresql"
        for table in tables:
            editor.execute(f"DROP TRIGGER {table}_stays{f' ON {table}' if postgresql else ''}")
        if postgresql:
            editor.execute(f"DROP FUNCTION {app}_refuse()")

    return migrations.RunPython(add, drop)


def _changed(column: str, *, postgresql: bool) -> str:
    name = column.removesuffix("?")
    differs = "IS DISTINCT FROM" if postgresql else "IS NOT"
    changed = f'OLD."{name}" {differs} NEW."{name}"'
    return f'(OLD."{name}" IS NOT NULL AND {changed})' if column.endswith("?") else changed
