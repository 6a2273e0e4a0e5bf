"""Who may see and change clips and pictures: gives the row or 404, the same as for an id that never was."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import EDIT, can, permission_expression
from generation.models import Clip, Picture, Video
from generation.providers.models import Workflow


def seen_by(request, rows):
    """The rows this visitor may see: a person's by membership, a guest's by their one workspace."""
    if request.user.is_authenticated:
        return rows.visible_to(request.user)
    if request.workspace:
        return rows.filter(workspace_id=request.workspace.pk)
    return rows.none()


def clips_to_see(request):
    return seen_by(request, Clip.objects.shown())


def thrown_clips_to_see(request):
    """What lies in the bin, until it is removed for good."""
    return seen_by(request, Clip.objects.thrown())


def clip_to_see(request, pk) -> Clip:
    return _one(seen_by(request, Clip.objects.with_files()), pk)


def with_permissions(request, clips):
    """Clips that this visitor may see, each with ``may_edit``: whether it gets its buttons."""
    return clips.annotate(may_edit=permission_expression(request.user if request.user.is_authenticated else None, EDIT))


def clip_to_edit(request, pk) -> Clip:
    """The clip, if the visitor may change it: viewers of the workspace get 403."""
    clip = clip_to_see(request, pk)
    if not may_edit(request, clip.workspace):
        raise PermissionDenied
    return clip


def may_edit(request, workspace) -> bool:
    """A guest owns the workspace of their own session; people need the permission."""
    if not request.user.is_authenticated:
        return bool(request.workspace) and request.workspace.pk == workspace.pk
    return can(request.user, "edit", workspace)


def picture_to_see(request, pk) -> Picture:
    return _one(seen_by(request, Picture.objects.all()), pk)


def video_to_see(request, pk) -> Video:
    return _one(seen_by(request, Video.objects.select_related("job")), pk)


def video_to_use(request, pk) -> Video:
    """Members who may only look get 403."""
    found = video_to_see(request, pk)
    if not may_edit(request, found.workspace):
        raise PermissionDenied
    return found


def ready_video(request, pk) -> Video:
    """404 also while it is being checked, or when it did not pass: nothing can be drawn from it."""
    found = video_to_see(request, pk)
    if not found.is_ready:
        raise Http404
    return found


def workflow_to_edit(request, pk) -> Workflow:
    """A workflow of a workspace: members who may only look get 403, and the site's are the operators'."""
    found = _one(seen_by(request, Workflow.objects.kept().select_related("workspace")), pk)
    if not may_edit(request, found.workspace):
        raise PermissionDenied
    return found


def _one(rows, pk):
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
