"""Carries hints to the other processes: one at a time, over one connection, and nobody waits for it.

async_to_sync makes a new event loop for each call where none runs, and channels-redis a new connection for each loop:
for thousands of polls a minute that cost as much as the polls (benchmarks/in_flight.py).
"""

import asyncio
import atexit
import logging
import multiprocessing.util
import os
import queue
import threading

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from redis.exceptions import RedisError

log = logging.getLogger("jobs.hints.push")
MOST = 10_000  # hints that wait; more are dropped: pages ask by themselves as well
LAST_SECONDS = 2.0  # that a process which ends waits for what is still on its way


class HintSender:
    def __init__(self):
        self._hints: queue.Queue = queue.Queue(MOST)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._was_down = False

    def take(self, name: str, message: dict) -> None:
        try:
            self._hints.put_nowait((name, message))
        except queue.Full:
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._carry, name="hints", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Wait a moment for what is on its way."""
        with self._hints.all_tasks_done:
            self._hints.all_tasks_done.wait_for(lambda: not self._hints.unfinished_tasks, LAST_SECONDS)

    def _carry(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        while True:
            name, message = self._hints.get()
            try:
                self.report(lambda: loop.run_until_complete(get_channel_layer().group_send(name, message)))  # noqa: B023
            except Exception:
                log.exception("a hint to %s was not carried", name)
                loop.close()  # those behind it are, over a line of their own
                loop = asyncio.new_event_loop()
                asyncio.set_event_loop(loop)
            finally:
                self._hints.task_done()

    def report(self, send) -> None:
        """Send; one line in the log when live updates go, one when they are back."""
        try:
            send()
        except (RedisError, OSError) as problem:
            if not self._was_down:
                log.warning("Live updates are off: %s. Pages ask by themselves until it is back.", problem)
            self._was_down = True
            return
        if self._was_down:
            log.info("Live updates are back.")
        self._was_down = False


_courier = HintSender()


def send(name: str, message: dict) -> None:
    """Send to a group, soon; a hint that is lost never breaks what it speaks of."""
    if isinstance(get_channel_layer(), InMemoryChannelLayer):  # reaches this process only, so there is no way to spare
        _courier.report(lambda: async_to_sync(get_channel_layer().group_send)(name, message))
    else:
        _courier.take(name, message)


def flush() -> None:
    _courier.flush()


def _begin_anew() -> None:
    """In a forked child: threads stay behind with the parent, and so do its connections."""
    global _courier  # noqa: PLW0603 - the one of this process
    _courier = HintSender()


def _finish_in_the_end(_courier_of_the_parent) -> None:
    """Children of multiprocessing, as django-q2's workers are, end without ``atexit``."""
    multiprocessing.util.Finalize(None, flush, exitpriority=0)


atexit.register(flush)
os.register_at_fork(after_in_child=_begin_anew)
multiprocessing.util.register_after_fork(HintSender, _finish_in_the_end)
