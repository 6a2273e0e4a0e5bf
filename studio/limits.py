"""Apply the rate limits of stories, with their messages. The rates are in accounts/billing/limits.py."""

from django.utils.translation import gettext as _

from accounts.billing.limits import consume_rate


def rate_limit_message(request, name: str) -> str:
    """Count a request for the limit ``name``. Returns why the request is refused, "" within the limit."""
    if consume_rate(request, name):
        return ""
    if name == "guest_film":
        return _("Too many films were made from this network address. Try again later, or sign up.")
    if name == "film":
        return _("Too many films at once. Nothing was started. Wait a moment and try again.")
    if name == "story":
        return _("Too many new stories at once. Nothing was created. Wait a moment and try again.")
    if name == "reading":
        return _("Too many texts at once. This one was not read. Wait a moment and try again.")
    return _("Too many requests. Wait a moment and try again.")
