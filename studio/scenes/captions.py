"""Subtitles of a clip that was made for a scene: the line that somebody says in it."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer
from generation import access
from generation.models import Clip
from studio.models import Scene, Take
from studio.timeline.captions import write_captions

MOST_SCENES = 10  # that have one clip as a take; more are not read


def list_scenes(viewer: Viewer, clip: Clip) -> list[Scene]:
    """Return the visible scenes that have the clip as a take, the newest take first. Reads them once for a clip."""
    return viewer.read_once(_read_scenes, clip)


def _read_scenes(viewer: Viewer, clip: Clip) -> list[Scene]:
    takes = Take.objects.visible_to(viewer).filter(clip=clip, scene__deleted_at=None, scene__story__deleted_at=None)
    return [take.scene for take in takes.select_related("scene__story").order_by("-created_at")[:MOST_SCENES]]


def find_captions(viewer: Viewer, clip: Clip) -> str:
    """Return the path of the subtitles of a finished clip, or ""."""
    if not (viewer.is_authenticated and clip.is_ready and _find_scene(viewer, clip)):
        return ""
    return reverse("studio:clip_captions", args=[clip.pk])


def _find_scene(viewer: Viewer, clip: Clip) -> Scene | None:
    """Return a scene whose line is said in the clip: a line that was written later was not sent with the request."""
    scenes = [scene for scene in list_scenes(viewer, clip) if scene.line]
    return next((scene for scene in scenes if scene.line in (clip.options.get("line") or clip.prompt)), None)


@require_safe
def clip_captions(request, pk):
    """Return the subtitles of a clip as WebVTT. Raises Http404 if nobody says a line in it."""
    clip = access.get_clip(request.viewer, pk)
    scene = None if clip.deleted_at else _find_scene(request.viewer, clip)
    if scene is None:
        raise Http404
    text = write_captions([{"start": 0, "end": clip.frames, "line": scene.line, "speaker": scene.speaker}])
    return HttpResponse(text, content_type="text/vtt; charset=utf-8")
