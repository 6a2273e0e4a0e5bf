"""Feeds: what the open pages of one browser show, read and rendered once for all their sockets."""

import asyncio
import contextlib
import functools
import logging
import random
import time
from collections.abc import Iterable, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError, InterfaceError
from django.utils import translation
from redis.exceptions import RedisError

from accounts.sign_in.session_lifetime import find_viewer
from accounts.viewer import Viewer
from common.database.connections import release_connection
from common.live import topics
from common.live.hints import workspace_group
from jobs.live.close_codes import GOING_AWAY, NOT_ALLOWED, TRY_LATER
from jobs.live.messages import build_messages

log = logging.getLogger("jobs.live")
RIGHTS_CHECK_SECONDS = 60.0
REFRESH_SECONDS = 15.0  # hints may be lost with the process that sends them
SETTLE_SECONDS = 0.3  # the response to the page's own action arrives first, while its button still exists
SEND_EVERY = 1.0  # seconds between two updates
_feeds: dict[tuple, "Feed"] = {}
_refresher: asyncio.Task | None = None


def in_thread(function):
    """Let a function run in one of a few threads, because all feeds would wait for each query of a single one."""

    @functools.wraps(function)
    def run(*args):
        try:
            return function(*args)
        finally:
            release_connection()

    return sync_to_async(run, thread_sensitive=False)


def join(socket, session_key: str, viewer: Viewer, language: str) -> "Feed":
    """Return the feed of the browser's session for one more socket. A viewer with other rights has another feed."""
    key = (session_key, viewer.rights, language)
    feed = _feeds.setdefault(key, Feed(session_key, viewer, language))
    feed.sockets[socket] = frozenset()
    return feed


class Feed:
    """Updates of what one viewer may see, in one language.

    ``sockets``: the open sockets, each with the topics of its page. ``revisions``: those that the pages show or were
    told of. All jobs of the viewer's workspaces are sent when they change, whether a page shows them or not. The lock
    keeps the order: what was read first is sent first.
    """

    def __init__(self, session_key: str, viewer: Viewer, language: str):
        self.session_key, self.viewer, self.language = session_key, viewer, language
        self.sockets: dict[Any, frozenset[str]] = {}
        self.revisions: dict[str, str] = {}
        self.queues = frozenset(f"queue:{pk}" for pk in viewer.at_hand.workspace_ids)
        self.groups = {workspace_group(pk) for pk in viewer.workspace_ids}
        self.groups |= {f"user.{viewer.pk}"} if viewer.pk else set()
        self.lock = asyncio.Lock()
        self.layer: Any = None
        self.channel, self.is_listening = "", False
        self.tasks: set[asyncio.Task] = set()
        self.sender: asyncio.Task | None = None
        self.hinted: set[str] = set()
        self.send_at, self.is_settling = 0.0, False  # the earliest time of the next message (monotonic)

    async def listen(self) -> None:
        """Subscribe to the hints for the viewer, for the first socket. Raises RedisError."""
        global _refresher  # noqa: PLW0603 - one per process
        async with self.lock:
            if self.is_listening:
                return
            if not self.channel:
                self.layer = get_channel_layer()
                self.channel = await self.layer.new_channel()
                self.spawn(self.receive_hints())
            for name in self.groups:
                await self.layer.group_add(name, self.channel)
            self.spawn(self.check_repeatedly())
            self.is_listening = True
        if _refresher is None or _refresher.done():
            _refresher = asyncio.ensure_future(refresh_repeatedly())

    async def leave(self, socket) -> None:
        """Remove a closed socket, and the feed with its last one."""
        self.sockets.pop(socket, None)
        if self.sockets:
            return
        key = (self.session_key, self.viewer.rights, self.language)
        if _feeds.get(key) is self:
            del _feeds[key]
        for task in self.tasks:
            task.cancel()
        for name in self.groups if self.channel else ():
            with contextlib.suppress(RedisError, OSError):
                await self.layer.group_discard(name, self.channel)

    async def subscribe(self, socket, shown: Mapping[str, str]) -> None:
        """Replace the topics of a page, and send it what it shows at another revision.

        ``shown``: topic → revision. Topics that the viewer may not see are left out.
        """
        async with self.lock:
            current = await self.list_revisions(self.queues.union(shown))
            news = {topic for topic, revision in current.items() if self.revisions.get(topic, revision) != revision}
            outdated = {topic for topic in current.keys() & shown.keys() if current[topic] != shown[topic]}
            self.revisions |= current
            changes = {topic: current[topic] for topic in [*self.queues, *news, *outdated]}
            messages = await self.render(changes)
            if socket in self.sockets:
                self.sockets[socket] = frozenset(current.keys() - self.queues)
                await send_all(messages, self.sockets if news else [socket])

    def topics(self) -> frozenset[str]:
        """Return the topics of all pages, and those of the number of active jobs."""
        return self.queues.union(*self.sockets.values())

    async def receive_hints(self) -> None:
        while True:
            message = await self.layer.receive(self.channel)
            if message.get("type") == "auth.revoked":
                self.spawn(self.check_at_once())
                continue
            with contextlib.suppress(KeyError, ValueError, TypeError):
                self.add_hints(*map(str, message["topics"]), settles=bool(message.get("by_request")))

    def add_hints(self, *hinted: str, settles: bool = False) -> None:
        """Send these topics at once, or together when a second has passed since the last message.

        ``settles`` postpones the message, because the viewer may still wait for the response to an action.
        """
        if settles and not self.is_settling:
            self.is_settling = True
            self.send_at = max(self.send_at, time.monotonic() + SETTLE_SECONDS)
        shown = self.topics()
        self.hinted |= {topic for topic in hinted if topic in shown or topic.startswith("job:")}
        if self.hinted and (self.sender is None or self.sender.done()):
            self.sender = self.spawn(self.send_hinted())

    async def send_hinted(self) -> None:
        while self.hinted:
            while (seconds := self.send_at - time.monotonic()) > 0:
                await asyncio.sleep(seconds)
            async with self.lock:
                hinted, self.hinted, self.is_settling = self.hinted, set(), False
                try:
                    current = await self.list_revisions(hinted | self.queues)
                    gone = dict.fromkeys(self.topics() & hinted - current.keys(), "")
                    changes = {topic: rev for topic, rev in current.items() if self.revisions.get(topic) != rev} | gone
                    messages = await self.render(changes) if changes else []
                except (DatabaseError, InterfaceError):
                    return  # the next refresh sends them
                self.revisions |= current
                self.sockets = {socket: shown - gone.keys() for socket, shown in self.sockets.items()}
                self.send_at = time.monotonic() + SEND_EVERY
                await send_all(messages, self.sockets)

    async def check_repeatedly(self) -> None:
        while True:
            # at random, since after a restart all feeds begin together
            await asyncio.sleep(RIGHTS_CHECK_SECONDS * random.uniform(0.5, 1.0))
            with contextlib.suppress(DatabaseError, InterfaceError):  # checked again in a minute
                await self.check()

    async def check_at_once(self) -> None:
        try:
            await self.check()
        except (DatabaseError, InterfaceError) as error:
            log.warning("The WebSockets of a user ended: %s", error)
            await self.close_sockets(TRY_LATER)

    async def check(self) -> None:
        """Close the sockets if the rights of their viewer changed."""
        viewer = await load_viewer(self.session_key)
        if viewer is None or viewer.rights != self.viewer.rights:
            await self.close_sockets(NOT_ALLOWED if viewer is None else GOING_AWAY)

    async def close_sockets(self, code: int) -> None:
        for socket in [*self.sockets]:
            self.sockets[socket] = frozenset()
            await socket.close(code)

    def spawn(self, coroutine) -> asyncio.Task:
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    @in_thread
    def list_revisions(self, names: Iterable[str]) -> dict[str, str]:
        return topics.list_revisions(names, self.viewer)

    @in_thread
    def render(self, changes: Mapping[str, str]) -> list[str]:
        """Return messages with the changed topics."""
        with translation.override(self.language):
            return build_messages(changes, self.viewer)


async def refresh_repeatedly() -> None:
    """Send changes without a hint, with one query a kind of topics for all feeds."""
    while _feeds:
        await asyncio.sleep(REFRESH_SECONDS)
        with contextlib.suppress(DatabaseError, InterfaceError):
            current = await list_current([(feed.viewer, feed.topics()) for feed in _feeds.values()])
            for feed in [*_feeds.values()]:
                feed.revisions = {topic: feed.revisions.get(topic, "") for topic in feed.topics()}
                feed.add_hints(*(topic for topic in feed.topics() if current.get(topic) != feed.revisions[topic]))


@in_thread
def list_current(watched: list[tuple[Viewer, frozenset[str]]]) -> dict[str, str]:
    """Return the revisions of all topics that viewers watch, some of which may be no longer theirs."""
    for viewer, names in watched:
        topics.keep(names, viewer)
    return topics.list_revisions(frozenset().union(*(names for _viewer, names in watched)), None)


@in_thread
def load_viewer(session_key: str) -> Viewer | None:
    return find_viewer(session_key)


async def send_all(messages: list[str], sockets: Iterable) -> None:
    for message in messages:
        for socket in [*sockets]:
            await socket.send(message)
