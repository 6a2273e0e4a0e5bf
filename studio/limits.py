"""Rate limits of requests, with their messages."""

from allauth.core import ratelimit
from django.utils.translation import gettext as _

STORY, FILM, UPLOAD, SUBMIT = "story", "film", "upload", "submit"  # rates: ACCOUNT_RATE_LIMITS


def rate_limit_message(request, action: str) -> str:
    """Count a request; return why it is refused, or an empty string within the limit."""
    if ratelimit.consume(request, action=action, user=request.user):
        return ""
    if action == UPLOAD:
        return _("Too many requests. Wait a moment and try again.")
    if action == SUBMIT:
        return _("Too many requests: at most 30 a minute. Wait a moment and try again.")
    if action == FILM:
        return _("Too many requests: at most 10 films a minute. Nothing was started. Wait a moment and try again.")
    return _("Too many requests: at most 20 new stories a minute. Nothing was created. Wait a moment and try again.")
