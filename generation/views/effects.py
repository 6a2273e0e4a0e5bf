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
    """Show the effects for a clip; POST applies them. ``?like=`` preselects the effects of another clip."""
    return _effects_page(request, access.get_editable_clip(request.viewer, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def over_video(request, pk):
    return _effects_page(request, access.get_editable_video(request.viewer, pk))


def _effects_page(request, source):
    if request.method != "POST":
        return _render_page(request, source, EffectsForm(initial=_read_initial_effects(request)))
    form = EffectsForm(request.POST)
    if problem := effect_services.explain_unusable(source):
        form.add_error(None, problem)
        return _render_page(request, source, form, status=409)
    if not form.is_valid():
        return _render_page(request, source, form, status=422)
    if not consume_rate(request, "submit"):
        form.add_error(None, _("Too many requests. Wait a moment and try again."))
        return _render_page(request, source, form, status=429)
    values = form.cleaned_data
    spec = effect_services.build_effects_spec(source, effects=values["effects"], title=values["title"])
    key = request.POST.get("idem_key", "")
    key = key if IDEM_KEY.match(key) else uuid.uuid4().hex
    try:
        clips = clip_services.create_clips(spec, workspace=source.workspace, by=request.user, idem_key=key)
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return _render_page(request, source, form, status=status_of(refusal))
    return redirect_to(request, clips[0])


def _read_initial_effects(request) -> dict:
    try:
        found = (
            access.visible_clips(request.viewer)
            .filter(pk=uuid.UUID(request.GET.get("like", "")), provider=EFFECTS)
            .first()
        )
    except ValueError:
        found = None
    return {name: found.options.get(name) for name in ("effects", "title")} if found else {}


def _render_page(request, source, form, status=200):
    context = {
        "form": form,
        "idem_key": uuid.uuid4().hex,
        "problem": effect_services.explain_unusable(source),
    }
    if isinstance(source, Clip):
        poster = source.file(ClipFile.Kind.POSTER)
        context |= {
            "title": source.title,
            "back": source.get_absolute_url(),
            "ratio": source.ratio,
            "colour": source.colour,
            "poster": storage.create_link(poster.key) if poster else "",
        }
    else:
        context |= {
            "title": source.name or _("From a video"),
            "back": video_uploads.get_video_page_url(source),
            "ratio": effect_services.find_nearest_ratio(source),
            "poster": storage.create_link(source.poster_key) if source.is_ready else "",
        }
    return render_target(request, "generation/effects.html", context, targets={"effects": "form"}, status=status)
