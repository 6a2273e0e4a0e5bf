"""Require a minimum download speed, so that a slow server cannot occupy a worker.

Each further attempt to download the same file halves the minimum, since several downloads may share one slow line and a
paid clip must arrive in the end. The time of an attempt is limited too (client.FILE_SECONDS).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from generation.providers.errors import NoAnswer

MINUTE = 60.0  # seconds
FIRST_MINUTE = 1 << 20  # bytes; the server may still have to find and open the file
LATER_MINUTES = 60 * (64 << 10)  # bytes per minute; half of what a line of one megabit per second transfers
MAX_HALVINGS = 4  # down to 4 KB/s; eight downloads that share a line of one megabit get four times as much each


class _Attempts(threading.local):
    previous: int = 0


_attempts = _Attempts()


@contextmanager
def previous_attempts(count: int) -> Iterator[None]:
    """Lower the minimum for this thread's downloads inside the block, which were attempted ``count`` times before."""
    _attempts.previous = count
    try:
        yield
    finally:
        _attempts.previous = 0


@dataclass
class SpeedLimit:
    """Minimum speed of one download, to be checked once a second. ``total``: announced bytes, 0 if unknown."""

    total: int = 0
    _halvings: int = field(default_factory=lambda: min(_attempts.previous, MAX_HALVINGS))
    _is_first: bool = True
    _checked: int = 0
    _minute_ends: float = field(default_factory=lambda: time.monotonic() + MINUTE)

    def check(self, received: int) -> None:
        """Raise NoAnswer if too few of the ``received`` bytes arrived within the last minute."""
        if time.monotonic() < self._minute_ends:
            return
        minimum = (FIRST_MINUTE if self._is_first else LATER_MINUTES) >> self._halvings
        is_small = self._is_first and 0 < self.total <= FIRST_MINUTE  # the rest must arrive within the next minute
        if received - self._checked < minimum and not is_small:
            raise NoAnswer("below the minimum speed")
        self._is_first, self._checked, self._minute_ends = False, received, time.monotonic() + MINUTE
