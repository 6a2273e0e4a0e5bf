"""Language, sign-in by default, the workspace at hand, and a second factor for staff."""

import time
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext
from django.views.i18n import set_language

from accounts.access import guest_workspace, home_of
from accounts.models import User

STAFF_SIGNED_IN_FOR = 12 * 3600
SEEN_EVERY = 5 * 60


class ChosenLanguage:
    """A person's saved language comes before this browser's cookie; a choice made while signed in is saved."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        name = settings.LANGUAGE_COOKIE_NAME
        if settings.SESSION_COOKIE_NAME in request.COOKIES and (saved := getattr(get_user(request), "language", "")):
            request.COOKIES[name] = saved
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if name in response.cookies and user and user.is_authenticated:
            User.objects.filter(pk=user.pk).update(language=response.cookies[name].value)
        return response


class SignInFirst(LoginRequiredMiddleware):
    """Every page asks for sign-in unless its view says ``@login_not_required``."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        if view_func is set_language:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request, view_func):
        """Pages are sent to sign-in and come back; htmx gets 401, since a redirect would land inside the page."""
        url = resolve_url(self.get_login_url(view_func))
        if back := way_back(request):
            url = f"{url}?{urlencode({self.redirect_field_name: back})}"
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=401, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


def way_back(request) -> str:
    """The page of this site a person was on: what they asked for, or the page whose form or part they sent."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(page)
    path = escape_leading_slashes(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return path if is_path_here(path) else ""


def is_path_here(path: str) -> bool:
    """Whether this is the path of a page of this site: ``//elsewhere``, which browsers take for a host, is none."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, None)


class CurrentWorkspace:
    """``request.workspace``: a person's own, a visitor's guest workspace if their session has one, else None."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.workspace = SimpleLazyObject(lambda: home_of(request.user))
        else:
            request.workspace = guest_workspace(request.session)
        return self.get_response(request)


class SeenLately:
    """Notes where a person is signed in, at most every few minutes: reading a page should not cost a write."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and time.time() - request.session.get("seen_at", 0) > SEEN_EVERY:
            request.session["seen_at"] = int(time.time())
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


class StaffNeedsSecondFactor:
    """Outside the embedded default, the admin opens only to a second factor and a sign-in of the last 12 hours."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        is_admin = "admin" in request.resolver_match.app_names
        if settings.IS_EMBEDDED or not is_admin or not (request.user.is_authenticated and request.user.is_staff):
            return None
        if not is_mfa_enabled(request.user):
            messages.warning(
                request, gettext("Administrators need two-factor authentication to open the admin. Set it up here.")
            )
            return redirect("mfa_index")
        records = get_authentication_records(request, request.user)
        if not records or time.time() - records[-1]["at"] > STAFF_SIGNED_IN_FOR:
            return suspend_request(request, get_adapter().get_reauthentication_methods(request.user)[0]["url"])
        return None
