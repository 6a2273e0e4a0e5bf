"""Views that import a text: the user pastes or uploads it, reviews the scenes that were found, and selects some."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from common.web.htmx import mark_draft_saved, redirect_to, render_target
from generation.errors import REFUSALS, status_of
from generation.providers.adapters.local.automatic import choose_style
from generation.providers.styles import AUTOMATIC, list_samples
from studio import access
from studio.errors import StudioRefused
from studio.importing import services as import_services
from studio.importing.forms import ENDINGS, FORMATS, ImportForm
from studio.limits import rate_limit_message
from studio.models import Story
from studio.scenes.forms import OPTION_CHOICES

TIMES = {name: label for name, label in OPTION_CHOICES["time"] if name}


@require_http_methods(["GET", "HEAD", "POST"])
def import_text(request):
    """Create a story from a text. POST with ``do=read`` shows what was found; ``do=make`` creates the story."""
    if request.method == "POST" and not access.may_edit(request.viewer, request.workspace):
        raise PermissionDenied
    return _handle_import(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def import_into_story(request, pk):
    """Add the scenes of a text to the end of a story."""
    return _handle_import(request, access.get_editable_story(request.viewer, pk))


def _handle_import(request, story):
    if request.method != "POST":
        return _render_form(request, story, ImportForm())
    if message := rate_limit_message(request, "reading"):
        return _render_unread(request, story, message)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render_form(request, story, form, status=422)
    if request.POST.get("do") != "make":
        return _render_review(request, story, form)
    if form.cleaned_data["digest"] != form.mark:
        note = _("The text has changed. These are its scenes now; nothing has been created yet.")
        return _render_review(request, story, form, note=note, status=409)
    if message := rate_limit_message(request, "story"):
        return _render_review(request, story, form, note=message, status=429, keep_selection=True)
    try:
        return _create_scenes(request, story, form)
    except (StudioRefused, *REFUSALS) as refusal:
        status = getattr(refusal, "status", None) or status_of(refusal)
        return _render_review(request, story, form, note=str(refusal), status=status, keep_selection=True)


def _create_scenes(request, story, form):
    shots, people = form.get_chosen()
    values = form.cleaned_data
    own = {name: values[name] for name in ("title", "ratio", "style") if values[name] and not story}
    if own.get("style") == AUTOMATIC:
        own["style"] = choose_style(shot.action for shot in shots)
    made = import_services.import_scenes(
        workspace=story.workspace if story else request.workspace,
        by=request.user,
        shots=shots,
        people=people,
        idem_key=values["idem_key"] or uuid.uuid4().hex,
        story=story,
        **own,
    )
    n = len(shots)
    message = ngettext(
        "%(n)d scene was added and is now drawn as a draft, free.",
        "%(n)d scenes were added and are now drawn as drafts, free.",
        n,
    )
    messages.success(request, message % {"n": n})
    return mark_draft_saved(redirect_to(request, made), "import")


def _render_form(request, story, form, status=200):
    context = {"form": form, "story": story, "formats": FORMATS, "endings": ",".join(ENDINGS)}
    return render_target(request, "studio/import.html", context, status=status)


def _render_unread(request, story, message: str):
    """Render the form with the text that was sent, without reading it."""
    sent = {name: request.POST.get(name, "") for name in ("text", "as_format")}
    messages.error(request, message)
    return _render_form(request, story, ImportForm(initial=sent), status=429)


def _render_review(request, story, form, *, note="", status=200, keep_selection=False):
    """Render what was found. ``keep_selection``: select what the form says, instead of everything."""
    found, values = form.found, form.cleaned_data
    takes, cast = values["take"], values["cast"]
    context = {
        "story": story,
        "form": form,
        "found": found,
        "format": dict(FORMATS)[found.format],
        "formats": FORMATS,
        "note": note,
        "shots": [
            (n, shot, not keep_selection or n in takes, TIMES.get(shot.time)) for n, shot in enumerate(found.shots)
        ],
        "people": [(n, character, not keep_selection or n in cast) for n, character in enumerate(found.people)],
        "title": values["title"] or found.title,
        "ratios": Story.ratio.field.choices,
        "ratio": values["ratio"] or Story.ratio.field.default,
        "style": values["style"] or AUTOMATIC,
        "styles": list_samples(has_automatic=True),
        "idem_key": values["idem_key"] if keep_selection else uuid.uuid4().hex,
    }
    return render_target(request, "studio/import_review.html", context, status=status)
