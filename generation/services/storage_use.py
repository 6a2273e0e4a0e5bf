"""Measure what a workspace keeps in storage, by kind."""

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.billing.hooks import BillingHooks
from accounts.billing.limits import check_limit
from accounts.models import Workspace
from generation.models import Clip, Picture, Video


def measure_clips(workspace: Workspace) -> dict:
    """Return the bytes of clips, clips in the trash, uploaded videos and images of a workspace."""
    is_shown = Q(deleted_at=None)
    sums = Clip.objects.filter(workspace=workspace).aggregate(
        shown=Sum("bytes", filter=is_shown, default=0), trashed=Sum("bytes", filter=~is_shown, default=0)
    )
    return {
        _("Clips"): sums["shown"],
        _("Clips in the trash"): sums["trashed"],
        _("Uploaded videos"): _sum_bytes(Video.objects.filter(workspace=workspace)),
        _("Uploaded images"): _sum_bytes(Picture.objects.filter(workspace=workspace)),
    }


def _sum_bytes(rows) -> int:
    return rows.aggregate(total=Sum("bytes", default=0))["total"]


def count_bytes(workspace: Workspace) -> int:
    """Return the bytes of everything that all apps keep in a workspace."""
    return sum(size for measure in BillingHooks.values_of("storage_use") for size in measure(workspace).values())


def check_storage(workspace: Workspace, needed: int = 1) -> None:
    """Raise LimitReached if a file of ``needed`` bytes does not fit into the workspace's storage."""
    check_limit(workspace, "storage_bytes", count=lambda: count_bytes(workspace), needed=needed)


def list_largest(workspace: Workspace, limit: int) -> list[tuple[str, str, int]]:
    """Return title, URL and bytes of the largest clips of a workspace, also of those in the trash."""
    rows = Clip.objects.filter(workspace=workspace, bytes__gt=0).order_by("-bytes")
    return [(clip.title, clip.get_absolute_url(), clip.bytes) for clip in rows[:limit]]
