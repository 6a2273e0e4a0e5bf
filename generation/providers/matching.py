"""Search a provider's list of tasks for a lost submission. A list that was not read completely cannot prove that the
task does not exist (docs/adr/0012).

Each comparison returns True, False, or None if the list lacks the value.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from generation.providers import parsing
from generation.providers.remote import Lost, Search, Submitted


class ListSearch:
    """A search through a list of tasks: call ``add_row`` for each task, then ``result``."""

    def __init__(self, lost: Lost):
        self.lost = lost
        self.matches: set[str] = set()
        self.is_unclear = False

    def add_row(self, task_id, is_ours: bool | None) -> None:
        """Add one task of the list unless it belongs to another job. ``is_ours``: whether it matches the submission."""
        if is_ours is False or (parsing.is_id(task_id) and self.lost.is_taken(task_id)):
            return
        if is_ours and parsing.is_id(task_id):
            self.matches.add(task_id)
        else:
            self.is_unclear = True

    def result(self, *, is_complete: bool) -> Submitted | Search:
        """Return the match if there is exactly one; ABSENT if a complete list had no match and no unclear task;
        otherwise UNDECIDED.
        """
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
    """Search up to ``pages`` pages of ``items``, newest first, back to ``early`` seconds before the submission."""
    search, since = ListSearch(lost), lost.sent_at.timestamp() - early
    for page in range(1, pages + 1):
        tasks = list_rows(read_page(page), "items")
        for task in tasks:
            search.add_row(task.get("id"), is_ours(task, lost))
        if not tasks or reaches_past([parse_unix(task.get("created_at")) for task in tasks], since):
            return search.result(is_complete=True)
    return search.result(is_complete=False)


def combine(*comparisons: bool | None) -> bool | None:
    """Return False if any comparison is False, otherwise None if any is None, otherwise True."""
    if any(result is False for result in comparisons):
        return False
    return None if None in comparisons else True


def is_equal(value, expected) -> bool | None:
    """Compare a task's value with the requested one. Returns None if it is missing, which many services write as ""."""
    if value == expected:
        return True
    return None if value in (None, "") else False


def is_near(moment: float | None, lost: Lost, *, early: float, late: float) -> bool | None:
    """Return whether a task was created at most ``early`` seconds before and ``late`` seconds after the submission."""
    return None if moment is None else -early <= moment - lost.sent_at.timestamp() <= late


def parse_unix(value) -> float | None:
    """Return the value as seconds since 1970, or None if it is missing, which some services write as 0."""
    try:
        seconds = float(parsing.parse_int(value) or 0)
    except OverflowError:
        return None
    return seconds if seconds > 0 else None


def parse_time(text) -> float | None:
    """Parse a time in ISO format, in UTC unless it has an offset. Returns seconds since 1970, None if unreadable."""
    try:
        parsed = datetime.fromisoformat(str(text))
        seconds = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None  # some services write a missing time as the year 1


def list_rows(parent, name: str) -> list[dict]:
    """Return the rows of a list. Raises NoAnswer if the list is missing. A row that is no object becomes {}."""
    parsing.require_rows(parent, name)
    return [row if isinstance(row, dict) else {} for row in parent[name]]


def is_last_page(has_more, count: int, size: int) -> bool:
    """Return whether a page of ``count`` rows is the last one. If ``has_more`` is None, a full page is not the last."""
    return not has_more if has_more is not None else count < size


def reaches_past(moments: list[float | None], since: float) -> bool:
    """Return whether a page of tasks created at ``moments`` goes back beyond ``since``; False if not newest first."""
    known = [moment for moment in moments if moment is not None]
    return bool(known) and known[-1] < since and known == sorted(known, reverse=True)
