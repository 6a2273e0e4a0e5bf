"""Find stories, and rows of stories, that a user may see or edit.

A hidden row raises Http404, like an unknown id; a row that the user may only see raises PermissionDenied.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import EDIT, can
from studio.models import Character, Film, Music, Scene, Story


def visible_stories(user):
    """Return the stories of the user's workspaces, including those in the trash."""
    return _visible(Story, user)


def get_visible_story(user, pk) -> Story:
    return _get_or_404(visible_stories(user).select_related("workspace", "cover"), pk)


def get_editable_story(user, pk) -> Story:
    return _require_edit(user, get_visible_story(user, pk), lambda story: story.workspace)


def get_visible_scene(user, pk) -> Scene:
    """Return a scene, which may be in the trash; its story may not."""
    rows = Scene.objects.filter(story__in=visible_stories(user).shown())
    return _get_or_404(rows.select_related("story__workspace"), pk)


def get_editable_scene(user, pk) -> Scene:
    return _require_edit(user, get_visible_scene(user, pk), lambda scene: scene.story.workspace)


def may_edit(user, workspace) -> bool:
    return can(user, EDIT, workspace)


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
