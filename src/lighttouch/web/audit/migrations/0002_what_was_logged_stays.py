"""Triggers: no event is ever changed or deleted, and the end of the chain never moves back."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSAL = "the log of acts is only ever added to"
BACK = "NEW.id <> OLD.id OR NEW.number <= OLD.number"
TRIGGERS = {
    "audit_event_not_changed": ("UPDATE", "audit_event", ""),
    "audit_event_not_deleted": ("DELETE", "audit_event", ""),
    "audit_head_not_moved_back": ("UPDATE", "audit_head", BACK),
    "audit_head_not_deleted": ("DELETE", "audit_head", ""),
}


def add_triggers(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(
            "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; "
            "END $$"
        )
        for table in ("audit_event", "audit_head"):
            schema_editor.execute(
                f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            )
    refuse = (
        "EXECUTE FUNCTION audit_refuse()"
        if postgresql
        else f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    for name, (act, table, only_if) in TRIGGERS.items():
        when = f"WHEN ({only_if}) " if only_if else ""
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW {when}{refuse}"
        )


def drop_triggers(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgresql = schema_editor.connection.vendor == "postgresql"
    for name, (_act, table, _when) in TRIGGERS.items():
        schema_editor.execute(f"DROP TRIGGER {name}{f' ON {table}' if postgresql else ''}")
    if postgresql:
        for table in ("audit_event", "audit_head"):
            schema_editor.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
        schema_editor.execute("DROP FUNCTION audit_refuse()")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
