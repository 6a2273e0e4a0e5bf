"""What polls of a story's pages compare: the rows of everything that its panels and buttons show."""

from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery

from accounts.billing.spender import Spender
from accounts.models import get_memberships
from common.database.reading import read_texts
from generation.models import Clip, ClipFile
from generation.providers.models import Connection
from jobs import registry
from jobs.estimates.places import MOST_COUNTED
from jobs.models import Job, State
from jobs.views.polling import SHOWN as JOB_COLUMNS
from jobs.views.polling import list_roles, list_scope
from studio.models import Character, Scene, SceneCharacter, Shot, Story, Take
from studio.timeline.takes import filter_shots


def list_columns(model, path: str = "") -> list[str]:
    """Return the columns of a model, for ``values_list`` of rows that have it at ``path``."""
    return [f"{path}{field.attname}" for field in model._meta.concrete_fields]


def list_job_columns(path: str) -> list[str]:
    return [f"{path}{name}" for name in JOB_COLUMNS]


def read_board(request, pk: UUID, *more: tuple, has_button: bool = False) -> tuple | None:
    """Return the facts of a storyboard, and those of ``more`` (parts of read_texts); None for a story that the viewer
    may not see, and for one in the trash.

    ``has_button``: with what the button of final takes shows: connections, and what is left to spend. The catalogue and
    the usual times, which change seldom, are read anew when the tag ends.
    """
    parts = [(select, pk) for select in (_select_scenes, _select_cast, _select_takes, _select_shots)]
    parts.append((_select_queue, pk, tuple(registry.remote_kinds())))
    parts += [(_select_connections, pk, request.user.pk)] if has_button else []
    story, *texts = read_texts((_select_story, pk, list_scope(request)[0]), *parts, *more)
    if story is None:
        return None
    spendable = _find_spendable(request, pk) if has_button and settings.BILLING else None
    return story, texts, spendable, list_roles(request.user)


def _find_spendable(request, pk: UUID) -> tuple | None:
    [(workspace_id,)] = Story.objects.filter(pk=pk).values_list("workspace")
    workspaces = {row.workspace_id: row.workspace for row in get_memberships(request.user)}
    spendable = Spender(workspaces[workspace_id], request.user, story_id=pk).spendable
    return spendable and (spendable.left, spendable.period)


def _select_story(pk, workspaces):
    rows = Story.objects.filter(pk=pk, workspace__in=workspaces).shown()
    has_run = Exists(Job.objects.active().filter(run__story=OuterRef("pk")))
    names = ["id", "workspace_id"]
    names += [name for name in list_columns(Story) if name not in names]
    return rows.annotate(has_run=has_run).values_list(*names, "has_run")


def _select_scenes(story):
    return Scene.objects.filter(story=story).shown().in_order().values_list(*list_columns(Scene))


def _select_cast(story):
    rows = SceneCharacter.objects.filter(scene__story=story).order_by("pk")
    return rows.values_list("scene_id", *list_columns(Character, "character__"))


def _select_takes(story):
    """Select the columns of takes, clips and jobs. A sketch is stored in place of the last one."""
    files = ClipFile.objects.filter(clip=OuterRef("clip")).order_by()
    numbers = files.values("clip")
    rows = Take.objects.filter(scene__story=story, scene__deleted_at=None).shown().order_by("-id")
    rows = rows.annotate(
        newest_file=Subquery(numbers.annotate(found=Max("pk")).values("found")),
        file_count=Subquery(numbers.annotate(found=Count("pk")).values("found")),
        sketch=Subquery(files.filter(kind=ClipFile.Kind.SKETCH).values("key")[:1]),
    )
    columns = [*list_columns(Take), *list_columns(Clip, "clip__"), "newest_file", "file_count", "sketch"]
    return rows.values_list(*columns, *list_job_columns("clip__job__"))


def _select_shots(story):
    return filter_shots(scene__story=story).values_list(*list_columns(Shot), "run__purpose")


def _select_queue(story, remote_kinds):
    """Select the jobs that decide how many come before those of the story, while one of these waits."""
    waiting = Job.objects.filter(state=State.QUEUED, clip__scene_takes__scene__story=story)
    rows = Job.objects.active().exclude(kind__in=remote_kinds).filter(Exists(waiting))
    rows = rows.order_by("next_run_at", "pk")[: MOST_COUNTED + 1]
    return rows.values_list("pk", "workspace_id", "state", "lease_owner")


def _select_connections(story, viewer):
    owners = Q(owner=None, workspace=None) | Q(owner=viewer)
    owners |= Q(workspace__in=Story.objects.filter(pk=story).values("workspace"))
    return Connection.objects.filter(owners, deleted_at=None).order_by("pk").values_list(*list_columns(Connection))
