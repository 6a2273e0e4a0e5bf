"""Who may see and change stories and what is in them: gives the row or 404, the same as for an id that never was."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import EDIT, can
from studio.models import Character, Film, Music, Scene, Story


def stories_to_see(request):
    """Every story of the person's workspaces, those in the bin too."""
    return Story.objects.visible_to(request.user) if request.user.is_authenticated else Story.objects.none()


def story_to_see(request, pk) -> Story:
    return _one(stories_to_see(request).select_related("workspace", "cover"), pk)


def story_to_edit(request, pk) -> Story:
    """404 for strangers, 403 for those who may only look."""
    return _editable(request, story_to_see(request, pk), lambda story: story.workspace)


def scene_to_see(request, pk) -> Scene:
    """A scene whose story is not in the bin; itself it may be."""
    rows = Scene.objects.filter(story__in=stories_to_see(request).shown())
    return _one(rows.select_related("story__workspace"), pk)


def scene_to_edit(request, pk) -> Scene:
    return _editable(request, scene_to_see(request, pk), lambda scene: scene.story.workspace)


def may_edit(request, workspace) -> bool:
    return can(request.user, EDIT, workspace)


def _editable(request, row, workspace_of):
    if not may_edit(request, workspace_of(row)):
        raise PermissionDenied
    return row


def _one(rows, pk):
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def films_to_see(request):
    """Films of stories that are not in the bin; themselves they may be."""
    return Film.objects.filter(story__in=stories_to_see(request).shown()).select_related("story__workspace", "job")


def film_to_see(request, pk) -> Film:
    return _one(films_to_see(request), pk)


def film_to_edit(request, pk) -> Film:
    return _editable(request, film_to_see(request, pk), lambda film: film.story.workspace)


def music_to_edit(request, pk) -> Music:
    rows = Music.objects.visible_to(request.user) if request.user.is_authenticated else Music.objects.none()
    return _editable(request, _one(rows.select_related("workspace", "job"), pk), lambda music: music.workspace)


def character_to_see(request, pk) -> Character:
    """A character of a story that is not in the bin, or of a whole workspace; itself it may be in the bin."""
    rows = Character.objects.visible_to(request.user) if request.user.is_authenticated else Character.objects.none()
    rows = rows.filter(story__deleted_at=None).select_related("workspace", "story__workspace")
    return _one(rows.prefetch_related("pictures__picture"), pk)


def character_to_edit(request, pk) -> Character:
    return _editable(request, character_to_see(request, pk), lambda character: character.workspace)
