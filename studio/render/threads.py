"""Several pieces of work at once, one pair of eyes on the stop button.

Progress is told and the stop button looked at in the caller's own thread only: both may lead to a database.
"""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from studio.render.errors import Cancelled

_LOOK_EVERY = 0.1  # seconds
_MOST_THREADS = 4  # each draws a window of its own: more would need more memory than they save time


class Crew:
    """A few threads. `stopped` tells the work that nobody wants it any more; whoever does it raises Cancelled."""

    def __init__(self, cancelled: Callable[[], bool], threads: int | None = None) -> None:
        self.cancelled = cancelled
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(threads or min(_MOST_THREADS, os.cpu_count() or 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def stopped(self) -> bool:
        """To be asked often by the work."""
        return self._stop.is_set()

    def do[T](self, work: Iterable[Callable[[], T]], *, look: Callable[[], None] = lambda: None) -> list[T]:
        """Do all of it and give what it returned, in order. `look` is called now and then meanwhile.

        The first error ends all work and is raised, as Cancelled is.
        """
        futures = [self._pool.submit(piece) for piece in work]
        left: set[Future[T]] = set(futures)
        while left:
            done, left = wait(left, timeout=_LOOK_EVERY)
            for future in done:
                if error := future.exception():
                    self._give_up(left)
                    raise error
            if self.cancelled():
                self._give_up(left)
                raise Cancelled
            look()
        return [future.result() for future in futures]

    def _give_up(self, left: Iterable[Future]) -> None:
        self._stop.set()
        for future in left:
            future.cancel()
        wait(left)
