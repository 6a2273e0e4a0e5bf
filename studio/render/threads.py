"""Run tasks in several threads with shared cancellation.

`on_wait` and `is_cancelled` are called only in the caller's thread, because they may use a database connection.
"""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from studio.render.errors import Cancelled

_POLL_INTERVAL = 0.1  # seconds
_MAX_THREADS = 4  # each has the frames of a window in memory, so more would cost too much memory


class ThreadGroup:
    """A thread pool as a context manager. Tasks must call `is_stopped` often, and raise Cancelled if it is true."""

    def __init__(self, is_cancelled: Callable[[], bool], threads: int | None = None) -> None:
        self.is_cancelled = is_cancelled
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(threads or min(_MAX_THREADS, os.cpu_count() or 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def is_stopped(self) -> bool:
        return self._stop.is_set()

    def run_all[T](self, tasks: Iterable[Callable[[], T]], *, on_wait: Callable[[], None] = lambda: None) -> list[T]:
        """Run all tasks and return their results in order. `on_wait` is called ten times per second meanwhile.

        The first error of a task, or Cancelled, stops all tasks and is raised.
        """
        futures = [self._pool.submit(task) for task in tasks]
        left: set[Future[T]] = set(futures)
        while left:
            done, left = wait(left, timeout=_POLL_INTERVAL)
            for future in done:
                if error := future.exception():
                    self._stop_all(left)
                    raise error
            if self.is_cancelled():
                self._stop_all(left)
                raise Cancelled
            on_wait()
        return [future.result() for future in futures]

    def _stop_all(self, left: Iterable[Future]) -> None:
        self._stop.set()
        for future in left:
            future.cancel()
        wait(left)
