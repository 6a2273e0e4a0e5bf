"""The WebSocket of a page: who may connect, and how often. What it sends comes from its feed.

A page sends ``{"topics": "job:ID.REVISION …"}`` when it is connected and when it shows other topics.
"""

import contextlib
import logging
import time
from collections import Counter, deque

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.utils import translation
from redis.exceptions import RedisError

from common import safe_json
from common.live.topics import parse_topics
from jobs.live import feeds
from jobs.live.close_codes import BAD_DATA, NOT_ALLOWED, TOO_MANY, TRY_LATER

log = logging.getLogger("jobs.live")
MAX_SOCKETS = 5  # of one viewer
MESSAGES, PER_SECONDS = 10, 1.0
_open: Counter[str] = Counter()


class JobConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = ""  # none of its own: feeds receive the hints

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.counted = ""
        self.feed: feeds.Feed | None = None
        self.received_at: deque[float] = deque(maxlen=MESSAGES)

    async def __call__(self, scope, receive, send):
        """Close with TRY_LATER if Redis or the database fails; the page polls meanwhile."""
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError, DatabaseError, InterfaceError) as error:
            log.warning("A WebSocket ended: %s", error)
            await self.disconnect(TRY_LATER)
            with contextlib.suppress(RuntimeError):
                await send({"type": "websocket.close", "code": TRY_LATER})
        finally:
            if self.counted:  # always decrement the count of open sockets
                await self.disconnect(TRY_LATER)

    async def connect(self):
        session_key = self.scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME)
        viewer = await feeds.load_viewer(session_key)
        if viewer is None:
            return await self.close()
        name = str(viewer.pk or viewer.workspace_ids[0])  # the same for all tabs of a user
        if _open[name] >= MAX_SOCKETS:
            await self.accept()
            return await self.close(TOO_MANY)
        _open[name] += 1
        self.counted = name
        self.feed = feeds.join(self, session_key, viewer, viewer.language or self.browser_language())
        await self.feed.listen()
        await self.accept()
        return None

    async def disconnect(self, code):
        if self.counted:
            _open.subtract([self.counted])
            if not _open[self.counted]:
                del _open[self.counted]
            self.counted = ""
        if self.feed:
            await self.feed.leave(self)

    async def receive(self, text_data=None, bytes_data=None):
        """Let the page have updates of its ``topics``. Close the socket on invalid or too many messages."""
        now = time.monotonic()
        if len(self.received_at) == MESSAGES and now - self.received_at[0] < PER_SECONDS:
            return await self.close(NOT_ALLOWED)
        self.received_at.append(now)
        try:
            message = safe_json.parse(text_data or "")
            shown = parse_topics(message["topics"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return await self.close(BAD_DATA)
        if self.feed:
            await self.feed.subscribe(self, shown)
        return None

    def browser_language(self):
        request = HttpRequest()
        request.COOKIES = self.scope.get("cookies", {})
        accepted = dict(self.scope["headers"]).get(b"accept-language", b"")
        request.META["HTTP_ACCEPT_LANGUAGE"] = accepted.decode("latin-1")
        return translation.get_language_from_request(request)
