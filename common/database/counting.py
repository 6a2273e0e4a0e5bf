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

    The database stops counting at the limit.
    """
    counts, parts, values = dict.fromkeys(queries, 0), {}, []
    for name, rows in queries.items():
        try:
            sql, parameters = rows.order_by()[: limit + 1].values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts[name] = f"(SELECT COUNT(*) FROM ({sql}) counted)"  # noqa: S608 - Django's own SQL with placeholders
        values += parameters
    if not parts:
        return counts
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts.values())}", values)
        return counts | dict(zip(parts, cursor.fetchone(), strict=True))


def find_values(rows, column: str, values: Iterable[str]) -> set[str]:
    """Return which of these values the column has in the rows, in one query that looks each one up in an index.

    The SQL of one look is written once, since the others differ from it in one parameter only.
    """
    values, mark = list(values), "value to find"
    try:
        query = rows.order_by().filter(**{column: mark}).values("pk")[:1].query
        sql, parameters = query.sql_with_params()
    except EmptyResultSet:
        return set()
    looks = ", ".join([f"EXISTS ({sql})"] * len(values))
    with connection.cursor() as cursor:
        parameters = [value if old == mark else old for value in values for old in parameters]
        cursor.execute(f"SELECT {looks}", parameters)
        return {value for value, is_found in zip(values, cursor.fetchone(), strict=True) if is_found}
