"""The page of a clip: video, takes, settings and actions."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.billing.limits import consume_rate
from accounts.billing.spender import Spender
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to, render_target
from generation import access
from generation.clip_spec import build_clip_request
from generation.composer.understanding import read_clip
from generation.errors import REFUSALS, CapRequired, status_of
from generation.forms import IDEM_KEY, CapForm, RenameForm, find_price_cap
from generation.hooks import ClipHooks
from generation.library import pages
from generation.media import storage
from generation.models import Clip, ClipFile
from generation.offers.offer import find_repeat_offer
from generation.offers.pricing import estimate_repeat
from generation.offers.provider_labels import is_installed, supports_seed
from generation.services import clips as clip_services
from generation.services import missing_files
from generation.services.retry import add_retry_buttons
from generation.templatetags.clip_cards import draw_card
from generation.views import clip_history
from jobs.lifecycle import recovery
from jobs.services import TooManyJobs
from jobs.views.cards import count_active_jobs
from jobs.views.refusals import show_refusal

AGREED_FIELDS = {"price": "agreed", "connection": "connection"}  # of the retry buttons


@require_safe
@login_not_required
def clip(request, pk):
    """Show a clip. Guests see the clip of their session; other clips give 404."""
    facts = {"active_jobs": count_active_jobs(request)}
    found = access.get_clip(request.viewer, pk, has_files=False, **facts)
    request.active_jobs = found.active_jobs
    other = _find_other(request, found) if request.GET.get("with") else None
    if other:
        return render(request, "generation/clip_compare.html", {"clips": [found, other]})
    return _render_page(request, found)


def _find_captions(viewer, clip: Clip) -> str:
    """Return the path of the clip's subtitles, of the first app that has some."""
    return next((path for find in ClipHooks.values_of("clip_captions") if (path := find(viewer, clip))), "")


def _find_other(request, clip) -> Clip | None:
    """Return the clip ``?with=`` to compare a finished clip with, or None."""
    try:
        pk = uuid.UUID(request.GET["with"])
    except ValueError:
        return None
    rows = access.visible_clips(request.viewer).with_files().exclude(pk=clip.pk)
    other = rows.filter(pk=pk).first()
    return other if other and other.is_ready and clip.is_ready else None


def _render_page(request, clip, status=200, cap_error=""):
    takes = _list_takes(request, clip)
    history = clip_history.describe(request.viewer, clip)
    prefetch_related_objects([clip, *takes, *(relative.clip for relative in history["relatives"])], "files")
    clip.may_edit = request.viewer.may_edit(clip.workspace)
    add_retry_buttons([clip], request.viewer)
    recovery.describe_unknown(clip.job)
    _look_for_files(clip)
    context = {
        "clip": clip,
        "takes": takes,
        **history,
        "take_topics": " ".join(take.job.topic for take in takes if take.job.is_active and take.pk != clip.pk),
        "may_edit": clip.may_edit,
        "form": RenameForm(initial={"title": clip.title}),
        "idem_key": uuid.uuid4().hex,
        "repeat_cost": _estimate_repeat_cost(request, clip, cap_error),
        "reading": read_clip(clip),
        "supports_seed": supports_seed(clip),
        "can_make_more": is_installed(clip),
        "captions": next(
            filter(None, (find(request.viewer, clip) for find in ClipHooks.values_of("clip_captions"))), ""
        ),
    }
    template = "generation/clip_in_bin.html" if clip.deleted_at else "generation/clip.html"
    targets = {f"job-{clip.job_id}": "live", "clip-takes": "takes"}
    return render_target(request, template, context, targets=targets, status=status)


def _look_for_files(clip: Clip) -> None:
    """Note that files that were missing have been restored."""
    if clip.files_missing_at and (file := clip.file(ClipFile.Kind.MEZZANINE)):
        missing_files.is_in_storage(clip, file)


def _list_takes(request, clip) -> list[Clip]:
    """Return the takes of the clip's request that are not in the trash, without their files, and set ``is_favourite``
    on the clip."""
    rows = pages.annotate_favourite(request.viewer, Clip.objects.select_related("job", "picture"))
    takes = list(rows.filter(request=clip.request, workspace=clip.workspace_id).order_by("take"))
    clip.is_favourite = any(take.is_favourite for take in takes if take.pk == clip.pk)
    return [take for take in takes if take.deleted_at is None]


def _estimate_repeat_cost(request, clip, cap_error):
    """Return the cost of more takes, and the cap if their price is unknown. None for local providers, whose price is
    known, and for those no longer installed."""
    offer = find_repeat_offer(clip, request.user)
    cost = estimate_repeat(offer, build_clip_request(clip), Spender(clip.workspace, request.user)) if offer else None
    if cost is None or (offer.engine.is_local and cost["one"]["is_known"]):
        return None
    cap = None if cost["one"]["is_known"] else find_price_cap(clip.workspace, clip.provider, clip.model)
    return cost | {"price_cap": cap, "cap_error": cap_error}


@require_safe
@login_not_required
def card(request, pk):
    """Show only the card of a clip."""
    clip = access.get_clip(request.viewer, pk)
    clip.may_edit = request.viewer.may_edit(clip.workspace)
    add_retry_buttons([clip], request.viewer)
    return HttpResponse(draw_card(clip, may_edit=clip.may_edit, csrf_token=get_token(request)))


@require_safe
@login_not_required
def play(request, pk):
    """Redirect to a link that expires within minutes; permissions are checked on every request."""
    clip = _get_kept_clip(request, pk)
    file = clip.file(ClipFile.Kind.MEZZANINE)
    if file is None or not missing_files.is_in_storage(clip, file):
        raise Http404
    return redirect(storage.create_link(file.key, seconds=600))


@require_safe
@login_not_required
def download(request, pk):
    """Redirect to the video, or to the file as delivered if the studio could not convert it."""
    clip = _get_kept_clip(request, pk)
    file = clip.download_file
    if file is None:
        raise Http404
    if not missing_files.is_in_storage(clip, file):
        return redirect(clip)
    name = f"{clip.title[:80]} {clip.take}{storage.get_suffix(file.content_type)}"
    return redirect(storage.create_link(file.key, seconds=300, download_as=name))


def _get_kept_clip(request, pk) -> Clip:
    clip = access.get_clip(request.viewer, pk)
    if clip.deleted_at:
        raise Http404
    return clip


@require_POST
def rename(request, pk):
    clip = access.get_editable_clip(request.viewer, pk)
    form = RenameForm(request.POST)
    if form.is_valid():
        clip_services.rename_clip(clip, title=form.cleaned_data["title"])
        messages.success(request, _("Renamed."))
        return redirect_to(request, clip)
    messages.error(request, " ".join(map(str, form.errors["title"])))
    return redirect_to(request, clip)


@require_POST
def retry(request, pk):
    """Add a take with a new seed."""
    return _create_more(request, pk, clip_services.retry_clip)


@require_POST
def vary(request, pk):
    """Add three variations as a new request."""
    return _create_more(request, pk, lambda clip, **values: clip_services.vary_clip(clip, **values)[0], "-v")


def _create_more(request, pk, create, suffix=""):
    """Create takes. ``suffix`` tells the keys of two buttons of one form apart."""
    clip = access.get_editable_clip(request.viewer, pk)
    key = request.POST.get("idem_key", "") + suffix
    key = key if IDEM_KEY.match(key) else uuid.uuid4().hex
    agreed = {f"agreed_{name}": request.POST.get(field, "") for name, field in AGREED_FIELDS.items()}
    form = CapForm(request.POST)
    if not form.is_valid():
        return _render_page(request, clip, status=422, cap_error=form.errors["cap"][0])
    try:
        if not consume_rate(request, "submit"):
            raise TooManyJobs(_("Too many requests. Wait a moment and try again."))
        return redirect_to(request, create(clip, by=request.user, idem_key=key, cap=form.cleaned_data["cap"], **agreed))
    except CapRequired as refusal:
        return _render_page(request, clip, status=status_of(refusal), cap_error=str(refusal))
    except REFUSALS as refusal:
        show_refusal(request, refusal, {clip.workspace_id})
        return _render_page(request, clip, status=status_of(refusal))


@require_POST
def delete(request, pk):
    """Move the clip to the trash; the message has an undo button."""
    clip = access.get_editable_clip(request.viewer, pk)
    clip_services.delete_clip(clip, by=request.user)
    undo = reverse("generation:restore", args=[clip.pk])
    messages.success(
        request, _("“%(title)s” was moved to the trash.") % {"title": clip.title}, extra_tags=f"undo:{undo}"
    )
    return redirect_to(request, "generation:library")


@require_POST
@deleted_is_not_found
def restore(request, pk):
    clip = access.get_editable_clip(request.viewer, pk)
    clip_services.restore_clip(clip, by=request.user)
    messages.success(request, _("“%(title)s” was restored.") % {"title": clip.title})
    return redirect_to(request, clip)
