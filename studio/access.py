"""Find stories, and rows of stories, that a user may see or edit.

A hidden row raises Http404, like an unknown id; a row that the user may only see raises PermissionDenied.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import Workspace
from accounts.permissions import EDIT, can
from studio.models import Character, Film, Music, Scene, Story


def visible_stories(user):
    """Return the stories of the user's workspaces, including those in the trash."""
    return _visible(Story, user)


def get_visible_story(user, pk, *related: str, **annotations) -> Story:
    """Return the story with its workspace and cover, and with what else the page needs in the same query."""
    rows = visible_stories(user).select_related("workspace", "cover", *related)
    return _get_or_404(rows.annotate(**annotations), pk)


def get_editable_story(user, pk, **annotations) -> Story:
    return _require_edit(user, get_visible_story(user, pk, **annotations), lambda story: story.workspace)


def get_visible_scene(user, pk, *related: str, prefetch=(), **annotations) -> Scene:
    """Return a scene, which may be in the trash; its story may not. The rest names what the page needs."""
    rows = Scene.objects.filter(story__in=visible_stories(user).shown())
    rows = rows.select_related("story__workspace", *related).prefetch_related(*prefetch)
    return _get_or_404(rows.annotate(**annotations), pk)


def get_editable_scene(user, pk) -> Scene:
    return _require_edit(user, get_visible_scene(user, pk), lambda scene: scene.story.workspace)


def may_edit(user, workspace) -> bool:
    return can(user, EDIT, workspace)


def may_requester_edit(user, workspace) -> bool:
    """Return whether the requester of a job may still edit the workspace. The jobs of guests have no user."""
    if user is None:
        return workspace.kind == Workspace.Kind.GUEST
    return user.is_active and can(user, EDIT, workspace)


def get_story_of_guest(request, pk, *related: str, **annotations) -> Story:
    """Return a story that the user may see or, for a guest, a story of the workspace of the session."""
    rows = _shown_to(request, Story).select_related("workspace", "cover", *related)
    return _get_or_404(rows.annotate(**annotations), pk)


def get_film_of_guest(request, pk) -> Film:
    """Return a film that the user or guest may see; its story may not be in the trash."""
    rows = Film.objects.filter(story__in=_shown_to(request, Story).shown())
    return _get_or_404(rows.select_related("story__workspace", "job"), pk)


def may_edit_as_guest(request, workspace) -> bool:
    """Return whether the user may edit in the workspace, or it is the guest's own."""
    if request.user.is_authenticated:
        return may_edit(request.user, workspace)
    return bool(request.workspace) and request.workspace.pk == workspace.pk


def _shown_to(request, model):
    if request.user.is_authenticated:
        return model.objects.visible_to(request.user)
    return model.objects.filter(workspace=request.workspace) if request.workspace else model.objects.none()


def get_visible_film(user, pk) -> Film:
    """Return a film, which may be in the trash; its story may not."""
    rows = Film.objects.filter(story__in=visible_stories(user).shown())
    return _get_or_404(rows.select_related("story__workspace", "job"), pk)


def get_editable_film(user, pk) -> Film:
    return _require_edit(user, get_visible_film(user, pk), lambda film: film.story.workspace)


def get_editable_music(user, pk) -> Music:
    rows = _visible(Music, user).select_related("workspace", "job")
    return _require_edit(user, _get_or_404(rows, pk), lambda music: music.workspace)


def get_visible_character(user, pk) -> Character:
    """Return a character, which may be in the trash; its story, if it has one, may not."""
    rows = _visible(Character, user).filter(story__deleted_at=None).select_related("workspace", "story__workspace")
    return _get_or_404(rows.prefetch_related("pictures__picture"), pk)


def get_editable_character(user, pk) -> Character:
    return _require_edit(user, get_visible_character(user, pk), lambda character: character.workspace)


def _visible(model, user):
    return model.objects.visible_to(user) if user.is_authenticated else model.objects.none()


def _require_edit(user, row, workspace_of):
    if not may_edit(user, workspace_of(row)):
        raise PermissionDenied
    return row


def _get_or_404(rows, pk):
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
