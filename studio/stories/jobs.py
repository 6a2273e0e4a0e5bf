"""The stories of jobs, for the list of jobs."""

from collections.abc import Iterable

from django.db.models import F, IntegerField, UUIDField, Value
from django.db.models.functions import Cast

from accounts.viewer import Viewer
from common.web.paths import path_of
from jobs.registry import JobStory
from studio import access
from studio.models import Story, Take

NEWEST = 50  # stories to choose from


def find_stories(jobs: list) -> dict:
    """Return job id → JobStory, in one query, without stories in the trash or in another workspace than the job."""
    jobs = [job for job in jobs if job.story_id]
    if not jobs:
        return {}
    stories, scenes = {}, {}
    rows = _select_stories({job.story_id for job in jobs}, [job.pk for job in jobs])
    for story, workspace, title, job, scene in rows:
        if job:
            scenes[job] = scene
        else:
            stories[story, workspace] = title
    return {
        job.pk: JobStory(job.story_id, title, path_of("studio:story", job.story_id), scenes.get(job.pk))
        for job in jobs
        if (title := stories.get((job.story_id, job.workspace_id))) is not None
    }


def _select_stories(story_ids: Iterable, job_ids: list):
    """Select (id, workspace, title, None, None) of the stories and (id, None, "", job, position of its scene) of jobs
    that draw a scene."""
    none = [Cast(Value(None), field) for field in (UUIDField(), IntegerField())]  # PostgreSQL wants a type
    stories = Story.objects.shown().filter(pk__in=story_ids).order_by()
    takes = Take.objects.filter(clip__job__in=job_ids, scene__story=F("clip__job__story_id")).order_by()
    position = F("scene__position")
    return stories.values_list("pk", "workspace_id", "title", *none).union(
        takes.values_list("scene__story_id", none[0], Value(""), "clip__job_id", position), all=True
    )


def list_stories(viewer: Viewer) -> Iterable[tuple[str, str]]:
    """Return (id, title) of the stories that were changed last."""
    if not viewer.is_authenticated:
        return []
    rows = access.visible_stories(viewer.at_hand).shown().order_by("-touched_at", "-id")
    return [(str(pk), title) for pk, title in rows.values_list("pk", "title")[:NEWEST]]
