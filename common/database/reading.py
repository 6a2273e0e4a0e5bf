"""Read the rows of queries that pages repeat every few seconds.

Django takes several times as long to write the SQL of a wide query as the database to answer it. Here the SQL of a
query is written once for the process, and only its ids change.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from itertools import count
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection

ONE_ID = -1  # in the shape of arguments; other numbers are those of the ids in a collection
FIRST_MARK = 0x5EED << 112  # marks stand for ids while the SQL is written

type Argument = UUID | list[UUID] | Hashable


def read_rows(build: Callable[..., Any], *arguments: Argument) -> list[tuple]:
    """Return the rows of the query ``build(*arguments)``, a ``values_list``.

    ``build`` is a function of a module that uses nothing but its arguments: ids, lists of ids, and other values, for
    each of which the SQL is written once more. Each id is a parameter of its own.
    """
    shape, ids = _split(arguments)
    written = _write(build, shape, connection.vendor)
    if written is None:
        return []
    compiler, converters, sql, parameters = written
    with connection.cursor() as cursor:
        cursor.execute(sql, [_fill(parameter, ids) for parameter in parameters])
        rows = cursor.fetchall()
    return list(map(tuple, compiler.apply_converters(rows, converters))) if converters else rows


def read_texts(*parts: tuple) -> list[str | None]:
    """Return all rows of each query as one text, to be compared, with a single query; None for a query without rows.

    ``parts``: ``build`` and its arguments as in ``read_rows``.
    """
    found: list[str | None] = [None] * len(parts)
    texts, values = {}, []
    for number, (build, *arguments) in enumerate(parts):
        shape, ids = _split(arguments)
        if written := _write(build, shape, connection.vendor):
            texts[number] = _write_text(build, shape, connection.vendor)
            values += [_fill(parameter, ids) for parameter in written[3]]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(texts.values())}", values)
        for number, text in zip(texts, cursor.fetchone(), strict=True):
            found[number] = text
    return found


def _split(arguments) -> tuple[tuple, list[UUID]]:
    """Return the shape of the arguments, and the ids in them."""
    shape: list[Hashable] = []
    ids: list[UUID] = []
    for argument in arguments:
        if isinstance(argument, UUID):
            shape.append(ONE_ID)
            ids.append(argument)
        elif isinstance(argument, list):
            shape.append(len(argument))
            ids += argument
        else:
            shape.append((argument,))
    return tuple(shape), ids


@lru_cache(maxsize=500)
def _write_text(build: Callable[..., Any], shape: tuple, vendor: str) -> str:
    """Return an expression for the text of all rows of the query."""
    compiler, _converters, sql, _parameters = _write(build, shape, vendor)  # type: ignore[misc]
    names = [f"c{number}" for number in range(len(compiler.select))]
    row = (
        "string_agg(t::text, ';')"
        if vendor == "postgresql"
        else f"group_concat({" || ',' || ".join(map('quote({})'.format, names))}, ';')"
    )
    return f"(WITH t({', '.join(names)}) AS ({sql}) SELECT {row} FROM t)"  # noqa: S608 - Django's own SQL


@lru_cache(maxsize=500)
def _write(build: Callable[..., Any], shape: tuple, vendor: str) -> tuple | None:
    """Return the compiler of the query, its converters, SQL and parameters; None if no row can match."""
    marks = map(_mark, count())
    arguments = [_build_argument(part, marks) for part in shape]
    compiler = build(*arguments).query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    converters = compiler.get_converters([column[0] for column in compiler.select])
    return compiler, converters, sql, tuple(parameters)


def _mark(number: int) -> UUID:
    return UUID(int=FIRST_MARK + number)


def _build_argument(part, marks) -> Argument:
    if isinstance(part, tuple):
        return part[0]
    return next(marks) if part == ONE_ID else [next(marks) for _ in range(part)]


def _fill(parameter, ids: list[UUID]):
    """Return the id that a mark stands for, as the database expects it; other parameters as they are."""
    text = parameter.hex if isinstance(parameter, UUID) else parameter
    if not isinstance(text, str) or len(text) != 32 or not text.startswith("5eed"):
        return parameter
    number = int(text, 16) - FIRST_MARK
    if not 0 <= number < len(ids):
        return parameter
    return ids[number] if isinstance(parameter, UUID) else ids[number].hex
