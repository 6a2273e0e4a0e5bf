"""Find stories, and rows of stories, that a viewer may see or edit.

A hidden row raises Http404, like an unknown id; a row that they may only see raises PermissionDenied.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import Workspace
from accounts.permissions import EDIT, can
from accounts.viewer import Viewer
from studio.models import Character, Film, Music, Scene, Story


def visible_stories(viewer: Viewer):
    """Return the stories of a user's workspaces, including those in the trash."""
    return _visible(Story, viewer)


def get_visible_story(viewer: Viewer, pk, *related: str, **annotations) -> Story:
    """Return the story with its workspace and cover, and with what else the page needs in the same query."""
    rows = visible_stories(viewer).select_related("workspace", "cover", *related)
    return _get_or_404(rows.annotate(**annotations), pk)


def get_editable_story(viewer: Viewer, pk, **annotations) -> Story:
    return _require_edit(viewer, get_visible_story(viewer, pk, **annotations), lambda story: story.workspace)


def get_visible_scene(viewer: Viewer, pk, *related: str, prefetch=(), **annotations) -> Scene:
    """Return a scene, which may be in the trash; its story may not. The rest names what the page needs."""
    rows = Scene.objects.filter(story__in=visible_stories(viewer).shown())
    rows = rows.select_related("story__workspace", *related).prefetch_related(*prefetch)
    return _get_or_404(rows.annotate(**annotations), pk)


def get_editable_scene(viewer: Viewer, pk) -> Scene:
    return _require_edit(viewer, get_visible_scene(viewer, pk), lambda scene: scene.story.workspace)


def may_edit(viewer: Viewer, workspace) -> bool:
    return can(viewer, EDIT, workspace)


def may_requester_edit(user, workspace) -> bool:
    """Return whether the requester of a job may still edit the workspace. The jobs of guests have no user."""
    if user is None:
        return workspace.kind == Workspace.Kind.GUEST
    return user.is_active and can(user, EDIT, workspace)


def get_story_of_guest(viewer: Viewer, pk, *related: str, **annotations) -> Story:
    """Return a story that the viewer may see; for a guest, one of the workspace of the session."""
    rows = Story.objects.visible_to(viewer).select_related("workspace", "cover", *related)
    return _get_or_404(rows.annotate(**annotations), pk)


def get_film_of_guest(viewer: Viewer, pk) -> Film:
    """Return a film that the viewer may see, also a guest's; its story may not be in the trash."""
    rows = Film.objects.filter(story__in=Story.objects.visible_to(viewer).shown())
    return _get_or_404(rows.select_related("story__workspace", "job"), pk)


def get_visible_film(viewer: Viewer, pk) -> Film:
    """Return a film, which may be in the trash; its story may not."""
    rows = Film.objects.filter(story__in=visible_stories(viewer).shown())
    return _get_or_404(rows.select_related("story__workspace", "job"), pk)


def get_editable_film(viewer: Viewer, pk) -> Film:
    return _require_edit(viewer, get_visible_film(viewer, pk), lambda film: film.story.workspace)


def get_editable_music(viewer: Viewer, pk) -> Music:
    rows = _visible(Music, viewer).select_related("workspace", "job")
    return _require_edit(viewer, _get_or_404(rows, pk), lambda music: music.workspace)


def get_visible_character(viewer: Viewer, pk) -> Character:
    """Return a character, which may be in the trash; its story, if it has one, may not."""
    rows = _visible(Character, viewer).filter(story__deleted_at=None).select_related("workspace", "story__workspace")
    return _get_or_404(rows.prefetch_related("pictures__picture"), pk)


def get_editable_character(viewer: Viewer, pk) -> Character:
    return _require_edit(viewer, get_visible_character(viewer, pk), lambda character: character.workspace)


def _visible(model, viewer: Viewer):
    return model.objects.visible_to(viewer) if viewer.is_authenticated else model.objects.none()


def _require_edit(viewer: Viewer, row, workspace_of):
    if not may_edit(viewer, workspace_of(row)):
        raise PermissionDenied
    return row


def _get_or_404(rows, pk):
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
