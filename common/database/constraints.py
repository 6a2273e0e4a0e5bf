"""Which constraint caused an IntegrityError."""

from django.db import IntegrityError


def is_violation_of(error: IntegrityError, model, name: str) -> bool:
    """Return whether this unique constraint of the model caused the error.

    PostgreSQL reports the name of the constraint, SQLite the columns.
    """
    reported = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if reported is not None:
        return reported == name
    meta = model._meta
    [constraint] = [constraint for constraint in meta.constraints if constraint.name == name]
    columns = [f"{meta.db_table}.{meta.get_field(field).column}" for field in constraint.fields]
    return str(error) == f"UNIQUE constraint failed: {', '.join(columns)}"
