"""How often somebody may make something new here, told in words for people."""

from allauth.core import ratelimit
from django.utils.translation import gettext as _

STORY, FILM, UPLOAD, SUBMIT = "story", "film", "upload", "submit"  # their rates stand in ACCOUNT_RATE_LIMITS


def too_fast(request, action: str) -> str:
    """Why not now; empty while the person keeps within the limit. Asking counts."""
    if ratelimit.consume(request, action=action, user=request.user):
        return ""
    if action == UPLOAD:
        return _("That was very fast. Wait a moment and send it again.")
    if action == SUBMIT:
        return _("That was very fast: at most 30 requests a minute. Wait a moment and send it again.")
    if action == FILM:
        return _("That was very fast: at most 10 films a minute. Nothing was started; wait a moment and ask again.")
    return _("That was very fast: at most 20 new stories a minute. Nothing was made; wait a moment and send it again.")
