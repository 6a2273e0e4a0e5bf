"""Small duties of every answer."""

import logging
import secrets

from django.contrib.messages import get_messages
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as CacheUnreachable
from redis.exceptions import TimeoutError as CacheSilent

from common.database import connections
from common.logs import request_id
from common.web.errors import unavailable

log = logging.getLogger(__name__)


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


class RowsGivenBack:
    """Once a page is made its connection to the database is free, also while a film goes out over minutes.

    Django gives it back when all is sent, by a call that is never made when the visitor has left and daphne's patience
    is over: then this is the last moment at which the thread that holds it runs.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            return self.get_response(request)
        finally:
            connections.let_go()


class OurCookies:
    """Forgets cookies with control characters: none of ours has any, and PostgreSQL breaks on looking one up."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if value.isprintable()}
        return self.get_response(request)


class PrivatePages:
    """What a signed-in person sees is never kept by the browser or anything between."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class MessagesOutOfBand:
    """Adds waiting messages as toasts to a fragment that htmx asked for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        stays = not ({"HX-Redirect", "HX-Location", "HX-Refresh"} & set(response.headers))
        if request.htmx and is_html and stays and not response.streaming and b"<html" not in response.content[:200]:
            response.content += self._toasts(request)
        return response

    def _toasts(self, request) -> bytes:
        waiting = list(get_messages(request))
        if not waiting:
            return b""
        return render_to_string("_messages.html", {"messages": waiting, "out_of_band": True}, request).encode()


class WithoutCounters:
    """Sign-in counts tries in the cache. While that is down the door stays shut, with a page that says so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, CacheUnreachable | CacheSilent):
            log.error("the cache is down: %s", exception)
            return unavailable(request)
        return None
