"""Let Django write the SQL of a query once for a process: for a small query it takes longer to write it than to ask."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection


class WrittenQuery:
    """A query that differs from call to call only in the ids it looks for.

    ``build``: returns the query for some ids. It is called once for each number of ids, with ids that stand for them,
    so it may depend on nothing else that changes, such as the time.
    """

    def __init__(self, build: Callable[..., Any]):
        self._build = build
        self._written: dict[tuple[str, int], tuple[str, list]] = {}

    def write(self, *ids: UUID) -> tuple[str, list]:
        """Return the SQL for these ids, and its parameters."""
        key = (connection.vendor, len(ids))
        if key not in self._written:
            self._written[key] = self._write_with_places(len(ids))
        sql, parameters = self._written[key]
        return sql, [_prepare(ids[part.n]) if isinstance(part, _Place) else part for part in parameters]

    def _write_with_places(self, count: int) -> tuple[str, list]:
        marks = [UUID(int=n + 1) for n in range(count)]
        places = {_prepare(mark): _Place(n) for n, mark in enumerate(marks)}
        sql, parameters = self._build(*marks).query.sql_with_params()
        return sql, [places.get(value, value) if isinstance(value, str | UUID) else value for value in parameters]


class _Place:
    """Where the id with that number belongs among the parameters."""

    def __init__(self, n: int):
        self.n = n


def _prepare(value: UUID) -> UUID | str:
    """Return the id as the database takes it."""
    return value if connection.features.has_native_uuid_field else value.hex
