"""Sends hints to other processes in the background, one at a time over one connection.

async_to_sync creates an event loop for each call outside a loop, and channels-redis a connection for each loop: for
thousands of polls a minute that costs as much as the polls (benchmarks/in_flight.py).
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

log = logging.getLogger("common.live")
MAX_QUEUED = 10_000  # more hints are dropped: pages learn of lost ones within seconds
FLUSH_SECONDS = 2.0  # how long an ending process waits for queued hints


class HintSender:
    def __init__(self):
        self._hints: queue.Queue = queue.Queue(MAX_QUEUED)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._was_down = False

    def enqueue(self, name: str, message: dict) -> None:
        try:
            self._hints.put_nowait((name, message))
        except queue.Full:
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Wait until the queued hints are sent, at most FLUSH_SECONDS."""
        with self._hints.all_tasks_done:
            self._hints.all_tasks_done.wait_for(lambda: not self._hints.unfinished_tasks, FLUSH_SECONDS)

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        while True:
            name, message = self._hints.get()
            try:
                self.send(lambda: loop.run_until_complete(get_channel_layer().group_send(name, message)))  # noqa: B023
            except Exception:
                log.exception("cannot send a hint to %s", name)
                loop.close()  # send the following ones over a new connection
                loop = asyncio.new_event_loop()
                asyncio.set_event_loop(loop)
            finally:
                self._hints.task_done()

    def send(self, send_now) -> None:
        """Call ``send_now``. Log one line when live updates fail, and one when they work again."""
        try:
            send_now()
        except (RedisError, OSError) as error:
            if not self._was_down:
                log.warning("Live updates are off: %s. Pages poll until it is back.", error)
            self._was_down = True
            return
        if self._was_down:
            log.info("Live updates are back.")
        self._was_down = False


_sender = HintSender()


def send(name: str, message: dict) -> None:
    """Send a message to a group soon. Lost hints are harmless."""
    if isinstance(get_channel_layer(), InMemoryChannelLayer):  # reaches this process only
        _sender.send(lambda: async_to_sync(get_channel_layer().group_send)(name, message))
    else:
        _sender.enqueue(name, message)


def flush() -> None:
    _sender.flush()


def _replace_sender() -> None:
    """Create a new sender in a forked child, which has neither the threads nor the connections of its parent."""
    global _sender  # noqa: PLW0603 - one per process
    _sender = HintSender()


def _flush_at_exit(_parent_sender) -> None:
    """Flush at the end of children of multiprocessing (django-q2's workers), which skip ``atexit``."""
    multiprocessing.util.Finalize(None, flush, exitpriority=0)


atexit.register(flush)
os.register_at_fork(after_in_child=_replace_sender)
multiprocessing.util.register_after_fork(HintSender, _flush_at_exit)
