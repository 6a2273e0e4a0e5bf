"""The images of the library: uploads to start clips from."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.billing.limits import consume_rate, limit_of
from accounts.billing.refusals import LimitReached
from common.pagination import fetch_page
from common.web.body_limit import max_body
from common.web.htmx import render_target
from generation import access
from generation.errors import PICTURE_MESSAGES, picture_message, picture_status, status_of
from generation.models import Picture
from generation.offers.connections import list_usable_connections
from generation.offers.offer import build_offers, find_offer
from generation.providers.base import Mode
from generation.services import uploads


@require_http_methods(["GET", "HEAD", "POST"])
@max_body(21)
def pictures(request):
    """List the images by page (``?after=``); POST adds the uploaded ``files``, or none of them."""
    if request.method == "POST":
        return _add(request)
    return _render_page(request)


def _render_page(request, problem="", status=200):
    rows = Picture.objects.exclude(kept_at=None).visible_to(request.viewer.at_hand)
    after = "" if problem else request.GET.get("after", "")
    page = fetch_page(access.annotate_may_edit(request.viewer, rows), after, order=("-kept_at", "-id"))
    offers = build_offers(list_usable_connections(request.viewer, request.workspace))
    has_references = find_offer(offers, request.workspace, Mode.REFERENCES) is not None
    next_page = f"?after={page.after}" if page.after else ""
    context = {"page": page, "problem": problem, "next": next_page, "has_references": has_references}
    return render_target(request, "generation/pictures.html", context, targets={"more": "more"}, status=status)


def _add(request):
    files = request.FILES.getlist("files")
    limit = limit_of(request.workspace, "uploaded_pictures")
    if not request.viewer.may_edit(request.workspace):
        raise PermissionDenied
    if not consume_rate(request, "upload"):
        return _render_page(request, _("Too many requests. Wait a moment and try again."), 429)
    if not 1 <= len(files) <= limit:
        return _render_page(request, _("Choose 1 to %(n)d images. Nothing was kept.") % {"n": limit}, 422)
    try:
        rows = [uploads.save_picture(file, workspace=request.workspace, by=request.user) for file in files]
    except uploads.PictureRefused as refusal:
        return _render_page(request, f"{picture_message(refusal)} {_('No image was kept.')}", picture_status(refusal))
    except LimitReached as refusal:
        return _render_page(request, str(refusal), status_of(refusal))
    Picture.objects.filter(pk__in=[row.pk for row in rows]).update(kept_at=Now())
    n = len({row.pk for row in rows})
    messages.success(request, ngettext("%(n)d image kept.", "%(n)d images kept.", n) % {"n": n})
    return redirect("generation:pictures")


@require_POST
@max_body(21)
def convert(request):
    """Return the image ``file`` in a format that browsers show, for its preview and crop. Nothing is stored."""
    file = request.FILES.get("file")
    if not request.viewer.may_edit(request.workspace):
        raise PermissionDenied
    if not consume_rate(request, "upload"):
        return _respond_in_words(_("Too many requests. Wait a moment and try again."), 429)
    if file is None:
        return _respond_in_words(str(PICTURE_MESSAGES["empty"]), 422)
    try:
        content, content_type = uploads.convert_picture(file, by=request.user)
    except uploads.PictureRefused as refusal:
        return _respond_in_words(picture_message(refusal), picture_status(refusal))
    return HttpResponse(content, content_type=content_type)


def _respond_in_words(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


@require_POST
def remove(request, pk):
    """Take an image out of the library. Its file is deleted once no clip, scene or character uses it."""
    row = access.get_editable_picture(request.viewer, pk)
    Picture.objects.filter(pk=row.pk).update(kept_at=None)
    messages.success(request, _("The image was removed from the library. Clips that use it keep it."))
    return redirect("generation:pictures")
