"""Feeds: what the open pages of one browser show of jobs, read and rendered once for all their sockets."""

import asyncio
import contextlib
import functools
import logging
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError, InterfaceError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation
from redis.exceptions import RedisError

from accounts.sign_in.session_lifetime import find_viewer
from accounts.viewer import Viewer
from common.database.connections import release_connection
from jobs import access
from jobs.hints import push
from jobs.live.close_codes import GOING_AWAY, NOT_ALLOWED, TRY_LATER
from jobs.models import TERMINAL, Job
from jobs.views import cards

log = logging.getLogger("jobs.live")
RIGHTS_CHECK_SECONDS = 60.0
REFRESH_SECONDS = 15.0  # hints may be lost with the process that sends them
SETTLE_SECONDS = 0.3  # the response to the page's own action arrives first, while its button still exists
SEND_EVERY = 1.0  # seconds between two updates
INITIAL_JOBS = 50
RECENTLY_ENDED = timedelta(minutes=15)
MAX_BYTES = 48_000  # of a message: daphne closes the socket at its frame limit (jobs/worker/startup.py)
_feeds: dict[tuple, "Feed"] = {}
_refresher: asyncio.Task | None = None

Revision = tuple[datetime, UUID, int]  # of a job: created, id, revision


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
    feed.members.add(socket)
    return feed


class Feed:
    """Updates of the jobs that one viewer may see, in one language.

    ``members`` are the open sockets, ``sockets`` those that are up to date: their pages show jobs at the revisions in
    ``sent``. The lock keeps the order: what was read first is sent first.
    """

    def __init__(self, session_key: str, viewer: Viewer, language: str):
        self.session_key, self.viewer, self.language = session_key, viewer, language
        self.members: set[Any] = set()
        self.sockets: set[Any] = set()
        self.lock = asyncio.Lock()
        self.layer: Any = None
        self.channel, self.is_listening = "", False
        self.tasks: set[asyncio.Task] = set()
        self.sender: asyncio.Task | None = None
        self.hinted: set[UUID] = set()
        self.send_at, self.is_settling = 0.0, False  # the earliest time of the next message (monotonic)
        self.sent: dict[UUID, int] = {}
        self.unfinished: set[UUID] = set()  # of the sent jobs
        self.is_refreshed = False
        self.hidden: set[UUID] = set()  # jobs of the workspaces that the viewer may not see

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
            for name in self.group_names():
                await self.layer.group_add(name, self.channel)
            self.spawn(self.check_repeatedly())
            self.is_listening = True
        if _refresher is None or _refresher.done():
            _refresher = asyncio.ensure_future(refresh_repeatedly())

    async def leave(self, socket) -> None:
        """Remove a closed socket, and the feed with its last one."""
        self.members.discard(socket)
        self.sockets.discard(socket)
        if self.members:
            return
        key = (self.session_key, self.viewer.rights, self.language)
        if _feeds.get(key) is self:
            del _feeds[key]
        for task in self.tasks:
            task.cancel()
        for name in self.group_names() if self.channel else ():
            with contextlib.suppress(RedisError, OSError):
                await self.layer.group_discard(name, self.channel)

    def group_names(self) -> list[str]:
        names = [push.group_name(pk) for pk in self.viewer.workspace_ids]
        return [*names, f"user.{self.viewer.pk}"] if self.viewer.pk else names

    async def receive_hints(self) -> None:
        while True:
            message = await self.layer.receive(self.channel)
            if message.get("type") == "auth.revoked":
                self.spawn(self.check_at_once())
                continue
            with contextlib.suppress(KeyError, ValueError, TypeError):
                self.add_hints(UUID(message["job"]), settles=bool(message.get("by_request")))

    def add_hints(self, *ids: UUID, settles: bool = False) -> None:
        """Send these jobs at once, or together when a second has passed since the last message.

        ``settles`` postpones the message, because the viewer may still wait for the response to an action.
        """
        if settles and not self.is_settling:
            self.is_settling = True
            self.send_at = max(self.send_at, time.monotonic() + SETTLE_SECONDS)
        self.hinted |= {*ids} - self.hidden
        if self.hinted and (self.sender is None or self.sender.done()):
            self.sender = self.spawn(self.send_hinted())

    async def send_hinted(self) -> None:
        while self.hinted:
            while (seconds := self.send_at - time.monotonic()) > 0:
                await asyncio.sleep(seconds)
            async with self.lock:
                ids, self.hinted, self.is_settling = self.hinted, set(), False
                try:
                    messages = await self.render_jobs(ids)
                except (DatabaseError, InterfaceError):
                    self.unfinished |= ids  # the next refresh sends them
                    return
                self.send_at = time.monotonic() + SEND_EVERY
                await send_all(messages, self.sockets)

    async def send_current(self, socket, shown: Mapping[UUID, int] | None) -> None:
        """Send what a new page lacks; to all pages if the others lack it as well.

        ``shown`` are the unfinished jobs on the page with their revisions; None if the page does not say.
        """
        async with self.lock:
            messages, is_news = await self.render_current(shown)
            self.sockets.add(socket)
            await send_all(messages, self.sockets if is_news else {socket})

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
        self.sockets.clear()
        for socket in [*self.members]:
            await socket.close(code)

    def spawn(self, coroutine) -> asyncio.Task:
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    @in_thread
    def render_current(self, shown: Mapping[UUID, int] | None) -> tuple[list[str], bool]:
        """Return messages with the jobs that a page lacks, and whether any of them was not sent yet."""
        rows = access.with_system_mark(self.list_jobs().shown().active()).values_list("pk", "rev", "is_system")
        active = {pk: rev for pk, rev, _is_system in rows}
        count = sum(not is_system for _pk, _rev, is_system in rows)
        if shown is None:
            jobs = [*self.current()]
        else:
            outdated = [pk for pk, rev in shown.items() if active.get(pk) != rev]
            jobs = [*self.list_jobs().filter(pk__in=outdated)] if outdated else []
            same = {pk: rev for pk, rev in shown.items() if active.get(pk) == rev}
            self.sent = same | self.sent  # other pages may show an earlier revision
            self.unfinished = self.unfinished | same.keys()
        is_news = any(self.is_fresh(job) for job in jobs)
        return self.render(jobs, jobs, count), is_news

    def list_jobs(self):
        return access.with_permissions(access.visible_jobs_and_trash(self.viewer), self.viewer.pk)

    def current(self):
        """Return the newest jobs that are active or ended recently."""
        return self.list_jobs().shown().filter(is_current()).order_by("-created_at")[:INITIAL_JOBS]

    @in_thread
    def render_jobs(self, ids: set[UUID]) -> list[str]:
        """Return messages with those of the jobs whose revision the pages do not have."""
        jobs = [*self.list_jobs().filter(pk__in=ids)]
        count = access.count_active(self.viewer.workspace_ids, self.viewer.pk)
        messages = self.render(jobs, [job for job in jobs if self.is_fresh(job)], count)
        missing = ids - {job.pk for job in jobs}
        self.unfinished = self.unfinished - missing
        self.hidden = self.hidden | missing
        return messages

    def is_fresh(self, job: Job) -> bool:
        return self.sent.get(job.pk) != job.rev

    def render(self, jobs: list[Job], fresh: list[Job], count: int) -> list[str]:
        """Return messages with the fresh ones of the jobs and with the badge of active jobs."""
        with translation.override(self.language):
            parts = [*cards.render_partials(fresh, self.viewer.user), cards.badge(count)]
        ended = {job.pk for job in jobs if job.state in TERMINAL or job.deleted_at}
        self.sent |= {job.pk: job.rev for job in fresh}
        self.unfinished = (self.unfinished | {job.pk for job in jobs}) - ended
        return join_parts(parts)

    def find_outdated(self, revisions: Mapping[UUID, list[Revision]]) -> list[UUID]:
        """Return the jobs whose revision the pages do not have, and those they show as unfinished that have ended."""
        rows = [row for pk in self.viewer.workspace_ids for row in revisions.get(pk, ()) if row[1] not in self.hidden]
        if not self.is_refreshed:  # no page shows the jobs that were not sent until now
            self.sent = {pk: rev for _, pk, rev in rows} | self.sent
            self.is_refreshed = True
        newest = {pk for _, pk, _ in sorted(rows, reverse=True)[:INITIAL_JOBS]} | self.unfinished
        outdated = [pk for _, pk, rev in rows if pk in newest and self.sent.get(pk) != rev]
        return [*outdated, *(self.unfinished - {pk for _, pk, _ in rows})]


async def refresh_repeatedly() -> None:
    """Send changes of unfinished and new jobs without a hint, with one query for all feeds."""
    while _feeds:
        await asyncio.sleep(REFRESH_SECONDS)
        with contextlib.suppress(DatabaseError, InterfaceError):
            workspaces = {pk for feed in _feeds.values() for pk in feed.viewer.workspace_ids}
            revisions = await read_revisions(workspaces)
            for feed in [*_feeds.values()]:
                feed.add_hints(*feed.find_outdated(revisions))


@in_thread
def read_revisions(workspaces: Iterable[UUID]) -> dict[UUID, list[Revision]]:
    """Return the revisions of the current jobs by workspace."""
    found: dict[UUID, list[Revision]] = defaultdict(list)
    rows = Job.objects.shown().filter(is_current(), workspace__in=workspaces)
    for workspace, created_at, pk, rev in rows.values_list("workspace_id", "created_at", "pk", "rev"):
        found[workspace].append((created_at, pk, rev))
    return found


def is_current() -> Q:
    """Return a filter for jobs that are active or ended recently."""
    return ~Q(state__in=sorted(TERMINAL)) | Q(finished_at__gt=Now() - RECENTLY_ENDED)


@in_thread
def load_viewer(session_key: str) -> Viewer | None:
    return find_viewer(session_key)


async def send_all(messages: list[str], sockets: Iterable) -> None:
    for message in messages:
        for socket in [*sockets]:
            await socket.send(message)


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
