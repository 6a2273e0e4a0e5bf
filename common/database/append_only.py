"""Append-only tables, protected by triggers of the database."""

from collections.abc import Sequence

from django.db import migrations


def make_append_only(table: str, *, columns: Sequence[str] = (), erasable: dict[str, str] | None = None):
    """Create a migration step that makes ``table`` append-only on SQLite and PostgreSQL.

    ``erasable`` maps columns that may later be emptied (a user's name, an address) to the SQL of their empty value.
    ``columns`` are then all the others. SQLite drops triggers when a later migration rebuilds the table: repeat this
    step after such a migration.
    """
    erasable = erasable or {}

    def protect(apps, schema_editor):
        for statement in _statements(schema_editor.connection.vendor, table, columns, erasable):
            schema_editor.execute(statement, None)  # None: a percent sign is literal

    def unprotect(apps, schema_editor):
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        for name in ("delete", "update", *(f"forget_{column}" for column in erasable)):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{name}{on}")

    return migrations.RunPython(protect, unprotect)


def _statements(vendor: str, table: str, columns: Sequence[str], erasable: dict[str, str]) -> list[str]:
    changes = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    rules = [("delete", "DELETE", ""), ("update", changes, "")]
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    for column, empty in erasable.items():
        rules.append((f"forget_{column}", f"UPDATE OF {column}", f"WHEN (NEW.{column} {differs} {empty})"))
    if vendor == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        before = []
    elif vendor == "postgresql":
        body = "EXECUTE FUNCTION refuse_change()"
        before = [
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        ]
    else:
        raise NotImplementedError(f"{vendor} is not a database this project runs on")
    return before + [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} FOR EACH ROW {when} {body}"
        for name, event, when in rules
    ]
