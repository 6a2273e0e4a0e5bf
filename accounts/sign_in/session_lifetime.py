"""The longest time that a sign-in lasts. Unused sessions end earlier (SESSION_COOKIE_AGE)."""

import time

from django.contrib import messages
from django.contrib.auth import logout
from django.utils.translation import gettext

SIGNED_IN_AT = "signed_in_at"
MAX_AGE = 30 * 24 * 3600  # seconds


def is_expired(session) -> bool:
    return time.time() - session.get(SIGNED_IN_AT, time.time()) > MAX_AGE


class SessionLifetime:
    """Signs users out 30 days after sign-in, whose time accounts.signals stores in the session."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.session.setdefault(SIGNED_IN_AT, int(time.time()))
            if is_expired(request.session):
                logout(request)
                messages.info(request, gettext("Sign-ins expire after 30 days. Sign in again to continue."))
        return self.get_response(request)
