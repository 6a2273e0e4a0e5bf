"""The player that other sites show in a frame. The only page of the site that can be framed."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from gallery.access import Opening
from gallery.models import Work
from gallery.sharing.cards import Card
from gallery.sharing.visitors import find_work
from gallery.works.credits import get_provider_names, is_made_by_models
from gallery.works.media import get_captions_path

CACHE_SECONDS = 300
POLICY = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": settings.FILE_ORIGINS,
    "media-src": [CSP.SELF, *settings.FILE_ORIGINS],
    "connect-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": ["https:", "http:"],
    **({"upgrade-insecure-requests": True} if settings.IS_HTTPS else {}),
}


@require_safe
@xframe_options_exempt
@csp_override(POLICY)
@login_not_required
def embed(request, key):
    """Show the player of a public work by its code, or of an unlisted one by its share token.

    404 for all others, with a page that says whether the work was withdrawn or must not be embedded.
    """
    if settings.GALLERY != Opening.PUBLIC or "\0" in key:  # PostgreSQL refuses to look for NUL
        raise Http404
    work = find_work(key)
    card = Card(work) if work else None
    if card is None or not card.is_embeddable:
        was_shown = Work.objects.filter(code=key, published_at__isnull=False).exists()
        context = {"card": card, "is_withdrawn": was_shown and card is None, "site_url": settings.SITE_URL}
        return render(request, "gallery/embed.html#missing", context, status=404)
    context = {
        "card": card,
        "work": work,
        "captions": get_captions_path(work),
        "providers": get_provider_names(work),
        "is_made_by_models": is_made_by_models(work),
        "is_counted": work.visibility == Work.Visibility.PUBLIC,
    }
    response = render(request, "gallery/embed.html", context)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
