"""Measure what a workspace keeps in storage, by kind."""

from django.core.cache import cache
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from common import hooks
from generation.models import ClipFile, Picture, Video

CACHE_SECONDS = 300  # the sums read a row per file


def measure_clips(workspace: Workspace) -> dict:
    """Return the bytes of clips, clips in the trash, uploaded videos and images of a workspace."""
    in_trash = ~Q(clip__deleted_at=None)
    sums = ClipFile.objects.filter(clip__workspace=workspace).aggregate(
        shown=Sum("bytes", filter=~in_trash, default=0), trashed=Sum("bytes", filter=in_trash, default=0)
    )
    return {
        _("Clips"): sums["shown"],
        _("Clips in the trash"): sums["trashed"],
        _("Uploaded videos"): _sum_bytes(Video.objects.filter(workspace=workspace)),
        _("Uploaded images"): _sum_bytes(Picture.objects.filter(workspace=workspace)),
    }


def _sum_bytes(rows) -> int:
    return rows.aggregate(total=Sum("bytes", default=0))["total"]


def measure_workspace(workspace: Workspace) -> list[tuple]:
    """Return (lazy name, bytes) of each kind of all apps, largest first. The figures may be five minutes old."""
    key = f"storage-use:{workspace.pk}"
    if (found := cache.get(key)) is None:
        found = [pair for measure in hooks.values_of("storage_use") for pair in measure(workspace).items()]
        cache.set(key, found, CACHE_SECONDS)
    return sorted(found, key=lambda pair: pair[1], reverse=True)
