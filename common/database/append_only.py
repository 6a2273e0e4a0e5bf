"""Tables that only grow: the database itself refuses to change or delete their rows."""

from collections.abc import Sequence

from django.db import migrations


def only_grows(table: str, *, columns: Sequence[str] = (), may_forget: dict[str, str] | None = None):
    """A migration step that makes ``table`` append-only on SQLite and PostgreSQL.

    ``may_forget`` names columns that may later be emptied, with the SQL of what empty is there: a person's name
    or address has to be forgettable. ``columns`` are then all the others. SQLite drops triggers when a later
    migration rebuilds the table: repeat this step after it.
    """
    may_forget = may_forget or {}

    def protect(apps, schema_editor):
        for statement in _statements(schema_editor.connection.vendor, table, columns, may_forget):
            schema_editor.execute(statement, None)  # None: a percent sign is meant as one

    def free(apps, schema_editor):
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        for name in ("delete", "update", *(f"forget_{column}" for column in may_forget)):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{name}{on}")

    return migrations.RunPython(protect, free)


def _statements(vendor: str, table: str, columns: Sequence[str], may_forget: dict[str, str]) -> list[str]:
    changes = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    rules = [("delete", "DELETE", ""), ("update", changes, "")]
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    for column, empty in may_forget.items():
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
