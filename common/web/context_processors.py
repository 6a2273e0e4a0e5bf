"""Context of the base template."""

from django.conf import settings


def shell(request):
    """Return theme and shortcuts of the user (or the cookie's theme), facts about this install and request, and the
    first part of the path."""
    user = getattr(request, "user", None)
    signed_in = user if user and user.is_authenticated else None
    return {
        "theme": signed_in.theme if signed_in else request.COOKIES.get("theme", "auto"),
        "shortcuts": signed_in.shortcuts if signed_in else True,
        "has_mail": settings.HAS_MAIL,
        "site_url": settings.SITE_URL,
        "request_id": getattr(request, "id", ""),
        "section": request.path.split("/", 2)[1],
    }
