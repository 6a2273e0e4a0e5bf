"""Pages of the way from an idea to a film: the idea, the film while it is made, and how its characters look."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.web.htmx import mark_draft_saved, redirect_to, render_target
from generation.errors import REFUSALS, status_of
from generation.providers.styles import list_samples
from studio import access
from studio.director import services as directions
from studio.director.forms import list_connections
from studio.errors import StudioRefused
from studio.first_film import services
from studio.first_film.forms import LENGTHS, IdeaStoryForm, LooksForm
from studio.first_film.keys import clean_key
from studio.first_film.progress import HAS_DIRECTIONS, FirstFilm, list_recurring, load_first_film
from studio.limits import rate_limit_message
from studio.models import Story
from studio.topics import REVISION, name_topic


@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Ask for the idea of a story (GET), or make its scenes and its first film (POST)."""
    if request.method != "POST":
        return _render_new(request, IdeaStoryForm(by=request.user, workspace=request.workspace))
    if not access.may_edit(request.viewer, request.workspace):
        raise PermissionDenied
    if message := rate_limit_message(request, "reading"):
        messages.error(request, message)
        sent = {name: request.POST.get(name, "") for name in ("idea", "length", "ratio", "style", "writer")}
        unread = IdeaStoryForm(initial=sent, by=request.user, workspace=request.workspace)
        return _render_new(request, unread, status=429)
    form = IdeaStoryForm(request.POST, by=request.user, workspace=request.workspace)
    if not form.is_valid():
        return _render_new(request, form, status=422)
    limits = ("story", "submit") if form.cleaned_data["writer"] else ("story",)
    if message := next(filter(None, (rate_limit_message(request, limit) for limit in limits)), ""):
        form.add_error(None, message)
        return _render_new(request, form, status=429)
    try:
        page = _create(request, form)
    except (StudioRefused, *REFUSALS) as refusal:
        form.add_error(None, str(refusal))
        return _render_new(request, form, status=getattr(refusal, "status", None) or status_of(refusal))
    return mark_draft_saved(redirect_to(request, page), "new-story")


def _create(request, form: IdeaStoryForm) -> str:
    """Create the story and return the path of its next page."""
    values = form.cleaned_data
    own = {name: values[name] for name in ("ratio", "style") if values[name]}
    own |= {"workspace": request.workspace, "by": request.user, "idem_key": clean_key(values["idem_key"])}
    if values["writer"]:
        story = services.write_from_idea(
            idea=values["idea"].strip(), count=form.scene_count, connection=values["writer"], **own
        )
    else:
        story = services.create_from_idea(found=form.found, **own)
    return reverse("studio:first_film", args=[story.pk])


def _render_new(request, form, status=200):
    context = {
        "form": form,
        "idea": form["idea"].value() or request.GET.get("idea", "")[:2000],
        "lengths": [(name, row[0]) for name, row in LENGTHS.items()],
        "ratios": Story.ratio.field.choices,
        "styles": list_samples(has_automatic=True),
        "connections": list_connections(request.viewer, request.workspace),
        "idem_key": uuid.uuid4().hex,
    }
    return render_target(request, "studio/new.html", context, status=status)


@require_safe
@login_not_required
def first_film(request, pk):
    """Show the scenes of a story as they are drawn, then its film. Guests see the story of their session."""
    facts = {"has_directions": HAS_DIRECTIONS, "revision": REVISION}
    story = access.get_story_of_guest(request.viewer, pk, "film_settings__music", **facts)
    return redirect_to(request, story) if story.deleted_at else _render_film(request, load_first_film(story))


def _render_film(request, shown: FirstFilm, *, note: str = "", looks=None, status: int = 200):
    story = shown.story
    may_edit = request.viewer.may_edit(story.workspace)
    is_member = request.user.is_authenticated
    if looks is None:
        can_change = may_edit and is_member and not shown.is_active
        looks = [LooksForm(character=row) for row in list_recurring(story, shown.board)] if can_change else []
    context = {
        "story": story,
        "topic": name_topic(story) if shown.is_active else "",
        "shown": shown,
        "film": shown.film,
        "looks": looks,
        "note": note,
        "may_edit": may_edit,
        "is_member": is_member,
        "idem_key": uuid.uuid4().hex,
    }
    return render_target(request, "studio/first_film.html", context, targets={"first-film": "live"}, status=status)


@require_POST
@login_not_required
def make_first_film(request, pk):
    """Draw what is missing, and make the film of the story's animatics again."""
    story = access.get_story_of_guest(request.viewer, pk)
    if story.deleted_at or not request.viewer.may_edit(story.workspace):
        raise PermissionDenied
    if message := rate_limit_message(request, "film" if request.user.is_authenticated else "guest_film"):
        return _render_film(request, load_first_film(story), note=message, status=429)
    key = clean_key(request.POST.get("idem_key", ""))
    by = request.user if request.user.is_authenticated else None
    try:
        services.make_first_film(story=story, by=by, idem_key=key)
    except (StudioRefused, *REFUSALS) as refusal:
        status = getattr(refusal, "status", None) or status_of(refusal)
        return _render_film(request, load_first_film(story), note=str(refusal), status=status)
    return redirect_to(request, reverse("studio:first_film", args=[story.pk]))


@require_POST
def write_again(request, pk):
    """Request the step that failed from the language model again."""
    story = access.get_editable_story(request.viewer, pk)
    shown = load_first_film(story)
    if story.deleted_at or shown.direction is None:
        raise Http404
    if message := rate_limit_message(request, "submit"):
        return _render_film(request, shown, note=message, status=429)
    try:
        directions.request_proposal(
            direction=shown.direction,
            by=request.user,
            step=shown.direction.requested_step,
            idem_key=clean_key(request.POST.get("idem_key", "")),
            shown=request.POST.get("direction", ""),
            makes_film=True,
        )
    except (StudioRefused, *REFUSALS) as refusal:
        status = getattr(refusal, "status", None) or status_of(refusal)
        return _render_film(request, load_first_film(story), note=str(refusal), status=status)
    return redirect_to(request, reverse("studio:first_film", args=[story.pk]))


@require_POST
def change_looks(request, pk):
    """Change kind and colours of the story's characters, draw their scenes again, and make the film again."""
    story = access.get_editable_story(request.viewer, pk)
    shown = load_first_film(story)
    forms = [LooksForm(request.POST, character=row) for row in list_recurring(story, shown.board)]
    invalid = [form for form in forms if not form.is_valid()]
    if story.deleted_at or invalid:
        note = _("A value here is not valid. Nothing was changed.")
        return _render_film(request, shown, note=note, looks=forms, status=422)
    looks = [(form.character, changes) for form in forms if (changes := form.get_changes())]
    if not looks:
        messages.info(request, _("Nothing was changed."))
        return redirect_to(request, reverse("studio:first_film", args=[story.pk]))
    if message := rate_limit_message(request, "film"):
        return _render_film(request, shown, note=message, looks=forms, status=429)
    key = clean_key(request.POST.get("idem_key", ""))
    try:
        services.change_looks(story=story, by=request.user, looks=looks, idem_key=key)
    except (StudioRefused, *REFUSALS) as refusal:
        status = getattr(refusal, "status", None) or status_of(refusal)
        return _render_film(request, shown, note=str(refusal), looks=forms, status=status)
    return redirect_to(request, reverse("studio:first_film", args=[story.pk]))
