"""How long a sign-in lasts, however often the site is visited (SESSION_COOKIE_AGE ends those that nobody uses)."""

import time

from django.contrib import messages
from django.contrib.auth import logout
from django.utils.translation import gettext

SIGNED_IN_AT = "signed_in_at"
LONGEST = 30 * 24 * 3600


def is_over(session) -> bool:
    return time.time() - session.get(SIGNED_IN_AT, time.time()) > LONGEST


class SignInEnds:
    """Signs a person out 30 days after they signed in. The moment is kept in the session by accounts.signals."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.session.setdefault(SIGNED_IN_AT, int(time.time()))
            if is_over(request.session):
                logout(request)
                messages.info(request, gettext("Sign-ins expire after 30 days. Sign in again to continue."))
        return self.get_response(request)
