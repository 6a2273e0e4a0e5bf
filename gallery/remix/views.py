"""Pages on which a user builds on a work: the words, a frame, a scene, or the whole story."""

import uuid
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.billing.limits import consume_rate
from common.web.htmx import redirect_to
from gallery.access import gallery_member_page, get_work, is_gated
from gallery.models import Remix, RemixFrame, Work
from gallery.remix import frames, scenes, templates
from gallery.remix.menu import RemixMenu, build_menu
from gallery.works.origin import Origin, sign_origin
from generation.errors import REFUSALS, status_of
from generation.forms import IDEM_KEY
from generation.prompts.services import SESSION_KEY as USED_PROMPT
from studio import access as studio_access
from studio.errors import StudioRefused
from studio.limits import rate_limit_message
from studio.models import Story
from studio.story_templates.body import TemplateRefused

MAX_STORIES = 50  # that a scene can be added to
How = Remix.How


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_member_page
def remix(request, code="", token=""):
    """Show how the user can build on a work (GET), or begin (POST ``how``)."""
    work = _load_work(request, code, token)
    if is_gated(request.viewer, work):
        return redirect_to(request, work)  # which asks first
    menu = build_menu(request.viewer, work)
    if request.method != "POST":
        chooses_scene = request.GET.get("how") == How.SCENE and menu.find(How.SCENE)
        return _render_scenes(request, work) if chooses_scene else _render_menu(request, work, menu)
    how = request.POST.get("how", "")
    act = ACTS.get(how)
    if act is None:
        raise Http404
    if menu.find(how) is None:
        return _render_menu(request, work, menu, status=403)
    return act(request, work, menu)


def _load_work(request, code: str, token: str) -> Work:
    found = get_work(request.viewer, code=code, token=token)
    rows = Work.objects.select_related("clip", "film__story", "template", "workspace__home_of", "workspace__profile")
    return rows.get(pk=found.pk)


def _render_menu(request, work: Work, menu: RemixMenu, *, problem: str = "", status: int = 200):
    context = {
        "work": work,
        "menu": menu,
        "problem": problem,
        "path": get_remix_path(work),
        "idem_key": uuid.uuid4().hex,
    }
    return render(request, "gallery/remix.html", context, status=status)


def get_remix_path(work: Work) -> str:
    if work.visibility == Work.Visibility.UNLISTED:
        return reverse("gallery:unlisted_remix", args=[work.share_token])
    return reverse("gallery:remix", args=[work.code])


def get_use_path(work: Work) -> str:
    """Return the address at which a published template is used."""
    if work.visibility == Work.Visibility.UNLISTED:
        return reverse("gallery:unlisted_template", args=[work.share_token])
    return reverse("gallery:public_template", args=[work.code])


def _use_words(request, work: Work, menu: RemixMenu):
    return open_create(request, work.prompt, work, Origin.of_work(work, How.WORDS))


def open_create(request, words: str, work: Work | None, origin: Origin | None, **query):
    """Redirect to Create with the words, which are too long for an address, and the work's style and ratio."""
    if words:
        request.session[USED_PROMPT] = words[:2000]
        query["words"] = "1"
    if work:
        query |= {"ratio": work.ratio} | ({"style": work.style} if work.style else {})
    if origin:
        query["origin"] = sign_origin(origin)
    return redirect_to(request, f"{reverse('generation:create')}?{urlencode(query)}")


def _use_frame(request, work: Work, menu: RemixMenu):
    if not consume_rate(request, "submit"):
        return _render_menu(request, work, menu, problem=_too_fast(), status=429)
    try:
        frame = frames.request_frame(
            work,
            how=request.POST["how"],
            seconds=_read_seconds(request),
            workspace=request.workspace,
            by=request.user,
            idem_key=read_key(request),
        )
    except REFUSALS as refusal:
        return _render_menu(request, work, menu, problem=str(refusal), status=status_of(refusal))
    return redirect_to(request, reverse("gallery:remix_frame", args=[frame.pk]))


def _read_seconds(request) -> float | None:
    """Return where the player was; None without JavaScript, or for a value that is no time."""
    try:
        seconds = float(request.POST.get("at", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def read_key(request) -> str:
    sent = request.POST.get("idem_key", "")
    return sent[:80] if IDEM_KEY.match(sent) else uuid.uuid4().hex


def _too_fast() -> str:
    return _("Too many requests. Wait a moment and try again.")


def _take_scene(request, work: Work, menu: RemixMenu):
    """Take the posted scene into the posted story, or into a new one."""
    if message := rate_limit_message(request, "story"):
        return _render_scenes(request, work, problem=message, status=429)
    story = _find_story(request)
    workspace = story.workspace if story else request.workspace
    check_may_edit(request, workspace)
    number = request.POST.get("scene", "")
    try:
        found = scenes.take_scene(
            work,
            int(number) if number.isdigit() and len(number) < 6 else -1,
            story=story,
            workspace=workspace,
            by=request.user,
            idem_key=read_key(request),
        )
    except scenes.SceneMissing:
        return _render_scenes(request, work, problem=_("Choose one of the scenes."), status=422)
    except (StudioRefused, *REFUSALS) as refusal:
        status = getattr(refusal, "status", None) or status_of(refusal)
        return _render_scenes(request, work, problem=str(refusal), status=status)
    return redirect_to(request, found)


def check_may_edit(request, workspace) -> None:
    if not studio_access.may_edit(request.viewer, workspace):
        raise PermissionDenied


def _find_story(request) -> Story | None:
    """Return the story that was chosen; None for a new one. Raises Http404 for one the user may not edit."""
    sent = request.POST.get("story", "")
    if not sent:
        return None
    try:
        return studio_access.get_editable_story(request.viewer, uuid.UUID(sent))
    except ValueError:
        raise Http404 from None


def _render_scenes(request, work: Work, *, problem: str = "", status: int = 200):
    stories = studio_access.visible_stories(request.viewer).filter(workspace=request.workspace, deleted_at=None)
    context = {
        "work": work,
        "scenes": scenes.list_scenes(work),
        "stories": stories.order_by("-touched_at")[:MAX_STORIES],
        "problem": problem,
        "path": get_remix_path(work),
        "chosen": request.POST.get("scene", ""),
        "idem_key": uuid.uuid4().hex,
    }
    return render(request, "gallery/remix_scene.html", context, status=status)


def _take_template(request, work: Work, menu: RemixMenu):
    if message := rate_limit_message(request, "story"):
        return _render_menu(request, work, menu, problem=message, status=429)
    check_may_edit(request, request.workspace)
    try:
        template = templates.take_story(work, workspace=request.workspace, by=request.user)
    except TemplateRefused as refusal:
        return _render_menu(request, work, menu, problem=str(refusal), status=422)
    return redirect_to(request, reverse("gallery:own_template", args=[template.pk]))


ACTS = {
    How.WORDS: _use_words,
    How.FIRST_FRAME: _use_frame,
    How.LAST_FRAME: _use_frame,
    How.SCENE: _take_scene,
    How.TEMPLATE: _take_template,
}


@require_safe
@gallery_member_page
def remix_frame(request, pk):
    """Wait for the copied frame, then open Create with it."""
    rows = RemixFrame.objects.select_related("job", "work", "picture")
    frame = rows.filter(pk=pk, created_by=request.user).first()
    if frame is None:
        raise Http404
    if frame.picture:
        work = frame.work
        words = work.prompt if work and work.shows_prompt else ""
        return open_create(request, words, work, Origin.of_frame(frame), picture=str(frame.picture_id))
    context = {"frame": frame, "is_waiting": bool(frame.job and frame.job.is_active)}
    return render(request, "gallery/remix_frame.html", context)
