"""The list of jobs grouped by story: the newest jobs of each story, the story that was changed last first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from common import hooks
from common.pagination import NEWEST_FIRST
from jobs.listing.choices import NO_STORY, Choices
from jobs.listing.pages import ORDERS, JobPage

SHOWN = 6  # jobs of each story


@dataclass(frozen=True)
class StoryHeading:
    """The heading above the jobs of a story; without ``title`` that of the jobs without a story. ``more``: address of
    all of them if there are more than are shown."""

    title: str = ""
    url: str = ""
    count: int | None = None
    more: str = ""


def fetch_jobs_by_story(rows, choices: Choices, query: Mapping, user) -> JobPage:
    """Return the page of ``rows`` that the query names; the first job of each story has its ``story_heading``.

    The last page has the jobs without a story.
    """
    cursor, order = query.get("after", ""), ORDERS.get(choices.sort, NEWEST_FIRST)
    stories, after = [], cursor
    while after != NO_STORY and not any(story.jobs for story in stories):
        stories, after = _fetch_stories(rows, after, user)
    if not any(story.jobs for story in stories):
        return JobPage(_fetch_others(rows, choices, order))
    for story in stories:
        story.jobs.sort(key=lambda job: _sort_key(job, choices.sort), reverse=choices.sort != "oldest")
    found = rows.in_bulk([job.pk for story in stories for job in story.jobs[:SHOWN]])
    jobs = []
    for story in stories:
        more = _link_to_all(choices, str(story.pk)) if len(story.jobs) > SHOWN else ""
        heading = StoryHeading(story.title, story.url, len(story.jobs), more)
        jobs += _add_heading([found[job.pk] for job in story.jobs[:SHOWN] if job.pk in found], heading)
    return JobPage(jobs, {"after": after})


def _fetch_stories(rows, cursor: str, user) -> tuple[list, str]:
    """Return a page of stories and the cursor of the next one, which is NO_STORY after the last page."""
    for list_stories in hooks.values_of("stories_with_jobs"):
        stories, after = list_stories(user, cursor, rows)
        return stories, after or NO_STORY
    return [], NO_STORY


def _sort_key(job, sort: str) -> tuple:
    moment = job.finished_at if sort == "ended" else job.created_at
    return moment is not None, moment or job.created_at, job.pk


def _fetch_others(rows, choices: Choices, order) -> list:
    for exclude in hooks.values_of("jobs_without_story"):
        rows = exclude(rows)
    found = list(rows.order_by(*order)[: SHOWN + 1])
    more = _link_to_all(choices, NO_STORY) if len(found) > SHOWN else ""
    return _add_heading(found[:SHOWN], StoryHeading(more=more))


def _add_heading(jobs: list, heading: StoryHeading) -> list:
    for n, job in enumerate(jobs):
        job.story_heading = None if n else heading
    return jobs


def _link_to_all(choices: Choices, story: str) -> str:
    return Choices(**asdict(choices) | {"story": story, "group": ""}).to_query()
