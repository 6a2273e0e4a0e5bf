"""What the shell of every page needs."""

from django.conf import settings


def shell(request):
    """Theme and keyboard choice of the person, or of their cookie; whether this install can send mail."""
    user = getattr(request, "user", None)
    known = user if user and user.is_authenticated else None
    return {
        "theme": known.theme if known else request.COOKIES.get("theme", "auto"),
        "shortcuts": known.shortcuts if known else True,
        "has_mail": settings.HAS_MAIL,
        "site_url": settings.SITE_URL,
        "request_id": getattr(request, "id", ""),
    }
