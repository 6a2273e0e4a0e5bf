"""Test client for the live socket: fixtures and a WebSocket that waits for a busy machine."""

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware
from channels.testing import WebsocketCommunicator
from django.conf import settings as site

from jobs.hints import sender as hint_sender
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

    async def receive_from(self, timeout=PATIENCE):
        return await super().receive_from(timeout)


@pytest.fixture
def open_socket():
    """``await open_socket(client)`` connects with the client's cookies. Returns (socket, whether accepted)."""
    sockets = []

    async def connect(client, origin=None, query="", **headers):
        app = CookieMiddleware(URLRouter(websocket_urlpatterns))
        app = OriginValidator(app, site.WEBSOCKET_ORIGINS)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        lines = [(b"cookie", cookies.encode()), (b"origin", (origin or site.SITE_URL).encode())]
        lines += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        socket = Socket(app, f"/ws/jobs/{query}", headers=lines)
        sockets.append(socket)
        return socket, (await socket.connect())[0]

    return connect


async def receive_until(socket, text) -> str:
    """Return the first message that contains the text. Raises TimeoutError if none arrives in time."""
    while text not in (message := await socket.receive_from()):
        pass
    return message


async def closing_code(socket):
    while (message := await socket.receive_output(PATIENCE))["type"] != "websocket.close":
        pass
    return message.get("code")
