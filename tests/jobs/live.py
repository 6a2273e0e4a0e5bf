"""Test client for the live socket: fixtures and a WebSocket that waits for a busy machine."""

import json

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware
from channels.testing import WebsocketCommunicator
from django.conf import settings as site
from django.urls import reverse

from common.live import sender as hint_sender
from jobs.live import consumers, feeds
from jobs.live.routing import websocket_urlpatterns

in_thread = sync_to_async
PATIENCE = 20  # seconds


@pytest.fixture
def fresh_sockets(monkeypatch):
    """Remove hints and sockets of earlier tests, and shorten the intervals."""
    channel_layers.backends.clear()
    consumers._open.clear()
    feeds._feeds.clear()
    monkeypatch.setattr(feeds, "_refresher", None)
    monkeypatch.setattr(feeds, "SEND_EVERY", 0.05)
    monkeypatch.setattr(feeds, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(hint_sender, "FLUSH_SECONDS", PATIENCE)


class Socket(WebsocketCommunicator):
    """The browser's end of the socket, with timeouts for a busy machine."""

    async def connect(self, timeout=PATIENCE):
        return await super().connect(timeout)

    async def disconnect(self, code=1000, timeout=PATIENCE):
        await super().disconnect(code, timeout)

    async def receive_message(self, timeout=PATIENCE) -> dict:
        return json.loads(await super().receive_from(timeout))

    async def receive_from(self, timeout=PATIENCE) -> str:
        """Return the next message that htmx would swap."""
        while "content" not in (message := await self.receive_message(timeout)):
            pass
        return message["content"]

    async def receive_topics(self) -> dict[str, str]:
        """Return the next changed topics and their revisions, without those of the badge."""
        while not (topics := _leave_out_badge(await self.receive_message())):
            pass
        return topics


def _leave_out_badge(message: dict) -> dict[str, str]:
    return {topic: revision for topic, revision in message.get("topics", {}).items() if not topic.startswith("queue:")}


@pytest.fixture
def open_socket():
    """``await open_socket(client)`` connects with the client's cookies. Returns (socket, whether accepted).

    ``shown``: jobs or topics of the page, without a revision or with one ("job:ID.7").
    """
    sockets = []

    async def connect(client, *shown, origin=None, **headers):
        app = CookieMiddleware(URLRouter(websocket_urlpatterns))
        app = OriginValidator(app, site.WEBSOCKET_ORIGINS)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        lines = [(b"cookie", cookies.encode()), (b"origin", (origin or site.SITE_URL).encode())]
        lines += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        socket = Socket(app, "/ws/jobs/", headers=lines)
        sockets.append(socket)
        is_accepted = (await socket.connect())[0]
        if is_accepted:
            await socket.send_to(text_data=write_topics(*shown))
        return socket, is_accepted

    return connect


def write_topics(*shown) -> str:
    """Return what a page sends that shows these jobs or topics."""
    return json.dumps({"topics": " ".join(each if isinstance(each, str) else f"job:{each.pk}" for each in shown)})


def poll(browser, *shown) -> str:
    """Return what htmx would swap of the response to a page without a socket."""
    messages = browser.get(reverse("jobs:live"), json.loads(write_topics(*shown))).json()
    return "".join(message.get("content", "") for message in messages)


async def receive_until(socket, text) -> str:
    """Return the first message that contains the text. Raises TimeoutError if none arrives in time."""
    while text not in (message := await socket.receive_from()):
        pass
    return message


async def closing_code(socket):
    while (message := await socket.receive_output(PATIENCE))["type"] != "websocket.close":
        pass
    return message.get("code")
