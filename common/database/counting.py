"""Count rows without reading all of them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

LIMIT = 1000


def count_up_to(queries: Mapping[str, Any], limit: int = LIMIT) -> dict[str, int]:
    """Return name → number of rows of each query, ``limit + 1`` if there are more, in one query.

    The database stops counting at the limit; that of a sliced query is its own.
    """
    counts, parts, values = dict.fromkeys(queries, 0), {}, []
    for name, rows in queries.items():
        try:
            rows = rows if rows.query.is_sliced else rows.order_by()[: limit + 1]
            sql, parameters = rows.values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts[name] = f"(SELECT COUNT(*) FROM ({sql}) counted)"  # noqa: S608 - Django's own SQL with placeholders
        values += parameters
    if not parts:
        return counts
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts.values())}", values)
        return counts | dict(zip(parts, cursor.fetchone(), strict=True))
