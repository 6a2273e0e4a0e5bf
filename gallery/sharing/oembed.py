"""oEmbed (https://oembed.com): other sites ask here how to show a link to a work."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gallery.sharing.cards import PLAYER_SIDE, Card, fit
from gallery.sharing.visitors import find_work

PATH = re.compile(r"/(?:w|u|embed)/([A-Za-z0-9_-]{1,64})/?\Z")
SIDE = re.compile(r"[0-9]{1,5}\Z")
CACHE_SECONDS = 300


@require_safe
@login_not_required
def oembed(request):
    """Return the embedded player of a work as JSON.

    400 for a malformed request, 404 for everything that a visitor may not see or that may not be embedded, 501 for
    formats other than JSON.
    """
    if request.GET.get("format", "json") != "json":
        return _refuse(501, _("Only JSON is offered."))
    try:
        limits = _read_side(request, "maxwidth"), _read_side(request, "maxheight")
    except ValueError:
        return _refuse(400, _("maxwidth and maxheight are whole numbers of pixels above 0."))
    work = find_work(read_key(request.GET.get("url", "")))
    if work is None or not Card(work).is_embeddable:
        return _refuse(404, _("There is no such work, or it may not be embedded."))
    response = JsonResponse(describe(Card(work), *limits))
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response


def read_key(url: str) -> str:
    """Return code or share token of a work's address on this site; "" for every other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_ours = parts.scheme in ("http", "https") and parts.netloc.lower() == settings.SITE.netloc.lower()
    match = PATH.match(parts.path) if is_ours else None
    return match[1] if match else ""


def describe(card: Card, max_width: int | None, max_height: int | None) -> dict:
    has_limits = bool(max_width or max_height)
    side = max(card.size) if has_limits else PLAYER_SIDE
    width, height = fit(*card.size, max_width or side, max_height or side)
    frame = {"card": card, "width": width, "height": height}
    return {
        "version": "1.0",
        "type": "video",
        "provider_name": _("Tapwari"),
        "provider_url": settings.SITE_URL + "/",
        "title": card.work.title,
        "author_name": card.author,
        "author_url": card.author_address or settings.SITE_URL + "/",
        "thumbnail_url": card.urls.poster,
        "thumbnail_width": card.poster_size[0],
        "thumbnail_height": card.poster_size[1],
        "html": render_to_string("gallery/_embed_frame.html", frame).strip(),
        "width": width,
        "height": height,
        "cache_age": CACHE_SECONDS,
    }


def _read_side(request: HttpRequest, name: str) -> int | None:
    """Return a limit in pixels, or None if it is not given. Raises ValueError."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not SIDE.match(text) or not int(text):
        raise ValueError(text)
    return int(text)


def _refuse(status: int, message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)
