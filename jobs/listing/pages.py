"""Pages of the list of jobs: those in progress first, then the others by day; jobs of one story stand together."""

from collections import defaultdict
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
class StoryHeading:
    """The heading above the jobs of a story, or above those without one. ``more``: address of all of them if there may
    be more than are shown."""

    count: int | None = None
    more: str = ""


@dataclass(frozen=True)
class JobPage:
    """A page of jobs. The first job of a group has its ``heading``, the first one of a story its ``story_heading``.
    Jobs that stand below the heading of a story share a ``story_group``, which is "" for the others.

    ``more``: values of the next page's query string, empty on the last page.
    """

    rows: list[Job]
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        for job in self.rows:  # a template looks long for an attribute that does not exist
            job.heading = getattr(job, "heading", "")
            job.story_heading = getattr(job, "story_heading", None)
            job.story_group = getattr(job, "story_group", "")


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
    midnight = get_midnight()
    today = [job for job in ended if job.created_at >= midnight]
    groups = {"open": open_rows, "today": today, "earlier": ended[len(today) :]}
    groups = {name: _gather_stories(name, jobs, chosen) for name, jobs in groups.items()}
    rows = _add_headings(groups, query.get("heading", ""), query.get("inside", ""))
    more |= {"seen": (seen or timezone.now()).isoformat()}
    if rows:
        more |= {"heading": next(name for name in reversed(groups) if groups[name]), "inside": rows[-1].story_group}
    return JobPage(rows, more if has_more else {})


def _gather_stories(name: str, jobs: list, chosen: JobsChosen) -> list:
    """Return the jobs of a group, those of one story together at the place of the first, with ``story_group`` and
    ``story_heading`` if there are several and the user has not chosen one story."""
    stories, is_gathered = defaultdict(list), "story" not in chosen.values
    for job in jobs:
        stories[(is_gathered and job.story_id) or job.pk].append(job)
    for own in stories.values():
        for n, job in enumerate(own):
            job.story_group = f"{name}-{job.story_id}" if len(own) > 1 else ""
            job.story_heading = None
            if job.story_group and not n:
                job.story_heading = StoryHeading(more=link_to_story(chosen, str(job.story_id)))
    return [job for own in stories.values() for job in own]


def link_to_story(chosen: JobsChosen, story: str) -> str:
    """Return the address of all jobs of a story."""
    return f"?{chosen.encode(story=story, group='')}"


def _add_headings(groups: dict[str, list], last: str, story: str) -> list:
    """Set ``heading`` on each job: its group if it is the first one, else "". Returns all jobs.

    ``last`` and ``story``: the group and the ``story_group`` that the page before ended with.
    """
    for name, jobs in groups.items():
        for n, job in enumerate(jobs):
            job.heading = "" if n or name == last else name
    rows = [job for jobs in groups.values() for job in jobs]
    if rows and rows[0].story_heading and rows[0].story_group == story:
        rows[0].story_heading = None
    return rows


def _parse_time(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None
