"""Search a provider's list for a lost submission. What could not be seen proves nothing (docs/adr/0012).

Each comparison is True, False, or None if the list lacks the value.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from generation.providers import parsing
from generation.providers.remote import Lost, Search, Submitted


class ListSearch:
    """One search through a list: ``add_row`` for each task, then ``result``."""

    def __init__(self, lost: Lost):
        self.lost = lost
        self.matches: set[str] = set()
        self.is_unclear = False

    def add_row(self, task_id, is_ours: bool | None) -> None:
        """Add one task of the list. A task of another job is ignored."""
        if is_ours is False or (parsing.is_id(task_id) and self.lost.is_taken(task_id)):
            return
        if is_ours and parsing.is_id(task_id):
            self.matches.add(task_id)
        else:
            self.is_unclear = True

    def result(self, *, is_complete: bool) -> Submitted | Search:
        """Return a single match. Several are undecided; ABSENT only if the whole list was read and nothing unclear."""
        if len(self.matches) == 1:
            (task_id,) = self.matches
            return Submitted(task_id, self.lost.handle | {"id": task_id})
        return Search.ABSENT if is_complete and not self.matches and not self.is_unclear else Search.UNDECIDED


def search_pages(
    read_page: Callable[[int], dict],
    lost: Lost,
    is_ours: Callable[[dict, Lost], bool | None],
    *,
    pages: int,
    early: float,
) -> Submitted | Search:
    """Search ``items`` of numbered pages, newest first, back to ``early`` seconds before the submission."""
    search, since = ListSearch(lost), lost.sent_at.timestamp() - early
    for page in range(1, pages + 1):
        tasks = list_rows(read_page(page), "items")
        for task in tasks:
            search.add_row(task.get("id"), is_ours(task, lost))
        if not tasks or reaches_past([parse_unix(task.get("created_at")) for task in tasks], since):
            return search.result(is_complete=True)
    return search.result(is_complete=False)


def combine(*comparisons: bool | None) -> bool | None:
    """False if any is False, otherwise None if any is None."""
    if any(result is False for result in comparisons):
        return False
    return None if None in comparisons else True


def is_equal(value, expected) -> bool | None:
    """Compare a task's value with the request. Many services write a missing value as an empty text."""
    if value == expected:
        return True
    return None if value in (None, "") else False


def is_near(moment: float | None, lost: Lost, *, early: float, late: float) -> bool | None:
    """Return whether a task was created within these seconds before and after the submission."""
    return None if moment is None else -early <= moment - lost.sent_at.timestamp() <= late


def parse_unix(value) -> float | None:
    """Read seconds since 1970. Returns None if missing, which some services write as 0."""
    try:
        seconds = float(parsing.parse_int(value) or 0)
    except OverflowError:
        return None
    return seconds if seconds > 0 else None


def parse_time(text) -> float | None:
    """Read a time in ISO format, in UTC unless it has an offset. Returns seconds since 1970, None if unreadable."""
    try:
        parsed = datetime.fromisoformat(str(text))
        seconds = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None  # some services write a missing time as the year 1


def list_rows(parent, name: str) -> list[dict]:
    """Return the rows of a list that must exist. A row that is no object becomes an empty one."""
    parsing.require_rows(parent, name)
    return [row if isinstance(row, dict) else {} for row in parent[name]]


def is_last_page(has_more, count: int, size: int) -> bool:
    """Return whether this page of ``count`` rows is the last. Without ``has_more``, a full page may not be."""
    return not has_more if has_more is not None else count < size


def reaches_past(moments: list[float | None], since: float) -> bool:
    """Return whether a page, sorted newest first, goes back beyond ``since``. False if it is not sorted."""
    known = [moment for moment in moments if moment is not None]
    return bool(known) and known[-1] < since and known == sorted(known, reverse=True)
