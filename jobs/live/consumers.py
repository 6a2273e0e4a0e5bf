"""The live line of a page. Hints come in; what its viewer may see now is read and sent, never what the hint says."""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from datetime import timedelta
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
SOCKETS_EACH = 5
MESSAGES, PER_SECONDS = 10, 1.0
CHECK_EVERY = 60.0
LOOK_AGAIN_EVERY = 15.0  # seconds: a hint may be lost with the process that gives it, and the page would never know
SETTLE = 0.3  # seconds for the reply to a page's own deed to arrive first: its button must still be there then
AT_MOST_EVERY = 1.0  # seconds between two looks at the same jobs
SHOWN_AT_FIRST = 50
JUST_ENDED = timedelta(minutes=15)
MOST_BYTES = (
    48_000  # in one message: daphne cuts the line at one of more than it lets pages send (jobs/worker/supervisor.py)
)
# The standard's 1001, 1007, 1008 and 1013 with 4 in front: daphne sends none of the standard's own but 1000.
GOING_AWAY, BAD_DATA, NOT_ALLOWED, TRY_LATER, TOO_MANY = 4001, 4007, 4008, 4013, 4429
_open: Counter[str] = Counter()


class JobConsumer(AsyncWebsocketConsumer):
    counted, tasks, groups_joined = "", (), ()  # until there is a connection

    async def __call__(self, scope, receive, send):
        """Without Redis or the database: the page is told to come back later, and asks by itself meanwhile."""
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError, DatabaseError, InterfaceError) as problem:
            log.warning("A live line ended: %s", problem)
            await self.disconnect(TRY_LATER)
            with contextlib.suppress(RuntimeError):
                await send({"type": "websocket.close", "code": TRY_LATER})
        finally:
            if self.counted:  # whatever it ended of, it does not count as open for ever
                await self.disconnect(TRY_LATER)

    async def connect(self):
        self.viewer, self.groups_joined = None, []
        self.hinted: set[UUID] = set()
        self.sent: dict[UUID, int] = {}
        self.unfinished: set[UUID] = set()  # of those, by what the page was told last
        self.heard: deque[float] = deque(maxlen=MESSAGES)
        self.tasks: set[asyncio.Task] = set()
        self.sender: asyncio.Task | None = None
        viewer = await self.look_up()
        if viewer is None:
            return await self.close()
        await self.accept()
        if _open[viewer.name] >= SOCKETS_EACH:
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
        await self.tell(await self.draw_current())
        self.spawn(self.keep_checking())
        self.spawn(self.keep_looking())
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
        """Pages have nothing to say here; whoever talks nonsense or too much is cut off."""
        now = time.monotonic()
        if len(self.heard) == MESSAGES and now - self.heard[0] < PER_SECONDS:
            return await self.close(NOT_ALLOWED)
        self.heard.append(now)
        try:
            safe_json.parse(text_data or "")
        except ValueError:
            await self.close(BAD_DATA)
        return None

    async def job_hint(self, event):
        with contextlib.suppress(KeyError, ValueError, TypeError):
            self.hint(UUID(event["job"]))

    def hint(self, *ids):
        self.hinted.update(ids)
        if self.viewer and (self.sender is None or self.sender.done()):
            self.sender = self.spawn(self.send_hinted())

    async def auth_revoked(self, event):
        await self.check()

    async def send_hinted(self):
        """Send what was hinted at, soon the first time, then gathered for a second."""
        await asyncio.sleep(SETTLE)
        while self.hinted:
            ids, self.hinted = self.hinted, set()
            try:
                messages = await self.draw(ids)
            except (DatabaseError, InterfaceError):
                self.unfinished |= ids  # the next look finds what they have become
                return
            await self.tell(messages)
            await asyncio.sleep(AT_MOST_EVERY)

    async def tell(self, messages: list[str]):
        for message in messages:
            await self.send(message)

    async def keep_looking(self):
        """What this page shows as unfinished, and what is new, is looked at again, though nobody hinted at it."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_EVERY)
            with contextlib.suppress(DatabaseError, InterfaceError):
                self.hint(*await self.changed_unheard())

    async def keep_checking(self):
        while True:
            await asyncio.sleep(CHECK_EVERY)
            with contextlib.suppress(DatabaseError, InterfaceError):  # it is asked again in a minute
                await self.check()

    async def check(self):
        """Rights may have changed without a word reaching us."""
        viewer = await self.look_up()
        if viewer is None or viewer.name != self.viewer.name or viewer.workspaces != self.viewer.workspaces:
            await self.close(NOT_ALLOWED if viewer is None else GOING_AWAY)

    def spawn(self, work) -> asyncio.Task:
        task = asyncio.ensure_future(work)
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
    def look_up(self):
        return access.get_viewer(self.scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME))

    @database_sync_to_async
    def draw_current(self):
        return self.render(self.current())

    def current(self):
        """The newest that are under way or ended just now."""
        active = ~Q(state__in=sorted(TERMINAL)) | Q(finished_at__gt=Now() - JUST_ENDED)
        return self.viewer.jobs().shown().filter(active).order_by("-created_at")[:SHOWN_AT_FIRST]

    @database_sync_to_async
    def draw(self, ids):
        return self.render(self.viewer.jobs().filter(pk__in=ids))

    @database_sync_to_async
    def changed_unheard(self) -> list[UUID]:
        told = self.viewer.jobs().filter(pk__in=[*self.unfinished])
        rows = {*told.values_list("pk", "rev"), *self.current().values_list("pk", "rev")}
        return [pk for pk, rev in rows if self.sent.get(pk) != rev]

    def render(self, jobs) -> list[str]:
        """Messages with the partials of those jobs whose revision the page does not have yet, and with the badge."""
        fresh = [job for job in jobs if self.sent.get(job.pk) != job.rev]
        with translation.override(self.language):
            count = self.viewer.jobs().shown().active().count()
            parts = [*cards.render_partials(fresh, self.viewer.user), cards.badge(count)]
        self.sent |= {job.pk: job.rev for job in fresh}
        self.unfinished -= {job.pk for job in fresh if job.state in TERMINAL}
        self.unfinished |= {job.pk for job in fresh if job.state not in TERMINAL}
        return gathered(parts)


def gathered(parts: list[str]) -> list[str]:
    """As few messages as may be, none of more than MOST_BYTES, unless one part alone has more."""
    messages, size = [], MOST_BYTES
    for part in parts:
        size += len(part.encode())
        if size > MOST_BYTES:
            messages.append([])
            size = len(part.encode())
        messages[-1].append(part)
    return ["".join(each) for each in messages]
