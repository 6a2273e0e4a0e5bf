"""Pagination without COUNT(*) or OFFSET: a cursor of (time, id), which stays right while rows are added."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q


@dataclass(frozen=True)
class Page:
    rows: list
    after: str  # cursor of the next page, "" on the last one


def _encode(row, by: str) -> str:
    return base64.urlsafe_b64encode(f"{getattr(row, by).isoformat()}|{row.pk}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, UUID] | None:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        time, _, pk = raw.partition("|")
        return datetime.fromisoformat(time).astimezone(UTC), UUID(pk)
    except (binascii.Error, ValueError, OverflowError):
        return None


def fetch_page(rows, cursor: str, size: int = 24, by: str = "created_at") -> Page:
    """Return the newest ``size`` rows after ``cursor`` by the column ``by``. An invalid cursor gives the first page."""
    rows = rows.order_by(f"-{by}", "-id")
    if position := _decode(cursor or ""):
        rows = rows.filter(Q(**{f"{by}__lt": position[0]}) | Q(**{by: position[0], "id__lt": position[1]}))
    found = list(rows[: size + 1])
    return Page(found[:size], _encode(found[size - 1], by) if len(found) > size else "")
