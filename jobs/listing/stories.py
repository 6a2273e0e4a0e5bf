"""The list of jobs grouped by story: the newest jobs of each story, the story with the newest job first."""

from collections.abc import Mapping

from django.db.models import Count, F, Max, Window
from django.db.models.functions import RowNumber

from common.pagination import fetch_page
from jobs.listing.filters import NO_STORY, JobsChosen
from jobs.listing.pages import JobPage, StoryHeading, link_to_story

SHOWN = 6  # jobs of each story
PAGE = 6  # stories on a page
NEWEST_JOB_FIRST = ("-newest", "-story_id")
ORDERS = {
    "newest": (F("created_at").desc(), F("id").desc()),
    "oldest": (F("created_at").asc(), F("id").asc()),
    "ended": (F("finished_at").desc(nulls_last=True), F("id").desc()),
}


def fetch_jobs_by_story(rows, chosen: JobsChosen, query: Mapping) -> JobPage:
    """Return the page of ``rows`` that the query names; the first job of each story has its ``story_heading``.

    The last page has the jobs without a story.
    """
    cursor = query.get("after", "")
    order = ORDERS[chosen.sort]
    if cursor == NO_STORY:
        return JobPage(_fetch_others(rows, chosen, order))
    stories = rows.exclude(story_id=None).order_by().values("story_id")
    stories = stories.annotate(newest=Max("created_at"), count=Count("pk"))
    page = fetch_page(stories.values_list("story_id", "newest", "count", named=True), cursor, PAGE, NEWEST_JOB_FIRST)
    if not page.rows:
        return JobPage(_fetch_others(rows, chosen, order))
    numbered = rows.annotate(place=Window(RowNumber(), partition_by="story_id", order_by=order))
    numbered = numbered.filter(story_id__in=[story.story_id for story in page.rows], place__lte=SHOWN)
    jobs = list(numbered.order_by("place"))
    groups = []
    for story in page.rows:
        more = link_to_story(chosen, str(story.story_id)) if story.count > SHOWN else ""
        own = [job for job in jobs if job.story_id == story.story_id]
        groups += _add_heading(own, StoryHeading(story.count, more))
    return JobPage(groups, {"after": page.after or NO_STORY})


def _fetch_others(rows, chosen: JobsChosen, order) -> list:
    jobs = list(rows.filter(story_id=None).order_by(*order)[: SHOWN + 1])
    more = link_to_story(chosen, NO_STORY) if len(jobs) > SHOWN else ""
    return _add_heading(jobs[:SHOWN], StoryHeading(more=more))


def _add_heading(jobs: list, heading: StoryHeading) -> list:
    for n, job in enumerate(jobs):
        job.story_heading, job.story_group = None if n else heading, str(job.story_id or NO_STORY)
    return jobs
