"""Upload a video for a clip, and show the state of its check."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.billing.limits import consume_rate
from common.web.body_limit import max_body
from common.web.htmx import redirect_to, render_target
from generation import access
from generation.errors import REFUSALS, status_of, video_message, video_status
from generation.media import storage
from generation.offers.connections import list_usable_connections
from generation.offers.offer import build_offers, find_offer
from generation.providers.base import Mode
from generation.services import clips as clip_services
from generation.services import effects as effect_services
from generation.services import video_uploads


@require_POST
@max_body(201)
def upload(request):
    """Store the file and redirect to Create, which shows its check."""
    if not (request.workspace and request.viewer.may_edit(request.workspace)):
        raise PermissionDenied
    if not consume_rate(request, "submit"):
        return _render_refusal(request, _("Too many requests. Wait a moment and try again."), 429)
    file = request.FILES.get("video_file")
    if file is None:
        return _render_refusal(request, video_message("missing"), 422)
    try:
        video = video_uploads.save_video(file, workspace=request.workspace, by=request.user)
    except video_uploads.VideoRefused as refusal:
        return _render_refusal(request, video_message(refusal.code), video_status(refusal.code))
    except REFUSALS as refusal:
        return _render_refusal(request, str(refusal), status_of(refusal))
    return redirect(video_uploads.get_video_page_url(video))


def _render_refusal(request, message, status):
    return render_target(request, "generation/video_refused.html", {"message": message}, status=status)


@require_POST
def keep(request, pk):
    """Keep an uploaded video in the library as a clip, unchanged."""
    row = access.get_editable_video(request.viewer, pk)
    problem = effect_services.explain_unusable(row)
    if problem or not consume_rate(request, "submit"):
        message = problem or _("Too many requests. Wait a moment and try again.")
        return _render_refusal(request, message, 409 if problem else 429)
    spec = effect_services.build_effects_spec(row, effects=[], title="")
    try:
        [clip] = clip_services.create_clips(spec, workspace=row.workspace, by=request.user, idem_key=f"keep-{row.pk}")
    except REFUSALS as refusal:
        return _render_refusal(request, str(refusal), status_of(refusal))
    return redirect_to(request, clip)


@require_safe
def video(request, pk):
    """Show the state of the check, in the part of the Create page that polls this view."""
    row = access.get_video(request.viewer, pk)
    offers = build_offers(list_usable_connections(request.viewer, request.workspace))
    state = build_video_state(row) | {
        "has_video_provider": find_offer(offers, request.workspace, Mode.VIDEO) is not None
    }
    return render_target(request, "generation/_composer_video.html#state", state)


def build_video_state(video) -> dict:
    return {"video": video, "poster": storage.create_link(video.poster_key) if video.is_ready else ""}
