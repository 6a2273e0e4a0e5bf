"""What polls of clips compare: the values of everything that the pages show of them."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Subquery

from common.database.reading import read_rows
from generation.models import Clip, ClipFile
from jobs.models import Job
from jobs.views.polling import SHOWN as JOB_SHOWN
from jobs.views.polling import build_last_job, describe_jobs, list_roles, list_scope

SHOWN = [field.attname for field in Clip._meta.concrete_fields]
FILES = ("newest_file", "file_count", "sketch")
JOB_PATHS = [f"job__{name}" for name in JOB_SHOWN]


@dataclass(frozen=True)
class ClipFacts:
    """The ``job`` of a clip, and the ``facts`` that a poll compares: of the clip or of all takes of its request."""

    job: Job
    facts: tuple


def read_clip(request, pk: UUID) -> ClipFacts | None:
    """Return the facts of a clip with its files; None if the viewer may not see the clip."""
    return _find(request, pk, read_rows(_select_clip, pk, list_scope(request)[0]))


def read_takes(request, pk: UUID) -> ClipFacts | None:
    """Return the facts of all takes of the clip's request; None if the viewer may not see the clip."""
    return _find(request, pk, read_rows(_select_takes, pk, list_scope(request)[0]))


def _find(request, pk: UUID, rows: list[tuple]) -> ClipFacts | None:
    jobs = {row[0]: build_last_job(row) for row in rows}
    if pk not in jobs:
        return None
    facts = [row[: -len(JOB_SHOWN)] for row in rows]
    return ClipFacts(jobs[pk], (facts, describe_jobs(jobs.values(), has_stories=False), list_roles(request.user)))


def _select_clip(pk, workspaces):
    return _select(Clip.objects.filter(pk=pk, workspace__in=workspaces))


def _select_takes(pk, workspaces):
    asked = Clip.objects.filter(pk=pk, workspace__in=workspaces)
    rows = Clip.objects.filter(request__in=asked.values("request"), workspace__in=asked.values("workspace"))
    return _select(rows).order_by("take")


def _select(clips):
    """Select the columns of clips and of their jobs. A sketch is stored in place of the last one."""
    files = ClipFile.objects.filter(clip=OuterRef("pk")).order_by()
    of_clip = files.values("clip")
    numbers = {
        "newest_file": Subquery(of_clip.annotate(found=Max("pk")).values("found")),
        "file_count": Subquery(of_clip.annotate(found=Count("pk")).values("found")),
        "sketch": Subquery(files.filter(kind=ClipFile.Kind.SKETCH).values("key")[:1]),
    }
    shown = ["pk", *(name for name in SHOWN if name != "id"), F("picture__key")]
    return clips.annotate(**numbers).values_list(*shown, *FILES, *JOB_PATHS)
