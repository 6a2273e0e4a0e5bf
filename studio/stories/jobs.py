"""The jobs of stories, for the list of jobs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from uuid import UUID

from django.db.models import Exists, F, IntegerField, OuterRef, Value
from django.db.models.functions import Cast

from common.database.reading import read_rows
from common.pagination import fetch_page
from common.web.paths import path_of
from jobs.registry import JobStory
from studio import access
from studio.models import Direction, Film, Run, Take

NEWEST = 50  # stories to choose from
PAGE = 6  # stories on a page of the jobs grouped by story
CLIPS = ("clip", "clip_elsewhere")
OWNERS = {"film": Film, "run": Run, "director": Direction}  # kind of job → rows with its job and story
NO_SCENE = Cast(Value(None), IntegerField())  # PostgreSQL combines no columns of unknown type


def find_stories(jobs: list) -> dict:
    """Return job id → JobStory, in one query. A duplicated story shares the clips of the first one, which is named."""
    ids = [[job.pk for job in jobs if job.kind == kind] for kind in OWNERS]
    rows = read_rows(_select_stories, *ids, [job.pk for job in jobs if job.kind in CLIPS])
    found: dict = {}
    for job_id, pk, title, scene, _order in sorted(rows, key=itemgetter(4), reverse=True):
        found[job_id] = JobStory(pk, title, path_of("studio:story", pk), scene)
    return found


def _select_stories(*ids):
    """Select the stories of jobs. ``ids``: those of the jobs of each kind of OWNERS, and of clips."""
    *owned, clips = ids
    queries = [
        _list_stories(rows, some, "job", "story", NO_SCENE) for rows, some in zip(OWNERS.values(), owned, strict=True)
    ]
    first, *others = [*queries, _list_stories(Take, clips, "clip__job", "scene__story", F("scene__position"))]
    return first.union(*others)


def _list_stories(rows, ids: list, job: str, story: str, scene):
    """Return (job id, story id, title, scene, order) of the jobs whose story is in their own workspace."""
    order = F("pk") if rows is Take else Value(0)
    found = rows.objects.filter(**{f"{job}__in": ids, f"{story}__deleted_at": None})
    found = found.filter(**{f"{story}__workspace": F(f"{job}__workspace")}).order_by()
    return found.values_list(F(f"{job}_id"), F(f"{story}_id"), F(f"{story}__title"), scene, order)


def list_job_ids(story_id):
    """Return a query of the ids of the story's jobs."""
    takes = Take.objects.filter(scene__story=story_id).order_by().values_list("clip__job_id")
    owners = [rows.objects.filter(story=story_id).order_by().values_list("job_id") for rows in OWNERS.values()]
    return takes.union(*owners)


def list_stories(user) -> Iterable[tuple[str, str]]:
    """Return (id, title) of the stories that were changed last."""
    if not user.is_authenticated:
        return []
    rows = access.visible_stories(user).shown().order_by("-touched_at", "-id")
    return [(str(pk), title) for pk, title in rows.values_list("pk", "title")[:NEWEST]]


@dataclass(frozen=True)
class JobTimes:
    """A job as far as its place in a list depends on it."""

    pk: UUID
    created_at: datetime
    finished_at: datetime | None


@dataclass
class StoryJobs:
    """A story with its jobs."""

    pk: UUID
    title: str
    url: str
    jobs: list[JobTimes] = field(default_factory=list)


def fetch_stories_with_jobs(user, cursor: str, jobs) -> tuple[list[StoryJobs], str]:
    """Return a page of the user's stories with some of the ``jobs`` (a query), the one that was changed last first,
    and the cursor of the next page.

    A job that several stories share, since one was duplicated, is listed with the first of them.
    """
    if not user.is_authenticated:
        return [], ""
    jobs = jobs.order_by().values("pk")
    has_jobs = Exists(Take.objects.filter(scene__story=OuterRef("pk"), clip__job__in=jobs))
    for rows in OWNERS.values():
        has_jobs |= Exists(rows.objects.filter(story=OuterRef("pk"), job__in=jobs))
    found = access.visible_stories(user).shown().filter(has_jobs)
    page = fetch_page(found, cursor, PAGE, ("-touched_at", "-id"))
    stories = {row.pk: StoryJobs(row.pk, row.title, row.get_absolute_url()) for row in page.rows}
    earlier = Take.objects.filter(clip=OuterRef("clip"), pk__lt=OuterRef("pk"), scene__story__deleted_at=None)
    takes = Take.objects.filter(~Exists(earlier.exclude(scene__story=OuterRef("scene__story"))))
    queries = [_list_times(takes, "clip__job", "scene__story", stories, jobs)]
    queries += [_list_times(rows.objects.all(), "job", "story", stories, jobs) for rows in OWNERS.values()]
    first, *others = queries
    for story_id, *job in first.union(*others):
        stories[story_id].jobs.append(JobTimes(*job))
    return list(stories.values()), page.after


def _list_times(rows, job: str, story: str, stories, jobs):
    rows = rows.filter(**{f"{story}__in": stories, f"{job}__in": jobs}).order_by()
    return rows.values_list(f"{story}_id", f"{job}_id", f"{job}__created_at", f"{job}__finished_at")


def exclude_story_jobs(jobs):
    """Return those of the jobs (a query) that belong to no story."""
    takes = Take.objects.filter(clip__job=OuterRef("pk"), scene__story__deleted_at=None)
    owners = [Exists(rows.objects.filter(job=OuterRef("pk"), story__deleted_at=None)) for rows in OWNERS.values()]
    for condition in (Exists(takes), *owners):
        jobs = jobs.filter(~condition)
    return jobs
