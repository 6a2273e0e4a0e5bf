"""Pages of the list of jobs: those in progress first, then the others by day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from common.pagination import fetch_page
from jobs.listing.filters import JobsChosen, get_midnight
from jobs.models import TERMINAL, Job

PAGE_SIZE = 16
GROUPS = {"open": _("In progress"), "today": _("Today"), "earlier": _("Earlier")}


@dataclass(frozen=True)
class JobPage:
    """A page of jobs. The first job of a group has its ``heading``, the first one of a story its ``story_heading``.

    ``more``: values of the next page's query string, empty on the last page.
    """

    rows: list[Job]
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        for job in self.rows:  # a template looks long for an attribute that does not exist
            job.heading = getattr(job, "heading", "")
            job.story_heading = getattr(job, "story_heading", None)


def filter_open(rows, seen: datetime | None = None):
    """Return the jobs in progress; with ``seen``, those that were in progress at that time."""
    return rows.filter(~Q(state__in=sorted(TERMINAL)) | Q(finished_at__gt=seen)) if seen else rows.active()


def filter_ended(rows, seen: datetime | None = None):
    """Return the ended jobs; with ``seen``, those that had ended at that time."""
    rows = rows.filter(state__in=sorted(TERMINAL))
    return rows.exclude(finished_at__gt=seen) if seen else rows


def fetch_jobs(rows, chosen: JobsChosen, query: Mapping, *, has_open: bool = True) -> JobPage:
    """Return the page of ``rows`` that the query names, by default the first one. ``has_open``: False if the rows are
    known to have no job in progress.

    A job that ends between two pages stays in the group that it was in when the first page was read, so that each job
    is on one page.
    """
    after = query.get("after", "")
    if chosen.sort != "newest":
        rows = rows.exclude(finished_at=None) if chosen.sort == "ended" else rows
        page = fetch_page(rows, after, PAGE_SIZE, chosen.order)
        return JobPage(page.rows, {"after": page.after} if page.after else {})
    seen, more, open_rows = _parse_time(query.get("seen", "")), {"part": "ended"}, []
    if query.get("part") != "ended" and (has_open or seen):
        page = fetch_page(filter_open(rows, seen), after, PAGE_SIZE)
        open_rows, after = page.rows, ""
        more = {"part": "open", "after": page.after} if page.after else more
    ended, has_more = [], True
    if more["part"] == "ended":
        page = fetch_page(filter_ended(rows, seen), after, max(1, PAGE_SIZE - len(open_rows)))
        ended, has_more = page.rows, bool(page.after)
        more["after"] = page.after
    last = _add_headings(open_rows, ended, query.get("heading", ""))
    more |= {"seen": (seen or timezone.now()).isoformat(), "heading": last}
    return JobPage([*open_rows, *ended], more if has_more else {})


def _add_headings(open_rows: list, ended: list, last: str) -> str:
    """Set ``heading`` on each job: its group if it is the first one, else "". ``last``: the group that the page before
    ended with. Returns the group that this page ends with."""
    midnight = get_midnight()
    names = ["open" for _job in open_rows] + ["today" if job.created_at >= midnight else "earlier" for job in ended]
    for job, name in zip([*open_rows, *ended], names, strict=True):
        job.heading, last = "" if name == last else name, name
    return last


def _parse_time(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None
