"""Middleware for language, sign-in, the current workspace, sessions, and the second factor of staff."""

import time
from urllib.parse import urlsplit
from uuid import UUID

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
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language, gettext

from accounts import maintenance
from accounts.access import get_entered_workspace, get_guest_workspace, has_any_right
from accounts.models import Membership, User
from accounts.viewer import (
    MATURE_COOKIE,
    MATURE_SECONDS,
    WORKSPACE_FIELD,
    WORKSPACE_HEADER,
    Viewer,
    get_workspace,
)
from common.web.errors import closed_for_maintenance
from common.web.media_host import is_media_request

STAFF_SIGN_IN_SECONDS = 12 * 3600
SESSION_UPDATE_SECONDS = 5 * 60


class UserLanguage:
    """Prefers a user's saved language to the browser's cookie, and saves a choice made while signed in."""

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


class SignInRequired(LoginRequiredMiddleware):
    """Every page requires sign-in unless its view is decorated with ``@login_not_required``."""

    def handle_no_permission(self, request, view_func):
        """Redirect to sign-in and back, guests to sign-up; htmx gets 401, or it would load a redirect into the page."""
        is_guest = get_guest_workspace(request.session) is not None
        url = resolve_url("account_signup" if is_guest else self.get_login_url(view_func))
        if path := get_return_path(request):
            url = f"{url}?{urlencode({self.redirect_field_name: path})}"
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=401, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


def get_return_path(request) -> str:
    """Return the path of the requested page, or of the page that sent a form or an htmx request; "" if unknown."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(page)
    path = escape_leading_slashes(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return path if is_local_path(path) else ""


def is_local_path(path: str) -> bool:
    """Return whether this is a path on this site. Browsers take ``//elsewhere`` for another host, so it is not one."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, None)


class ClosedForMaintenance:
    """Answers 503 to everybody but administrators during maintenance (accounts.maintenance).

    Administrators can sign in, health checks answer, and files keep their links.
    """

    OPEN_PATHS = ("/healthz/", "/account/login/", "/account/logout/", "/account/2fa/", "/account/reauthenticate/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        is_closed = maintenance.is_on() and not (request.path.startswith(self.OPEN_PATHS) or is_media_request(request))
        if is_closed and not has_any_right(request.user):
            return closed_for_maintenance(request)
        return self.get_response(request)


class CurrentViewer:
    """Sets ``request.viewer``, and ``request.workspace``, the viewer's workspace at hand or None.

    A form carries the workspace that it was drawn for, as a field or, sent by htmx, in a header: what it makes belongs
    there, also if another tab entered a different workspace meanwhile.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        set_viewer(request)
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Let the workspace that a form or an htmx request carries be at hand. Raises Http404 if it is not, or no
        longer, one of the user's."""
        is_bound = request.user.is_authenticated and not view_func.__module__.startswith(UNBOUND)
        carried = read_carried_workspace(request, view_func) if is_bound else ""
        if carried:
            set_viewer(request, entered=get_workspace(request.viewer, carried).pk)


UNBOUND = ("allauth.", "django.", "accounts.views.", "accounts.sign_in.", "accounts.teams.", "accounts.notifications.")


def read_carried_workspace(request, view) -> str:
    """Return the id of the workspace that the page of the request was drawn for; "" if it says none."""
    if carried := request.headers.get(WORKSPACE_HEADER, ""):
        return carried
    if request.method != "POST" or getattr(view, "csrf_exempt", False):
        return ""
    return request.POST.get(WORKSPACE_FIELD, "")


def set_viewer(request, *, entered: UUID | None = None) -> None:
    """Set the viewer of a request, again when a guest got their workspace in it. ``entered``: the id of the workspace
    at hand, instead of the one of the session."""
    is_member = request.user.is_authenticated
    viewer = Viewer(
        request.user,
        guest_workspace=None if is_member else get_guest_workspace(request.session),
        entered=(entered or get_entered_workspace(request.session)) if is_member else None,
        language=get_language() or "",
        opened_mature=request.get_signed_cookie(MATURE_COOKIE, "", max_age=MATURE_SECONDS) == "show",
    )
    request.viewer = viewer
    request.workspace = SimpleLazyObject(lambda: viewer.workspace) if is_member else viewer.guest_workspace


class TrackSessions:
    """Records where a user is signed in, and when they last worked in a team, at most every few minutes, so that most
    pages cost no write."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and time.time() - request.session.get("seen_at", 0) > SESSION_UPDATE_SECONDS:
            request.session["seen_at"] = int(time.time())
            UserSession.objects.create_from_request(request)
            response = self.get_response(request)
            viewer = getattr(request, "viewer", None)
            if viewer and viewer.is_authenticated and viewer.workspace.is_team:
                rows = Membership.objects.filter(user=viewer.pk, workspace=viewer.workspace)
                rows.update(last_seen_at=timezone.now())
            return response
        return self.get_response(request)


class StaffSecondFactor:
    """Requires a second factor and a sign-in within 12 hours for the admin and the operators' pages, except in the
    embedded install."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        is_admin = not {"admin", "operator"}.isdisjoint(request.resolver_match.app_names)
        if settings.IS_EMBEDDED or not is_admin or not (request.user.is_authenticated and request.user.is_staff):
            return None
        if not is_mfa_enabled(request.user):
            messages.warning(
                request, gettext("Administrators need two-factor authentication to open the admin. Set it up here.")
            )
            return redirect("mfa_index")
        records = get_authentication_records(request, request.user)
        if not records or time.time() - records[-1]["at"] > STAFF_SIGN_IN_SECONDS:
            return suspend_request(request, get_adapter().get_reauthentication_methods(request.user)[0]["url"])
        return None
