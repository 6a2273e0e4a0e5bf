"""Which clips, pictures, videos and workflows a user or guest may see and edit.

``workspace`` is the workspace of the session, the only one of a guest. The functions raise Http404 for a row that may
not be seen, as for an id that does not exist, and PermissionDenied for a row that may only be viewed.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404

from accounts.permissions import EDIT, can, permission_expression
from generation.models import Clip, Collection, Picture, Video
from generation.providers.models import Workflow


def visible_rows(user, workspace, rows):
    """Return the rows that the user may see by membership, or a guest by the workspace of the session."""
    if user.is_authenticated:
        return rows.visible_to(user)
    return rows.filter(workspace_id=workspace.pk) if workspace else rows.none()


def visible_clips(user, workspace):
    return visible_rows(user, workspace, Clip.objects.shown())


def visible_trashed_clips(user, workspace):
    return visible_rows(user, workspace, Clip.objects.trashed())


def get_clip(user, workspace, pk, *, has_files: bool = True, **annotations) -> Clip:
    """Return the clip with ``reference_count`` and its files, or without files if they are read later with others.

    ``annotations``: what else the page needs in the same query.
    """
    rows = Clip.objects.with_files().select_related("workspace")
    rows = rows if has_files else rows.prefetch_related(None)
    return _get(user, workspace, rows.annotate(reference_count=Count("references"), **annotations), pk)


def annotate_may_edit(user, clips):
    """Annotate visible clips with ``may_edit``: whether the user gets buttons for the clip."""
    return clips.annotate(may_edit=permission_expression(user if user.is_authenticated else None, EDIT))


def get_editable_clip(user, workspace, pk) -> Clip:
    return _check_edit(user, workspace, get_clip(user, workspace, pk))


def may_edit(user, workspace, target) -> bool:
    """Return whether the user may edit the workspace ``target``; a guest may edit the workspace of the session."""
    if not user.is_authenticated:
        return bool(workspace) and workspace.pk == target.pk
    return can(user, EDIT, target)


def get_picture(user, workspace, pk) -> Picture:
    return _get(user, workspace, Picture.objects.all(), pk)


def get_editable_picture(user, workspace, pk) -> Picture:
    return _check_edit(user, workspace, _get(user, workspace, Picture.objects.select_related("workspace"), pk))


def get_video(user, workspace, pk) -> Video:
    return _get(user, workspace, Video.objects.select_related("job"), pk)


def get_editable_video(user, workspace, pk) -> Video:
    return _check_edit(user, workspace, get_video(user, workspace, pk))


def get_ready_video(user, workspace, pk) -> Video:
    """Return a video that can be used. Raises Http404 also if it is still being checked, or was rejected."""
    found = get_video(user, workspace, pk)
    if not found.is_ready:
        raise Http404
    return found


def get_collection(user, workspace, pk) -> Collection:
    return _get(user, workspace, Collection.objects.select_related("workspace"), pk)


def get_editable_collection(user, workspace, pk) -> Collection:
    return _check_edit(user, workspace, get_collection(user, workspace, pk))


def list_collections(user, workspace) -> list[Collection]:
    """Return the visible collections by name, each with ``clip_count``, the number of its clips outside the trash."""
    count = Count("entries", filter=Q(entries__clip__deleted_at=None))
    return list(visible_rows(user, workspace, Collection.objects.annotate(clip_count=count)).order_by("name", "id"))


def get_editable_workflow(user, workspace, pk) -> Workflow:
    """Return a workflow of a workspace. Workflows of the site are not found, since only administrators edit them."""
    rows = Workflow.objects.available().select_related("workspace")
    return _check_edit(user, workspace, _get(user, workspace, rows, pk))


def _get(user, workspace, rows, pk):
    found = visible_rows(user, workspace, rows).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _check_edit(user, workspace, row):
    if not may_edit(user, workspace, row.workspace):
        raise PermissionDenied
    return row
