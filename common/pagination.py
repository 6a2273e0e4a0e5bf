"""Pagination without COUNT(*) or OFFSET: the cursor holds the values of the last row, so that pages stay right while
rows are added. It is signed: an edited one is refused (400) in every list, since its reader would take another page for
the one of the address."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Q

NEWEST_FIRST = ("-created_at", "-id")
SIGNER = Signer(salt="common.pagination", sep="~")


class UnknownCursor(BadRequest):
    """The cursor was edited, or belongs to a list in another order. Nothing catches it: the response is 400."""


@dataclass(frozen=True)
class Page:
    rows: list
    after: str  # cursor of the next page, "" on the last one
    marks: tuple[str, ...] = ()  # words to mark in the rows, if they were searched for


def fetch_page(rows, cursor: str, size: int = 24, order: Sequence[str] = NEWEST_FIRST) -> Page:
    """Return the ``size`` rows after ``cursor``, the first ones if it is empty. Raises UnknownCursor.

    ``order``: columns that are never null, all ascending or all descending, the last of them unique.
    """
    found = list(start_after(rows, cursor, order)[: size + 1])
    return Page(found[:size], encode_position(found[size - 1], order) if len(found) > size else "")


def fetch_merged(lists: Sequence[tuple[Any, Sequence[str]]], cursor: str, size: int = 24) -> Page:
    """Return the ``size`` rows after ``cursor`` of several lists in one order, each as (number of its list, row), with
    one query a list. Raises UnknownCursor.

    ``lists``: rows and their order, as in ``fetch_page``. The columns of all orders have the same types and direction;
    the cursor names those of the first.
    """
    rows, named = lists[0]
    position = _decode(rows, cursor, named) if cursor else None
    found = []
    for number, (rows, order) in enumerate(lists):
        rest = rows.filter(_is_after(order, position)) if position else rows
        found += [(_get_position(row, order), number, row) for row in rest.order_by(*order)[: size + 1]]
    found.sort(key=lambda one: one[0], reverse=named[0].startswith("-"))
    after = _encode(found[size - 1][0], named) if len(found) > size else ""
    return Page([(number, row) for _position, number, row in found[:size]], after)


def start_after(rows, cursor: str, order: Sequence[str] = NEWEST_FIRST):
    """Return the rows after ``cursor`` in this order, as ``fetch_page`` does."""
    rows = rows.order_by(*order)
    return rows.filter(_is_after(order, _decode(rows, cursor, order))) if cursor else rows


def _list_columns(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") for name in order]


def _is_after(order: Sequence[str], position: list) -> Q:
    """Return a filter for the rows after the position. Its first condition is a bound for the index to start at."""
    columns, operator = _list_columns(order), "lt" if order[0].startswith("-") else "gt"
    after, equal = Q(), Q()
    for column, value in zip(columns, position, strict=True):
        after |= equal & Q(**{f"{column}__{operator}": value})
        equal &= Q(**{column: value})
    return Q(**{f"{columns[0]}__{operator}e": position[0]}) & after


def encode_position(row, order: Sequence[str]) -> str:
    """Return the cursor of the page after this row."""
    return _encode(_get_position(row, order), order)


def _get_position(row, order: Sequence[str]) -> list:
    return [getattr(row, column) for column in _list_columns(order)]


def _encode(position: list, order: Sequence[str]) -> str:
    text = json.dumps([",".join(order), *map(_write, position)], separators=(",", ":"))
    return SIGNER.sign(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))


def _write(value) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _decode(rows, cursor: str, order: Sequence[str]) -> list:
    """Return the values of a cursor. Raises UnknownCursor for one that was edited, or that belongs to another order."""
    try:
        text = SIGNER.unsign(cursor)
        named, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if named != ",".join(order):
            raise UnknownCursor
        return [_read(rows, column, value) for column, value in zip(_list_columns(order), values, strict=True)]
    except (BadSignature, ValueError, ValidationError) as error:  # the last two: of an earlier version of the columns
        raise UnknownCursor from error


def _read(rows, column: str, value) -> Any:
    """Return the value as the column has it. Raises ValueError or ValidationError if the column cannot have it."""
    annotation = rows.query.annotations.get(column)
    field = annotation.output_field if annotation else rows.model._meta.get_field(column)
    found = field.to_python(value)
    if found is None:
        raise ValueError(value)
    if isinstance(found, datetime):
        return found.astimezone(UTC)
    return found
