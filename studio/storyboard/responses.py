"""Respond with the storyboard, or with the parts of it that a request changed."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.template.response import TemplateResponse
from django.urls import reverse

from common.web.htmx import redirect_to
from generation.errors import REFUSALS
from studio import access, trash
from studio.drawing import services as drawing_services
from studio.drawing.clip_request import read_animatic
from studio.drawing.provider_picker import PickerRow, build_final_row
from studio.models import Scene
from studio.scenes.forms import SceneForm
from studio.timeline.board import Board, Panel, build_board
from studio.timeline.scenes import load_pictures
from studio.topics import name_topic

SCENES = "/stories/scenes/"
VARY = {"Vary": "HX-Request, HX-Target"}


def animate_scene(request, scene: Scene) -> None:
    """Draw the free animatic of a scene that just got its first content. If that is refused, the scene is kept."""
    if not scene.has_content:
        return
    key = f"animate-{uuid.uuid4().hex}"
    try:
        drawing_services.draw_animatics(story=scene.story, by=request.user, idem_key=key, scenes=[scene.pk])
    except REFUSALS as refusal:
        messages.error(request, str(refusal))


def story_context(request, story, *, note: str = "", current: Scene | None = None, connections=None) -> dict:
    """Return the template variables of the storyboard.

    ``current``: the scene whose editor is open. ``connections``: those that the user can use, if they are known.
    """
    topic = name_topic(story)
    board = build_board(story)
    may_edit = access.may_edit(request.viewer, story.workspace) and not story.deleted_at
    open_panel = next((panel for panel in board.panels if current and panel.scene.pk == current.pk), None)
    return {
        "story": story,
        "topic": topic,
        "board": board,
        "on_page": list_on_page(board.panels, is_board=True),
        "note": note,
        "current": open_panel,
        "may_edit": may_edit,
        "final_row": get_final_row(board, request.user, connections) if may_edit else None,
        "idem_key": uuid.uuid4().hex,
    }


def list_on_page(panels: Iterable[Panel], *, is_board: bool) -> dict:
    """Return the panels that a page shows, and the name of the field that says so: a board, or the page of a scene."""
    return {"name": "panels" if is_board else "panel", "panels": panels}


def get_final_row(board: Board, by, connections=None) -> PickerRow | None:
    """Return the provider, price and time of the button that draws the missing final takes."""
    scenes = [panel.scene for panel in board.missing if panel.can_be_drawn]
    load_pictures(scenes)
    return build_final_row(board.story, scenes, by, connections)


def editor_context(request, panel: Panel, *, connections=None, **extra) -> dict:
    """Return the template variables of a scene's editor. ``connections``: as in story_context."""
    scene = panel.scene
    return {
        "story": scene.story,
        "scene": scene,
        "panel": panel,
        "reading": read_animatic(scene),
        "form": extra.pop("form", None) or SceneForm.for_scene(scene, by=request.user, connections=connections),
        "may_edit": access.may_edit(request.viewer, scene.story.workspace),
        "idem_key": uuid.uuid4().hex,
        **extra,
    }


def respond_with_board(
    request, story, *, note: str = "", status: int = 200, current: Scene | None = None, editor: bool = True
):
    """Respond to a POST with the parts of the storyboard (htmx), or with a redirect to the page that the user was on.

    ``note``: why the request was refused. ``current``: the scene whose editor is open. ``editor``: whether to render
    the editor again; False if the user may be typing in it.
    """
    page = get_page_path(request)
    if not request.htmx or page not in ("", story.get_absolute_url()):
        if note:
            messages.error(request, note)
        was_on_scene_page = page.startswith(SCENES) and current and current.deleted_at is None
        url = reverse("studio:scene", args=[current.pk]) if was_on_scene_page else get_board_url(story, current)
        return redirect_to(request, url)
    story.refresh_from_db()
    context = story_context(request, story, note=note, current=current) | {"bin": trash.list_scenes(story)}
    if editor:
        panel = context["current"] or next(iter(context["board"].panels), None)
        context = {**(editor_context(request, panel) if panel else {}), **context, "current": panel, "has_editor": True}
    return TemplateResponse(request, "studio/_storyboard.html#parts", context, status=status, headers=VARY)


def get_open_scene(request, story) -> Scene | None:
    """Return the scene whose editor is open, by the form's ``editing``, or None."""
    editing = request.POST.get("editing", "")
    return next((scene for scene in story.scenes.shown() if scene.pk.hex[:8] == editing), None) if editing else None


def get_shown_rev(request, scene: Scene) -> int:
    """Return the revision of the scene that the page showed, or the current one if the form has none."""
    sent = request.POST.get("rev", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else scene.rev


def get_page_path(request) -> str:
    """Return the path of the page that sent the request; "" if unknown. Without htmx, SCENES means any scene's page."""
    if request.htmx:
        return (request.htmx.current_url_abs_path or "").partition("?")[0]
    return SCENES if request.POST.get("back") == "scene" else ""


def get_board_url(story, scene: Scene | None) -> str:
    """Return the URL of the storyboard, with the scene, if given, opened."""
    url = reverse("studio:story", args=[story.pk])
    return f"{url}?scene={scene.pk}#s-{scene.pk}" if scene else url
