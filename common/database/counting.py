"""Count rows without reading all of them, and sum their bytes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Sum

LIMIT = 1000


def sum_bytes_by_owner(sources: Iterable[tuple[Any, str]], owners) -> dict[Any, int]:
    """Return owner id → the sum of ``bytes`` of the rows of all sources, pairs of a query and the path to the owner."""
    sums: Counter = Counter()
    for rows, owner in sources:
        found = rows.filter(**{f"{owner}__in": owners}).order_by().values_list(owner)
        sums.update(dict(found.annotate(Sum("bytes"))))
    return dict(sums)


def count_up_to(queries: Mapping[str, Any], limit: int = LIMIT) -> dict[str, int]:
    """Return name → number of rows of each query, ``limit + 1`` if there are more, in one query.

    The database stops counting at the limit. A query may also be SQL with its parameters, as from ``write_looks``.
    """
    counts, parts, values = dict.fromkeys(queries, 0), {}, []
    for name, rows in queries.items():
        try:
            sql, parameters = rows if isinstance(rows, tuple) else _write_sql(rows, limit + 1)
        except EmptyResultSet:
            continue
        parts[name] = f"(SELECT COUNT(*) FROM ({sql}) counted)"  # noqa: S608 - Django's own SQL with placeholders
        values += parameters
    if not parts:
        return counts
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts.values())}", values)
        return counts | dict(zip(parts, cursor.fetchone(), strict=True))


def count_written(written: tuple[str, list]) -> int:
    """Return the number of rows that the SQL finds. ``written``: with its parameters, as from WrittenQuery."""
    sql, parameters = written
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) counted", parameters)  # noqa: S608 - Django's own SQL
        return cursor.fetchone()[0]


def write_looks(rows, column: str, values: Iterable[str]) -> dict[str, tuple[str, list]]:
    """Return value → a query for ``count_up_to`` that finds at most one of the rows with that value in the column.

    The SQL is written once, since the queries differ in one parameter only.
    """
    mark = "value to find"
    try:
        sql, parameters = _write_sql(rows.filter(**{column: mark}), 1)
    except EmptyResultSet:
        return {}
    return {value: (sql, [value if old == mark else old for old in parameters]) for value in values}


def _write_sql(rows, limit: int) -> tuple[str, list]:
    sql, parameters = rows.order_by()[:limit].values("pk").query.sql_with_params()
    return sql, list(parameters)
