"""The longest time that a sign-in lasts, and who a session belongs to. Unused sessions end earlier
(SESSION_COOKIE_AGE)."""

import time

from django.contrib import messages
from django.contrib.auth import get_user, logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.access import get_entered_workspace, get_guest_workspace
from accounts.models import User
from accounts.viewer import Viewer

SIGNED_IN_AT = "signed_in_at"
MAX_AGE = 30 * 24 * 3600  # seconds


def is_expired(session) -> bool:
    return time.time() - session.get(SIGNED_IN_AT, time.time()) > MAX_AGE


def find_viewer(session_key: str | None) -> Viewer | None:
    """Return the viewer of a session with their memberships, or None if they may see nothing."""
    if not (session_key or "").isprintable():
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if isinstance(user, User) and not is_expired(request.session):
        viewer = Viewer(user, language=user.language, entered=get_entered_workspace(request.session))
        viewer.list_memberships()
        return viewer
    guest = get_guest_workspace(request.session)
    return Viewer(AnonymousUser(), guest_workspace=guest) if guest else None


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
