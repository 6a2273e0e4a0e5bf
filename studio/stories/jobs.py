"""The jobs of stories, for the list of jobs."""

from collections.abc import Iterable
from operator import itemgetter

from django.db.models import F, IntegerField, Value
from django.db.models.functions import Cast

from jobs.registry import JobStory
from studio import access
from studio.models import Direction, Film, Run, Story, Take

NEWEST = 50  # stories to choose from
CLIPS = ("clip", "clip_elsewhere")
OWNERS = {"film": Film, "run": Run, "director": Direction}  # kind of job → rows with its job and story
NO_SCENE = Cast(Value(None), IntegerField())  # PostgreSQL combines no columns of unknown type


def find_stories(jobs: list) -> dict:
    """Return job id → JobStory, in one query. A duplicated story shares the clips of the first one, which is named."""
    queries = [
        _list_stories(rows, [job for job in jobs if job.kind == kind], "job", "story", NO_SCENE)
        for kind, rows in OWNERS.items()
    ]
    clips = [job for job in jobs if job.kind in CLIPS]
    queries.append(_list_stories(Take, clips, "clip__job", "scene__story", F("scene__position")))
    first, *others = queries
    found: dict = {}
    for job_id, pk, title, scene, _order in sorted(first.union(*others), key=itemgetter(4), reverse=True):
        found[job_id] = JobStory(pk, title, Story(pk=pk).get_absolute_url(), scene)
    return found


def _list_stories(rows, jobs: list, job: str, story: str, scene):
    """Return (job id, story id, title, scene, order) of the jobs whose story is in their own workspace."""
    order = F("pk") if rows is Take else Value(0)
    found = rows.objects.filter(**{f"{job}__in": jobs, f"{story}__deleted_at": None})
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
