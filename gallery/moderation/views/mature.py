"""The choice to see mature works."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.middleware import is_local_path
from accounts.viewer import MATURE_COOKIE, MATURE_SECONDS
from gallery.access import gallery_page


@require_POST
@gallery_page
def show_mature(request):
    """Remember for a day, in this browser only, that the viewer is an adult and wants to see mature works."""
    if not settings.GALLERY_MATURE:
        raise Http404
    path = request.POST.get("next", "")
    response = redirect(path if is_local_path(path) else "gallery:explore")
    response.set_signed_cookie(
        MATURE_COOKIE,
        "show",
        max_age=MATURE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
