"""Below which speed a film that is brought home is not waited for: whoever drips would have a worker to himself. Each
further try of the same film asks for half the speed, since several may share one slow line: what is paid must come
through in the end, and a try is bounded in time besides."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from generation.providers.errors import NoAnswer

MINUTE = 60.0  # seconds
AT_FIRST = 1 << 20  # bytes in the first minute, in which it may also have to be found and opened there
LATER = 60 * (64 << 10)  # bytes in each later one: half of what a line of a megabit a second brings
HALVINGS = 4  # to four kilobytes a second, a quarter of what each of eight films at once has of such a line


class _Before(threading.local):
    tries: int = 0


_before = _Before()


@contextmanager
def after(tries: int) -> Iterator[None]:
    """What is brought home in here, in this thread, was tried so many times before."""
    _before.tries = tries
    try:
        yield
    finally:
        _before.tries = 0


@dataclass
class Floor:
    """Looked at once a second. ``total`` is how many bytes are said to come, 0 where nobody says it."""

    total: int = 0
    _halved: int = field(default_factory=lambda: min(_before.tries, HALVINGS))
    _is_first: bool = True
    _seen: int = 0
    _ends: float = field(default_factory=lambda: time.monotonic() + MINUTE)

    def look(self, came: int) -> None:
        """``came`` bytes so far. NoAnswer where too few of them came within the last minute."""
        if time.monotonic() < self._ends:
            return
        least = (AT_FIRST if self._is_first else LATER) >> self._halved
        is_small = self._is_first and 0 < self.total <= AT_FIRST  # what is left of it must come in the next
        if came - self._seen < least and not is_small:
            raise NoAnswer("slower than any honest line")
        self._is_first, self._seen, self._ends = False, came, time.monotonic() + MINUTE
