"""Middleware for every request. The content security policy is in config/settings.py (SECURE_CSP)."""

import logging
import secrets
import time

from django.contrib.messages import get_messages
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string

from common.database import connections
from common.logs import request_id

access = logging.getLogger("access")


class RequestId:
    """Gives each request an id for the log and the error page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = secrets.token_hex(6)
        token = request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers.setdefault("X-Request-Id", request.id)
        return response


class AccessLog:
    """Logs method, path, status and milliseconds of each request, but of no file and no probe.

    The query is left out, since it holds what people search for.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        start = time.monotonic()
        response = self.get_response(request)
        if not request.path.startswith(("/static/", "/healthz/")):
            fields = {"method": request.method, "path": request.path, "status": response.status_code}
            fields["ms"] = round((time.monotonic() - start) * 1000)
            access.info("%(method)s %(path)s %(status)s %(ms)s ms", fields, extra={"fields": fields})
        return response


class HealthCheck:
    """Responds to /healthz/ before hosts and schemes are checked: platforms probe containers by address.

    200 if the process and the database respond, else 503.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path != "/healthz/" or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (InterfaceError, OperationalError):
            return HttpResponse("The database does not respond.\n", status=503, content_type="text/plain")
        return HttpResponse("ok\n", content_type="text/plain")


class ReleaseConnection:
    """Releases the database connection once the response is built, since a download may take minutes to send.

    Django closes the connection only when everything is sent, and never if the client left and daphne timed out.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            return self.get_response(request)
        finally:
            connections.release_connection()


class DropInvalidCookies:
    """Removes cookies with control characters: none of ours has any, and a lookup in PostgreSQL would fail."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if value.isprintable()}
        return self.get_response(request)


class CompressPages(GZipMiddleware):
    """Compresses pages and fragments, to a seventh; files and downloads are compressed already.

    Django adds random bytes, and a new mask to each CSRF token, so that sizes reveal nothing about a page (BREACH).
    """

    def process_response(self, request, response):
        is_page = not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class PrivatePages:
    """Keeps browsers and proxies from caching pages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class MessagesOutOfBand:
    """Appends pending messages as toasts to an htmx fragment."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        is_same_page = not ({"HX-Redirect", "HX-Location", "HX-Refresh"} & set(response.headers))
        is_fragment = request.htmx and is_html and is_same_page and not response.streaming
        if is_fragment and b"<html" not in response.content[:200]:
            toasts = self._toasts(request)
            if toasts:
                response.content += toasts
                response.headers["Cache-Control"] = "no-store, private"
                response.headers.pop("ETag", None)
        return response

    def _toasts(self, request) -> bytes:
        pending = list(get_messages(request))
        if not pending:
            return b""
        return render_to_string(
            "components/toast.html#messages", {"messages": pending, "out_of_band": True}, request
        ).encode()
