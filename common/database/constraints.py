"""Which constraint refused a row."""

from django.db import IntegrityError


def is_broken(error: IntegrityError, model, name: str) -> bool:
    """Whether it was this unique constraint of the model: PostgreSQL tells its name, SQLite only its columns."""
    told = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if told is not None:
        return told == name
    meta = model._meta
    [constraint] = [each for each in meta.constraints if each.name == name]
    columns = [f"{meta.db_table}.{meta.get_field(field).column}" for field in constraint.fields]
    return str(error) == f"UNIQUE constraint failed: {', '.join(columns)}"
