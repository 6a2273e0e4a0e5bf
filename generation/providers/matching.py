"""Looking for a lost submission among the tasks that a provider lists. What could not be seen proves nothing (ADR 12).

Whether a task is ours is told by signs, each True, False or None: None is a sign that the list does not tell.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from generation.providers import parsing
from generation.providers.remote import Lost, Search, Submitted


class Look:
    """One look through a list, task by task. ``row(...)`` for each, then ``outcome(...)``."""

    def __init__(self, lost: Lost):
        self.lost = lost
        self.ours: set[str] = set()
        self.is_unclear = False

    def row(self, task_id, is_ours: bool | None) -> None:
        """One task of the list. What another job has is not ours, whatever it tells."""
        if is_ours is False or (parsing.is_id(task_id) and self.lost.is_taken(task_id)):
            return
        if is_ours and parsing.is_id(task_id):
            self.ours.add(task_id)
        else:
            self.is_unclear = True

    def outcome(self, *, is_whole: bool) -> Submitted | Search:
        """A single match is found, whatever else is unclear. Absent only where all was seen and nothing was unclear."""
        if len(self.ours) == 1:
            (task_id,) = self.ours
            return Submitted(task_id, self.lost.handle | {"id": task_id})
        return Search.ABSENT if is_whole and not self.ours and not self.is_unclear else Search.UNDECIDED


def through_pages(
    read: Callable[[int], dict], lost: Lost, is_ours: Callable[[dict, Lost], bool | None], *, pages: int, early: float
) -> Submitted | Search:
    """Through ``items`` of so many numbered pages, newest first, down to ``early`` seconds before the submission."""
    look, since = Look(lost), lost.sent_at.timestamp() - early
    for page in range(1, pages + 1):
        tasks = rows(read(page), "items")
        for task in tasks:
            look.row(task.get("id"), is_ours(task, lost))
        if not tasks or is_past([unix(task.get("created_at")) for task in tasks], since):
            return look.outcome(is_whole=True)
    return look.outcome(is_whole=False)


def alike(*signs: bool | None) -> bool | None:
    """One sign that differs settles it; else one that is not told leaves it open."""
    if any(sign is False for sign in signs):
        return False
    return None if None in signs else True


def agrees(told, wanted) -> bool | None:
    """Whether a task tells what was asked. Many services write nothing as an empty text."""
    if told == wanted:
        return True
    return None if told in (None, "") else False


def is_near(moment: float | None, lost: Lost, *, early: float, late: float) -> bool | None:
    """Whether a task was made so many seconds around the submission."""
    return None if moment is None else -early <= moment - lost.sent_at.timestamp() <= late


def unix(value) -> float | None:
    """A moment told in seconds since 1970; None where it is not told, which some services write as 0."""
    try:
        seconds = float(parsing.number(value) or 0)
    except OverflowError:
        return None
    return seconds if seconds > 0 else None


def moment(text) -> float | None:
    """A moment told as text, in UTC unless it says otherwise; None where it cannot be read."""
    try:
        told = datetime.fromisoformat(str(text))
        seconds = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None  # the year 1 is how some services write nothing


def rows(holder, name: str) -> list[dict]:
    """The rows of a list that must be there. One that is no object tells nothing, but it is a row."""
    parsing.listed(holder, name)
    return [each if isinstance(each, dict) else {} for each in holder[name]]


def is_last(has_more, count: int, size: int) -> bool:
    """Whether a list ends with this page of ``count`` rows. A server that does not page never says so, and its page has
    room left; a full one that says nothing may go on."""
    return not has_more if has_more is not None else count < size


def is_past(moments: list[float | None], since: float) -> bool:
    """Whether a page reaches back beyond that moment. Only where the newest comes first: in any other order, ours may
    stand on the next page."""
    known = [each for each in moments if each is not None]
    return bool(known) and known[-1] < since and known == sorted(known, reverse=True)
