"""From a clip into a story: choose which one, and where in it."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.pagination import fetch_page
from common.web.htmx import redirect_to, render_target
from generation.models import Clip
from studio import access
from studio.errors import StudioRefused, TakeNotReady
from studio.limits import STORY, too_fast
from studio.models import Scene, Story
from studio.scenes import use_clip
from studio.storyboard.board import board
from studio.storyboard.responses import place_of


@require_http_methods(["GET", "HEAD", "POST"])
def use(request, pk):
    """GET: the stories to choose from; with ``?story=`` its scenes. POST ``story`` (empty: a new one), ``scene``
    (empty: a new one at its end)."""
    clip = _clip(request, pk)
    named = request.POST if request.method == "POST" else request.GET
    story = _story(clip, named.get("story", ""))
    if request.method != "POST":
        return _page(request, clip, story, problem="" if use_clip.can_use(clip) else str(TakeNotReady()))
    scene = _scene(story, named.get("scene", ""))
    if words := "" if story else too_fast(request, STORY):
        return _page(request, clip, story, problem=words, status=429)
    try:
        used = use_clip.use_clip(clip=clip, by=request.user, story=story, scene=scene)
    except StudioRefused as refusal:
        return _page(request, clip, story, problem=str(refusal), status=refusal.status)
    words = _("This clip is now a take of scene %(n)s.") if scene else _("This clip is now scene %(n)s.")
    messages.success(request, words % {"n": used.position})
    return redirect_to(request, place_of(used.story, used))


def _clip(request, pk) -> Clip:
    """404 for strangers, 403 for those who may only look."""
    rows = Clip.objects.with_files().select_related("workspace").visible_to(request.user)
    clip = rows.shown().filter(pk=pk).first()
    if clip is None:
        raise Http404
    if not access.may_edit(request, clip.workspace):
        raise PermissionDenied
    return clip


def _story(clip: Clip, named: str) -> Story | None:
    """Only stories of the clip's own workspace: nothing wanders from one to another."""
    if not named:
        return None
    found = Story.objects.filter(workspace=clip.workspace, pk=_id(named)).shown().select_related("workspace").first()
    if found is None:
        raise Http404
    return found


def _scene(story: Story | None, named: str) -> Scene | None:
    if not (story and named):
        return None
    found = story.scenes.shown().filter(pk=_id(named)).first()
    if found is None:
        raise Http404
    return found


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def _page(request, clip: Clip, story: Story | None, *, problem: str = "", status: int = 200):
    rows = Story.objects.filter(workspace=clip.workspace, archived_at=None).shown()
    page = fetch_page(rows, request.GET.get("after", ""), by="touched_at")
    context = {
        "clip": clip,
        "story": story,
        "page": page,
        "next": f"?after={page.after}" if page.after else "",
        "panels": board(story).panels if story else [],
        "problem": problem,
    }
    return render_target(request, "studio/use.html", context, targets={"more": "more"}, status=status)
