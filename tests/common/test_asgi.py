"""How the web server hands requests to Django."""

import asyncio

from asgiref.sync import SyncToAsync
from asgiref.testing import ApplicationCommunicator
from django.http import HttpResponse
from django.urls import path

from common.web.asgi import SyncASGIHandler

urlpatterns = [path("", lambda request: HttpResponse("drawn"))]


def test_a_page_is_made_without_changing_threads(settings, monkeypatch):
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, [f"{__name__}.Watch"]
    changes, original = [], SyncToAsync.__call__
    monkeypatch.setattr(SyncToAsync, "__call__", lambda self, *args: changes.append(self.func) or original(self, *args))

    async def request() -> bytes:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
        site = ApplicationCommunicator(SyncASGIHandler(), scope)
        await site.send_input({"type": "http.request", "body": b"", "more_body": False})
        assert (await site.receive_output())["status"] == 200
        return (await site.receive_output())["body"]

    assert asyncio.run(request()) == b"drawn"
    assert len(changes) <= 3, "the signal of the start, the page, and its end"


class Watch:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        return None
