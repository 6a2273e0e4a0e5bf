"""What polls of clips compare: the values of everything that the pages show of them."""

from django.db.models import Count, Max

from generation.models import Clip, ClipFile
from jobs.views.polling import describe_jobs

SHOWN = [field.attname for field in Clip._meta.concrete_fields]


def describe_clip(clip: Clip) -> tuple:
    """Return the facts of a clip that was read with its job and files."""
    files = sorted((kind, file.key) for kind in ClipFile.Kind if (file := clip.file(kind)))
    return _read_columns(clip), files, describe_jobs([clip.job], has_stories=False)


def describe_takes(clip: Clip) -> list[tuple]:
    """Return the facts of all takes of the clip's request, with one query."""
    rows = Clip.objects.filter(request=clip.request, workspace=clip.workspace_id).select_related("job", "picture")
    takes = list(rows.annotate(newest_file=Max("files"), file_count=Count("files")).order_by("take"))
    jobs = describe_jobs([take.job for take in takes], has_stories=False)
    return [
        (_read_columns(take), take.newest_file, take.file_count, take.picture and take.picture.key, job)
        for take, job in zip(takes, jobs, strict=True)
    ]


def _read_columns(clip: Clip) -> list:
    return [getattr(clip, name) for name in SHOWN]
