"""Views of the storyboard: the page, its live updates, and changes of the scenes' order."""

import uuid

from django.http import HttpResponseBadRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.live import topics
from common.web.htmx import redirect_to, render_target
from generation.errors import REFUSALS, status_of
from generation.forms import IDEM_KEY
from generation.offers.connections import list_usable_connections
from jobs.views.cards import count_active_jobs
from studio import access, trash
from studio.characters.cast import HAS_CHARACTERS
from studio.drawing import services as drawing_services
from studio.errors import OrderChanged, StudioRefused, TooManyScenes
from studio.scenes import services as scene_services
from studio.scenes.forms import AddSceneForm
from studio.scenes.presence import has_other_members, list_others, record_visit
from studio.storyboard.responses import (
    animate_scene,
    editor_context,
    get_final_row,
    get_open_scene,
    list_on_page,
    respond_with_board,
    story_context,
)
from studio.timeline.board import build_board
from studio.timeline.film_settings import get_joined_film_settings
from studio.topics import REVISION, name_topic


@require_safe
def story(request, pk):
    """Show the storyboard. ``?scene=``: the scene whose editor is open. ``?bin=``: page of the trash."""
    facts = {"is_shared": has_other_members(request.user), "has_trashed_scenes": trash.HAS_SCENES}
    facts |= {"active_jobs": count_active_jobs(request), "has_characters": HAS_CHARACTERS, "revision": REVISION}
    found = access.get_visible_story(request.viewer, pk, "film_settings", **facts)
    request.active_jobs = found.active_jobs
    if found.deleted_at:
        context = {"story": found, "may_edit": _may_edit(request, found)}
        return render_target(request, "studio/story_in_trash.html", context)
    connections = list_usable_connections(request.viewer, found.workspace)
    context = story_context(request, found, connections=connections)
    panels = context["board"].panels
    if not panels and found.is_being_written():
        return redirect_to(request, reverse("studio:first_film", args=[found.pk]))
    scene_id = request.GET.get("scene", "")
    current = next((panel for panel in panels if str(panel.scene.pk) == scene_id), None) or next(iter(panels), None)
    editor = editor_context(request, current, connections=connections) if current else {}
    page_context = {
        "current": current,
        "is_shared": found.is_shared,
        "film_adds": get_joined_film_settings(found).has_extras,
        "bin": trash.list_scenes(found, request.GET.get("bin", "")),
    }
    return render_target(request, "studio/story.html", {**editor, **context, **page_context})


def _may_edit(request, found):
    return access.may_edit(request.viewer, found.workspace)


@require_safe
def live(request, pk):
    """Show what changed since.

    ``panels``: the keys and marks of the panels on the page, in their order; ``panel``: of the one whose page it is.
    """
    found = access.get_visible_story(request.viewer, pk, revision=REVISION)
    board, may_edit = build_board(found), _may_edit(request, found)
    editing, has_board = request.GET.get("editing", ""), "panel" not in request.GET
    sent = (text.partition(".") for text in request.GET.get("panels" if has_board else "panel", "").split())
    shown = {key: mark for key, _, mark in sent}
    changed = [panel for panel in board.panels if shown.get(panel.key) != panel.mark]
    is_rearranged = has_board and list(shown) != [panel.key for panel in board.panels]
    current = next((panel for panel in board.panels if panel.key == editing), None)
    context = {
        "story": board.story,
        "topic": name_topic(found),
        "board": board,
        "panels": changed if has_board and not is_rearranged else [],
        "on_page": list_on_page(board.panels if has_board else [current] if current else [], is_board=has_board),
        "is_rearranged": is_rearranged,
        "may_edit": may_edit,
        "final_row": get_final_row(board, request.user) if may_edit else None,
        "idem_key": uuid.uuid4().hex,
        "current": current,
        "has_takes": current in changed,
    }
    return TemplateResponse(request, "studio/_storyboard.html#live", context)


@require_safe
def presence(request, pk):
    """Show who else has the story open. ``editing``: the scene that the user edits."""
    found = access.get_visible_story(request.viewer, pk)
    record_visit(found, request.user, editing=request.GET.get("editing", ""))
    topic = topics.name_topic("presence", found.pk)
    context = {"story": found, "presence_topic": topic, "visitors": list_others(found, request.user)}
    return TemplateResponse(request, "studio/story.html#presence", context)


@require_POST
def order(request, pk):
    """Reorder the scenes. ``ids``: all of them, separated by commas. ``order_rev``: the number that the page showed."""
    found = access.get_editable_story(request.viewer, pk)
    try:
        wanted = [uuid.UUID(text) for text in request.POST.get("ids", "").split(",")]
        rev = int(request.POST.get("order_rev", ""))
    except ValueError:
        return HttpResponseBadRequest(_("This order of scenes is not valid."), content_type="text/plain")
    try:
        scene_services.reorder_scenes(story=found, by=request.user, wanted=wanted, order_rev=rev)
    except OrderChanged as refusal:
        return respond_with_board(
            request, found, note=str(refusal), status=409, current=get_open_scene(request, found), editor=False
        )
    return respond_with_board(request, found, current=get_open_scene(request, found), editor=False)


@require_POST
def move(request, pk):
    """Move a scene to position ``to``, or by ``by`` positions."""
    scene = access.get_editable_scene(request.viewer, pk)
    try:
        to = int(request.POST["to"]) if request.POST.get("to") else (scene.position or 0) + int(request.POST["by"])
    except (KeyError, ValueError):
        return HttpResponseBadRequest(_("This is not a valid position for a scene."), content_type="text/plain")
    scene = scene_services.move_scene(scene=scene, by=request.user, to=max(1, min(to, 10_000)))
    current = get_open_scene(request, scene.story) or scene
    return respond_with_board(request, scene.story, current=current, editor="only_board" not in request.POST)


@require_POST
def add(request, pk):
    """Add a scene at position ``at`` or the end. If it has text, its free animatic is drawn at once."""
    found = access.get_editable_story(request.viewer, pk)
    form = AddSceneForm(request.POST)
    if not form.is_valid():
        message = " ".join(error for errors in form.errors.values() for error in errors)
        return respond_with_board(request, found, note=message, status=422, editor=False)
    try:
        scene = scene_services.add_scene(story=found, by=request.user, **form.cleaned_data)
    except TooManyScenes as refusal:
        return respond_with_board(request, found, note=str(refusal), status=409, editor=False)
    animate_scene(request, scene)
    return respond_with_board(request, found, current=scene)


@require_POST
def animate(request, pk):
    """Draw the free animatics that are missing or outdated."""
    found = access.get_editable_story(request.viewer, pk)
    sent = request.POST.get("idem_key", "")
    key = sent[:60] if IDEM_KEY.match(sent) else uuid.uuid4().hex
    try:
        drawing_services.draw_animatics(story=found, by=request.user, idem_key=f"animate-{key}")
    except (StudioRefused, *REFUSALS) as refusal:
        status = getattr(refusal, "status", None) or status_of(refusal)
        return respond_with_board(request, found, note=str(refusal), status=status, editor=False)
    if request.POST.get("back") == "film":
        return redirect_to(request, reverse("studio:film", args=[found.pk]))
    return respond_with_board(request, found, current=get_open_scene(request, found), editor=False)
