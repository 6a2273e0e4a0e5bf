"""Let one thread at a time fetch what verifies callbacks. A few others wait briefly for its result.

Anybody who knows the address for callbacks may send any number of forged ones. They cause no more requests than the
first one, and occupy at most MAX_WAITING threads; all others use what is cached.
"""

from collections.abc import Callable
from threading import Lock, Semaphore

from generation.providers.http.client import CALLBACK_SECONDS

MAX_WAITING = 8  # callbacks of this process that may wait at the same time
waiting_slots = Semaphore(MAX_WAITING)


class SingleFlight:
    """Serialises the requests for one value of a provider."""

    def __init__(self):
        self._lock = Lock()

    def fetch(self, is_due: Callable[[], bool], fetch: Callable[[], None], *, waits: bool) -> None:
        """Call ``fetch()`` if it is due and no other thread does. With ``waits``, wait for that thread's result."""
        if self._lock.acquire(blocking=False):
            try:
                if is_due():  # no other thread was faster
                    fetch()
            finally:
                self._lock.release()
        elif waits and waiting_slots.acquire(blocking=False):
            try:
                if self._lock.acquire(timeout=CALLBACK_SECONDS):
                    self._lock.release()
            finally:
                waiting_slots.release()
