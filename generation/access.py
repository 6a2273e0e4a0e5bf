"""Which clips, pictures, videos and workflows a viewer may see and edit.

The functions raise Http404 for a row that may
not be seen, as for an id that does not exist, and PermissionDenied for a row that may only be viewed.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404

from accounts.permissions import EDIT, permission_expression
from accounts.viewer import Viewer
from generation.models import Clip, Collection, Picture, Video
from generation.providers.models import Workflow


def visible_clips(viewer: Viewer):
    return Clip.objects.shown().visible_to(viewer)


def visible_trashed_clips(viewer: Viewer):
    return Clip.objects.trashed().visible_to(viewer)


def get_clip(viewer: Viewer, pk, *, has_files: bool = True, **annotations) -> Clip:
    """Return the clip with ``reference_count`` and its files, or without files if they are read later with others.

    ``annotations``: what else the page needs in the same query.
    """
    rows = Clip.objects.with_files().select_related("workspace")
    rows = rows if has_files else rows.prefetch_related(None)
    return _get(viewer, rows.annotate(reference_count=Count("references"), **annotations), pk)


def annotate_may_edit(viewer: Viewer, clips):
    """Annotate visible clips with ``may_edit``: whether the viewer gets buttons for the clip."""
    return clips.annotate(may_edit=permission_expression(viewer.pk, EDIT))


def get_editable_clip(viewer: Viewer, pk) -> Clip:
    return _check_edit(viewer, get_clip(viewer, pk))


def get_picture(viewer: Viewer, pk) -> Picture:
    return _get(viewer, Picture.objects.all(), pk)


def get_editable_picture(viewer: Viewer, pk) -> Picture:
    return _check_edit(viewer, _get(viewer, Picture.objects.select_related("workspace"), pk))


def get_video(viewer: Viewer, pk) -> Video:
    return _get(viewer, Video.objects.select_related("job"), pk)


def get_editable_video(viewer: Viewer, pk) -> Video:
    return _check_edit(viewer, get_video(viewer, pk))


def get_ready_video(viewer: Viewer, pk) -> Video:
    """Return a video that can be used. Raises Http404 also if it is still being checked, or was rejected."""
    found = get_video(viewer, pk)
    if not found.is_ready:
        raise Http404
    return found


def get_collection(viewer: Viewer, pk) -> Collection:
    return _get(viewer, Collection.objects.select_related("workspace"), pk)


def get_editable_collection(viewer: Viewer, pk) -> Collection:
    return _check_edit(viewer, get_collection(viewer, pk))


def list_collections(viewer: Viewer) -> list[Collection]:
    """Return the collections of the workspace at hand by name, each with ``clip_count`` of those outside the trash."""
    count = Count("entries", filter=Q(entries__clip__deleted_at=None))
    return list(Collection.objects.annotate(clip_count=count).visible_to(viewer.at_hand).order_by("name", "id"))


def get_editable_workflow(viewer: Viewer, pk) -> Workflow:
    """Return a workflow of a workspace. Workflows of the site are not found, since only administrators edit them."""
    rows = Workflow.objects.available().select_related("workspace")
    return _check_edit(viewer, _get(viewer, rows, pk))


def _get(viewer: Viewer, rows, pk):
    found = rows.visible_to(viewer).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _check_edit(viewer: Viewer, row):
    if not viewer.may_edit(row.workspace_id):
        raise PermissionDenied
    return row
