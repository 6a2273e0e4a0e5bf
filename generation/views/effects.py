"""Effects for a finished clip or an uploaded video: choosing them creates a new clip."""

import uuid

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.billing.limits import consume_rate
from common.web.htmx import redirect_to, render_target
from generation import access
from generation.errors import REFUSALS, status_of
from generation.forms import IDEM_KEY, EffectsForm
from generation.media import storage
from generation.models import EFFECTS, Clip, ClipFile
from generation.services import clips as clip_services
from generation.services import effects as effect_services
from generation.services import video_uploads


@require_http_methods(["GET", "HEAD", "POST"])
def over_clip(request, pk):
    """``?like=`` preselects the effects of another clip."""
    return _effects_page(request, access.get_editable_clip(request.user, request.workspace, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def over_video(request, pk):
    return _effects_page(request, access.get_editable_video(request.user, request.workspace, pk))


def _effects_page(request, film):
    if request.method != "POST":
        return _page(request, film, EffectsForm(initial=_initial_effects(request)))
    form = EffectsForm(request.POST)
    if problem := effect_services.explain_unusable(film):
        form.add_error(None, problem)
        return _page(request, film, form, status=409)
    if not form.is_valid():
        return _page(request, film, form, status=422)
    if not consume_rate(request, "submit"):
        form.add_error(None, _("Too many requests: at most 30 a minute. Wait a moment and try again."))
        return _page(request, film, form, status=429)
    values = form.cleaned_data
    spec = effect_services.build_effects_spec(film, effects=values["effects"], title=values["title"])
    key = request.POST.get("idem_key", "")
    key = key if IDEM_KEY.match(key) else uuid.uuid4().hex
    try:
        made = clip_services.create_clips(spec, workspace=film.workspace, by=request.user, idem_key=key)
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return _page(request, film, form, status=status_of(refusal))
    return redirect_to(request, made[0])


def _initial_effects(request) -> dict:
    try:
        found = (
            access.visible_clips(request.user, request.workspace)
            .filter(pk=uuid.UUID(request.GET.get("like", "")), provider=EFFECTS)
            .first()
        )
    except ValueError:
        found = None
    return {name: found.options.get(name) for name in ("effects", "title")} if found else {}


def _page(request, film, form, status=200):
    context = {
        "film": film,
        "form": form,
        "idem_key": uuid.uuid4().hex,
        "problem": effect_services.explain_unusable(film),
    }
    if isinstance(film, Clip):
        poster = film.file(ClipFile.Kind.POSTER)
        context |= {"title": film.title, "back": film.get_absolute_url(), "ratio": film.ratio, "colour": film.colour}
        context["poster"] = storage.create_link(poster.key) if poster else ""
    else:
        context |= {
            "title": film.name or _("From a video"),
            "back": video_uploads.get_video_page_url(film),
            "ratio": effect_services.ratio_of(film),
        }
        context["poster"] = storage.create_link(film.poster_key) if film.is_ready else ""
    return render_target(request, "generation/effects.html", context, targets={"effects": "form"}, status=status)
