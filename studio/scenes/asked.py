"""The prompts of scenes, for the history of what was asked."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.viewer import Viewer
from generation.prompts.history import Asked, filter_asked
from studio.models import Scene


def list_asked_scenes(viewer: Viewer, words: str, before, limit: int) -> list[Asked]:
    """Return the newest prompts of the scenes that the viewer may see."""
    scenes = Scene.objects.visible_to(viewer).shown().exclude(prompt="").filter(story__deleted_at=None)
    rows = filter_asked(scenes.select_related("story"), words, before)
    return [
        Asked(scene.prompt, scene.created_at, reverse("studio:scene", args=[scene.pk]), _build_title(scene))
        for scene in rows[:limit]
    ]


def _build_title(scene: Scene) -> str:
    return _("Scene %(n)s of “%(title)s”") % {"n": scene.position, "title": scene.story.title}
