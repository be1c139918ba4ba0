"""On PostgreSQL, a function that appends an event: the end of the chain is locked for less time."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ARGUMENTS = "timestamptz, text, text, text, text, text, jsonb, text, text, text"
APPEND = """
CREATE FUNCTION audit_append(
    at timestamptz, actor text, act text, programme text, trial text, partner text, details jsonb,
    before text, between_ text, after text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    tip audit_head;
    sealed text;
BEGIN
    SELECT * INTO tip FROM audit_head h WHERE h.id = 1 FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_head (id, number, seal) VALUES (1, 0, repeat('0', 64))
        ON CONFLICT (id) DO NOTHING;
        SELECT * INTO tip FROM audit_head h WHERE h.id = 1 FOR UPDATE;
    END IF;
    sealed := encode(
        sha256(convert_to(before || (tip.number + 1) || between_ || tip.seal || after, 'UTF8')),
        'hex'
    );
    INSERT INTO audit_event
        (number, at, actor, act, programme, trial, partner, details, previous, seal)
    VALUES
        (tip.number + 1, at, actor, act, programme, trial, partner, details, tip.seal, sealed);
    UPDATE audit_head h SET number = tip.number + 1, seal = sealed WHERE h.id = 1;
    RETURN tip.number + 1;
END $$
"""


def add_function(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(APPEND)


def drop_function(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION audit_append({ARGUMENTS})")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_what_was_logged_stays")]
    operations = [migrations.RunPython(add_function, drop_function)]
