"""Triggers: the words of a version never change, nor anything of a registration."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STAYS = {
    "protocols_version": ("trial_id", "number", "text", "note", "author_id", "created_at"),
    "protocols_registration": (
        "trial_id",
        "version_id",
        "protocol_sha256",
        "secret_commitment",
        "registered_at",
        "registered_by_id",
        "text_id",
        "record_id",
        "preregistration_id",
    ),
    "protocols_amendment": (
        "registration_id",
        "number",
        "version_id",
        "sha256",
        "reason",
        "at",
        "by_id",
        "text_id",
        "record_id",
    ),
}
REFUSAL = "what was saved or registered is never changed"


def add_triggers(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION protocols_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; "
            "END $$"
        )
    for table, columns in STAYS.items():
        name = f"{table}_stays"
        if vendor == "postgresql":
            changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns)
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
                f"WHEN ({changed}) EXECUTE FUNCTION protocols_refuse()"
            )
        else:
            changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
                f"WHEN {changed} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )


def drop_triggers(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in STAYS:
        where = f" ON {table}" if postgresql else ""
        schema_editor.execute(f"DROP TRIGGER {table}_stays{where}")
    if postgresql:
        schema_editor.execute("DROP FUNCTION protocols_refuse()")


class Migration(migrations.Migration):
    dependencies = [("protocols", "0001_initial")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
