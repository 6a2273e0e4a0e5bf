"""What the shell of every page needs."""

from django.conf import settings


def shell(request):
    """Theme and keyboard choice of the person, or of their cookie; whether this install can send mail."""
    user = getattr(request, "user", None)
    is_known = bool(user and user.is_authenticated)
    return {
        "theme": user.theme if is_known else request.COOKIES.get("theme", "auto"),
        "shortcuts": user.shortcuts if is_known else True,
        "has_mail": settings.HAS_MAIL,
        "site_url": settings.SITE_URL,
        "request_id": getattr(request, "id", ""),
    }
