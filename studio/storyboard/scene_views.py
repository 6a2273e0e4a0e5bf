"""Views that edit, split, duplicate, lock, delete and restore a scene, show its history, and use a clip in a story."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.pagination import fetch_page
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to, render_target, target_id
from generation.models import Clip
from jobs.views.cards import count_active_jobs
from studio import access
from studio.characters.services import cast_character
from studio.drawing.clip_request import read_animatic
from studio.errors import Collision, StudioRefused, TakeNotReady
from studio.limits import rate_limit_message
from studio.models import Character, Scene, Story
from studio.scenes import edits, providers, use_clip
from studio.scenes import (
    history as scene_history,
)
from studio.scenes import (
    services as scene_services,
)
from studio.scenes.forms import SceneForm
from studio.storyboard.responses import (
    VARY,
    animate_scene,
    editor_context,
    get_board_url,
    get_shown_rev,
    list_on_page,
    respond_with_board,
    story_context,
)
from studio.timeline.board import build_board, build_panel
from studio.timeline.fields import FIELD_LABELS, IMAGE_FIELDS
from studio.timeline.scenes import build_cast_prefetch
from studio.topics import STORY_REVISION


@require_http_methods(["GET", "HEAD", "POST"])
def scene(request, pk):
    """Show the editor, as a page or in ``#editor`` of the storyboard (GET), or save the form (POST)."""
    if request.method == "POST":
        return _save(request, access.get_editable_scene(request.viewer, pk))
    facts = {"active_jobs": count_active_jobs(request), "story_revision": STORY_REVISION}
    row = access.get_visible_scene(request.viewer, pk, *IMAGE_FIELDS, prefetch=[build_cast_prefetch()], **facts)
    request.active_jobs = row.active_jobs
    is_page = target_id(request) != "editor"
    panel = build_board(row.story, scenes=[row]).panels[0]
    page_context = {
        "topic": f"story:{row.story_id}.{row.story_revision}",
        "on_page": list_on_page([panel], is_board=False),
    }
    page_context = _get_neighbours(row) | page_context if is_page else {}
    context = editor_context(request, panel, is_page=is_page, **page_context)
    return render_target(request, "studio/scene.html", context, targets={"editor": "editor"})


def _get_neighbours(row) -> dict:
    """Return the scenes ``before`` and ``after`` this one; {} for a scene in the trash."""
    shown = row.story.scenes.shown()
    if row.position is None:
        return {}
    found = {scene.position: scene for scene in shown.filter(position__in=[row.position - 1, row.position + 1])}
    return {"before": found.get(row.position - 1), "after": found.get(row.position + 1)}


def _save(request, row):
    form = SceneForm(request.POST, row=row, by=request.user)
    if not form.is_valid():
        return _render_refusal(request, row, form=form, status=422)
    rev, changes, seen = form.cleaned_data["rev"], form.get_changes(), form.get_seen_revs()
    try:
        written = edits.edit_scene(scene=row, by=request.user, rev=rev, changes=changes, seen=seen)
    except Collision as collision:
        return _render_refusal(request, row, collision=_describe_collision(collision), note=str(collision), status=409)
    except StudioRefused as refusal:
        return _render_refusal(request, row, note=str(refusal), status=refusal.status)
    if row.deleted_at:
        return _respond_saved_in_trash(request, row)
    if not row.has_content:  # its first text
        animate_scene(request, written)
    if not request.htmx:
        messages.success(request, _("Saved."))
        return redirect_to(request, get_board_url(row.story, row))
    context = story_context(request, row.story, current=row)
    panel = context["current"] or build_panel(row)
    context |= {"panel": panel, "scene": panel.scene, "reading": read_animatic(panel.scene)}
    context["values"] = SceneForm.get_initial_values(panel.scene)
    return TemplateResponse(request, "studio/_autosave.html#saved", context, headers=VARY)


def _respond_saved_in_trash(request, row):
    """Respond that the text was saved, but in a scene that is in the trash now."""
    if not request.htmx:
        messages.warning(request, _("This scene is in the trash. Your text was saved in it."))
        return redirect_to(request, reverse("studio:scene", args=[row.pk]))
    row.refresh_from_db()
    context = {"scene": row, "values": SceneForm.get_initial_values(row)}
    return TemplateResponse(request, "studio/_autosave.html#saved_in_trash", context, headers=VARY)


def _describe_collision(collision: Collision) -> dict:
    """Return the collided fields with both versions, and the name of the other user (``by``)."""
    fields = collision.fields.items()
    rows = [{"field": n, "label": FIELD_LABELS[n], "theirs": both[0], "mine": both[1]} for n, both in fields]
    return {
        "rows": [_join_provider_and_model(row, collision) for row in rows if row["field"] != "model"],
        "by": collision.by,
    }


def _join_provider_and_model(row: dict, collision: Collision) -> dict:
    """Return the row of the field "provider" as "engine", with the model in its values, as the page has it."""
    if row["field"] != "provider":
        return row
    models = collision.fields.get("model", ("", ""))
    pairs = zip((row["theirs"], row["mine"]), models, strict=True)
    theirs, mine = (providers.join_choice(provider, model) for provider, model in pairs)
    return row | {"field": "engine", "theirs": theirs, "mine": mine}


def _render_refusal(request, row, *, form=None, collision=None, note="", status=409):
    """Respond with the reason of a refusal. With htmx, the page keeps what was typed."""
    row.refresh_from_db()
    context = editor_context(request, build_panel(row), collision=collision, refusal=note, is_page=True)
    if form is not None:
        context |= {"form": form, "problems": [error for errors in form.errors.values() for error in errors]}
    if request.htmx:
        return TemplateResponse(request, "studio/_autosave.html#refused", context, status=status, headers=VARY)
    return render_target(request, "studio/scene.html", context, status=status)


@require_POST
def split(request, pk):
    """Split the scene at character ``at`` of its text, or at the sentence end nearest to the middle."""
    row = access.get_editable_scene(request.viewer, pk)
    at = request.POST.get("at", "")
    try:
        later = scene_services.split_scene(
            scene=row, by=request.user, at=int(at) if at.isdecimal() and len(at) < 6 else None
        )
    except StudioRefused as refusal:
        return respond_with_board(request, row.story, note=str(refusal), status=refusal.status, current=row)
    animate_scene(request, later)
    return respond_with_board(request, row.story, current=row)


@require_POST
@deleted_is_not_found
def duplicate(request, pk):
    row = access.get_editable_scene(request.viewer, pk)
    try:
        copy = scene_services.duplicate_scene(scene=row, by=request.user)
    except StudioRefused as refusal:
        return respond_with_board(request, row.story, note=str(refusal), status=refusal.status, current=row)
    return respond_with_board(request, row.story, current=copy)


@require_POST
def lock(request, pk):
    """Lock the scene if ``is_locked`` was posted, otherwise unlock it."""
    row = access.get_editable_scene(request.viewer, pk)
    scene_services.lock_scene(scene=row, by=request.user, is_locked=bool(request.POST.get("is_locked")))
    return respond_with_board(request, row.story, current=row)


@require_POST
def delete(request, pk):
    """Move the scene to the trash, with a message that offers to restore it."""
    row = access.get_editable_scene(request.viewer, pk)
    n = row.position
    try:
        scene_services.delete_scene(scene=row, by=request.user)
    except StudioRefused as refusal:
        return respond_with_board(request, row.story, note=str(refusal), status=refusal.status, current=row)
    undo = reverse("studio:restore_scene", args=[row.pk])
    messages.success(request, _("Scene %(n)s was moved to the trash.") % {"n": n or ""}, extra_tags=f"undo:{undo}")
    return respond_with_board(request, row.story)


@require_POST
@deleted_is_not_found
def restore(request, pk):
    row = access.get_editable_scene(request.viewer, pk)
    try:
        row = scene_services.restore_scene(scene=row, by=request.user)
    except StudioRefused as refusal:
        return respond_with_board(request, row.story, note=str(refusal), status=refusal.status)
    messages.success(request, _("Scene %(n)s was restored.") % {"n": row.position})
    return redirect_to(request, get_board_url(row.story, row))


@require_POST
def cast(request, pk):
    """Add the posted ``character`` (id) to the scene or, if ``out`` was posted, remove it."""
    scene = access.get_editable_scene(request.viewer, pk)
    try:
        character_id = uuid.UUID(request.POST.get("character", ""))
    except ValueError:
        raise Http404 from None
    row = Character.objects.available_in(scene.story).shown().filter(pk=character_id).first()
    if row is None:
        raise Http404
    try:
        cast_character(scene=scene, character=row, by=request.user, is_in="out" not in request.POST)
    except StudioRefused as refusal:
        return respond_with_board(request, scene.story, note=str(refusal), status=refusal.status, current=scene)
    return respond_with_board(request, scene.story, current=scene)


@require_safe
def history(request, pk):
    """Show the scene's changes, newest first, a page at a time (``?before=``: id of an edit)."""
    row = access.get_visible_scene(request.viewer, pk)
    rows = row.edits.select_related("by")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[:31])
    context = {
        "scene": row,
        "story": row.story,
        "edits": scene_history.describe_edits(row, found[:30]),
        "next": f"?before={found[29].pk}" if len(found) > 30 else "",
        "may_edit": access.may_edit(request.viewer, row.story.workspace),
    }
    return render_target(request, "studio/history.html", context, targets={"more": "more"})


@require_POST
def restore_edit(request, pk):
    """Restore the scene as it was before ``edit`` (id). ``rev``: the revision that the page showed."""
    row = access.get_editable_scene(request.viewer, pk)
    edit_id = request.POST.get("edit", "")
    edit = row.edits.filter(pk=int(edit_id)).first() if edit_id.isdecimal() and len(edit_id) < 19 else None
    if edit is None:
        raise Http404
    try:
        _restored, missing = edits.restore_edit(edit=edit, by=request.user, rev=get_shown_rev(request, row))
        messages.success(request, _("The scene has its earlier text again. You can undo this as well."))
        if missing:
            message = _("Could not be restored because it no longer exists: %(what)s.")
            messages.warning(request, message % {"what": scene_history.join_labels(missing)})
    except StudioRefused as refusal:
        messages.error(request, str(refusal))
    return redirect_to(request, reverse("studio:history", args=[row.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def use(request, pk):
    """Show the stories or, with ``?story=``, its scenes to choose from (GET), or use the clip there (POST).

    An empty ``story`` means a new story, an empty ``scene`` a new scene at the end of the story.
    """
    clip = _get_clip(request, pk)
    params = request.POST if request.method == "POST" else request.GET
    story = _get_story(clip, params.get("story", ""))
    if request.method != "POST":
        return _render_page(request, clip, story, problem="" if use_clip.can_use_clip(clip) else str(TakeNotReady()))
    scene = _get_scene(story, params.get("scene", ""))
    if message := "" if story else rate_limit_message(request, "story"):
        return _render_page(request, clip, story, problem=message, status=429)
    try:
        used = use_clip.use_clip(clip=clip, by=request.user, story=story, scene=scene)
    except StudioRefused as refusal:
        return _render_page(request, clip, story, problem=str(refusal), status=refusal.status)
    message = _("This clip is now a take of scene %(n)s.") if scene else _("This clip is now scene %(n)s.")
    messages.success(request, message % {"n": used.position})
    return redirect_to(request, get_board_url(used.story, used))


def _get_clip(request, pk) -> Clip:
    """Return the clip. Raises Http404 for users outside its workspace, PermissionDenied for viewers."""
    rows = Clip.objects.with_files().select_related("workspace").visible_to(request.viewer)
    clip = rows.shown().filter(pk=pk).first()
    if clip is None:
        raise Http404
    if not access.may_edit(request.viewer, clip.workspace):
        raise PermissionDenied
    return clip


def _get_story(clip: Clip, story_id: str) -> Story | None:
    """Return the story, None for an empty id. Raises Http404 if it is not in the clip's own workspace."""
    if not story_id:
        return None
    rows = Story.objects.filter(workspace=clip.workspace, pk=_parse_id(story_id)).shown()
    story = rows.select_related("workspace").first()
    if story is None:
        raise Http404
    return story


def _get_scene(story: Story | None, scene_id: str) -> Scene | None:
    if not (story and scene_id):
        return None
    scene = story.scenes.shown().filter(pk=_parse_id(scene_id)).first()
    if scene is None:
        raise Http404
    return scene


def _parse_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def _render_page(request, clip: Clip, story: Story | None, *, problem: str = "", status: int = 200):
    rows = Story.objects.filter(workspace=clip.workspace, archived_at=None).shown()
    page = fetch_page(rows, request.GET.get("after", ""), order=("-touched_at", "-id"))
    context = {
        "clip": clip,
        "story": story,
        "page": page,
        "next": f"?after={page.after}" if page.after else "",
        "panels": build_board(story).panels if story else [],
        "problem": problem,
    }
    return render_target(request, "studio/use_clip.html", context, targets={"more": "more"}, status=status)
