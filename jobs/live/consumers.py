"""The WebSocket of a page. On each hint it reads the job and sends what the viewer may see of it."""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from datetime import timedelta
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import translation
from redis.exceptions import RedisError

from common import safe_json
from jobs import access
from jobs.hints import push
from jobs.models import TERMINAL
from jobs.views import cards

log = logging.getLogger("jobs.live")
MAX_SOCKETS = 5  # of one viewer
MESSAGES, PER_SECONDS = 10, 1.0
RIGHTS_CHECK_SECONDS = 60.0
REFRESH_SECONDS = 15.0  # hints may be lost with the process that sends them
SETTLE_SECONDS = 0.3  # the response to the page's own action arrives first, while its button still exists
SEND_EVERY = 1.0  # seconds between two updates
INITIAL_JOBS = 50
RECENTLY_ENDED = timedelta(minutes=15)
MAX_BYTES = 48_000  # of a message: daphne closes the socket at its frame limit (jobs/worker/startup.py)
# The standard's 1001, 1007, 1008 and 1013 as 4001, 4007, …: daphne sends no standard code but 1000.
GOING_AWAY, BAD_DATA, NOT_ALLOWED, TRY_LATER, TOO_MANY = 4001, 4007, 4008, 4013, 4429
_open: Counter[str] = Counter()


class JobConsumer(AsyncWebsocketConsumer):
    viewer: Any

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.counted = ""
        self.tasks: set[asyncio.Task] = set()
        self.groups_joined: list[str] = []

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
        self.viewer = None
        self.hinted: set[UUID] = set()
        self.sent: dict[UUID, int] = {}
        self.unfinished: set[UUID] = set()  # of the sent jobs
        self.received_at: deque[float] = deque(maxlen=MESSAGES)
        self.sender: asyncio.Task | None = None
        viewer = await self.load_viewer()
        if viewer is None:
            return await self.close()
        await self.accept()
        if _open[viewer.name] >= MAX_SOCKETS:
            return await self.close(TOO_MANY)
        _open[viewer.name] += 1
        self.counted = viewer.name
        self.viewer = viewer
        self.language = viewer.language or self.browser_language()
        names = [push.group_name(pk) for pk in viewer.workspaces] + (
            [f"user.{viewer.user_id}"] if viewer.user_id else []
        )
        for name in names:
            await self.channel_layer.group_add(name, self.channel_name)
            self.groups_joined.append(name)
        await self.send_all(await self.render_current())
        self.spawn(self.check_repeatedly())
        self.spawn(self.refresh_repeatedly())
        return None

    async def disconnect(self, code):
        for task in self.tasks:
            task.cancel()
        if self.counted:
            _open.subtract([self.counted])
            if not _open[self.counted]:
                del _open[self.counted]
            self.counted = ""
        for name in self.groups_joined:
            with contextlib.suppress(RedisError, OSError):
                await self.channel_layer.group_discard(name, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        """Pages send nothing: close the socket on invalid JSON or too many messages."""
        now = time.monotonic()
        if len(self.received_at) == MESSAGES and now - self.received_at[0] < PER_SECONDS:
            return await self.close(NOT_ALLOWED)
        self.received_at.append(now)
        try:
            safe_json.parse(text_data or "")
        except ValueError:
            await self.close(BAD_DATA)
        return None

    async def job_hint(self, event):
        with contextlib.suppress(KeyError, ValueError, TypeError):
            self.add_hints(UUID(event["job"]))

    def add_hints(self, *ids):
        self.hinted.update(ids)
        if self.viewer and (self.sender is None or self.sender.done()):
            self.sender = self.spawn(self.send_hinted())

    async def auth_revoked(self, event):
        await self.check()

    async def send_hinted(self):
        """Send the hinted jobs soon, and later ones together once a second."""
        await asyncio.sleep(SETTLE_SECONDS)
        while self.hinted:
            ids, self.hinted = self.hinted, set()
            try:
                messages = await self.render_jobs(ids)
            except (DatabaseError, InterfaceError):
                self.unfinished |= ids  # the next refresh sends them
                return
            await self.send_all(messages)
            await asyncio.sleep(SEND_EVERY)

    async def send_all(self, messages: list[str]):
        for message in messages:
            await self.send(message)

    async def refresh_repeatedly(self):
        """Send changes of unfinished and new jobs without a hint."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            with contextlib.suppress(DatabaseError, InterfaceError):
                self.add_hints(*await self.find_changed())

    async def check_repeatedly(self):
        while True:
            await asyncio.sleep(RIGHTS_CHECK_SECONDS)
            with contextlib.suppress(DatabaseError, InterfaceError):  # checked again in a minute
                await self.check()

    async def check(self):
        """Close the socket if the rights of its viewer changed."""
        viewer = await self.load_viewer()
        if viewer is None or viewer.name != self.viewer.name or viewer.workspaces != self.viewer.workspaces:
            await self.close(NOT_ALLOWED if viewer is None else GOING_AWAY)

    def spawn(self, coroutine) -> asyncio.Task:
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def browser_language(self):
        request = HttpRequest()
        request.COOKIES = self.scope.get("cookies", {})
        accepted = dict(self.scope["headers"]).get(b"accept-language", b"")
        request.META["HTTP_ACCEPT_LANGUAGE"] = accepted.decode("latin-1")
        return translation.get_language_from_request(request)

    @database_sync_to_async
    def load_viewer(self):
        return access.get_viewer(self.scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME))

    @database_sync_to_async
    def render_current(self):
        return self.render(self.current())

    def current(self):
        """Return the newest jobs that are active or ended recently."""
        active = ~Q(state__in=sorted(TERMINAL)) | Q(finished_at__gt=Now() - RECENTLY_ENDED)
        return self.viewer.jobs().shown().filter(active).order_by("-created_at")[:INITIAL_JOBS]

    @database_sync_to_async
    def render_jobs(self, ids):
        return self.render(self.viewer.jobs().filter(pk__in=ids))

    @database_sync_to_async
    def find_changed(self) -> list[UUID]:
        unfinished = self.viewer.jobs().filter(pk__in=[*self.unfinished])
        rows = {*unfinished.values_list("pk", "rev"), *self.current().values_list("pk", "rev")}
        return [pk for pk, rev in rows if self.sent.get(pk) != rev]

    def render(self, jobs) -> list[str]:
        """Return messages with the badge and the partials of jobs whose revision the page does not have."""
        fresh = [job for job in jobs if self.sent.get(job.pk) != job.rev]
        with translation.override(self.language):
            count = self.viewer.jobs().shown().active().count()
            parts = [*cards.render_partials(fresh, self.viewer.user), cards.badge(count)]
        self.sent |= {job.pk: job.rev for job in fresh}
        self.unfinished -= {job.pk for job in fresh if job.state in TERMINAL}
        self.unfinished |= {job.pk for job in fresh if job.state not in TERMINAL}
        return join_parts(parts)


def join_parts(parts: list[str]) -> list[str]:
    """Join the parts to as few messages as possible, of at most MAX_BYTES unless a single part is larger."""
    messages: list[list[str]] = []
    size = MAX_BYTES
    for part in parts:
        size += len(part.encode())
        if size > MAX_BYTES:
            messages.append([])
            size = len(part.encode())
        messages[-1].append(part)
    return ["".join(message) for message in messages]
