"""Views that list, show and change characters, their reference images, and who appears in a scene."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.billing.limits import limit_of
from common.web.body_limit import max_body
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to, render_target
from generation.errors import REFUSALS, picture_message, picture_status
from generation.services import uploads
from studio import access, trash
from studio.characters import cast, recurring
from studio.characters import services as character_services
from studio.characters.forms import CharacterForm, ReferenceForm
from studio.errors import Collision, StudioRefused
from studio.limits import rate_limit_message
from studio.models import Character, CharacterPicture
from studio.timeline.scenes import load_scenes


@require_http_methods(["GET", "HEAD", "POST"])
def characters(request):
    """List the characters that all stories of the workspace share (GET), or add one (POST)."""
    if request.method == "POST" and not access.may_edit(request.viewer, request.workspace):
        raise PermissionDenied
    return _render_list(request, None, request.workspace)


@require_http_methods(["GET", "HEAD", "POST"])
def story_characters(request, pk):
    """List the characters of a story and of its workspace (GET), or add one to the story (POST)."""
    find = access.get_editable_story if request.method == "POST" else access.get_visible_story
    story = find(request.viewer, pk)
    if story.deleted_at:
        return redirect_to(request, story)
    return _render_list(request, story, story.workspace)


def _render_list(request, story, workspace):
    form = CharacterForm(request.POST if request.method == "POST" else None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = character_services.add_character(
                workspace=workspace, by=request.user, story=story, **form.get_changes()
            )
            return redirect_to(request, reverse("studio:character", args=[made.pk]))
        except StudioRefused as refusal:
            problem = str(refusal)
    rows = Character.objects.filter(workspace=workspace).shown().order_by("kind", "name", "id")
    context = {
        "story": story,
        "form": form,
        "problem": problem,
        "own": cast.prefetch_characters(rows.filter(story=story))[:200],
        "shared": cast.prefetch_characters(rows.filter(story=None))[:200] if story else [],
        "bin": trash.list_characters(workspace, story, request.GET.get("bin", "")),
        "may_edit": access.may_edit(request.viewer, workspace),
    }
    return render_target(request, "studio/characters.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def character(request, pk):
    """Show a character (GET) or change it (POST). Responds with 409 if somebody else changed the same field."""
    if request.method != "POST":
        return _render_page(request, access.get_visible_character(request.viewer, pk))
    row = access.get_editable_character(request.viewer, pk)
    form = CharacterForm(request.POST)
    if not form.is_valid():
        return _render_page(request, row, form, status=422)
    try:
        character_services.change_character(
            character=row, by=request.user, changes=form.get_changes(), base=form.get_base()
        )
    except Collision as collision:
        row.refresh_from_db()
        return _render_page(
            request, row, form.keep_typed_values(CharacterForm.for_character(row)), status=409, collision=collision
        )
    messages.success(request, _("Saved."))
    return redirect_to(request, reverse("studio:character", args=[row.pk]))


def _render_page(request, row, form=None, status=200, collision=None, problem=""):
    current = CharacterForm.for_character(row)
    may_edit = access.may_edit(request.viewer, row.workspace)
    context = {
        "character": row,
        "story": row.story,
        "form": form or current,
        "shown": current.get_values() | (form.get_shown_values() if form and form.is_bound else {}),
        "collision": collision,
        "problem": problem,
        "pictures": cast.list_pictures(row),
        "roles": CharacterPicture.Role.choices,
        "max_pictures": limit_of(row.workspace, "character_pictures"),
        "appearances": cast.list_appearances(row, by=request.user),
        "may_edit": may_edit and not row.deleted_at,
        "may_restore": may_edit,
    }
    return render_target(request, "studio/character.html", context, status=status)


@require_POST
@max_body(21)
def character_picture(request, pk):
    """Add the reference image ``picture_file`` with its crop and ``role``, or remove the one with the id ``remove``."""
    row = access.get_editable_character(request.viewer, pk)
    if request.FILES and (message := rate_limit_message(request, "upload")):
        return _render_page(request, row, status=429, problem=message)
    try:
        _change_picture(request, row)
    except uploads.PictureRefused as refusal:
        return _render_page(request, row, status=picture_status(refusal), problem=picture_message(refusal))
    except StudioRefused as refusal:
        return _render_page(request, row, status=refusal.status, problem=str(refusal))
    return redirect_to(request, reverse("studio:character", args=[row.pk]))


def _change_picture(request, row) -> None:
    number = request.POST.get("remove", "")
    if number:
        if not number.isdecimal() or len(number) > 18:
            raise Http404
        return character_services.remove_character_picture(character=row, number=int(number), by=request.user)
    form = ReferenceForm(request.POST, request.FILES)
    if not form.is_valid():
        raise uploads.PictureRefused("empty" if "picture_file" in form.errors else "crop", "")
    values = form.cleaned_data
    picture = uploads.save_picture(
        values["picture_file"], crop=form.get_crop(), workspace=row.workspace, by=request.user
    )
    role = values["role"] or CharacterPicture.Role.OTHER
    return character_services.add_character_picture(character=row, picture=picture, role=role, by=request.user)


@require_POST
def delete_character(request, pk):
    """Move the character to the trash, with a message that offers to restore it."""
    row = access.get_editable_character(request.viewer, pk)
    character_services.delete_character(character=row, by=request.user)
    undo = reverse("studio:restore_character", args=[row.pk])
    messages.success(request, _("“%(name)s” was moved to the trash.") % {"name": row.name}, extra_tags=f"undo:{undo}")
    return redirect_to(
        request, reverse("studio:story_characters", args=[row.story_id]) if row.story_id else "studio:characters"
    )


@require_POST
@deleted_is_not_found
def restore_character(request, pk):
    row = access.get_editable_character(request.viewer, pk)
    try:
        character_services.restore_character(character=row, by=request.user)
        messages.success(request, _("“%(name)s” was restored.") % {"name": row.name})
    except StudioRefused as refusal:
        messages.error(request, str(refusal))
    return redirect_to(request, reverse("studio:character", args=[row.pk]))


@require_POST
def keep_recurring(request, pk):
    """Make characters of those who come back in several scenes (``key``: the offer's)."""
    story = access.get_editable_story(request.viewer, pk)
    if story.deleted_at:
        return redirect_to(request, story)
    offers = recurring.find_recurring(story, load_scenes(story))
    offer = next((offer for offer in offers if offer.key == request.POST.get("key")), None)
    if offer is None:
        messages.info(
            request, _("Nothing was changed: nobody of that kind comes back, or they are characters already.")
        )
        return redirect_to(request, story)
    try:
        recurring.keep_recurring(story=story, by=request.user, offer=offer)
    except (StudioRefused, *REFUSALS) as refusal:
        messages.error(request, str(refusal))
        return redirect_to(request, story)
    messages.success(
        request, _("%(names)s: kept as characters. Their scenes are drawn again, free.") % {"names": offer.names}
    )
    return redirect_to(request, reverse("studio:story_characters", args=[story.pk]))
